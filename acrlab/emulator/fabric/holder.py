"""The process that holds the namespaces: `python -m acrlab.emulator.fabric.holder FD`.

It answers JSON requests on an inherited socket, one at a time: `space` makes a namespace, `ip` runs a batch of iproute2
in one, `settings` writes kernel settings, `listen` makes a socket there and hands it over,
`about` says where everything is. It ends with its parent, and with it everything that it held.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from acrlab.emulator.fabric import kernel

LARGEST = 1 << 20
BACKLOG = 128


class Holder:
    """Namespaces by name, each held by an open file."""

    def __init__(self) -> None:
        self.rootless = os.geteuid() != 0
        spaces = kernel.NEW_MOUNTS | kernel.NEW_NETWORK
        if self.rootless:
            kernel.become_root_of_new_spaces(spaces)
        else:
            kernel.unshare(spaces)
        kernel.keep_mounts_to_ourselves()
        self._home = _space_of_this_process()
        self._spaces: dict[str, int] = {}

    def answer(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[socket.socket]]:
        """Do what is asked. Returns: the answer, and sockets to hand over."""
        ways: dict[str, Callable[..., Any]] = {
            "space": self._make,
            "drop": self._drop,
            "ip": self._ip,
            "settings": self._settings,
            "listen": self._listen,
            "about": self._about,
        }
        try:
            found = ways[asked["do"]](**{name: value for name, value in asked.items() if name != "do"})
        except (OSError, subprocess.SubprocessError) as problem:
            return {"problem": _told(problem)}, []
        finally:
            kernel.enter(self._home)
        return (found, []) if isinstance(found, dict) else ({}, [found] if found else [])

    def _make(self, name: str) -> None:
        kernel.unshare(kernel.NEW_NETWORK)
        self._spaces[name] = _space_of_this_process()
        _run(["ip", "link", "set", "lo", "up"])

    def _drop(self, name: str) -> None:
        os.close(self._spaces.pop(name))

    def _ip(self, space: str, batch: str) -> None:
        """`@name@` in a batch stands for another namespace."""
        kernel.enter(self._spaces[space])
        for name, file in self._spaces.items():
            batch = batch.replace(f"@{name}@", f"/proc/{os.getpid()}/fd/{file}")
        _run(["ip", "-batch", "-"], batch)

    def _settings(self, space: str, values: Mapping[str, int]) -> None:
        kernel.enter(self._spaces[space])
        for name, value in values.items():
            Path("/proc/sys", name).write_text(str(value))

    def _listen(self, space: str, protocol: str, address: str, port: int) -> socket.socket:
        kernel.enter(self._spaces[space])
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        made = socket.socket(socket.AF_INET, kind, socket.IPPROTO_UDP if protocol == "udp" else socket.IPPROTO_TCP)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((address, port))
            if protocol == "tcp":
                made.listen(BACKLOG)
        except OSError:
            made.close()
            raise
        return made

    def _about(self) -> dict[str, Any]:
        return {"pid": os.getpid(), "spaces": self._spaces, "rootless": self.rootless}


def _space_of_this_process() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _run(words: list[str], text: str = "") -> None:
    subprocess.run(words, input=text, text=True, capture_output=True, check=True)


def _told(problem: Exception) -> str:
    said = getattr(problem, "stderr", "") or str(problem)
    return " ".join(str(said).split())


def main() -> None:
    """Serve the socket whose number is the first argument until it is closed."""
    kernel.die_with_parent()
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        holder = Holder()
    except OSError as problem:
        control.send(json.dumps({"problem": _told(problem)}).encode())
        return
    control.send(b"{}")
    while asked := control.recv(LARGEST):
        answer, sockets = holder.answer(json.loads(asked))
        message = json.dumps(answer).encode()
        if sockets:
            socket.send_fds(control, [message], [s.fileno() for s in sockets])
        else:
            control.send(message)
        for made in sockets:
            made.close()


if __name__ == "__main__":
    main()

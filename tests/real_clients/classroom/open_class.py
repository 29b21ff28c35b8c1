"""A class as `acrlab class open` opens it: a command in a process of its own, and what it says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from acrlab.classroom.hub.room import ROOM, Room, state_of
from tests.real_clients.classroom.hub_learner import HubLearner

UP_S = 240


def reachable_folder() -> Path:
    """Make a folder that users of the system can pass through; pytest's own are closed to all but its user."""
    folder = Path(tempfile.mkdtemp(prefix="acrlab-class-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


class OpenClass:
    """A class in `folder / "class"`. Codes are collected, as a teacher would write them down.

    Attributes:
        codes: person -> code.
        said: what the command has printed the last time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.codes, self.said = folder, dict[str, str](), ""
        self._learners: list[HubLearner] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @property
    def room(self) -> Room:
        return Room.read(state_of(self.folder / "class") / ROOM)

    def write_roster(self, ids: Sequence[str]) -> None:
        (self.folder / "class.csv").write_text("id\n" + "".join(f"{one}\n" for one in ids))

    def command(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from acrlab.cli.app import main; main()", "class", *words],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def open(self, *more: str) -> None:
        """Open it, and wait until it says that it is open."""
        self.process = self.command("open", "class.csv", "--port", str(self.port), *more)
        assert self.process.stdout
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if line.startswith("The class is open"):
                break
        assert "The class is open" in self.said, self.said
        self.codes |= dict(re.findall(r"(?m)^  ([a-z0-9-]+) +((?:\w{4}-){2}\w{4})", self.said))

    def learner(self, name: str) -> HubLearner:
        self._learners.append(HubLearner(self.room.url, name, self.codes[name]))
        return self._learners[-1]

    def forget_learners(self) -> None:
        """Close their connections; their servers go on."""
        while self._learners:
            self._learners.pop().close()

    def kill(self, program: str) -> int:
        """Kill the hub, the proxy or the board, and wait for the next one. Returns: the number of the killed one."""
        (there,) = self._children(program)
        there.send_signal(signal.SIGKILL)
        until = time.monotonic() + UP_S
        while [one.pid for one in self._children(program)] in ([], [there.pid]):
            assert time.monotonic() < until, f"there is no other {program}"
            time.sleep(0.1)
        return there.pid

    def kill_command(self) -> None:
        """Kill what keeps the class open, and wait until the hub and the proxy have gone with it."""
        self.process.kill()
        self.process.communicate(timeout=UP_S)
        until = time.monotonic() + UP_S
        while self.listens():
            assert time.monotonic() < until, "a port is still in use"
            time.sleep(0.1)

    def listens(self) -> list[int]:
        """Ports of the class that are in use."""
        found = []
        for port in (self.port, *self.room.inner_ports):
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", port)) == 0:
                    found.append(port)
        return found

    def _children(self, program: str) -> list[psutil.Process]:
        word = {"hub": "jupyterhub_config.py", "proxy": "--api-port", "board": "acrlab.classroom.board"}[program]
        found = []
        for one in psutil.Process(self.process.pid).children():
            try:
                if any(word in part for part in one.cmdline()) and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
            except psutil.NoSuchProcess:
                continue
        return found

    def servers(self) -> list[psutil.Process]:
        """Every process that runs as one of the learners, or in a learner's folder."""
        found = []
        for one in psutil.process_iter():
            try:
                if str(self.folder) in str(one.environ().get("HOME")):
                    found.append(one)
            except psutil.Error:
                continue
        return found

    def close(self) -> None:
        """Close it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.said = self.process.communicate(timeout=UP_S)[0]

    def take_away(self) -> None:
        """Leave nothing on this computer, whatever happened in a test."""
        if self.process.poll() is None:
            self.close()
        if os.geteuid() == 0:
            self.command("open", "--remove-users").communicate(timeout=UP_S)
        shutil.rmtree(self.folder)

"""Kernels that are forks of one process that has imported everything, where the system can do that; else plain ones.

Three things of Linux make it safe: descriptors sent over a socket, a signal when the parent dies, and descriptors of
processes. Elsewhere, and for any other kernel than this Python's own, `ForkProvisioner` starts what Jupyter would.
`ACRLAB_KERNELS=plain` asks for plain kernels everywhere: each has then a hash seed and imports of its own.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from acrlab.runs.fork_server import LENGTH
from acrlab.settings.environment import SILENT

NAME = "acrlab-fork"  # of the provisioner, for `JUPYTER_DEFAULT_PROVISIONER_NAME`
CHOICE, PLAIN = "ACRLAB_KERNELS", "plain"
LAUNCHER = ["-m", "ipykernel_launcher"]
END_S = 5  # real seconds within which a killed process has ended


def can_fork() -> bool:
    """Tell whether this system can fork kernels, and nothing asks for plain ones."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and os.environ.get(CHOICE) != PLAIN


class ForkServer:
    """The process that kernels are forked from; it ends with this one, whose socket it reads."""

    _running: ForkServer | None = None

    def __init__(self, backend: str) -> None:
        """Start it, and do not wait: what is asked of it meanwhile waits in its socket."""
        self._control, theirs = socket.socketpair()
        words = [sys.executable, "-m", "acrlab.runs.fork_server", str(theirs.fileno()), backend]
        with theirs:
            self._process = subprocess.Popen(
                words,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **SILENT, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},  # nothing on the terminal
                start_new_session=True,
            )
        atexit.register(self.close)

    @classmethod
    def running(cls, backend: str = "emulator") -> ForkServer:
        """Return the one of this process, or start it.

        Args:
            backend: what notebooks work on, so that a new one loads what that needs.
        """
        if cls._running is not None and cls._running._process.poll() is not None:
            cls._running.close()
            cls._running = None
        if cls._running is None:
            cls._running = cls(backend)
        return cls._running

    def close(self) -> None:
        """Let it end, with all its kernels."""
        self._control.close()
        self._process.wait()
        atexit.unregister(self.close)

    def fork(self, arguments: list[str], folder: str, environment: dict[str, str], out: int, err: int) -> ForkedProcess:
        """Ask for a kernel. Raises: OSError: the server has ended."""
        body = json.dumps({"arguments": arguments, "folder": folder, "environment": environment}).encode()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [LENGTH.pack(len(body))], [theirs.fileno(), out, err])
                self._control.sendall(body)
            except OSError:
                ours.close()
                raise
        return ForkedProcess(ours)


class ForkedProcess:
    """As much of `subprocess.Popen` as Jupyter asks of a kernel's process, which here is no child of this one."""

    stdin = stdout = stderr = None

    def __init__(self, line: socket.socket) -> None:
        self._line, self._heard = line.detach(), b""
        self.pid, self.returncode = 0, None  # type: int, int | None
        os.set_blocking(self._line, False)

    def __del__(self) -> None:
        self.close()  # as `Popen` lets go of its pipes: not every end of a kernel is waited for

    async def begun(self) -> bool:
        """Wait until it has a process id. Returns: False: the server ended first."""
        while self.poll() is None and not self.pid:
            await self._stirs()
        return bool(self.pid)

    def poll(self) -> int | None:
        """Take in what the server has told since. Returns: the exit status; None: it is at work."""
        while self.returncode is None and self._line >= 0:
            try:
                told = os.read(self._line, 64)
            except BlockingIOError:
                break
            self._heard += told
            *numbers, self._heard = self._heard.split(b"\n")
            for number in map(int, numbers):
                if self.pid:
                    self.returncode = number
                self.pid = self.pid or number
            if not told and self.returncode is None:
                self.returncode = -signal.SIGKILL  # the server is gone, and took it along
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises: TimeoutExpired."""
        if self.poll() is None:
            select.select([self._line], [], [], timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("a forked kernel", timeout or 0)
        return status

    async def ended(self) -> int:
        """Wait for its end without holding up anything else."""
        while (status := self.poll()) is None:
            await self._stirs()
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Stop listening; what is not known by then is not told any more."""
        if self._line >= 0:
            os.close(self._line)
        self._line = -1

    async def _stirs(self) -> None:
        """Wait until there is something to read. Polling meanwhile, from elsewhere, takes nothing away."""
        loop = asyncio.get_running_loop()
        readable = loop.create_future()

        def stir() -> None:
            if not readable.done():
                readable.set_result(None)

        loop.add_reader(self._line, stir)
        try:
            await readable
        finally:
            loop.remove_reader(self._line)


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel by a fork, where that can be; ports, signals, restarts and shutdown are Jupyter's own."""

    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        ours = cmd[1:3] == LAUNCHER and os.path.realpath(cmd[0]) == os.path.realpath(sys.executable)
        forked = await self._forked(cmd[3:], kwargs) if ours and can_fork() and not kwargs.get("independent") else None
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked
        self.pid = self.pgid = forked.pid  # first of all it leads a session of its own
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        return self.connection_info

    async def _forked(self, arguments: list[str], asked: dict[str, Any]) -> ForkedProcess | None:
        """Fork a kernel; None: the server can't."""
        environment = dict(asked.get("env") or os.environ)
        server = ForkServer.running()
        out, err = _descriptor(asked.get("stdout"), 1), _descriptor(asked.get("stderr"), 2)
        try:
            forked = server.fork(arguments, str(asked.get("cwd") or Path.cwd()), environment, out, err)
        except OSError:
            return None
        if await forked.begun():
            return forked
        forked.close()
        return None

    async def kill(self, restart: bool = False) -> None:
        """Kill it and wait for its end: who asks at once is told so, where Jupyter would sleep 100 ms and ask again."""
        await super().kill(restart)
        if isinstance(self.process, ForkedProcess):
            await asyncio.wait_for(self.process.ended(), END_S)

    async def wait(self) -> int | None:
        if not isinstance(self.process, ForkedProcess):
            return await super().wait()
        process, self.process = self.process, None
        status = await process.ended()
        process.close()
        return status


def _descriptor(given: Any, otherwise: int) -> int:
    if given is None:
        return otherwise
    return given if isinstance(given, int) else int(given.fileno())

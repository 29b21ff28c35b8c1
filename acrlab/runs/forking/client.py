"""The runner's side of the process that kernels are forked from: it starts it, asks for kernels, hears how they end.

It is started as soon as it is known what a run is on, as it imports for a second or two while the runner does the same.
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

from acrlab.runs.forking.server import LENGTH
from acrlab.settings.environment import SILENT

CHOICE, PLAIN = "ACRLAB_KERNELS", "plain"


def can_fork() -> bool:
    """Tell whether this system can fork kernels, and nothing asks for plain ones."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and os.environ.get(CHOICE) != PLAIN


def begin_to_load(backend: str) -> None:
    """Let kernels' imports begin, where kernels are forked, and do not wait for them.

    Args:
        backend: what the notebooks will work on.
    """
    if can_fork():
        ForkServer.running(backend)


class ForkServer:
    """The process that kernels are forked from; it ends with this one, whose socket it reads."""

    _running: ForkServer | None = None

    def __init__(self, backend: str) -> None:
        """Start it, and do not wait: what is asked of it meanwhile waits in its socket."""
        self._control, theirs = socket.socketpair()
        words = [sys.executable, "-m", "acrlab.runs.forking.server", str(theirs.fileno()), backend]
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

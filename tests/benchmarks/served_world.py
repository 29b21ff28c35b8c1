"""A world that a process of its own serves over HTTPS, as `acrlab emulator serve` does for everybody."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

__all__ = ["ServedWorld", "start"]

START_S, STOP_S, LOOK_S = 30, 10, 0.05
SERVE = (sys.executable, "-c", "from acrlab.cli.app import main; main()", "emulator", "serve")


def start(words: Sequence[str], ready: Path) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Start a server that tells in a file how to connect, once it answers. Returns: the server, and what it told.

    What it says goes to a file beside that one: a pipe that nobody reads would be full one day, and the server hang.
    """
    ready.unlink(missing_ok=True)
    log = ready.with_suffix(".log")
    with log.open("ab") as said:
        server = subprocess.Popen(words, stderr=said)
    end = time.monotonic() + START_S
    while not ready.exists():
        if server.poll() is not None or time.monotonic() > end:
            server.kill()
            server.wait()
            raise SystemExit(f"the server did not start: {log.read_text('utf-8', 'replace')}")
        time.sleep(LOOK_S)
    return server, json.loads(ready.read_text("utf-8"))


class ServedWorld:
    """Starts, kills and stops the server of one file, always on the port that it was given first.

    Attributes:
        connection: what the server tells its clients, since it started last.
        process: the server.
    """

    def __init__(self, path: Path, *, speed: str = "instant", clock: str = "now", settings: Sequence[str] = ()) -> None:
        self.path, self.speed, self.clock, self.settings = path, speed, clock, settings
        self._port = 0
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        ready = self.path.with_name(f"{self.path.stem}.ready.json")
        words = [
            "--state",
            str(self.path),
            "--port",
            str(self._port),
            "--speed",
            self.speed,
            "--clock",
            self.clock,
            "--ready-file",
            str(ready),
            "--no-namespaces",  # each network would hold sockets open
            *(word for one in self.settings for word in ("--world-setting", one)),
        ]
        self._server, self.connection = start([*SERVE, *words], ready)
        self.process = psutil.Process(self._server.pid)
        self._port = urlsplit(self.connection["arm"]).port or 0

    def kill(self) -> None:
        """Take the server away in the middle of whatever it does: `kill -9`."""
        self._server.kill()
        self._server.wait(STOP_S)

    def stop(self) -> int:
        """Ask the server to stop. Returns: its exit code."""
        self._server.terminate()
        return self._server.wait(STOP_S)

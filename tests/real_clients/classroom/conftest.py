"""A scheduler and workers of Dask, each a process of its own, and small chapters that they run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

pytest.importorskip("distributed", reason="Dask is not installed: make test-class")

UP_S = 90


class Cluster:
    """A scheduler with its workers, which have no nanny: one that is killed stays away."""

    def __init__(self, folder: Path, protocol: str = "tcp") -> None:
        self.folder, self.protocol = folder, protocol
        self.workers: list[subprocess.Popen[bytes]] = []
        self._start_scheduler()

    def _start_scheduler(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"{self.protocol}://127.0.0.1:{port}"
        words = ["scheduler", "--protocol", self.protocol, "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        self.scheduler = self._started("scheduler", *words)
        until = time.monotonic() + UP_S
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            assert time.monotonic() < until, "the scheduler is not there"
            time.sleep(0.1)

    def add_workers(self, count: int) -> None:
        for _ in range(count):
            options = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--no-dashboard"]
            place = ["--host", "127.0.0.1", "--local-directory", str(self.folder), "--death-timeout", "60"]
            words = ["worker", self.address, *place, *options]
            self.workers.append(self._started(f"worker{len(self.workers)}", *words))

    def _started(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            with suppress(psutil.NoSuchProcess):
                below = psutil.Process(process.pid).children(recursive=True)
                for one in (psutil.Process(process.pid), *below):
                    with suppress(psutil.NoSuchProcess):
                        one.kill()
            process.wait()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands are typed, which workers see as well."""
    for name in [name for name in os.environ if name.startswith("ACRLAB_") and name != "ACRLAB_SETTINGS"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    place = folder / "dask"
    place.mkdir()
    there = Cluster(place)
    yield there
    there.close()


class Command:
    """An `acrlab` command, typed in a folder, whose lines can be waited for."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._file = folder / f"out-{time.monotonic_ns()}.txt"
        with self._file.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from acrlab.cli.app import main; main()", *words],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def text(self) -> str:
        return self._file.read_text("utf-8")

    def ended(self) -> int:
        return self._process.wait(timeout=240)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def wait_for(self, done: int, folder: Path) -> None:
        """Wait until so many rows of a pass have ended."""
        until = time.monotonic() + 200
        while len(list(folder.glob("**/rows/*.json"))) < done:
            assert self._process.poll() is None, self.text
            assert time.monotonic() < until, self.text
            time.sleep(0.05)

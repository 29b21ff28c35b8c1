"""A class's board without a hub's programs: its own process, and as much of a hub as it asks who has a token."""

from __future__ import annotations

import csv
import http.client
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
UP_S, PREFIX = 120, "/services/board/"


class BoardBeside:
    """A board that runs.

    Attributes:
        port: where it listens on this computer.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    def told_by(self, learner: str) -> dict[str, str]:
        """Variables of a learner's programs, by which they tell this board."""
        url = f"http://127.0.0.1:{self.port}{PREFIX}api/events"
        return {"ACRLAB_BOARD_URL": url, "JUPYTERHUB_API_TOKEN": _token(learner)}

    def gradebook(self) -> dict[str, dict[str, str]]:
        """Get the CSV as the teacher does. Returns: learner's id -> their line."""
        lines = csv.DictReader(io.StringIO(self._get("gradebook.csv")))
        return {line["id"]: line for line in lines}

    def _get(self, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=UP_S)
        connection.request("GET", PREFIX + path, headers={"Authorization": f"token {_token('teacher')}"})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8-sig")
        connection.close()
        assert answer.status == 200, text
        return text


@contextmanager
def board(folder: Path, roster: Path) -> Iterator[BoardBeside]:
    """Run one, with its state in a folder."""
    port, hub_port = _free_port(), _free_port()
    variables = {
        "ACRLAB_BOARD_STATE": str(folder),
        "ACRLAB_BOARD_ROSTER": str(roster),
        "JUPYTERHUB_API_TOKEN": _token("the-board"),
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub_port}/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "service-board",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
    }
    log = folder.parent / "board.log"
    with (
        _running("tests.classroom.board.fake_hub", str(hub_port), log=log, port=hub_port),
        _running("acrlab.classroom.board", log=log, port=port, **variables),
    ):
        yield BoardBeside(port)


@contextmanager
def _running(module: str, *words: str, log: Path, port: int, **variables: str) -> Iterator[None]:
    """Run a module as a program of its own, which listens on a port, until it is no longer needed."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words], cwd=ROOT, env=os.environ | variables, stdout=said, stderr=said
        )
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(UP_S)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + UP_S
    while True:
        with socket.socket() as there:
            if there.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < until, "it does not listen"
        time.sleep(0.1)


def _token(name: str) -> str:
    return f"token-of-{name}"

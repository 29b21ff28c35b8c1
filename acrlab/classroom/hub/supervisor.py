"""Keeps a class open: starts the proxy, the hub, the board and the site, each again that ends, and stops all of it.

The proxy is this process's and not the hub's, so learners' connections last while the hub is started again.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acrlab.classroom.hub import proxy
from acrlab.classroom.hub.learners import leftovers
from acrlab.classroom.hub.programs import HUB, programs
from acrlab.classroom.hub.room import BOARD, PROXY, SITE, SUPERVISOR, WITH_PARENT, Room
from acrlab.errors import AcrLabError

UP_S, STOP_S = 300, 120
LOOK_S = 0.2
QUICK_S, MOST_QUICK = 10, 3  # a hub that ends so soon, so often in a row, will not stay
SCARCE = 200 * 1024**2  # bytes of disk


@dataclass
class Supervisor:
    """An open class.

    Attributes:
        proxy_words: what starts the proxy.
        note: tells a person what happened.
    """

    room: Room
    proxy_words: list[str]
    note: Callable[[str], None]
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _quick: dict[str, int] = field(default_factory=dict)
    _begun: dict[str, float] = field(default_factory=dict)
    _scarce: bool = False

    def __post_init__(self) -> None:
        self._programs = programs(self.room, self.proxy_words)

    @contextmanager
    def opened(self) -> Iterator[float]:
        """Have the class open. Gives: how many seconds it took.

        Raises: AcrLabError: it does not come up; the message has the last line of the log.
        """
        begun = time.monotonic()
        try:
            for name in self._programs:
                self._start(name)
            self._wait_until_up()
            yield time.monotonic() - begun
        finally:
            self._stop()

    def watch(self, ended: Callable[[], bool]) -> None:
        """Start again what ends, until the class is to end.

        Raises: AcrLabError: one of them does not stay up.
        """
        while not ended():
            for name, process in self._running.items():
                if process.poll() is not None:
                    self._start_again(name, process.returncode)
            self._look_at_the_disk()
            time.sleep(LOOK_S)

    def start_servers(self) -> None:
        """Start the server of every learner, one after the other: a lesson begins with all of them there."""
        for learner in self.room.learners:
            self._ask_hub(f"users/{learner}/server")

    def _start(self, name: str) -> None:
        program = self._programs[name]
        own = {name: value for name, value in os.environ.items() if not name.startswith(("ACRLAB_", "JUPYTERHUB_"))}
        self._begun[name] = time.monotonic()
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*WITH_PARENT, *program.words],
                cwd=self.room.state,
                env={**own, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this process
                umask=0o077,
            )

    def _start_again(self, name: str, code: int) -> None:
        soon = time.monotonic() - self._begun[name] < QUICK_S
        self._quick[name] = self._quick.get(name, 0) + 1 if soon else 0
        if self._quick[name] >= MOST_QUICK:
            raise AcrLabError(f"the {name} does not stay up: {self._last_line(name)}")
        self.note(f"The {name} ended ({code}) and is started again; learners' kernels go on.")
        self._start(name)
        if name == "proxy":  # it knows no route, and the hub would tell it only after minutes
            self._wait_for(lambda: self._ask_hub("proxy"), 10)

    def _wait_until_up(self) -> None:
        if not self._wait_for(self._up, UP_S):
            raise AcrLabError(f"the class did not open in {UP_S} seconds: {self._last_line('hub')}")

    def _up(self) -> bool:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise AcrLabError(f"the {name} ended with {process.returncode}: {self._last_line(name)}")
        hub = proxy.asked(f"{self.room.hub_url}/hub/api/", self.room.token(SUPERVISOR))
        services = {f"/services/{name}" for name in {BOARD, SITE} & self._programs.keys()}
        there = hub is not None and proxy.routes(self.room, self.room.token(PROXY)) >= {"/", *services}
        return there and all(_listens(one.port) for one in self._programs.values())

    def _ask_hub(self, path: str) -> bool:
        return proxy.asked(f"{self.room.hub_url}/hub/api/{path}", self.room.token(SUPERVISOR), "POST") is not None

    def _wait_for(self, done: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if done():
                return True
            time.sleep(LOOK_S)
        return False

    def _stop(self) -> None:
        """Stop the hub, which stops learners' servers, then all else, then what learners have left running."""
        for name in (HUB, *self._programs):
            if process := self._running.pop(name, None):
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        leftovers.end(self.room)

    def _look_at_the_disk(self) -> None:
        free = shutil.disk_usage(self.room.folder).free
        if free < SCARCE and not self._scarce:
            self.note(f"The disk of {self.room.folder} is almost full: {free // 1024**2} MiB are free.")
        self._scarce = free < SCARCE

    def _log(self, name: str) -> Path:
        return self.room.state / f"{name}.log"

    def _last_line(self, name: str) -> str:
        lines = self._log(name).read_text("utf-8", "replace").strip().splitlines() or ["it says nothing."]
        return f"{lines[-1].strip()[:300]} (see {self._log(name)})"


def _listens(port: int) -> bool:
    with socket.socket() as there:
        return there.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def until_told() -> Iterator[Callable[[], bool]]:
    """Give what says whether the process was told to end: by Ctrl-C, by SIGTERM, or as its terminal went away."""
    told: list[int] = []

    def tell(number: int, _: Any) -> None:
        told.append(number)

    before = {number: signal.signal(number, tell) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # one that was not Python's
                signal.signal(number, handler)

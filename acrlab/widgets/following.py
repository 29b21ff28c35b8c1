"""Follow a lab while cells run: read it again when something changes, and remember what the last step changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from acrlab import capabilities
from acrlab.errors import AcrLabError
from acrlab.lab.lab import Lab

if TYPE_CHECKING:
    from acrlab.snapshot import Snapshot

LOOK_S = 0.4  # real seconds between two questions whether something has stirred
ELSEWHERE = "another program"  # whose step it is while neither a cell nor a click is at work here

_following: dict[str, Follower] = {}  # of each kind of control the last one that was shown follows
_clicks: list[str] = []


class Changes:
    """What was seen last, and how it was before the step that changed it. Pure: it is told what was seen."""

    def __init__(self, first: Snapshot) -> None:
        self.before: Snapshot | None = None
        self.now = first
        self._step: object = object()  # no step yet

    def see(self, snapshot: Snapshot, step: object) -> bool:
        """Take in a new reading. Returns: whether anything is different.

        Args:
            step: what was being done; all that changes within one step is one change.
        """
        if replace(snapshot, requests=self.now.requests) == self.now:
            return False
        if step != self._step:
            self.before, self._step = self.now, step
        self.now = snapshot
        return True


class Follower:
    """Reads a lab after each cell and, where a thread can start, as soon as the emulated world's file is written to.

    On a real Azure a reading is thirty requests: the thread sends them after each cell, and no cell waits for it.
    """

    def __init__(
        self,
        lab: Lab,
        read: Callable[[Lab], Any],
        seen: Callable[[Any, str], None],
        failed: Callable[[str], None],
    ) -> None:
        """Args:
        read: what is read.
        seen: gets what was read, and whose step it was: `cell 7`, `a click on Solve`, or another program's.
        failed: called with what kept it from reading.
        """
        self._lab, self._read, self._seen, self._failed = lab, read, seen, failed
        self._asked, self._ended = threading.Event(), threading.Event()
        self._mark, self._looking = lab.backend.mark(), threading.RLock()
        self._shell = _shell()
        self._in_cell = self._shell is not None  # it is made by the cell that shows it
        self._cell_before = ""

    def start(self) -> None:
        if self._shell is not None:
            self._shell.events.register("pre_run_cell", self._cell_begins)
            self._shell.events.register("post_run_cell", self._cell_ended)
        if capabilities.can_start_threads():
            threading.Thread(target=self._follow, name="acrlab-follower", daemon=True).start()

    def close(self) -> None:
        """Stop following."""
        if self._shell is not None and not self._ended.is_set():
            self._shell.events.unregister("pre_run_cell", self._cell_begins)
            self._shell.events.unregister("post_run_cell", self._cell_ended)
        self._ended.set()

    def look(self) -> None:
        """Read now."""
        with self._looking:
            self._mark = self._lab.backend.mark()
            try:
                self._seen(self._read(self._lab), self._step())
            except AcrLabError as problem:
                self._failed(str(problem))

    def look_if_stirred(self) -> None:
        """Read now if the emulated world was written to since the last reading."""
        with self._looking:
            if self._stirred():
                self.look()

    def _step(self) -> str:
        if self._in_cell:
            return self._cell()
        return _clicks[-1] if _clicks else self._cell_before or ELSEWHERE

    def _cell(self) -> str:
        """The cell that runs, or ran last. IPython's `execution_count` may be the next one's already."""
        return f"cell {len(self._shell.history_manager.input_hist_parsed) - 1}"

    def _stirred(self) -> bool:
        return self._lab.backend.mark() != self._mark

    def _cell_begins(self, _: object) -> None:
        """What was changed before this cell is not its doing."""
        self.look_if_stirred()
        with self._looking:
            self._in_cell = True

    def _cell_ended(self, _: object) -> None:
        """At once where that costs nothing, so that what this cell has changed is not taken for the next one's."""
        self.look_if_stirred()
        with self._looking:
            self._in_cell = False
            if not self._mark:  # a real Azure does not say when it is written to: the thread reads it, for this cell
                self._cell_before = self._cell()
                self._asked.set()

    def _follow(self) -> None:
        while not self._ended.wait(LOOK_S):
            if self._asked.is_set():
                self._asked.clear()
                self.look()
            elif not _clicks:  # what a click changes is shown when it has ended
                self.look_if_stirred()


def follow(kind: str, follower: Follower) -> None:
    """Let a control follow the lab, and the one of its kind that was shown before it no more."""
    stop_following(kind)
    _following[kind] = follower
    follower.start()


def stop_following(kind: str = "") -> None:
    """Let the controls that follow the lab follow it no more; before the lab is closed.

    Args:
        kind: only this kind of control; empty: all.
    """
    for name in [kind] if kind else list(_following):
        if (follower := _following.pop(name, None)) is not None:
            follower.close()


@contextmanager
def clicking(button: str) -> Iterator[None]:
    """Do what a click asks for: what changes meanwhile is this click's doing, and is shown when it has ended."""
    for follower in list(_following.values()):
        follower.look_if_stirred()
    _clicks.append(f"a click on {button}")
    try:
        yield
    finally:
        for follower in list(_following.values()):
            follower.look_if_stirred()
        _clicks.pop()


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()

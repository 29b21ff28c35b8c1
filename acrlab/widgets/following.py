"""Follows a lab while cells run: looks again when something stirs, and remembers what the last step changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from acrlab.doctor.observe import survey
from acrlab.errors import AcrLabError
from acrlab.lab.lab import Lab
from acrlab.snapshot import Snapshot

__all__ = ["Changes", "Follower"]

LOOK_S = 0.4  # real seconds between two questions whether something has stirred


class Changes:
    """What was seen last, and how it was before the step that changed it. Pure: it is told what was seen."""

    def __init__(self, first: Snapshot) -> None:
        self.before: Snapshot | None = None
        self.now = first
        self._step: object = object()  # no step yet

    def see(self, snapshot: Snapshot, step: object) -> bool:
        """Take a new look in. Returns: whether anything is different.

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
    """Looks at a lab after each cell, and from a thread as soon as the emulated world's file is written to.

    On a real Azure a look is thirty requests: the thread sends them after each cell, and no cell waits for it.
    """

    def __init__(self, lab: Lab, seen: Callable[[Snapshot, object], None], failed: Callable[[str], None]) -> None:
        """Args:
        seen: gets each look, and the number of the cell that ran last.
        failed: gets what kept it from looking.
        """
        self._lab, self._seen, self._failed = lab, seen, failed
        self._asked, self._ended = threading.Event(), threading.Event()
        self._mark, self._looking = lab.mark(), threading.Lock()
        self._shell = _shell()
        self._thread = threading.Thread(target=self._follow, name="acrlab-picture", daemon=True)

    def start(self) -> None:
        if self._shell is not None:
            self._shell.events.register("post_run_cell", self._cell_ended)
        self._thread.start()

    def _cell_ended(self, _: object) -> None:
        """At once where that costs nothing, so that what this cell has changed is not taken for the next one's."""
        if not self._mark:
            self._asked.set()
        elif self._stirred():
            self.look()

    def _stirred(self) -> bool:
        return self._lab.mark() != self._mark

    def close(self) -> None:
        """Look no more."""
        if self._shell is not None and not self._ended.is_set():
            self._shell.events.unregister("post_run_cell", self._cell_ended)
        self._ended.set()

    def look(self) -> None:
        """Look now."""
        with self._looking:
            self._mark = self._lab.mark()
            try:
                self._seen(survey(self._lab), self._shell.execution_count if self._shell else None)
            except AcrLabError as problem:
                self._failed(str(problem))

    def _follow(self) -> None:
        while not self._ended.wait(LOOK_S):
            if self._asked.is_set() or self._stirred():
                self._asked.clear()
                self.look()


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()

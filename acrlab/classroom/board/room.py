"""The room as it is now: the roster's learners with their standings, and the pages that watch them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from acrlab.classroom.board.outline import columns, places
from acrlab.classroom.board.standing import Row, histogram, ordered, row
from acrlab.classroom.board.store import Store
from acrlab.classroom.roster import Learner, read_roster
from acrlab.course.reporting.event import Event
from acrlab.errors import ConfigurationError

LOOK_S = 5.0  # between two looks whether the roster was changed
UNREAD = 200  # messages that a page may leave unread before it has to come again


class Room:
    """All that the pages show. Everything happens in the one thread of the service."""

    def __init__(self, store: Store, roster: Path, clock: Callable[[], float] = time.time) -> None:
        """Raises: ConfigurationError: there is no roster, or something is wrong in it."""
        self.store, self.clock = store, clock
        self._roster, self._looked = roster, clock()
        self._written = roster.stat().st_mtime_ns if roster.exists() else 0
        self._learners = {one.id: one for one in read_roster(roster)}
        self._labs = store.lab_times()
        self._rows: dict[str, Row] = {}
        self._watching: set[asyncio.Queue[set[str]]] = set()
        self.refresh()

    @property
    def learners(self) -> dict[str, Learner]:
        """Id -> learner, as the roster has them now; one that became unreadable counts as it was."""
        now = self.clock()
        if now - self._looked >= LOOK_S:
            self._looked = now
            try:
                written = self._roster.stat().st_mtime_ns
                if written != self._written:
                    self._learners = {one.id: one for one in read_roster(self._roster)}
                    self._written = written
            except (OSError, ConfigurationError):
                return self._learners
        return self._learners

    @property
    def rows(self) -> list[Row]:
        """Every learner, those first who need someone."""
        return ordered(self._rows.values())

    def row_of(self, learner: str) -> Row:
        return self._rows[learner]

    def take(self, learner: str, events: Sequence[Event]) -> None:
        """Take a learner's events in, and tell the pages."""
        if self.store.add(learner, events, self.clock()):
            self._change(learner)

    def take_lab(self, learner: str, content: bytes) -> None:
        """Take in what a learner's lab is drawn from, and tell the pages."""
        self.store.put_lab(learner, content)
        self._labs[learner] = self.clock()
        self._change(learner)

    def take_browser(self, learner: str) -> None:
        """Note that a learner has joined from the site, and tell the pages."""
        self.store.add_browser(learner)
        self._change(learner)

    def refresh(self) -> None:
        """Sum everyone up anew: time alone makes a learner stuck, and the roster may have changed."""
        learners = self.learners
        before = self._rows
        self._rows = {id: self._summed_up(learner) for id, learner in learners.items()}
        changed = {id for id, one in self._rows.items() if before.get(id) != one} | (before.keys() - learners.keys())
        if changed:
            self._tell(changed)

    def watch(self) -> asyncio.Queue[set[str]]:
        """Open a queue of the ids of learners that have changed; `leave` it in the end."""
        queue: asyncio.Queue[set[str]] = asyncio.Queue(UNREAD)
        self._watching.add(queue)
        return queue

    def watches(self, queue: asyncio.Queue[set[str]]) -> bool:
        """Whether a queue still gets what changes: one that no one reads does not."""
        return queue in self._watching

    def leave(self, queue: asyncio.Queue[set[str]]) -> None:
        self._watching.discard(queue)

    def message(self, changed: set[str] | None = None) -> dict[str, Any]:
        """Write what a page needs of the learners that have changed; None: all of them, and the columns."""
        rows = self.rows
        told = {
            "now": self.clock(),
            "order": [one.learner.id for one in rows],
            "learners": [as_data(one) for one in rows if changed is None or one.learner.id in changed],
            "histogram": histogram(rows),
        }
        if changed is None:
            named = [{"name": c.name, "chapter": c.chapter, "goal": c.goal, "own": c.own} for c in columns()]
            told["columns"] = named
        return told

    def _summed_up(self, learner: Learner) -> Row:
        known = {name: one for name, one in self.store.standings.get(learner.id, {}).items() if name in places()}
        summed = row(learner, known, self.clock(), self._labs.get(learner.id, 0.0))
        return replace(summed, browser=learner.id in self.store.browsers)

    def _change(self, learner: str) -> None:
        self._rows[learner] = self._summed_up(self._learners[learner])
        self._tell({learner})

    def _tell(self, changed: set[str]) -> None:
        for queue in [*self._watching]:
            try:
                queue.put_nowait(changed)
            except asyncio.QueueFull:
                self._watching.discard(queue)


def as_data(one: Row) -> dict[str, Any]:
    """Write a row as a page reads it."""
    return {
        "id": one.learner.id,
        "name": one.learner.name,
        "group": one.learner.group,
        "state": one.state,
        "section": one.section,
        "last": one.last,
        "attempts": one.attempts,
        "hints": one.hints,
        "saw": one.saw,
        "marks": one.marks,
        "lab": one.posted_lab,
        "browser": one.browser,
    }

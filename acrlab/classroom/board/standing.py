"""How learners stand: what an event changes, who is stuck, how many are where. Pure: facts and a time in, facts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from acrlab.classroom.board.outline import columns, places
from acrlab.classroom.roster import Learner
from acrlab.course.marks import DONE, SHOWN, WITH_HINTS
from acrlab.course.reporting.event import Event

STUCK_ATTEMPTS = 3  # failed checks in one section
STUCK_S = 300  # without an event after a failed check or a hint
QUIET_S = 600  # without any event

STUCK, QUIET, WORKING, NOT_BEGUN = "stuck", "quiet", "working", "not begun"
STATES = (STUCK, QUIET, WORKING, NOT_BEGUN)  # in the order in which a teacher wants to see them
# What a column says of a learner, in one letter each: not begun, at it, and the three ways to have finished.
MARKS = {"-": "not begun", "a": "at it", "d": DONE, "h": WITH_HINTS, "s": SHOWN}
LETTER = {mark: letter for letter, mark in MARKS.items()}


@dataclass(frozen=True)
class Standing:
    """One learner in one section.

    Attributes:
        mark: who did it; empty: it is not finished.
        attempts: failed checks.
        hints: how many were given.
        saw: what the last failed check saw; empty where it is finished.
        first: when it was begun, in seconds of the epoch.
        last: when something happened in it last.
    """

    section: str
    mark: str = ""
    attempts: int = 0
    hints: int = 0
    saw: str = ""
    first: float = 0.0
    last: float = 0.0


def after(before: Standing | None, event: Event, at: float) -> Standing:
    """Say how a learner stands in a section after an event. No later check credits them with what the solution did."""
    old = before or Standing(event.section, first=at)
    new = replace(old, last=max(old.last, at))
    if event.kind == "reset":
        return Standing(event.section, first=old.first, last=new.last)
    new = replace(new, hints=max(old.hints, event.hints))
    if event.kind == "attempt" and not (event.mark or old.mark):
        return replace(new, attempts=old.attempts + 1, saw=event.saw)
    if event.kind in ("solved", "shown") and not old.mark:
        mark = WITH_HINTS if event.mark == DONE and new.hints else event.mark or DONE
        return replace(new, mark=mark, saw="")
    return new


@dataclass(frozen=True)
class Row:
    """One learner on the board.

    Attributes:
        state: one of `STATES`.
        section: in which something happened last; empty: nothing did.
        last: when that was, in seconds of the epoch.
        attempts, hints, saw: in that section.
        marks: a letter of `MARKS` for each column.
        posted_lab: when their lab was drawn last; 0: never.
        browser: whether they have joined from the site, in the browser only.
    """

    learner: Learner
    state: str
    section: str = ""
    last: float = 0.0
    attempts: int = 0
    hints: int = 0
    saw: str = ""
    marks: str = ""
    posted_lab: float = 0.0
    browser: bool = False

    def counted(self, mark: str) -> int:
        """Count the sections with a mark that are the learner's own to do."""
        letter = LETTER[mark]
        return sum(one == letter and column.own for one, column in zip(self.marks, columns(), strict=True))


def row(learner: Learner, standings: Mapping[str, Standing], now: float, posted_lab: float = 0.0) -> Row:
    """Sum up how a learner stands."""
    marks = ["-"] * len(columns())
    for name, one in standings.items():
        marks[places()[name]] = LETTER[one.mark] if one.mark else "a" if one.last else "-"
    told = "".join(marks)
    if not standings:
        return Row(learner, NOT_BEGUN, marks=told, posted_lab=posted_lab)
    at = max(standings.values(), key=lambda one: one.last)
    return Row(learner, _state(at, now), at.section, at.last, at.attempts, at.hints, at.saw, told, posted_lab)


def _state(at: Standing, now: float) -> str:
    silent = now - at.last
    if not at.mark and (at.attempts >= STUCK_ATTEMPTS or (at.attempts + at.hints and silent >= STUCK_S)):
        return STUCK
    return QUIET if silent >= QUIET_S else WORKING


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Put those first who need someone: stuck with most attempts and hints, and for the longest time."""
    return sorted(rows, key=lambda r: (STATES.index(r.state), -(r.attempts + r.hints), r.last, r.learner.id))


def histogram(rows: Sequence[Row]) -> list[list[int]]:
    """Count, for each column: at it, done by herself, with hints, shown."""
    return [[letters.count(letter) for letter in "adhs"] for letters in zip(*(row.marks for row in rows), strict=True)]

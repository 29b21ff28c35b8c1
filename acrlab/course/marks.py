"""Who did a task: remembered in the lab's memory, by the name of the task, and told to the board of a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from acrlab.course.reporting import Kind, report
from acrlab.lab.lab import Lab
from acrlab.lab.memory import TASKS, kept, put

DONE, WITH_HINTS, SHOWN = "done", "with hints", "shown"
FINISHED = (DONE, WITH_HINTS, SHOWN)


@dataclass(frozen=True)
class Mark:
    """What is known of a task.

    Attributes:
        hints: how many were given.
        shown: whether the solution did it: then no check credits it to the reader.
        done: whether a check has seen it done by the reader.
    """

    hints: int = 0
    shown: bool = False
    done: bool = False

    @property
    def told(self) -> str:
        """The mark as `progress` shows it; empty: it is not finished."""
        if self.shown:
            return SHOWN
        return "" if not self.done else WITH_HINTS if self.hints else DONE


def read(lab: Lab) -> dict[str, Mark]:
    """Task -> its mark, as far as there is one."""
    return {name: Mark(**mark) for name, mark in (kept(lab, TASKS) or {}).items()}


def _change(lab: Lab, task: str, change: Callable[[Mark], Mark], event: Kind) -> Mark:
    with lab.backend.memory.alone():
        known = read(lab)
        known[task] = change(known.get(task, Mark()))
        put(lab, TASKS, {name: asdict(mark) for name, mark in known.items()})
    report(lab, task, event, mark=known[task].told, hints=known[task].hints)
    return known[task]


def note_attempt(lab: Lab, task: str, saw: str) -> None:
    """Note that a check found it not done, and what it saw."""
    mark = read(lab).get(task, Mark())
    report(lab, task, "attempt", mark=mark.told, hints=mark.hints, saw=saw)


def note_hint(lab: Lab, task: str) -> int:
    """Count a hint, unless the reader has finished. Returns: how many were counted."""
    return _change(lab, task, lambda mark: mark if mark.done else replace(mark, hints=mark.hints + 1), "hint").hints


def note_shown(lab: Lab, task: str) -> None:
    """Note that the solution does it; what the reader has done before stays hers."""
    _change(lab, task, lambda mark: mark if mark.done else replace(mark, shown=True), "shown")


def note_done(lab: Lab, task: str) -> Mark:
    """Note that a check saw it done; what was shown is not credited."""
    return _change(lab, task, lambda mark: mark if mark.shown else replace(mark, done=True), "solved")


def clear(lab: Lab, task: str) -> None:
    """Forget a task's mark, its hints included."""
    _change(lab, task, lambda _: Mark(), "reset")

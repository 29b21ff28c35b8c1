"""What is remembered of the ticket that was opened last: which fault, how far one is, and whether its stage stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from acrlab.lab import memory
from acrlab.lab.lab import Lab


@dataclass(frozen=True)
class Note:
    """How one ticket stands.

    Attributes:
        planted: whether the planting went through to its end.
        answered: whether the right diagnosis was given.
        left: whether its stage was taken away again.
    """

    fault: str
    planted: bool = False
    answered: bool = False
    given_up: bool = False
    fixed: bool = False
    left: bool = False


def note_of(lab: Lab) -> Note | None:
    """Read the note of the last ticket; None: there was none in this lab."""
    kept = memory.kept(lab, memory.PRACTICE)
    return Note(**kept) if kept else None


def remember(lab: Lab, note: Note) -> None:
    """Put a note in place of the last one."""
    memory.put(lab, memory.PRACTICE, asdict(note))

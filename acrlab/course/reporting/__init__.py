"""Tells the board of a class what its learner does: where ACRLAB_BOARD_URL names one, and nothing anywhere else.

What happened is put into a file of the lab's folder, and a thread sends it: a cell neither waits for the board nor
fails with it, and what could not be sent yet goes with the next event. A browser's kernel brings its own sender.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, Protocol

from acrlab.settings.environment import BOARD

if TYPE_CHECKING:
    from acrlab.lab.lab import Lab

Kind = Literal["begun", "attempt", "hint", "solved", "shown", "reset"]


class Teller(Protocol):
    """What takes an event, at once and without ever raising."""

    def tell(self, lab: Lab, section: str, kind: Kind, *, mark: str, hints: int, saw: str) -> None: ...


_own: list[Teller] = []


def tell_by(teller: Teller) -> None:
    """Let this take every event from now on, in place of a thread."""
    _own[:] = [teller]


def report(lab: Lab, section: str, kind: Kind, *, mark: str = "", hints: int = 0, saw: str = "") -> None:
    """Tell the board of one event, if there is a board; returns at once.

    Args:
        section: name of a section, a task or a ticket.
        mark: who did it, as `progress` shows it; empty: it is not finished.
        hints: how many were given by now.
        saw: what a check saw.
    """
    if teller := _own[0] if _own else _thread():
        teller.tell(lab, section, kind, mark=mark, hints=hints, saw=saw)


def _thread() -> Teller | None:
    if not os.environ.get(BOARD):
        return None
    from acrlab.course.reporting.sender import the_sender

    return the_sender()

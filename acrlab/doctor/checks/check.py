"""A check is one question to a snapshot, asked by a pure function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acrlab.doctor.finding import Finding
from acrlab.snapshot import Snapshot

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """One question.

    Attributes:
        name: kebab-case.
        asks: the question, as an expert would put it.
        look: the answer: what is wrong, or None.
        needs: kinds of things that must have been seen, as `Unseen.what` names them; otherwise the check is skipped.
        about: what must be there for the question to make sense, as `facts.present` names it.
    """

    name: str
    asks: str
    look: Callable[[Snapshot], Finding | None]
    needs: tuple[str, ...] = ()
    about: tuple[str, ...] = ("registry",)

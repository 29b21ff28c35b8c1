"""For whom a handout is: what it shows of exercises and their solutions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edition:
    """One edition.

    Attributes:
        name: `learner` or `instructor`.
        title: as the cover says it.
        solutions: whether it shows what comes out where a prediction was asked for, and what goes wrong.
    """

    name: str
    title: str
    solutions: bool


EDITIONS = {
    "learner": Edition("learner", "Learner's edition", solutions=False),
    "instructor": Edition("instructor", "Instructor's edition", solutions=True),
}

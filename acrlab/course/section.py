"""A section of the article as something to do: verify it, hint at it, solve it, reset it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from acrlab.display import facts_table
from acrlab.lab.lab import Lab

__all__ = ["Section", "Verdict"]


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a look at Azure itself came to.

    Attributes:
        seen: what is there now.
        cause: why it may not be as expected; empty where it is.
        next: what to do.
    """

    section: str
    done: bool
    expected: str
    seen: str
    cause: str = ""
    next: str = ""

    def __repr__(self) -> str:
        if self.done:
            return f"✓ {self.section}: {self.seen}"
        return "\n".join([f"✗ {self.section}", *(f"  {what:<12}  {text}" for what, text in self._told.items())])

    def _repr_html_(self) -> str:
        if self.done:
            return f"<p>{escape(repr(self))}</p>"
        told = {what: escape(text) for what, text in self._told.items()}
        return facts_table(f"<strong>✗ {escape(self.section)}</strong>", told)

    @property
    def _told(self) -> dict[str, str]:
        return {"expected": self.expected, "seen": self.seen, "likely cause": self.cause, "next": self.next}


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        name: kebab-case.
        anchor: of the article's section.
        expected: what is there when it is done, with the settings' names in braces.
        look: what is there: a text that says so, or None where it is not.
        cause: why it may be missing.
        hint: what to try, without the answer.
        steps: of the plan, that bring the world there.
        undo: takes back what the section made; nothing where it made nothing.
        taken: what that takes away, with the settings' names in braces.
    """

    name: str
    anchor: str
    expected: str
    look: Callable[[Lab], str | None]
    cause: str
    hint: str
    steps: tuple[str, ...]
    undo: Callable[[Lab], object]
    taken: str

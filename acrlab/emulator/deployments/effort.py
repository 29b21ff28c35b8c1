"""How much a template's expressions may do: one server answers every client, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from acrlab.capabilities import thread_time
from acrlab.emulator.core.http import ArmError

LARGEST = 4 * 1024 * 1024  # of a value: Azure's bound on a whole template
MOST_CALLS, MOST_CHARACTERS = 50_000, 32 * 1024 * 1024  # of a deployment: half a second's work or so
ITEM = 32  # what an item of an array or object counts for, in characters
MOST_S = 1.0  # of the processor's time: no other client is answered meanwhile
LARGEST_NUMBER = 2**63
DEEPEST = 200  # of lists and objects inside each other


@dataclass
class Effort:
    """How much the expressions of one deployment may still do."""

    calls: int = MOST_CALLS
    characters: int = MOST_CHARACTERS
    seconds: float = 0.0  # of the processor's time, before the expression that is being evaluated
    _begun: float | None = None  # when that was begun, by the clock of its thread

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count the time of an expression, with those that it needs; what a deployment does between them is not."""
        if self._begun is not None:
            yield
            return
        self._begun = thread_time()
        try:
            yield
        finally:
            self.seconds, self._begun = self.seconds + thread_time() - self._begun, None

    def spend(self, value: Any) -> None:
        """Count a call and what it answered. Raises: ArmError: 400 InvalidTemplate."""
        self.calls -= 1
        self.characters -= _size(value)
        if self.calls < 0 or self.characters < 0:
            raise invalid("The template's expressions need more evaluations, or more characters, than are allowed")
        if self._begun is not None and self.seconds + thread_time() - self._begun > MOST_S:
            raise invalid(f"The template's expressions need more than {MOST_S:g} s to evaluate")


def invalid(problem: str) -> ArmError:
    """Resource Manager's answer to a template that makes no sense."""
    return ArmError(400, "InvalidTemplate", f"Deployment template validation failed: '{problem}.'.", gateway=True)


def _size(value: Any) -> int:
    """Count the characters of a value. Raises: ArmError: they are more than a template may have."""
    size, left = 0, [(value, 0)]
    while left:
        one, depth = left.pop()
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        size += ITEM + ITEM * len(inner) + (len(one) if isinstance(one, str) else 0)
        if isinstance(one, int | float) and not -LARGEST_NUMBER <= one < LARGEST_NUMBER:
            raise invalid("A number in the template's expressions does not fit into 64 bits")
        if size > LARGEST:
            raise invalid(f"The value of a template language expression exceeds the limit of {LARGEST} bytes")
        if inner and depth > DEEPEST:
            raise invalid(f"The value of a template language expression is nested deeper than {DEEPEST}")
        left += ((item, depth + 1) for item in inner)
    return size

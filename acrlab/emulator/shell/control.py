"""How a script ends before its end, and how much it may do at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MOST_COMMANDS = 20_000
MOST_CHARACTERS = 64_000_000  # of all that a script expands
DEEPEST = 30


class Stop(Exception):
    """The script ends here. `status`: its exit code."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Leave(Exception):
    """A loop or a function is left. `what`: `break`, `continue` or `return`."""

    def __init__(self, what: str, count: int) -> None:
        super().__init__(what)
        self.what, self.count = what, count


class Exhausted(Exception):
    """A script runs more commands than any lesson needs: it would never end."""


@dataclass
class Budget:
    """How much a script may still do, with everything that it starts."""

    commands: int = MOST_COMMANDS
    characters: int = MOST_CHARACTERS
    depth: int = 0

    def spend(self) -> None:
        """Count one more command. Raises: Exhausted."""
        self.commands -= 1
        if self.commands < 0:
            raise Exhausted(f"more than {MOST_COMMANDS} commands")

    def expand(self, count: int) -> None:
        """Count the characters of what was expanded. Raises: Exhausted."""
        self.characters -= count
        if self.characters < 0:
            raise Exhausted(f"more than {MOST_CHARACTERS} characters expanded")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Stand one level deeper. Raises: Exhausted."""
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise Exhausted("nested too deep")
            yield
        finally:
            self.depth -= 1

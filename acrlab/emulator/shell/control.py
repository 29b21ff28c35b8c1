"""How a script ends before its end, and how much it may do at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from acrlab.capabilities import thread_time

MOST_COMMANDS = 20_000
MOST_CHARACTERS = 64_000_000  # of all that a script expands
LONGEST_SCRIPT = 65_536  # characters of what is read at once
MOST_WORDS = 20_000  # of one command
MOST_STEPS = 1_000_000  # of looking for patterns
MOST_S = 1.0  # of the processor's time: no other client is answered meanwhile
DEEPEST = 30
OF_A_COMMAND = 50  # steps, roughly
BETWEEN_LOOKS = 1_000  # steps: to ask what time it is takes as long as a hundred


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
    """A script does more than any lesson needs: it would never end, or keep all others waiting."""


@dataclass
class Budget:
    """How much a script may still do, with everything that it starts."""

    commands: int = MOST_COMMANDS
    characters: int = MOST_CHARACTERS
    steps: int = MOST_STEPS
    depth: int = 0
    begun: float = field(default_factory=thread_time)
    unlooked: int = 0

    def spend(self) -> None:
        """Count one more command. Raises: Exhausted."""
        self._work(OF_A_COMMAND)
        self.commands -= 1
        if self.commands < 0:
            raise Exhausted(f"more than {MOST_COMMANDS} commands")

    def expand(self, count: int) -> None:
        """Count the characters of what was expanded. Raises: Exhausted."""
        self._work(1 + count)
        self.characters -= count
        if self.characters < 0:
            raise Exhausted(f"more than {MOST_CHARACTERS} characters expanded")

    def read(self, script: str) -> None:
        """Look at a script before it is read. Raises: Exhausted."""
        self._work(BETWEEN_LOOKS)
        if len(script) > LONGEST_SCRIPT:
            raise Exhausted(f"a script of more than {LONGEST_SCRIPT} characters")

    def call(self, words: int) -> None:
        """Look at how many words a command has. Raises: Exhausted."""
        if words > MOST_WORDS:
            raise Exhausted(f"more than {MOST_WORDS} words in one command")

    def match(self, count: int) -> None:
        """Count steps of looking for a pattern. Raises: Exhausted."""
        self._work(count)
        self.steps -= count
        if self.steps < 0:
            raise Exhausted(f"more than {MOST_STEPS} steps of looking for patterns")

    def _work(self, steps: int) -> None:
        """Look at the processor's clock now and then; the world's own stands still meanwhile."""
        self.unlooked += steps
        if self.unlooked < BETWEEN_LOOKS:
            return
        self.unlooked = 0
        if thread_time() - self.begun > MOST_S:
            raise Exhausted(f"more than {MOST_S:g} s of work")

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

"""What a client was told that there is, to be held against what there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

__all__ = ["Ledger", "differences"]

Entry = tuple[str, str]  # an id, and what was written there last: a word of the client's own


class Ledger:
    """The acknowledged resources of one client.

    Attributes:
        doubt: id of what is being written: asked for, and not acknowledged yet.
    """

    def __init__(self) -> None:
        self._there: dict[str, str] = {}
        self.doubt: set[str] = set()

    @contextmanager
    def making(self, id: str, word: str = "") -> Iterator[None]:
        """Note a resource, or its new word, once it is acknowledged."""
        with self.doubting(id):
            yield
            self._there[id.lower()] = word

    @contextmanager
    def deleting(self, id: str) -> Iterator[None]:
        """Strike a resource out once its end is acknowledged."""
        with self.doubting(id):
            yield
            del self._there[id.lower()]

    @contextmanager
    def doubting(self, id: str) -> Iterator[None]:
        """Not know about a resource; whoever fails in between leaves the doubt behind."""
        self.doubt.add(id.lower())
        yield
        self.doubt.discard(id.lower())

    def entries(self, part: str) -> list[Entry]:
        """Those whose id has this part, oldest first."""
        return [entry for entry in self._there.items() if part.lower() in entry[0]]


def differences(told: Iterable[Entry], found: Iterable[Entry], doubt: Iterable[str]) -> list[str]:
    """What is lost, doubled, never asked for, or not as it was written last; what is in doubt may be anything."""
    wanted, listed, unsure = dict(told), list(found), set(doubt)
    counts = Counter(id for id, _ in listed)
    there = dict(listed)
    problems = {
        "lost": wanted.keys() - there.keys() - unsure,
        "doubled": {id for id, count in counts.items() if count > 1},
        "never asked for": there.keys() - wanted.keys() - unsure,
        "not as written last": {id for id in wanted.keys() & there.keys() - unsure if wanted[id] != there[id]},
    }
    return [f"{id}: {problem}" for problem, ids in problems.items() for id in sorted(ids)]

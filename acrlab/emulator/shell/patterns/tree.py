"""What a pattern says, whichever way it was written: characters, places, and how they follow each other.

Every node knows how large the VM for it gets, so that `(a{1000}){1000}` is refused before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_STATES = 5_000  # of the VM for one pattern; GNU's own bound is on memory
TOO_BIG = "Regular expression too big"


class PatternProblem(Exception):
    """A pattern that says nothing, or that is not emulated. Its text is what the GNU tools say."""


@dataclass(frozen=True)
class Characters:
    """One character of some.

    Attributes:
        single: these.
        ranges: and those from one to another, both included.
        kinds: and those of which one of these is true.
        negated: any but these.
        folded: whatever their case.
    """

    single: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()
    kinds: tuple[Callable[[str], bool], ...] = ()
    negated: bool = False
    folded: bool = False
    size: int = 1

    def __contains__(self, character: str) -> bool:
        forms = (character, character.lower(), character.upper()) if self.folded else (character,)
        return any(self._has(form) for form in forms) != self.negated

    def _has(self, one: str) -> bool:
        if one in self.single:
            return True
        return any(low <= one <= high for low, high in self.ranges) or any(is_one(one) for is_one in self.kinds)


@dataclass(frozen=True)
class Place:
    """A place between two characters. `fits`: told what kinds of characters stand before and behind it."""

    fits: Callable[[str, str], bool]
    size: int = 1


@dataclass(frozen=True)
class Chain:
    """One after the other."""

    items: tuple[Node, ...] = ()
    size: int = field(init=False)

    def __post_init__(self) -> None:
        _sized(self, sum(item.size for item in self.items))


@dataclass(frozen=True)
class Choice:
    """One of several; where the first that fits counts, they are tried in this order."""

    items: tuple[Node, ...]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        _sized(self, sum(item.size + 1 for item in self.items))


@dataclass(frozen=True)
class Repeat:
    """The same several times. `most`: None: without end. `lazy`: rather fewer, where the first that fits counts."""

    item: Node
    least: int = 0
    most: int | None = None
    lazy: bool = False
    size: int = field(init=False)

    def __post_init__(self) -> None:
        _sized(self, (self.item.size + 1) * max(self.least, self.most or 0, 1))


Node = Characters | Place | Chain | Choice | Repeat


def _sized(node: Chain | Choice | Repeat, size: int) -> None:
    if size > MOST_STATES:
        raise PatternProblem(TOO_BIG)
    object.__setattr__(node, "size", size)


# -- characters and places that several ways of writing know -----------------------------------------------------------

WORD, OTHER, EDGE = "word", "other", "edge"  # what stands beside a place; the edge of the text is no character


def kind_of(character: str) -> str:
    """Tell whether a character belongs to a word."""
    return WORD if _is_word(character) else OTHER


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def literal(text: str, *, folded: bool) -> Chain:
    """Return the pattern of a text that stands for itself. `folded`: whatever its case."""
    return Chain(tuple(Characters(frozenset(character), folded=folded) for character in text))


ANY = Characters(negated=True)
WORDS = Characters(kinds=(_is_word,))
SPACES = Characters(kinds=(str.isspace,))
DIGITS = Characters(ranges=(("0", "9"),))
BEGIN = Place(lambda before, behind: before == EDGE)
END = Place(lambda before, behind: behind == EDGE)
BOUNDARY = Place(lambda before, behind: (before == WORD) != (behind == WORD))
NO_BOUNDARY = Place(lambda before, behind: (before == WORD) == (behind == WORD))
WORD_BEGIN = Place(lambda before, behind: before != WORD and behind == WORD)
WORD_END = Place(lambda before, behind: before == WORD and behind != WORD)
NO_WORD_BEFORE = Place(lambda before, behind: before != WORD)
NO_WORD_BEHIND = Place(lambda before, behind: behind != WORD)

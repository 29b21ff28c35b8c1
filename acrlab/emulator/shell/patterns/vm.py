"""Matches a pattern in a text: all the ways that it could match go on at once, so none is ever tried again.

That takes at most as many steps as the text has characters times the pattern has states, whatever they are; Python's
`re` goes back to try the next way, which takes `(a+)+$` for ever, and no other thread runs meanwhile.
Source: Thompson, Regular expression search algorithm (1968); https://swtch.com/~rsc/regexp/regexp1.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from acrlab.emulator.shell.patterns.tree import EDGE, Chain, Characters, Choice, Node, Place, Repeat, kind_of

KEPT = 5_000  # transitions that one automaton remembers
STRIDE = 1_024  # characters after which steps are counted
BEGUN = 5  # steps that it takes to begin somewhere
_MATCH = 0  # the state at which the pattern has matched


@dataclass(frozen=True)
class _Fork:
    """Goes on in two states; the first is the one to prefer."""

    first: int
    second: int


@dataclass
class _Front:
    """The states that the ways through the pattern are in at one place, before what needs no character is followed."""

    states: tuple[int, ...]
    before: str
    steps: dict[str, tuple[bool, _Front]] = field(default_factory=dict)


class Matcher:
    """Looks for an automaton in texts, and counts the steps that this takes."""

    def __init__(self, automaton: Automaton, spend: Callable[[int], None]) -> None:
        """`spend`: is told how many steps were taken, and raises where there were too many."""
        self._automaton, self._spend = automaton, spend

    def is_in(self, text: str) -> bool:
        """Tell whether it matches anywhere in a text."""
        self._spend(BEGUN)
        return any(True for _ in self._ends(text, 0, self._automaton.anywhere))

    def is_all_of(self, text: str) -> bool:
        """Tell whether it matches the whole text."""
        return any(end == len(text) for end in self._ends(text, 0, self._automaton.begin))

    def ends(self, text: str) -> Iterator[int]:
        """Return where the matches end that begin where the text does."""
        return self._ends(text, 0, self._automaton.begin)

    def found(self, text: str) -> list[str]:
        """Return the parts that match, from left to right, empty ones left out."""
        parts, at = [], 0
        while at < len(text):
            self._spend(BEGUN)
            end = max(self._ends(text, at, self._automaton.begin), default=at)
            if end > at:
                parts.append(text[at:end])
            at = max(end, at + 1)
        return parts

    def _ends(self, text: str, start: int, state: int) -> Iterator[int]:
        front = self._automaton.front((state,), kind_of(text[start - 1]) if start else EDGE)
        for at in range(start, len(text)):
            if not at % STRIDE:
                self._spend(min(STRIDE, len(text) - at))
            matched, front = front.steps.get(text[at]) or self._automaton.step(front, text[at], self._spend)
            if matched:
                yield at
            if not front.states:
                return
        if self._automaton.step(front, "", self._spend)[0]:
            yield len(text)


class Automaton:
    """One pattern, ready to be looked for. What it has worked out for one text it knows for the next.

    Attributes:
        begin: the state before the pattern.
        anywhere: the same behind any characters.
    """

    def __init__(self, pattern: Node, *, longest: bool = True) -> None:
        """`longest`: of the matches that begin first the longest counts, as POSIX has it; else what Perl would find."""
        self._longest = longest
        self._states: list[tuple[Characters | Place, int] | _Fork | None] = [None]
        self.begin = self._add(pattern, _MATCH)
        self._states.append(_Fork(self.begin, len(self._states) + 1))
        self._states.append((Characters(negated=True), len(self._states) - 1))
        self.anywhere = len(self._states) - 2
        self._forget()

    # -- one step ------------------------------------------------------------------------------------------------------

    def front(self, states: tuple[int, ...], before: str) -> _Front:
        """Return the front of some states behind a kind of character."""
        key = states, before
        # Two worlds of a process may ask at once: none of these steps counts on another.
        return self._fronts.get(key) or self._fronts.setdefault(key, _Front(states, before))

    def step(self, front: _Front, character: str, spend: Callable[[int], None]) -> tuple[bool, _Front]:
        """Return whether it has matched before a character, and the front behind it. `character`: empty: the end."""
        kind = kind_of(character) if character else EDGE
        matched, after = False, dict[int, None]()
        for state in self._followed(front, kind, spend):
            if state == _MATCH:
                matched = True
                if self._longest:
                    continue
                break  # what comes now is less preferred than this match
            one = self._states[state]
            if isinstance(one, tuple) and isinstance(one[0], Characters) and character and character in one[0]:
                after[one[1]] = None
        states = tuple(sorted(after)) if self._longest else tuple(after)
        step = matched, self.front(states, kind)
        self._kept += 1
        if self._kept > KEPT:
            self._forget()
        front.steps[character] = step
        return step

    def _followed(self, front: _Front, behind: str, spend: Callable[[int], None]) -> Iterator[int]:
        """The states that are reached without a character, the preferred ones first."""
        left, seen = list(reversed(front.states)), set[int]()
        while left:
            state = left.pop()
            if state in seen:
                continue
            seen.add(state)
            one = self._states[state]
            if isinstance(one, _Fork):
                left += (one.second, one.first)
            elif one is not None and isinstance(one[0], Place):
                left += (one[1],) if one[0].fits(front.before, behind) else ()
            else:
                yield state
        spend(len(seen))

    def _forget(self) -> None:
        """Forget the steps that are known; they are found again."""
        self._fronts: dict[tuple[tuple[int, ...], str], _Front] = {}
        self._kept = 0

    # -- how it is made ------------------------------------------------------------------------------------------------

    def _add(self, node: Node, then: int) -> int:
        """Add the states of a part of the pattern, behind which it goes on in `then`. Returns: where it begins."""
        if isinstance(node, Characters | Place):
            return self._state((node, then))
        if isinstance(node, Chain):
            for item in reversed(node.items):
                then = self._add(item, then)
            return then
        if isinstance(node, Choice):
            *others, begin = (self._add(item, then) for item in node.items)
            for other in reversed(others):
                begin = self._state(_Fork(other, begin))
            return begin
        return self._repeat(node, then)

    def _repeat(self, node: Repeat, then: int) -> int:
        least = node.least
        if node.most is None:
            loop = self._state(None)
            body = self._add(node.item, loop)
            self._states[loop] = _fork(body, then, node.lazy)
            then, least = (body, least - 1) if least else (loop, 0)
        else:
            inner = then
            for _ in range(node.most - least):
                inner = self._state(_fork(self._add(node.item, inner), then, node.lazy))
            then = inner
        for _ in range(least):
            then = self._add(node.item, then)
        return then

    def _state(self, state: tuple[Characters | Place, int] | _Fork | None) -> int:
        self._states.append(state)
        return len(self._states) - 1


def _fork(body: int, then: int, lazy: bool) -> _Fork:
    return _Fork(then, body) if lazy else _Fork(body, then)

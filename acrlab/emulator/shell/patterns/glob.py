"""Globs: `*`, `?` and `[…]`, as the shell matches file names and values with them. Source: POSIX.1-2017, XCU 2.13."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from acrlab.emulator.shell.patterns.brackets import read_set
from acrlab.emulator.shell.patterns.tree import ANY, Chain, Characters, Node, PatternProblem, Repeat
from acrlab.emulator.shell.patterns.vm import Automaton, Matcher

WILD = re.compile(r"[*?\[]")


def matching(pattern: str, spend: Callable[[int], None]) -> Callable[[str], bool]:
    """Return what tells whether a glob matches a whole value. Raises: PatternProblem: it is too long."""
    if not WILD.search(pattern):
        return lambda value: value == pattern
    return Matcher(_automaton(pattern), spend).is_all_of


def trimmed(value: str, form: str, pattern: str, spend: Callable[[int], None]) -> str:
    """`%` takes the shortest match off the end, `%%` the longest; `#` and `##` off the beginning."""
    backwards = form.startswith("%")
    value = value[::-1] if backwards else value
    ends = list(Matcher(_automaton(pattern, backwards=backwards), spend).ends(value))
    kept = value[(min if len(form) == 1 else max)(ends) :] if ends else value
    return kept[::-1] if backwards else kept


@lru_cache(maxsize=32)  # scripts say the same again and again
def _automaton(pattern: str, *, backwards: bool = False) -> Automaton:
    nodes = _read(pattern)
    return Automaton(Chain(tuple(nodes[::-1] if backwards else nodes)))


def _read(pattern: str) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    while at < len(pattern):
        one, at = pattern[at], at + 1
        if one == "*":
            nodes += [Repeat(ANY)] if nodes[-1:] != [Repeat(ANY)] else []
        elif one == "?":
            nodes.append(ANY)
        elif one == "[":
            found, at = _set(pattern, at)
            nodes.append(found)
        else:
            nodes.append(Characters(frozenset(one)))
    return nodes


def _set(pattern: str, at: int) -> tuple[Node, int]:
    """A set; a bracket that is never closed stands for itself."""
    try:
        return read_set(pattern, at, negations="!^")
    except PatternProblem:
        return Characters(frozenset("[")), at

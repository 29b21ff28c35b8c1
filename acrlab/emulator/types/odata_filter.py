"""The `$filter` of a list, read once for all of them: terms joined by `and` and `or`, in parentheses where need be.

One grammar and three vocabularies: `asked` reads names compared with `eq`, `terms_of` the words of
Microsoft.Authorization, and `resource_filter` what Resource Manager's list of resources takes. A filter is never passed
over in silence: what a vocabulary does not know is `NotEmulated`.
Source: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from acrlab.emulator.core.http import NotEmulated, Request

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[(),]|[^\s(),']+)")


class Unreadable(Exception):
    """A filter that is not of this grammar, or that asks for more than a vocabulary knows."""


@dataclass(frozen=True)
class Term:
    """One question.

    Attributes:
        word: the property or the function, in lower case.
        comparison: `eq`, `ne`, … in lower case; empty: a function is called.
        values: what it is compared with or called with, as it is written, quotes included.
        text: all of it, as it is written.
    """

    word: str
    comparison: str
    values: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Joined:
    """Two or more questions. `word`: `and` or `or`; `text`: all of it, as it is written."""

    word: str
    parts: tuple[Question, ...]
    text: str


Question = Term | Joined


def parse(text: str) -> Question | None:
    """Read a filter; None: it asks for nothing. Raises: Unreadable: it is not of this grammar."""
    return _Reader(text).all() if text.strip() else None


def literal(token: str) -> str:
    """The value of a string in quotes. Raises: Unreadable: it is something else."""
    if token[:1] != "'":
        raise Unreadable(token)
    return token[1:-1].replace("''", "'")


def leaves(question: Question | None) -> Iterator[Term]:
    """Every term of a filter, however they are joined."""
    if isinstance(question, Term):
        yield question
    elif question is not None:
        for part in question.parts:
            yield from leaves(part)


class _Reader:
    """Goes through a filter's tokens once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._tokens = text, list(_tokens(text))
        self._at = 0

    def all(self) -> Question:
        question = self._joined("or")
        if self._at < len(self._tokens):
            raise Unreadable(self._text)
        return question

    def _joined(self, word: str) -> Question:
        """`or` binds weaker than `and`, and `and` weaker than a term."""
        start, parts = self._at, [self._part(word)]
        while self._comes(word):
            parts.append(self._part(word))
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts), self._since(start))

    def _part(self, word: str) -> Question:
        if word == "or":
            return self._joined("and")
        if self._comes("("):
            inside = self._joined("or")
            self._expect(")")
            return inside
        return self._term()

    def _term(self) -> Term:
        start, word = self._at, self._next().lower()
        if not self._comes("("):
            comparison, value = self._next().lower(), self._next()
            return Term(word, comparison, (value,), self._since(start))
        values: list[str] = []
        while not self._comes(")"):
            if values:
                self._expect(",")
            values.append(self._next())
        return Term(word, "", tuple(values), self._since(start))

    def _since(self, start: int) -> str:
        return self._text[self._tokens[start].start(1) : self._tokens[self._at - 1].end()]

    def _next(self) -> str:
        if self._at == len(self._tokens):
            raise Unreadable(self._text)
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _comes(self, token: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at][1].lower() == token
        self._at += found
        return found

    def _expect(self, token: str) -> None:
        if not self._comes(token):
            raise Unreadable(self._text)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at, end)
        if found is None:
            raise Unreadable(text)
        yield found
        at = found.end()


# -- two vocabularies --------------------------------------------------------------------------------------------------


def asked(text: str, names: tuple[str, ...]) -> dict[str, str]:
    """Read names compared with `eq`, joined by `and`: lower-case name -> value, lower-case.

    Raises: NotEmulated: it asks for more than these names, or otherwise.
    """
    try:
        terms = _terms(parse(text))
        found = {t.word: literal(t.values[0]).lower() for t in terms if t.comparison == "eq" and t.word in names}
        if len(found) == len(terms):
            return found
    except Unreadable:
        pass  # refused below, as what is read and not known
    raise NotEmulated(f"the filter {text}", supported=f"{', '.join(names)} with eq, joined by and")


def terms_of(request: Request, *known: str) -> dict[str, str]:
    """Read a filter of Microsoft.Authorization, `word()`, `word('value')` or `word eq 'value'`: word -> its value.

    Raises: NotEmulated: a term that is not one of `known`.
    """
    text, found = request.query.get("$filter", "").strip(), {}
    try:
        for term in _terms(parse(text)):
            text = term.text
            word = next((k for k in known if k.lower() == term.word), None)
            if word is None or term.comparison not in ("", "eq") or len(term.values) > 1:
                raise Unreadable(text)
            found[word] = literal(term.values[0]) if term.values else ""
    except Unreadable as problem:
        raise NotEmulated(f"$filter={text}", supported=", ".join(known)) from problem
    return found


def _terms(question: Question | None) -> tuple[Term, ...]:
    """The terms of a filter that knows only `and`. Raises: Unreadable: it is joined otherwise."""
    parts = question.parts if isinstance(question, Joined) and question.word == "and" else (question,)
    if not all(isinstance(part, Term) for part in parts if part is not None):
        raise Unreadable
    return tuple(part for part in parts if isinstance(part, Term))

"""Regular expressions: basic and extended ones as the GNU tools read them, and the plain part of Perl's.

What would have to be tried again and again (backreferences, looking around) is refused. Source: POSIX.1-2017, XBD 9;
the manual of GNU grep, "Regular Expressions".
"""

from __future__ import annotations

import re

from acrlab.emulator.shell.patterns.brackets import read_set
from acrlab.emulator.shell.patterns.tree import (
    ANY,
    BEGIN,
    BOUNDARY,
    DIGITS,
    END,
    NO_BOUNDARY,
    SPACES,
    TOO_BIG,
    WORD_BEGIN,
    WORD_END,
    WORDS,
    Chain,
    Characters,
    Choice,
    Node,
    PatternProblem,
    Place,
    Repeat,
)

DEEPEST = 30  # groups within each other
STACKED = 5  # `a**`: one behind the other
MOST_TIMES = 32_767  # Source: RE_DUP_MAX of glibc
NOTHING_TO_REPEAT = "Invalid preceding regular expression"
BASIC, EXTENDED, PERL = "basic", "extended", "perl"
_TIMES = re.compile(r"(\d{0,5})(,?)(\d{0,5})")
_ESCAPES: dict[str, Node] = {
    "w": WORDS, "W": Characters(kinds=WORDS.kinds, negated=True), "s": SPACES, "b": BOUNDARY, "B": NO_BOUNDARY,
    "S": Characters(kinds=SPACES.kinds, negated=True), "<": WORD_BEGIN, ">": WORD_END, "`": BEGIN, "'": END,
}  # fmt: skip
_PERL: dict[str, Node] = {
    **{name: node for name, node in _ESCAPES.items() if name.isalpha()}, "d": DIGITS, "A": BEGIN, "z": END, "Z": END,
    "D": Characters(ranges=DIGITS.ranges, negated=True), "t": Characters(frozenset("\t")),
}  # fmt: skip


def read(text: str, form: str, *, folded: bool = False) -> Node:
    """Read an expression. `folded`: whatever the case of a character. Raises: PatternProblem."""
    reader = _Reader(text, form, folded)
    node = reader.choice(0)
    if reader.at < len(text):
        raise PatternProblem("Unmatched ) or \\)")
    return node


class _Reader:
    """Reads from left to right. In the basic form a backslash makes a mark of what is plain without it."""

    def __init__(self, text: str, form: str, folded: bool) -> None:
        self._text, self._form, self._folded = text, form, folded
        self.at = 0

    def choice(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise PatternProblem(TOO_BIG)
        branches = [self._branch(depth)]
        while self._mark() == "|":
            self._pass()
            branches.append(self._branch(depth))
        return Choice(tuple(branches)) if len(branches) > 1 else branches[0]

    def _branch(self, depth: int) -> Chain:
        items: list[Node] = []
        while self.at < len(self._text) and not self._ends_branch(depth):
            atom = self._atom(depth, first=not items)
            # In the basic form a star behind the beginning is one.
            items.append(atom if atom is BEGIN and self._form == BASIC else self._repeated(atom))
        return Chain(tuple(items))

    def _ends_branch(self, depth: int) -> bool:
        # In the extended form a bracket that closes nothing stands for itself.
        return self._mark() == "|" or (self._mark() == ")" and bool(depth or self._form != EXTENDED))

    def _mark(self) -> str:
        """The mark that stands here; empty: a character for itself, or another thing."""
        text, at = self._text, self.at
        if self._form == BASIC:
            return text[at + 1] if text[at : at + 1] == "\\" and text[at + 1 : at + 2] in tuple("(){|+?") else ""
        return text[at : at + 1] if text[at : at + 1] in tuple("(){|+?*") else ""

    def _pass(self) -> None:
        self.at += 2 if self._form == BASIC and self._text[self.at] == "\\" else 1

    # -- one thing, and how often ----------------------------------------------------------------------------------

    def _atom(self, depth: int, *, first: bool) -> Node:
        mark = self._mark()
        if mark == "(":
            self._pass()
            return self._group(depth)
        if mark in ("+", "?", "*") or (mark == "{" and self._times() is not None):
            raise PatternProblem(NOTHING_TO_REPEAT)
        one, self.at = self._text[self.at], self.at + 1
        if one == "\\":
            return self._escaped()
        if one == "[":
            found, self.at = read_set(self._text, self.at, folded=self._folded)
            return found
        if one == "." or (one == "^" and self._is_begin(first)) or (one == "$" and self._is_end()):
            return ANY if one == "." else BEGIN if one == "^" else END
        return self._plain(one)

    def _plain(self, one: str) -> Node:
        return Characters(frozenset(one), folded=self._folded)

    def _is_begin(self, first: bool) -> bool:
        return first or self._form != BASIC

    def _is_end(self) -> bool:
        return self._form != BASIC or self._text[self.at :] == "" or self._mark() in ("|", ")")

    def _group(self, depth: int) -> Node:
        if self._form == PERL and self._text.startswith("?", self.at):
            if not self._text.startswith("?:", self.at):
                raise PatternProblem(f"not emulated: ({self._text[self.at : self.at + 3]}… of Perl's expressions")
            self.at += 2
        node = self.choice(depth + 1)
        if self._mark() != ")":
            raise PatternProblem("Unmatched ( or \\(")
        self._pass()
        return node

    def _escaped(self) -> Node:
        if self.at >= len(self._text):
            raise PatternProblem("Trailing backslash")
        one, self.at = self._text[self.at], self.at + 1
        known = _PERL if self._form == PERL else _ESCAPES
        if one in known:
            return known[one]
        if one in "123456789":
            raise PatternProblem(f"not emulated: the backreference \\{one}")
        if self._form == PERL and one.isalnum():
            raise PatternProblem(f"not emulated: \\{one} of Perl's expressions")
        return self._plain(one)

    def _repeated(self, node: Node) -> Node:
        for stacked in range(STACKED):
            times = self._times()
            if times is None:
                return node
            if self._form == PERL and (stacked or isinstance(node, Place)):
                raise PatternProblem("quantifier does not follow a repeatable item")
            if isinstance(node, Place):
                raise PatternProblem(NOTHING_TO_REPEAT)
            least, most, self.at = times
            lazy = self._form == PERL and self._text.startswith("?", self.at)
            if self._form == PERL and self._text.startswith("+", self.at):
                raise PatternProblem("not emulated: possessive quantifiers of Perl's expressions")
            self.at += lazy
            node = Repeat(node, least, most, lazy)
        raise PatternProblem(TOO_BIG)

    def _times(self) -> tuple[int, int | None, int] | None:
        """How often at least and at most, and where the text goes on; None: nothing like that stands here."""
        mark = self._mark() or ("*" if self._text[self.at : self.at + 1] == "*" else "")
        if mark in ("*", "+", "?"):
            behind = self.at + (2 if self._form == BASIC and mark != "*" else 1)
            return (1 if mark == "+" else 0), (1 if mark == "?" else None), behind
        return self._counted() if mark == "{" else None

    def _counted(self) -> tuple[int, int | None, int] | None:
        """`{2,3}`; in the extended form a brace that begins no such thing stands for itself."""
        basic = self._form == BASIC
        begin, closing = self.at + (2 if basic else 1), "\\}" if basic else "}"
        found = _TIMES.match(self._text, begin)
        assert found is not None  # all of it may be missing
        if not found[0] or not self._text.startswith(closing, found.end()):
            if basic:
                raise PatternProblem(
                    "Invalid content of \\{\\}" if closing in self._text[begin:] else "Unmatched { or \\{"
                )
            return None
        least = int(found[1] or 0)
        most = int(found[3]) if found[3] else None if found[2] else least
        if most is not None and most < least:
            raise PatternProblem("Invalid content of \\{\\}")
        if max(least, most or 0) > MOST_TIMES:
            raise PatternProblem(TOO_BIG)
        return least, most, found.end() + len(closing)

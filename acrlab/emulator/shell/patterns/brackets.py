"""`[…]`, a set of characters, as regular expressions and globs write it. Source: POSIX.1-2017, XBD 9.3.5."""

from __future__ import annotations

from collections.abc import Callable

from acrlab.emulator.shell.patterns.tree import Characters, PatternProblem

UNMATCHED = "Unmatched [, [^, [:, [., or [="
CLASSES: dict[str, Callable[[str], bool]] = {
    "alpha": str.isalpha, "digit": lambda c: "0" <= c <= "9", "alnum": str.isalnum, "upper": str.isupper,
    "lower": str.islower, "space": str.isspace, "blank": lambda c: c in " \t", "print": str.isprintable,
    "graph": lambda c: c.isprintable() and not c.isspace(), "cntrl": lambda c: c < " " or c == "\x7f",
    "punct": lambda c: c.isprintable() and not c.isalnum() and not c.isspace(),
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}  # fmt: skip


def read_set(text: str, at: int, *, negations: str = "^", folded: bool = False) -> tuple[Characters, int]:
    """Read a set whose bracket stands before `at`. Returns: it, and where the text goes on.

    Args:
        negations: the characters that turn it into its opposite, at its beginning.
        folded: whatever the case of a character.

    Raises: PatternProblem: it has no end, or no sense.
    """
    negated = text[at : at + 1] != "" and text[at] in negations
    at = begin = at + negated
    single, ranges, kinds = set[str](), list[tuple[str, str]](), list[Callable[[str], bool]]()
    while text[at : at + 1] != "]" or at == begin:
        if at >= len(text):
            raise PatternProblem(UNMATCHED)
        mark = text[at + 1 : at + 2]
        if text[at] == "[" and mark and mark in ":.=":
            end = text.find(f"{mark}]", at + 2)
            if end < 0:
                raise PatternProblem(UNMATCHED)
            kinds.append(_class(mark, text[at + 2 : end]))
            at = end + 2
        elif mark == "-" and text[at + 2 : at + 3] not in ("]", ""):
            if text[at + 2] < text[at]:
                raise PatternProblem("Invalid range end")
            ranges.append((text[at], text[at + 2]))
            at += 3
        else:
            single.add(text[at])
            at += 1
    if text[begin] == text[at - 1] == ":" and at - begin > 2 and not negated:
        raise PatternProblem("character class syntax is [[:space:]], not [:space:]")
    return Characters(frozenset(single), tuple(ranges), tuple(kinds), negated, folded), at + 1


def _class(mark: str, name: str) -> Callable[[str], bool]:
    if mark != ":":
        raise PatternProblem(f"not emulated: [{mark}{name}{mark}] in a set")
    if name not in CLASSES:
        raise PatternProblem("Invalid character class name")
    return CLASSES[name]

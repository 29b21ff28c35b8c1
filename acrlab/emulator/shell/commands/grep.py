"""`grep` and `egrep`. Source: the manual of GNU grep."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from acrlab.emulator.shell.commands.options import Options, refusing, take
from acrlab.emulator.shell.patterns import regular
from acrlab.emulator.shell.patterns.tree import (
    BEGIN,
    END,
    NO_WORD_BEFORE,
    NO_WORD_BEHIND,
    Chain,
    Choice,
    Node,
    PatternProblem,
    literal,
)
from acrlab.emulator.shell.patterns.vm import Automaton, Matcher
from acrlab.emulator.shell.process import Process, Program, programs

_FLAGS = "-i -v -q -c -n -o -E -F -P -w -x -h -s --quiet --silent --ignore-case --only-matching --count"
_FIXED = "fixed"
_FORMS = {"-F": _FIXED, "-E": regular.EXTENDED, "-P": regular.PERL}
_WHOLE: dict[str, Callable[[Node], Node]] = {
    "-x": lambda node: Chain((BEGIN, node, END)),
    "-w": lambda node: Chain((NO_WORD_BEFORE, node, NO_WORD_BEHIND)),
}


@refusing
def grep(process: Process) -> int:
    given = take(process.args, _FLAGS, "-e -m --max-count")
    patterns = given.all("-e") or given.words[:1]
    if not patterns:
        process.warn("Usage: grep [OPTION]... PATTERNS [FILE]...")
        return 2
    files = given.words if given.all("-e") else given.words[1:]
    try:
        matches = _matching(process, given, "\n".join(patterns).split("\n"))
    except PatternProblem as problem:
        process.complain(str(problem))
        return 2
    found, status = process.inputs(files)
    hits = 0
    for name, text in found:
        label = f"{name}:" if len(found) > 1 and not given.has("-h") else ""
        hits += _grep_one(process, given, matches, text, label)
    return 2 if status else int(hits == 0)


def _matching(process: Process, given: Options, patterns: list[str]) -> Callable[[str], list[str]]:
    """Says what is to be shown of a line: the parts that match, or all of it; nothing: it does not match."""
    form = next((form for option, form in _FORMS.items() if given.has(option)), regular.BASIC)
    whole = next((option for option in _WHOLE if given.has(option)), "")
    automaton = _automaton(tuple(patterns), form, folded=given.has("-i", "--ignore-case"), whole=whole)
    matcher = Matcher(automaton, process.shell.budget.match)
    opposite, parts = given.has("-v"), given.has("-o", "--only-matching")

    def matching(line: str) -> list[str]:
        if matcher.is_in(line) == opposite:
            return []
        return (matcher.found(line) if parts and not opposite else []) or ["" if parts else line]

    return matching


@lru_cache(maxsize=32)  # scripts look for the same again and again
def _automaton(patterns: tuple[str, ...], form: str, *, folded: bool, whole: str) -> Automaton:
    """`whole`: `-x`: a match is a whole line; `-w`: whole words."""
    if form == _FIXED:
        read: list[Node] = [literal(pattern, folded=folded) for pattern in patterns]
    else:
        read = [regular.read(pattern, form, folded=folded) for pattern in patterns]
    pattern = _WHOLE[whole](Choice(tuple(read))) if whole else Choice(tuple(read))
    return Automaton(pattern, longest=form != regular.PERL)


def _grep_one(process: Process, given: Options, matches: Callable[[str], list[str]], text: str, label: str) -> int:
    lines = [(number, parts) for number, line in enumerate(text.splitlines(), 1) if (parts := matches(line))]
    most = given.value("-m", "--max-count")
    lines = lines[: int(most)] if most.isdigit() else lines
    if given.has("-q", "--quiet", "--silent"):
        return len(lines)
    if given.has("-c", "--count"):
        process.print(f"{label}{len(lines)}")
        return len(lines)
    for number, parts in lines:
        place = f"{label}{number}:" if given.has("-n") else label
        for part in parts:
            if part or not given.has("-o", "--only-matching"):
                process.print(f"{place}{part}")
    return len(lines)


GREP = {
    **programs(grep=grep),
    "egrep": Program(lambda p: grep(Process(p.name, ["-E", *p.args], p.streams, p.shell)), "/usr/bin/egrep"),
}

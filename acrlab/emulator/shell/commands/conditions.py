"""`test`, `[` and `[[`. Source: POSIX.1-2017, XCU, test; bash(1), "conditional expressions"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import lru_cache

from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.dispatch import is_installed
from acrlab.emulator.shell.patterns import glob, regular
from acrlab.emulator.shell.patterns.tree import PatternProblem
from acrlab.emulator.shell.patterns.vm import Automaton, Matcher
from acrlab.emulator.shell.process import Process, Program

SHOWN = 80  # characters of a pattern that says nothing
NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq, "-ne": operator.ne, "-lt": operator.lt, "-le": operator.le, "-gt": operator.gt,
    "-ge": operator.ge,
}  # fmt: skip


class _BadTest(Exception):
    """An expression that says nothing."""


def test(process: Process) -> int:
    """True is 0, false is 1, nonsense is 2."""
    words = list(process.args)
    if process.name in ("[", "[["):
        closing = "]" if process.name == "[" else "]]"
        if words[-1:] != [closing]:
            process.warn(f"{process.shell.name}: line {process.shell.line}: {process.name}: missing `{closing}'")
            return 2
        words.pop()
    try:
        return int(not _any(process, words))
    except _BadTest as problem:
        process.warn(f"{process.shell.name}: line {process.shell.line}: {process.name}: {problem}")
        return 2


def _any(process: Process, words: list[str]) -> bool:
    for mark in ("||", "-o"):
        if mark in words[1:-1]:
            at = words.index(mark, 1)
            return _any(process, words[:at]) or _any(process, words[at + 1 :])
    for mark in ("&&", "-a"):
        if mark in words[1:-1]:
            at = words.index(mark, 1)
            return _any(process, words[:at]) and _any(process, words[at + 1 :])
    return _one(process, words)


def _one(process: Process, words: list[str]) -> bool:
    match words:
        case []:
            return False
        case [text]:
            return text != ""
        case ["!", *rest] if len(rest) != 2 or rest[0].startswith("-") or rest[0] == "!":
            return not _one(process, rest)
        case ["(", *inner, ")"]:
            return _any(process, inner)
        case [sign, operand]:
            return _unary(process, sign, operand)
        case [left, sign, right]:
            return _binary(process, left, sign, right)
    raise _BadTest("too many arguments")


def _unary(process: Process, sign: str, operand: str) -> bool:
    disk, path = process.disk, process.path(operand)
    match sign:
        case "-z":
            return operand == ""
        case "-n":
            return operand != ""
        case "-f":
            return disk.is_file(path)
        case "-d":
            return disk.is_folder(path)
        case "-e" | "-r" | "-w":
            return disk.is_file(path) or disk.is_folder(path)
        case "-x":
            programs = process.shell.programs.values()
            return any(p.path == path and is_installed(process.shell, p) for p in programs)
        case "-s":
            return disk.is_file(path) and _size(process, path) > 0
        case "-t":
            return False  # nothing here is a terminal
    raise _BadTest(f"{sign}: unary operator expected")


def _size(process: Process, path: str) -> int:
    try:
        return process.disk.size(path)
    except NoFile:
        return 0


def _binary(process: Process, left: str, sign: str, right: str) -> bool:
    if sign in NUMBERS:
        for text in (left, right):
            if not re.fullmatch(r"\s*[-+]?\d{1,18}\s*", text):
                raise _BadTest(f"{text}: integer expression expected")
        return NUMBERS[sign](int(left), int(right))
    double = process.name == "[["
    match sign:
        case "=" | "==":
            return _is_like(process, left, right) if double else left == right
        case "!=":
            return not (_is_like(process, left, right) if double else left == right)
        case "<" | ">":
            return (left < right) if sign == "<" else (left > right)
        case "=~" if double:
            return _has(process, left, right)
    raise _BadTest(f"{sign}: binary operator expected")


def _is_like(process: Process, value: str, pattern: str) -> bool:
    try:
        return glob.matching(pattern, process.shell.budget.match)(value)
    except PatternProblem as problem:
        raise _BadTest(f"{pattern[:SHOWN]}: {problem}") from problem


@lru_cache(maxsize=32)  # scripts ask the same again and again
def _automaton(expression: str) -> Automaton:
    return Automaton(regular.read(expression, regular.EXTENDED))


def _has(process: Process, value: str, expression: str) -> bool:
    try:
        return Matcher(_automaton(expression), process.shell.budget.match).is_in(value)
    except PatternProblem as problem:
        raise _BadTest(f"{expression[:SHOWN]}: {problem}") from problem


CONDITIONS = {"test": Program(test, "/usr/bin/test"), "[": Program(test, "/usr/bin/["), "[[": Program(test, "")}

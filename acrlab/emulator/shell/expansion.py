"""Turns words into text: parameters, substitutions, arithmetic, splitting, patterns. Source: POSIX.1-2017, XCU 2.6."""

from __future__ import annotations

import ast
import operator
import posixpath
import re
from collections.abc import Callable

from acrlab.emulator.shell.patterns import glob
from acrlab.emulator.shell.patterns.tree import PatternProblem
from acrlab.emulator.shell.process import Shell
from acrlab.emulator.shell.streams import Streams
from acrlab.emulator.shell.syntax import Arithmetic, Literal, Parameter, Part, Word

Field = list[tuple[str, bool]]  # pieces of one field, and whether each was quoted
LARGEST = 1_000_000  # characters of one value


class ExpansionProblem(Exception):
    """A word that has no value: it ends the script."""


class Expansion:
    """Expands the words of one command."""

    def __init__(self, shell: Shell, streams: Streams) -> None:
        self._shell, self._streams = shell, streams

    def fields(self, words: tuple[Word, ...]) -> list[str]:
        """Expand words to fields: split, and with patterns replaced by the files that match them."""
        found: list[str] = []
        for word in words:
            for field in self._split(word):
                found += self._matched(field)
                self._shell.budget.call(len(found))
        return found

    def text(self, word: Word) -> str:
        """Return a word's value in one piece, as in an assignment."""
        pieces, size = [], 0
        for index, part in enumerate(word):
            pieces.append(self._tilde(self._value(part), index, part))
            size += len(pieces[-1])
            if size > LARGEST:
                raise ExpansionProblem(f"xrealloc: cannot allocate {size} bytes")
        return "".join(pieces)

    def pattern(self, word: Word) -> str:
        """Return a word as a glob, where quoted characters stand for themselves."""
        pieces = ((self._value(part), _is_quoted(part)) for part in word)
        return "".join(_escaped(text) if quoted else text for text, quoted in pieces)

    def matches(self, value: str, word: Word) -> bool:
        """Tell whether a value is like a pattern, as `case` has it."""
        return self._matching(self.pattern(word))(value)

    def _matching(self, pattern: str) -> Callable[[str], bool]:
        try:
            return glob.matching(pattern, self._shell.budget.match)
        except PatternProblem as problem:
            raise ExpansionProblem(str(problem)) from problem

    # -- splitting ---------------------------------------------------------------------------------------------------

    def _split(self, word: Word) -> list[Field]:
        fields: list[Field] = []
        current: Field | None = None
        for index, part in enumerate(word):
            if isinstance(part, Parameter) and part.name == "@" and part.quoted and not part.operator:
                if current is not None:
                    fields.append(current)
                self._shell.budget.expand(sum(1 + len(argument) for argument in self._shell.arguments))
                fields += [[(argument, True)] for argument in self._shell.arguments]
                current = None
                continue
            value = self._tilde(self._value(part), index, part)
            if isinstance(part, Literal) or _is_quoted(part):
                # the empty text that stands before a quoted "$@" makes no field of its own
                alone = value == "" and len(word) > 1 and _is_arguments(word[min(index + 1, len(word) - 1)])
                current = current if alone else [*(current or []), (value, _is_quoted(part))]
                continue
            pieces = value.split()
            if not pieces:
                fields, current = ([*fields, current], None) if value and current is not None else (fields, current)
                continue
            if value[0].isspace() and current is not None:
                fields, current = [*fields, current], None
            made: list[Field] = [[(piece, False)] for piece in pieces]
            made[0] = [*(current or []), *made[0]]
            fields += made[:-1]
            current = made[-1]
            if value[-1].isspace():
                fields, current = [*fields, current], None
        return fields if current is None else [*fields, current]

    def _matched(self, field: Field) -> list[str]:
        plain = "".join(text for text, _ in field)
        if "f" in self._shell.options or not any(glob.WILD.search(text) for text, quoted in field if not quoted):
            return [plain]
        pattern = "".join(_escaped(text) if quoted else text for text, quoted in field)
        return self._files(pattern) or [plain]

    def _files(self, pattern: str) -> list[str]:
        disk = self._shell.vm.disk
        found = ["/"] if pattern.startswith("/") else [""]
        for part in [p for p in pattern.split("/") if p]:
            if not glob.WILD.search(part):
                found = [posixpath.join(base, part) for base in found]
                continue
            matches = self._matching(part)
            found = [
                posixpath.join(base, name)
                for base in found
                for name in disk.names_in(posixpath.normpath(posixpath.join(self._shell.folder, base)))
                if matches(name) and (part.startswith(".") or not name.startswith("."))
            ]
        exists = (posixpath.normpath(posixpath.join(self._shell.folder, p)) for p in found)
        return sorted(p for p, full in zip(found, exists, strict=True) if disk.is_file(full) or disk.is_folder(full))

    # -- values ------------------------------------------------------------------------------------------------------

    def _value(self, part: Part) -> str:
        value = self._unbounded(part)
        self._shell.budget.expand(len(value))
        return value

    def _unbounded(self, part: Part) -> str:
        if isinstance(part, Literal):
            return part.text
        if isinstance(part, Parameter):
            return self._parameter(part)
        if isinstance(part, Arithmetic):
            return str(calculate(self.text(part.expression), self._shell.variable))
        return self._shell.captured(part.script, self._streams)

    def _tilde(self, value: str, index: int, part: Part) -> str:
        if index == 0 and isinstance(part, Literal) and not part.quoted and re.match(r"~(/|$)", value):
            return self._shell.variable("HOME") + value[1:]
        return value

    def _parameter(self, part: Parameter) -> str:
        value = self._shell.parameter(part.name)
        if part.operator == "length":
            return str(len(value or ""))
        form = part.operator.lstrip(":")
        absent = value is None or (part.operator.startswith(":") and value == "")
        if form in ("%", "%%", "#", "##"):
            return self._trimmed(value or "", form, part.word)
        if form == "+":
            return "" if absent else self.text(part.word)
        if not absent or form == "":
            return self._bound(part.name, value)
        if form == "?":
            raise ExpansionProblem(f"{part.name}: {self.text(part.word) or 'parameter null or not set'}")
        default = self.text(part.word)
        if form == "=":
            self._shell.variables[part.name] = default
        return default

    def _trimmed(self, value: str, form: str, word: Word) -> str:
        try:
            return glob.trimmed(value, form, self.pattern(word), self._shell.budget.match)
        except PatternProblem as problem:
            raise ExpansionProblem(str(problem)) from problem

    def _bound(self, name: str, value: str | None) -> str:
        if value is None and "u" in self._shell.options and name not in "@*":
            raise ExpansionProblem(f"{name}: unbound variable")
        return value or ""


def _is_quoted(part: Part) -> bool:
    return part.quoted


def _is_arguments(part: Part) -> bool:
    return isinstance(part, Parameter) and part.name == "@" and part.quoted


def _escaped(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)


# -- arithmetic ------------------------------------------------------------------------------------------------------

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_, ast.BitXor: operator.xor,
}  # fmt: skip
_COMPARED: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip


def calculate(text: str, variable: Callable[[str], str]) -> int:
    """Work out an expression on whole numbers. Raises: ExpansionProblem: it is not one."""
    try:
        shown = text.replace("&&", " and ").replace("||", " or ")
        tree = ast.parse(re.sub(r"!(?!=)", " not ", shown).strip() or "0", mode="eval").body
        return _computed(tree, variable)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        message = f'{text}: syntax error: operand expected (error token is "{text.strip()}")'
        raise ExpansionProblem(message) from problem
    except ZeroDivisionError as problem:
        raise ExpansionProblem(f"{text}: division by 0") from problem


def _computed(node: ast.expr, variable: Callable[[str], str]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return int(value)
        case ast.Name(id=name):
            text = variable(name).strip()
            return int(text) if re.fullmatch(r"-?\d{1,19}", text) else 0
        case ast.UnaryOp(op=op, operand=operand):
            value = _computed(operand, variable)
            return int(not value) if isinstance(op, ast.Not) else -value if isinstance(op, ast.USub) else value
        case ast.BoolOp(op=op, values=values):
            found = [bool(_computed(v, variable)) for v in values]
            return int(all(found) if isinstance(op, ast.And) else any(found))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return int(_COMPARED[type(op)](_computed(left, variable), _computed(right, variable)))
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, _computed(left, variable), _computed(right, variable))
    raise ValueError(ast.dump(node))


def _combined(op: ast.operator, left: int, right: int) -> int:
    if isinstance(op, ast.Div | ast.FloorDiv):
        return int(abs(left) // abs(right)) * (1 if (left < 0) == (right < 0) else -1)
    if isinstance(op, ast.Mod):
        return left - right * _combined(ast.Div(), left, right)
    if isinstance(op, ast.Pow) and 0 <= right <= 62:
        return _wrapped(left**right)
    if type(op) not in _BINARY:
        raise ValueError(op)
    return _wrapped(_BINARY[type(op)](left, right))


def _wrapped(value: int) -> int:
    """Whole numbers of a shell have 64 bits."""
    return (value + 2**63) % 2**64 - 2**63

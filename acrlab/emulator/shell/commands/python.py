"""`python3 -c` and `python3 -m json.tool`: the lines that people type to look up a name, connect, or read an answer.

No Python runs here. A line is read, and done where it is made of the calls below; any other is refused.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.shell.commands.probes import FAILING
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import HTTP, HTTPS

VERSION = "Python 3.10.12"
MODULES = {"socket", "json", "sys", "ssl", "urllib.request"}
SUPPORTED = (
    "socket.gethostbyname(NAME), socket.create_connection((NAME, PORT)), urllib.request.urlopen(URL).status and "
    ".read(), json.load(sys.stdin) with what is in it, and print"
)


class NotHere(Exception):
    """A part of a line that is not emulated."""


class Raised(Exception):
    """What Python would raise, as the last line of its traceback says it."""


def python3(process: Process) -> int:
    words = process.args
    if words in (["--version"], ["-V"]):
        process.print(VERSION)
        return 0
    if words == ["-m", "json.tool"]:
        return _format(process)
    if words[:1] != ["-c"] or len(words) != 2:
        process.complain("not emulated but as: python3 -c LINE, python3 -m json.tool, python3 --version")
        return 1
    try:
        _Line(process).run(ast.parse(words[1]))
    except (SyntaxError, ValueError) as problem:  # the latter for a null byte
        line = getattr(problem, "lineno", 1)
        process.warn(f'  File "<string>", line {line}\n{type(problem).__name__}: {getattr(problem, "msg", problem)}')
        return 1
    except NotHere as problem:
        process.complain(f"not emulated: {problem}; supported: {SUPPORTED}")
        return 1
    except Raised as problem:
        process.warn(f'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n{problem}')
        return 1
    return 0


def _format(process: Process) -> int:
    try:
        found = json.loads(process.streams.stdin.read())
    except ValueError as problem:
        process.warn(str(problem))
        return 1
    process.print(json.dumps(found, indent=4))
    return 0


class _Line:
    """One line, with the names that it has imported and set."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.modules: set[str] = set()
        self.names: dict[str, Any] = {}
        self.calls: dict[str, Callable[..., Any]] = {
            "print": self._print,
            "socket.gethostbyname": self._address,
            "socket.create_connection": self._connection,
            "urllib.request.urlopen": self._open,
            "json.load": lambda text: json.loads(text) if isinstance(text, str) else _refuse("json.load"),
            "json.loads": json.loads,
            "json.dumps": json.dumps,
        }

    def run(self, module: ast.Module) -> None:
        for statement in module.body:
            if isinstance(statement, ast.Import):
                self._imported({alias.name for alias in statement.names if not alias.asname})
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self.names[statement.targets[0].id] = self._value(statement.value)
            elif isinstance(statement, ast.Expr):
                self._value(statement.value)
            else:
                raise NotHere(ast.unparse(statement))

    def _imported(self, names: set[str]) -> None:
        if unknown := sorted(names - MODULES):
            raise NotHere(f"import {', '.join(unknown)}")
        self.modules |= {name.partition(".")[0] for name in names}

    def _value(self, node: ast.expr) -> Any:
        """What an expression gives. Raises: NotHere, Raised."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return [self._value(part) for part in parts]
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.Attribute() if ast.unparse(node) == "sys.stdin" and "sys" in self.modules:
                return self.process.streams.stdin.read()
            case ast.Subscript(value=whole, slice=key):
                return self._item(self._value(whole), self._value(key))
            case ast.Call(func=function, args=given, keywords=keywords):
                values = [self._value(one) for one in given]
                return self._call(function, values, {one.arg or "**": self._value(one.value) for one in keywords})
            case ast.Attribute(value=whole, attr="status" | "code"):
                return self._answer(whole).status
        raise NotHere(ast.unparse(node))

    def _call(self, function: ast.expr, values: list[Any], keywords: dict[str, Any]) -> Any:
        name = ast.unparse(function)
        module = name.partition(".")[0]
        if name in self.calls and ("." not in name or module in self.modules):
            if set(keywords) - {"timeout"}:
                raise NotHere(f"{name}({', '.join(keywords)}=)")
            try:
                return self.calls[name](*values, **keywords)
            except (TypeError, ValueError) as problem:
                raise Raised(f"{type(problem).__name__}: {problem}") from problem
        if isinstance(function, ast.Attribute) and not values and function.attr in ("read", "getcode", "close"):
            whole = self._value(function.value)
            if function.attr == "close":
                return None
            answer = self._is_answer(whole, name)
            return answer.raw if function.attr == "read" else answer.status
        if isinstance(function, ast.Attribute) and function.attr == "decode" and not values:
            raw = self._value(function.value)
            return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else _refuse(name)
        raise NotHere(name)

    def _answer(self, node: ast.expr) -> Any:
        return self._is_answer(self._value(node), ast.unparse(node))

    def _is_answer(self, value: Any, name: str) -> Any:
        return value if hasattr(value, "raw") and hasattr(value, "status") else _refuse(name)

    def _item(self, whole: Any, key: Any) -> Any:
        try:
            return whole[key]
        except KeyError as problem:
            raise Raised(f"KeyError: {key!r}") from problem
        except (IndexError, TypeError) as problem:
            raise Raised(f"{type(problem).__name__}: {problem}") from problem

    # -- the calls ---------------------------------------------------------------------------------------------------

    def _print(self, *values: Any) -> None:
        self.process.print(" ".join(str(value) for value in values))

    def _address(self, host: object) -> str:
        try:
            return self.process.vm.find_address(str(host).lower())
        except Unreachable as problem:
            raise Raised(_gaierror(problem)) from problem

    def _connection(self, place: object, timeout: object = None) -> str:
        if not isinstance(place, list) or len(place) != 2 or place[1] not in (HTTP, HTTPS):
            raise NotHere("socket.create_connection but to (NAME, 443) or (NAME, 80)")
        address = self._address(place[0])
        try:
            self.process.vm.reach(str(place[0]), address, place[1])
        except Unreachable as problem:
            raise Raised(_refused(problem, limited=timeout is not None)) from problem
        own = self.process.vm.vantage.address
        return (
            f"<socket.socket fd=3, family=AddressFamily.AF_INET, type=SocketKind.SOCK_STREAM, proto=6, "
            f"laddr=('{own}', 41234), raddr=('{address}', {place[1]})>"
        )

    def _open(self, url: object, data: object = None, timeout: object = None) -> Any:
        if data is not None:
            raise NotHere("urllib.request.urlopen with data")
        try:
            answer = self.process.vm.fetch("GET", str(url), {"User-Agent": "Python-urllib/3.10"})
        except Unreachable as problem:
            raise Raised(f"urllib.error.URLError: <urlopen error {_cause(problem)}>") from problem
        if answer.status >= 300:
            raise Raised(f"urllib.error.HTTPError: HTTP Error {answer.status}: {HTTPStatus(answer.status).phrase}")
        return answer


def _refuse(what: str) -> Any:
    raise NotHere(what)


def _gaierror(problem: Unreachable) -> str:
    return f"socket.gaierror: {_cause(problem)}"


def _cause(problem: Unreachable) -> str:
    """A failure as Python's own errors print it."""
    if problem.reason.startswith("certificate"):
        told = f"Hostname mismatch, certificate is not valid for '{problem.host}'. (_ssl.c:1007)"
        return f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {told}"
    return {
        "server misbehaving": f"[Errno -3] {FAILING}",
        "timeout": "[Errno 110] Connection timed out",
        "connection refused": "[Errno 111] Connection refused",
        "connection reset by peer": "[Errno 104] Connection reset by peer",
    }.get(problem.reason, "[Errno -2] Name or service not known")


def _refused(problem: Unreachable, *, limited: bool) -> str:
    if problem.reason == "timeout":
        return "socket.timeout: timed out" if limited else f"TimeoutError: {_cause(problem)}"
    return f"ConnectionRefusedError: {_cause(problem)}"


PYTHON = programs(python3=python3)

"""Runs a script that has been read: one command after the other, on one VM, as one user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from acrlab.emulator.shell import compound
from acrlab.emulator.shell.control import Budget, Leave, Stop
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.dispatch import call, find_program
from acrlab.emulator.shell.expansion import Expansion, ExpansionProblem
from acrlab.emulator.shell.parser import parse
from acrlab.emulator.shell.process import Program
from acrlab.emulator.shell.redirection import redirected
from acrlab.emulator.shell.streams import Sink, Source, Streams
from acrlab.emulator.shell.syntax import (
    AndOr,
    Case,
    For,
    Function,
    Group,
    If,
    Node,
    Pipeline,
    Sequence,
    Simple,
    SyntaxProblem,
    While,
)
from acrlab.emulator.shell.vm import Vm

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Interpreter:
    """One shell, with its variables. What runs apart gets a copy."""

    def __init__(self, vm: Vm, programs: Mapping[str, Program], user: str, budget: Budget) -> None:
        self.vm, self.programs, self.user, self.budget = vm, programs, user, budget
        home = "/root" if user == "root" else f"/home/{user}"
        self.folder = home
        self.variables = {"HOME": home, "PATH": PATH, "USER": user, "PWD": home, "HOSTNAME": vm.hostname}
        self.exported = {"HOME", "PATH", "USER", "PWD"}
        self.functions: dict[str, Node] = {}
        self.options: set[str] = set()
        self.arguments: list[str] = []
        self.name = "bash"
        self.status = 0
        self.captures = 0  # how many `$(…)` have run
        self.line = 1
        self.unchecked = 0  # how many conditions this stands in: there, `set -e` doesn't count

    def copy(self) -> Interpreter:
        """Make a subshell: what it changes, but for files, is forgotten."""
        other = Interpreter(self.vm, self.programs, self.user, self.budget)
        other.variables, other.exported = dict(self.variables), set(self.exported)
        other.functions, other.options = dict(self.functions), set(self.options)
        other.arguments, other.folder, other.name = list(self.arguments), self.folder, self.name
        other.status, other.line, other.unchecked = self.status, self.line, self.unchecked
        return other

    def fresh(self, user: str, arguments: list[str]) -> Interpreter:
        """Make a new shell, which inherits only what is exported."""
        other = Interpreter(self.vm, self.programs, user, self.budget)
        if user == self.user:
            other.variables |= {k: v for k, v in self.variables.items() if k in self.exported}
            other.exported |= self.exported
        other.arguments, other.folder = arguments, self.folder
        return other

    # -- scripts -----------------------------------------------------------------------------------------------------

    def run(self, script: str, streams: Streams) -> int:
        """Run a script to its end and return its exit code."""
        self.budget.read(script)
        try:
            body = parse(script)
            self.execute(body, streams)
        except SyntaxProblem as problem:
            streams.err.write(f"{self.name}: line {problem.line}: {problem}\n")
            return 2
        except Stop as stop:
            return stop.status
        except Leave:
            return self.status
        return self.status

    def call(self, words: list[str], streams: Streams) -> int:
        """Run a command whose words are known."""
        return call(self, words, streams)

    def find_program(self, name: str) -> Program | None:
        """Return a program that is installed, by its name or its path."""
        return find_program(self, name)

    def captured(self, script: str, streams: Streams) -> str:
        """Return what a script in a subshell writes to stdout, as `$(…)` has it."""
        out = Sink()
        with self.budget.deeper():
            apart = self.copy()
            self.status = apart.run(script, Streams(streams.stdin, out, streams.err))
            self.captures += 1
        return out.text.rstrip("\n")

    def evaluate(self, script: str, streams: Streams) -> int:
        """Run a script in this very shell, as `eval` and `.` do."""
        self.budget.read(script)
        with self.budget.deeper():
            self.execute(parse(script), streams)
        return self.status

    def variable(self, name: str) -> str:
        return self.parameter(name) or ""

    def parameter(self, name: str) -> str | None:
        """Return the value of a variable or special parameter; None: it is not set."""
        if name.isdigit():
            return self.name if name == "0" else next(iter(self.arguments[int(name[:6]) - 1 : int(name[:6])]), None)
        special = {
            "?": str(self.status),
            "#": str(len(self.arguments)),
            "$": "1234",
            "-": "".join(sorted(self.options)),
        }
        if name in "@*":
            return " ".join(self.arguments) if self.arguments else None
        return special[name] if name in special else self.variables.get(name)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def execute(self, node: Node, streams: Streams) -> int:
        match node:
            case Simple():
                self._simple(node, streams)
            case Sequence(items=items):
                for item in items:
                    self.execute(item, streams)
            case AndOr():
                self._and_or(node, streams)
            case Pipeline():
                self._pipeline(node, streams)
            case Function(name=name):
                self.functions[name], self.status = node.body, 0
            case _:
                self._compound(node, streams)
        return self.status

    def _compound(self, node: Node, streams: Streams) -> None:
        assert isinstance(node, Group | If | For | While | Case)
        with self._guarded(streams), redirected(self, node.redirects, streams) as inner:
            if isinstance(node, Group):
                self._group(node, inner)
            else:
                compound.run(self, node, inner)

    def _group(self, node: Group, streams: Streams) -> None:
        if not node.apart:
            self.execute(node.body, streams)
            return
        self.status = self._apart(node.body, streams)
        self._check()

    def _apart(self, body: Node, streams: Streams) -> int:
        apart = self.copy()
        with self.budget.deeper():
            try:
                return apart.execute(body, streams)
            except Stop as stop:
                return stop.status
            except Leave:
                return apart.status

    def tested(self, node: Node, streams: Streams) -> int:
        """Run a condition: it may fail without ending the script."""
        self.unchecked += 1
        try:
            return self.execute(node, streams)
        finally:
            self.unchecked -= 1

    def _check(self) -> None:
        if self.status and "e" in self.options and not self.unchecked:
            raise Stop(self.status)

    def _and_or(self, node: AndOr, streams: Streams) -> None:
        parts = [("", node.first), *node.rest]
        for index, (operator, part) in enumerate(parts):
            if operator and (self.status == 0) != (operator == "&&"):
                continue
            run = self.execute if index == len(parts) - 1 else self.tested
            run(part, streams)

    def _pipeline(self, node: Pipeline, streams: Streams) -> None:
        statuses = []
        stdin = streams.stdin
        self.unchecked += 1
        try:
            for index, command in enumerate(node.commands):
                last = index == len(node.commands) - 1
                out = streams.out if last else Sink()
                inner = Streams(stdin, out, streams.err)
                alone = len(node.commands) == 1
                statuses.append(self.execute(command, inner) if alone else self._apart(command, inner))
                stdin = Source(out.text) if not last else stdin
        finally:
            self.unchecked -= 1
        failed = [status for status in statuses if status]
        self.status = failed[-1] if failed and "pipefail" in self.options else statuses[-1]
        if node.negated:
            self.status = int(not self.status)
        else:
            self._check()

    # -- simple commands ---------------------------------------------------------------------------------------------

    @contextmanager
    def _guarded(self, streams: Streams) -> Iterator[None]:
        """What a word or a redirection can't be made of ends the command, or the script, with a message."""
        try:
            yield
        except ExpansionProblem as problem:
            self.complain(streams, str(problem))
            raise Stop(1) from problem
        except NoFile as problem:
            self.complain(streams, str(problem))
            self.status = 1
            self._check()

    def _simple(self, node: Simple, streams: Streams) -> None:
        self.budget.spend()
        self.line = node.line
        with self._guarded(streams):
            expansion, captures = Expansion(self, streams), self.captures
            words = expansion.fields(node.words)
            assigned = {}
            for name, word, adds in node.assignments:
                assigned[name] = (self.variable(name) if adds else "") + expansion.text(word)
                if not words:
                    self.variables[name] = assigned[name]
            if not words and self.captures == captures:
                self.status = 0  # else it is that of the last `$(…)`
            with redirected(self, node.redirects, streams) as inner:
                if words:
                    self.status = self._with(assigned, words, inner)
            self._check()

    def _with(self, assigned: dict[str, str], words: list[str], streams: Streams) -> int:
        """Run a command with variables of its own."""
        before, exported = {name: self.variables.get(name) for name in assigned}, set(self.exported)
        self.variables |= assigned
        self.exported |= set(assigned)
        try:
            return call(self, words, streams)
        finally:
            if assigned:
                self.exported = exported
                for name, value in before.items():
                    self.variables.pop(name, None)
                    if value is not None:
                        self.variables[name] = value

    def complain(self, streams: Streams, text: str) -> None:
        streams.err.write(f"{self.name}: line {self.line}: {text}\n")

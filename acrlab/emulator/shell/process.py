"""What a command is given, and how commands are found."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from acrlab.emulator.shell.control import Budget
from acrlab.emulator.shell.disk import Disk, NoFile
from acrlab.emulator.shell.streams import Streams
from acrlab.emulator.shell.syntax import Node
from acrlab.emulator.shell.vm import Vm


class Shell(Protocol):
    """What expansions, redirections and commands may ask of the shell that runs them; `Interpreter` is the one.

    Attributes:
        folder: the working directory.
        exported: the variables that what it starts inherits.
        options: the letters that `set` has turned on.
        arguments: `$1`, `$2`, …
        name: `$0`, which stands before its messages.
        status: `$?`.
        line: where in the script it is.
    """

    vm: Vm
    programs: Mapping[str, Program]
    user: str
    budget: Budget
    folder: str
    variables: dict[str, str]
    exported: set[str]
    functions: dict[str, Node]
    options: set[str]
    arguments: list[str]
    name: str
    status: int
    line: int

    def fresh(self, user: str, arguments: list[str]) -> Shell: ...
    def run(self, script: str, streams: Streams) -> int: ...
    def execute(self, node: Node, streams: Streams) -> int: ...
    def evaluate(self, script: str, streams: Streams) -> int: ...
    def tested(self, node: Node, streams: Streams) -> int: ...
    def captured(self, script: str, streams: Streams) -> str: ...
    def call(self, words: list[str], streams: Streams) -> int: ...
    def find_program(self, name: str) -> Program | None: ...
    def variable(self, name: str) -> str: ...
    def parameter(self, name: str) -> str | None: ...
    def complain(self, streams: Streams, text: str) -> None: ...


@dataclass(frozen=True)
class Process:
    """A command that runs.

    Attributes:
        name: as what it was called.
        args: its words, the name left out.
        shell: the shell that runs it.
    """

    name: str
    args: list[str]
    streams: Streams
    shell: Shell

    @property
    def vm(self) -> Vm:
        return self.shell.vm

    @property
    def disk(self) -> Disk:
        return self.vm.disk

    @property
    def user(self) -> str:
        return self.shell.user

    def print(self, text: str, end: str = "\n") -> None:
        self.streams.out.write(text + end)

    def complain(self, text: str) -> None:
        """Write to stderr as the command itself."""
        self.streams.err.write(f"{self.name}: {text}\n")

    def warn(self, text: str) -> None:
        """Write to stderr as it is."""
        self.streams.err.write(f"{text}\n")

    def path(self, text: str) -> str:
        """Return a path as the disk knows it."""
        return posixpath.normpath(posixpath.join(self.shell.folder, text)).replace("//", "/")

    def inputs(self, files: list[str]) -> tuple[list[tuple[str, str]], int]:
        """Name and text of each file, stdin for `-` or where there are none; and 1 if one of them can't be read."""
        found: list[tuple[str, str]] = []
        status = 0
        for file in files or ["-"]:
            try:
                text = self.streams.stdin.read() if file == "-" else self.disk.text(self.path(file))
                found.append((file, text))
            except NoFile as problem:
                self.complain(f"{file}: {problem}")
                status = 1
        return found, status


Command = Callable[[Process], int]


@dataclass(frozen=True)
class Program:
    """A command on the disk. `package`: what brings it; empty: it is there from the start."""

    run: Command
    path: str
    package: str = ""


def programs(package: str = "", folder: str = "/usr/bin", **commands: Command) -> Mapping[str, Program]:
    """Declare the commands of one package."""
    called = {name.rstrip("_").replace("_", "-"): command for name, command in commands.items()}
    return {name: Program(command, f"{folder}/{name}", package) for name, command in called.items()}

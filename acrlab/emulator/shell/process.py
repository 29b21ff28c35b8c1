"""What a command is given, and how commands are found."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acrlab.emulator.shell.disk import Disk, NoFile
from acrlab.emulator.shell.machine import Machine
from acrlab.emulator.shell.streams import Streams

if TYPE_CHECKING:
    from acrlab.emulator.shell.interpreter import Interpreter


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
    shell: Interpreter

    @property
    def machine(self) -> Machine:
        return self.shell.machine

    @property
    def disk(self) -> Disk:
        return self.machine.disk

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
        """A path as the disk knows it."""
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

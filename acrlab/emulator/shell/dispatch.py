"""Finds what a command's first word names, and runs it: a function, a builtin, a program, a script on the disk."""

from __future__ import annotations

import posixpath

from acrlab.emulator.shell.control import Leave
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process, Program, Shell
from acrlab.emulator.shell.streams import Streams
from acrlab.emulator.shell.syntax import Node

NOT_EXECUTABLE, NOT_FOUND = 126, 127


def call(shell: Shell, words: list[str], streams: Streams) -> int:
    """Run a command whose words are known, and return its exit code."""
    name, args = words[0], words[1:]
    if name in shell.functions:
        return _function(shell, shell.functions[name], args, streams)
    program = find_program(shell, name)
    if program is not None:
        with shell.budget.deeper():
            return program.run(Process(name, args, streams, shell))
    if "/" in name:
        return _file(shell, name, args, streams)
    shell.complain(streams, f"{name}: command not found")
    return NOT_FOUND


def find_program(shell: Shell, name: str) -> Program | None:
    """Return a program that is installed, by its name or its path; None: there is none."""
    found = shell.programs.get(posixpath.basename(name) if "/" in name else name)
    if found is None or ("/" in name and name != found.path) or not is_installed(shell, found):
        return None
    return found


def is_installed(shell: Shell, program: Program) -> bool:
    return not program.package or program.package in shell.vm.disk.packages


def _function(shell: Shell, body: Node, args: list[str], streams: Streams) -> int:
    before, shell.arguments = shell.arguments, args
    try:
        with shell.budget.deeper():
            return shell.execute(body, streams)
    except Leave as leave:
        if leave.what != "return":
            raise
        return shell.status
    finally:
        shell.arguments = before


def _file(shell: Shell, name: str, args: list[str], streams: Streams) -> int:
    path = posixpath.normpath(posixpath.join(shell.folder, name))
    try:
        script = shell.vm.disk.text(path)
    except NoFile as problem:
        shell.complain(streams, f"{name}: {problem}")
        return NOT_EXECUTABLE if shell.vm.disk.is_folder(path) else NOT_FOUND
    with shell.budget.deeper():
        apart = shell.fresh(shell.user, args)
        apart.name = name
        return apart.run(script, streams)

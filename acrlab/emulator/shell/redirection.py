"""`>`, `>>`, `<`, `2>&1` and here-documents: which streams a command really gets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager

from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.expansion import Expansion
from acrlab.emulator.shell.process import Shell
from acrlab.emulator.shell.streams import Nowhere, Sink, Source, Streams
from acrlab.emulator.shell.syntax import Redirect


@contextmanager
def redirected(shell: Shell, redirects: tuple[Redirect, ...], streams: Streams) -> Iterator[Streams]:
    """Give a command its streams, and write the files when it has ended. Raises: NoFile: one can't be opened."""
    files: dict[str, Sink] = {}
    table: dict[int, Source | Sink] = {0: streams.stdin, 1: streams.out, 2: streams.err}
    for redirect in redirects:
        expansion = Expansion(shell, streams)
        target = expansion.text(redirect.target)
        if redirect.operator == "<<":
            table[redirect.stream] = Source(target)
        elif redirect.operator in (">&", "<&"):
            table[redirect.stream] = _copied(table, target)
        elif redirect.operator == "<":
            table[redirect.stream] = Source(_read(shell, target))
        else:
            table[redirect.stream] = _opened(shell, target, redirect.operator, table, files)
    stdin, out, err = table[0], table[1], table[2]
    try:
        yield Streams(
            stdin if isinstance(stdin, Source) else Source(),
            out if isinstance(out, Sink) else Nowhere(),
            err if isinstance(err, Sink) else Nowhere(),
        )
    finally:
        for path, sink in files.items():
            shell.vm.disk.write(path, sink.text)


def _copied(table: dict[int, Source | Sink], target: str) -> Source | Sink:
    if target == "-":
        return Nowhere()
    if not target.isdigit() or int(target[:4]) not in table:
        raise NoFile(f"{target}: Bad file descriptor")
    return table[int(target[:4])]


def _read(shell: Shell, target: str) -> str:
    try:
        return shell.vm.disk.text(_path(shell, target))
    except NoFile as problem:
        raise NoFile(f"{target}: {problem}") from problem


def _opened(
    shell: Shell, target: str, operator: str, table: dict[int, Source | Sink], files: dict[str, Sink]
) -> Source | Sink:
    known = {"/dev/null": Nowhere(), "/dev/stdout": table[1], "/dev/stderr": table[2]}
    if target in known:
        return known[target]
    path, disk = _path(shell, target), shell.vm.disk
    sink = Sink()
    try:
        if operator == ">>" and disk.is_file(path):
            sink.write(disk.text(path))
        disk.write(path, sink.text)
    except NoFile as problem:
        raise NoFile(f"{target}: {problem}") from problem
    files[path] = sink
    return sink


def _path(shell: Shell, target: str) -> str:
    return posixpath.normpath(posixpath.join(shell.folder, target)) if target else target

"""Commands about files and folders."""

from __future__ import annotations

import posixpath

from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process, programs


@refusing
def ls(process: Process) -> int:
    given = take(process.args, "-1 -l -a -A -h -d")
    status = 0
    for word in given.words or ["."]:
        path = process.path(word)
        if not process.disk.is_folder(path) and not process.disk.is_file(path):
            process.complain(f"cannot access '{word}': No such file or directory")
            status = 2
            continue
        listed = [word] if process.disk.is_file(path) or given.has("-d") else process.disk.names_in(path)
        for name in [n for n in listed if given.has("-a", "-A", "-d") or not n.startswith(".")]:
            process.print(_long(process, posixpath.join(path, name), name) if given.has("-l") else name)
    return status


def _long(process: Process, path: str, name: str) -> str:
    folder = process.disk.is_folder(path)
    size = 4096 if folder or not process.disk.is_file(path) else process.disk.size(path)
    return f"{'drwxr-xr-x' if folder else '-rw-r--r--'} 1 root root {size:>8} {process.vm.now():%b %e %H:%M} {name}"


@refusing
def mkdir(process: Process) -> int:
    given = take(process.args, "-p -v", "-m")
    status = 0
    for word in given.words:
        path = process.path(word)
        exists = process.disk.is_folder(path) or process.disk.is_file(path)
        missing = not process.disk.is_folder(posixpath.dirname(path))
        if given.has("-p") and not process.disk.is_file(path):
            process.disk.make_folder(path)
        elif exists or missing:
            problem = "File exists" if exists else "No such file or directory"
            process.complain(f"cannot create directory ‘{word}’: {problem}")
            status = 1
        else:
            process.disk.make_folder(path)
    return status


@refusing
def rm(process: Process) -> int:
    given = take(process.args, "-r -f -R -v --recursive --force")
    status = 0
    for word in given.words:
        path = process.path(word)
        problem = ""
        if process.disk.is_folder(path) and not given.has("-r", "-R", "--recursive"):
            problem = "Is a directory"
        elif not process.disk.is_folder(path) and not process.disk.is_file(path):
            problem = "" if given.has("-f", "--force") else "No such file or directory"
        else:
            process.disk.remove(path)
        if problem:
            process.complain(f"cannot remove '{word}': {problem}")
            status = 1
    return status


@refusing
def copy(process: Process) -> int:
    """`cp` and `mv` of single files."""
    given = take(process.args, "-f -p -v -n")
    if len(given.words) != 2:
        process.complain("not emulated: anything but one file and its target")
        return 1
    source, target = (process.path(word) for word in given.words)
    if process.disk.is_folder(target):
        target = posixpath.join(target, posixpath.basename(source))
    try:
        process.disk.write(target, process.disk.read(source))
    except NoFile as problem:
        process.complain(f"cannot {'stat' if process.name == 'mv' else 'copy'} '{given.words[0]}': {problem}")
        return 1
    if process.name == "mv" and source != target:
        process.disk.remove(source)
    return 0


@refusing
def touch(process: Process) -> int:
    given = take(process.args, "-c")
    for word in given.words:
        path = process.path(word)
        if process.disk.is_file(path) or process.disk.is_folder(path) or given.has("-c"):
            continue
        try:
            process.disk.write(path, b"")
        except NoFile as problem:
            process.complain(f"cannot touch '{word}': {problem}")
            return 1
    return 0


def change(process: Process) -> int:
    """`chmod` and `chown`: the file has to be there; what it may be used for isn't emulated."""
    words = [w for w in process.args if not w.startswith("-")]
    missing = [w for w in words[1:] if not _is_there(process, process.path(w))]
    for word in missing:
        process.complain(f"cannot access '{word}': No such file or directory")
    return int(bool(missing) or len(words) < 2)


def _is_there(process: Process, path: str) -> bool:
    return process.disk.is_file(path) or process.disk.is_folder(path)


def name_of(process: Process) -> int:
    """`basename` and `dirname`."""
    if not process.args:
        process.complain("missing operand")
        return 1
    path = process.args[0].rstrip("/") or "/"
    name = posixpath.basename(path) if process.name == "basename" else posixpath.dirname(path) or "."
    process.print(name.removesuffix(process.args[1]) if process.args[1:] and process.name == "basename" else name)
    return 0


FILES = programs(
    ls=ls, mkdir=mkdir, rm=rm, cp=copy, mv=copy, touch=touch, chmod=change, chown=change, basename=name_of,
    dirname=name_of,
)  # fmt: skip

"""Commands that change the shell itself. Source: POSIX.1-2017, XCU 2.14; bash(1), "shell builtin commands"."""

from __future__ import annotations

from acrlab.emulator.shell.control import Leave, Stop
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process, Program

LONG_OPTIONS = {"errexit": "e", "nounset": "u", "noglob": "f", "pipefail": "pipefail", "xtrace": "x"}
SHORT_OPTIONS = "eufx"


def nothing(process: Process) -> int:
    return 0


def refuse(process: Process) -> int:
    """A builtin that would promise what isn't kept."""
    process.warn(f"{process.shell.name}: line {process.shell.line}: {process.name}: not emulated")
    return 2


def false(process: Process) -> int:
    return 1


def cd(process: Process) -> int:
    wanted = process.args[0] if process.args else process.shell.variable("HOME")
    path = process.path(wanted)
    if not process.disk.is_folder(path):
        problem = "Not a directory" if process.disk.is_file(path) else "No such file or directory"
        process.warn(f"{process.shell.name}: line {process.shell.line}: cd: {wanted}: {problem}")
        return 1
    process.shell.folder = process.shell.variables["PWD"] = path
    return 0


def pwd(process: Process) -> int:
    process.print(process.shell.folder)
    return 0


def export(process: Process) -> int:
    """Also `readonly`, `declare` and `local`: what makes them different isn't emulated."""
    for word in [w for w in process.args if not w.startswith("-")]:
        name, equals, value = word.partition("=")
        if equals:
            process.shell.variables[name] = value
        if process.name == "export":
            process.shell.exported.add(name)
    return 0


def unset(process: Process) -> int:
    for name in [w for w in process.args if not w.startswith("-")]:
        process.shell.variables.pop(name, None)
        process.shell.functions.pop(name, None)
    return 0


def set_(process: Process) -> int:
    """`set -eu`, `set -o pipefail`, `set +e`, `set -- words`."""
    words = list(process.args)
    while words and words[0][:1] in "-+" and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            process.shell.arguments = words
            return 0
        letters = [x for x in word[1:] if x != "o"]
        if "o" in word[1:] and words:
            letters.append(LONG_OPTIONS.get(words.pop(0), "?"))
        for letter in letters:
            if letter not in (*SHORT_OPTIONS, "pipefail"):
                process.warn(f"{process.shell.name}: set: {word}: not emulated; supported: {', '.join(LONG_OPTIONS)}")
                return 2
            (process.shell.options.add if word[0] == "-" else process.shell.options.discard)(letter)
    if words:
        process.shell.arguments = words
    return 0


def exit_(process: Process) -> int:
    raise Stop(_number(process, process.shell.status) & 255)


def return_(process: Process) -> int:
    process.shell.status = _number(process, process.shell.status) & 255
    raise Leave("return", 1)


def leave(process: Process) -> int:
    """`break` and `continue`."""
    raise Leave(process.name, max(1, _number(process, 1)))


def _number(process: Process, default: int) -> int:
    text = process.args[0] if process.args else str(default)
    return int(text[:9]) if text.lstrip("-").isdigit() and text.isascii() else 2


def eval_(process: Process) -> int:
    return process.shell.evaluate(" ".join(process.args), process.streams)


def source(process: Process) -> int:
    """`. file` and `source file`."""
    if not process.args:
        process.warn(f"{process.shell.name}: {process.name}: filename argument required")
        return 2
    try:
        script = process.disk.text(process.path(process.args[0]))
    except NoFile as problem:
        process.warn(f"{process.shell.name}: line {process.shell.line}: {process.args[0]}: {problem}")
        return 1
    return process.shell.evaluate(script, process.streams)


def read(process: Process) -> int:
    """One line of stdin into variables; the last one takes what is left."""
    names = [w for w in process.args if not w.startswith("-")] or ["REPLY"]
    line = process.streams.stdin.line()
    words = line.rstrip("\n").split(None, len(names) - 1) if len(names) > 1 else [line.strip()]
    for index, name in enumerate(names):
        process.shell.variables[name] = words[index].strip() if index < len(words) else ""
    return 0 if line.endswith("\n") else 1


def shift(process: Process) -> int:
    count = _number(process, 1)
    if count > len(process.shell.arguments):
        return 1
    process.shell.arguments = process.shell.arguments[count:]
    return 0


def command(process: Process) -> int:
    """`command -v name` says where a command is; `command name …` runs it."""
    if process.args[:1] not in (["-v"], ["-V"]):
        return process.shell.call(process.args, process.streams) if process.args else 0
    found = 1
    for name in process.args[1:]:
        where = _where(process, name)
        if where:
            process.print(where)
            found = 0
    return found


def type_(process: Process) -> int:
    status = 0
    for name in process.args:
        where = _where(process, name)
        if not where:
            process.warn(f"{process.shell.name}: line {process.shell.line}: type: {name}: not found")
            status = 1
        else:
            process.print(f"{name} is {where}" if where.startswith("/") else f"{name} is a shell builtin")
    return status


def which(process: Process) -> int:
    found = [_where(process, name) for name in process.args]
    for where in found:
        if where.startswith("/"):
            process.print(where)
    return int(not found or not all(where.startswith("/") for where in found))


def _where(process: Process, name: str) -> str:
    if name in process.shell.functions:
        return name
    program = process.shell.find_program(name)
    return (program.path or name) if program else ""


def builtins() -> dict[str, Program]:
    named = {
        ":": nothing, "true": nothing, "false": false, "cd": cd, "pwd": pwd, "export": export, "readonly": export,
        "declare": export, "local": export, "unset": unset, "set": set_, "exit": exit_, "return": return_,
        "break": leave, "continue": leave, "eval": eval_, "source": source, ".": source, "read": read, "shift": shift,
        "command": command, "type": type_, "trap": refuse, "wait": nothing, "umask": nothing, "hash": nothing,
    }  # fmt: skip
    return {name: Program(run, "") for name, run in named.items()} | {"which": Program(which, "/usr/bin/which")}


BUILTINS = builtins()

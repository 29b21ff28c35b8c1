"""Commands that read text and write text."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.process import Process, Program, programs

PLACE = re.compile(r"%(-?\d{0,3}(?:\.\d{1,3})?)([sdibq])|%%")  # of a word in a format
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "0": "\0", '"': '"', "e": "\x1b"}


@refusing
def cat(process: Process) -> int:
    given = take(process.args, "-n -u")
    found, status = process.inputs(given.words)
    text = "".join(t for _, t in found)
    if given.has("-n"):
        text = "".join(f"{i:6}\t{line}" for i, line in enumerate(text.splitlines(keepends=True), 1))
    process.print(text, end="")
    return status


def echo(process: Process) -> int:
    words, escapes, end = list(process.args), False, "\n"
    while words and re.fullmatch(r"-[neE]+", words[0]):
        option = words.pop(0)
        escapes, end = escapes or "e" in option, "" if "n" in option else end
    text = " ".join(words)
    process.print(_unescaped(text) if escapes else text, end=end)
    return 0


def printf(process: Process) -> int:
    """`printf format words…`: the format is used again as long as there are words."""
    if not process.args:
        process.warn("printf: usage: printf [-v var] format [arguments]")
        return 2
    form, words = process.args[0], process.args[1:]
    if "%" in (rest := PLACE.sub("", form)):
        process.complain(f"`{rest[rest.index('%') :][:2]}': not emulated, or no format; use %s, %d, %i, %b, %q")
        return 1
    places = sum(place[0] != "%%" for place in PLACE.finditer(form))
    first = True
    while first or (words and places):
        process.print(_formatted(form, words), end="")
        first = False
    return 0


def _formatted(form: str, words: list[str]) -> str:
    def fill(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        word = words.pop(0) if words else ""
        if match[2] in "di":
            number = int(word) if re.fullmatch(r"[-+]?\d{1,18}", word) else 0
            return f"%{match[1]}d" % number
        if match[2] == "b":
            return _unescaped(word)
        return f"%{match[1]}s" % word

    return PLACE.sub(fill, _unescaped(form))


def _unescaped(text: str) -> str:
    return re.sub(r"\\([nrta\\0\"e])", lambda m: ESCAPES[m[1]], text)


@refusing
def head(process: Process) -> int:
    return _cut(process, lambda lines, count: lines[:count])


@refusing
def tail(process: Process) -> int:
    return _cut(process, lambda lines, count: lines[-count:] if count else [])


def _cut(process: Process, part: Callable[[list[str], int], list[str]]) -> int:
    args = [f"-n{a[1:]}" if re.fullmatch(r"-\d+", a) else a for a in process.args]
    given = take(args, "-q", "-n -c --lines --bytes")
    size, bytes_ = given.value("-n", "--lines", default="10"), given.value("-c", "--bytes")
    found, status = process.inputs(given.words)
    for _, text in found:
        units = list(text) if bytes_ else text.splitlines(keepends=True)
        wanted = bytes_ or size
        if wanted.startswith("+") and process.name == "tail" and wanted[1:].isdigit():
            process.print("".join(units[max(0, int(wanted[1:]) - 1) :]), end="")
        elif re.fullmatch(r"-?\d{1,9}", wanted):
            process.print("".join(part(units, int(wanted) if process.name == "head" else abs(int(wanted)))), end="")
        else:
            process.complain(f"invalid number of lines: '{wanted}'")
            return 1
    return status


@refusing
def wc(process: Process) -> int:
    given = take(process.args, "-l -w -c -m")
    found, status = process.inputs(given.words)
    for name, text in found:
        counts = {"-l": text.count("\n"), "-w": len(text.split()), "-c": len(text.encode("utf-8", "surrogateescape"))}
        wanted = [k for k in counts if given.has(k)] or list(counts)
        shown = [str(counts[k]) for k in wanted]
        text = shown[0] if len(shown) == 1 else "".join(f"{s:>8}" for s in shown)
        process.print(text + ("" if name == "-" else f" {name}"))
    return status


@refusing
def sort(process: Process) -> int:
    given = take(process.args, "-r -n -u")
    found, status = process.inputs(given.words)
    lines = [line for _, text in found for line in text.splitlines()]
    numbers = given.has("-n")
    lines.sort(key=lambda line: (_leading_number(line), line) if numbers else (0.0, line), reverse=given.has("-r"))
    process.print("".join(f"{line}\n" for line in (dict.fromkeys(lines) if given.has("-u") else lines)), end="")
    return status


def _leading_number(line: str) -> float:
    match = re.match(r"\s*-?\d{1,300}(\.\d{1,300})?", line)
    return float(match[0]) if match else 0.0


@refusing
def uniq(process: Process) -> int:
    given = take(process.args, "-c")
    found, status = process.inputs(given.words[:1])
    for line, same in groupby(found[0][1].splitlines() if found else []):
        count = sum(1 for _ in same)
        process.print(f"{count:7} {line}" if given.has("-c") else line)
    return status


@refusing
def cut(process: Process) -> int:
    given = take(process.args, "", "-d -f -c")
    mark, wanted = given.value("-d", default="\t"), given.value("-f") or given.value("-c")
    match = re.fullmatch(r"(\d{0,6})(-?)(\d{0,6})", wanted)
    numbers = [int(n) for n in wanted.split(",")] if re.fullmatch(r"\d{1,6}(,\d{1,6})+", wanted) else []
    if not numbers and (match is None or not wanted.strip("-")):
        process.complain("you must specify a list of bytes, characters, or fields")
        return 1
    found, status = process.inputs(given.words)
    for line in [line for _, text in found for line in text.splitlines()]:
        units = list(line) if given.value("-c") else line.split(mark)
        if numbers:
            kept = [units[n - 1] for n in numbers if 0 < n <= len(units)]
        else:
            assert match is not None
            first = int(match[1] or 1)
            kept = units[max(first - 1, 0) : (int(match[3]) if match[3] else None) if match[2] else first]
        process.print(("" if given.value("-c") else mark).join(kept))
    return status


@refusing
def tr(process: Process) -> int:
    given = take(process.args, "-d -s")
    sets = [_letters(w) for w in given.words]
    if not sets:
        process.complain("missing operand")
        return 1
    text = process.streams.stdin.read()
    if given.has("-d"):
        process.print("".join(c for c in text if c not in sets[0]), end="")
        return 0
    second = sets[1] if len(sets) > 1 and sets[1] else sets[0]
    table = {ord(a): second[min(i, len(second) - 1)] for i, a in enumerate(sets[0])}
    changed = text.translate(table)
    if given.has("-s"):
        changed = re.sub(f"([{re.escape(second)}])\\1+", r"\1", changed) if second else changed
    process.print(changed, end="")
    return 0


def _letters(text: str) -> str:
    shown = _unescaped(text.replace("[:lower:]", "a-z").replace("[:upper:]", "A-Z").replace("[:space:]", " \t\n\r"))
    return re.sub(
        r"(\w)-(\w)", lambda m: "".join(chr(c) for c in range(ord(m[1]), min(ord(m[2]), ord(m[1]) + 256) + 1)), shown
    )


@refusing
def tee(process: Process) -> int:
    given = take(process.args, "-a --append")
    text = process.streams.stdin.read()
    process.print(text, end="")
    for file in given.words:
        path = process.path(file)
        before = process.disk.text(path) if given.has("-a", "--append") and process.disk.is_file(path) else ""
        if path != "/dev/null":
            process.disk.write(path, before + text)
    return 0


TEXT = {
    **programs(cat=cat, head=head, tail=tail, wc=wc, sort=sort, uniq=uniq, cut=cut, tr=tr, tee=tee),
    "echo": Program(echo, "/usr/bin/echo"),
    "printf": Program(printf, "/usr/bin/printf"),
}

"""Takes options apart, as most commands have them. An option that a command doesn't know is refused, never skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from acrlab.emulator.shell.process import Process


class UnknownOption(Exception):
    """An option that the command has not, or that isn't emulated."""


@dataclass
class Options:
    """What was given.

    Attributes:
        flags: options without a value.
        values: option -> its last value.
        lists: option -> all its values.
        words: everything else, in order.
    """

    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        return bool(self.flags & set(names))

    def value(self, *names: str, default: str = "") -> str:
        return next((self.values[n] for n in names if n in self.values), default)

    def all(self, *names: str) -> list[str]:
        return [value for name in names for value in self.lists.get(name, [])]


def refusing(run: Callable[[Process], int]) -> Callable[[Process], int]:
    """Make a command say which of its options it doesn't know."""

    def refused(process: Process) -> int:
        try:
            return run(process)
        except UnknownOption as problem:
            process.complain(f"option '{problem}' is not emulated, or needs a value")
            return 2

    return refused


def take(args: Iterable[str], flags: str = "", valued: str = "", *, stop_at_word: bool = False) -> Options:
    """Read options.

    Args:
        flags, valued: names without and with a value, separated by blanks: `-r --recursive`.
        stop_at_word: everything behind the first word is a word, as after `docker run image`.

    Raises: UnknownOption.
    """
    plain, with_value = set(flags.split()), set(valued.split())
    found, rest = Options(), list(args)
    while rest:
        word = rest.pop(0)
        if word == "--" or (stop_at_word and not _is_option(word)):
            found.words += [*([] if word == "--" else [word]), *rest]
            break
        if not _is_option(word):
            found.words.append(word)
        elif word.startswith("--") or word in plain | with_value:
            _take_long(found, word, rest, plain, with_value)
        else:
            _take_short(found, word, rest, plain, with_value)
    return found


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _take_long(found: Options, word: str, rest: list[str], plain: set[str], with_value: set[str]) -> None:
    name, equals, value = word.partition("=")
    if name in plain and not equals:
        found.flags.add(name)
    elif name in plain and value in ("true", "false"):
        found.flags |= {name} if value == "true" else set()
    elif name in with_value and (equals or rest):
        _keep(found, name, value if equals else rest.pop(0))
    else:
        raise UnknownOption(name)


def _take_short(found: Options, word: str, rest: list[str], plain: set[str], with_value: set[str]) -> None:
    for index, letter in enumerate(word[1:], 1):
        name = f"-{letter}"
        if name in plain:
            found.flags.add(name)
        elif name in with_value and (word[index + 1 :] or rest):
            _keep(found, name, word[index + 1 :] or rest.pop(0))
            return
        else:
            raise UnknownOption(name)


def _keep(found: Options, name: str, value: str) -> None:
    found.values[name] = value
    found.lists.setdefault(name, []).append(value)

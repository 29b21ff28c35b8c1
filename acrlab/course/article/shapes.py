"""A command's shape: what it does, and with which flags. Values are left out: they are the reader's."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

Shapes = Mapping[str, frozenset[str]]

# The CLI's short flags, as far as they mean the same wherever the article uses them.
LONG = {"-g": "--resource-group", "-n": "--name", "-o": "--output", "-l": "--location"}
GLUED = re.compile(r"(-[a-z])[a-z]+")  # -otsv
IN_VARIABLE = re.compile(r"\w+=\$\((.*?)\)?\s*")  # name=$(command)
ASSIGNED = re.compile(r"\w+=")
WORD = re.compile(r"[A-Za-z][\w-]*")
BREAKS = "|&;"
# Programs whose second word says what they do.
WITH_VERB = {"apt", "apt-get", "docker", "helm", "kubectl", "systemctl"}


def shapes(text: str) -> dict[str, frozenset[str]]:
    """Read lines of a shell. Returns: command -> its flags, of all the times that it is written.

    A line that is not a command, or a comment, gives nothing. One flag has one name: `-g` is `--resource-group`.
    """
    found: dict[str, frozenset[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        for words in _commands(line):
            if command := _verb(words):
                found[command] = found.get(command, frozenset()) | _flags(words)
    return found


def _commands(line: str) -> Iterator[list[str]]:
    """The commands in a line, word by word, without `sudo`."""
    inner = IN_VARIABLE.fullmatch(line.strip())
    command: list[str] = []
    for word in _words(inner[1] if inner else line):
        if word and set(word) <= set(BREAKS):
            yield command
            command = []
        elif word != "sudo" or command:
            command.append(word)
    yield command


def _words(line: str) -> list[str]:
    """Split as a shell does; where a quote is left open, at spaces."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=BREAKS)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return line.split()


def _verb(words: list[str]) -> str:
    """Name what is called: for `az` all words before the first flag."""
    if not words or ASSIGNED.match(words[0]) or not WORD.fullmatch(words[0]):
        return ""
    if words[0] in WITH_VERB:
        return " ".join(words[:2])
    if words[0] != "az":
        return words[0]
    verb = []
    for word in words:
        if not WORD.fullmatch(word):
            break
        verb.append(word)
    return " ".join(verb) if len(verb) > 1 else ""


def _flags(words: list[str]) -> frozenset[str]:
    """The flags, by their long names."""
    flags = (word.partition("=")[0] for word in words[1:] if re.match(r"--?[A-Za-z]", word))
    return frozenset(LONG.get(_short(flag), flag) for flag in flags)


def _short(flag: str) -> str:
    glued = GLUED.fullmatch(flag)
    return glued[1] if glued and glued[1] in LONG else flag

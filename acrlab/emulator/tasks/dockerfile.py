"""Reads a Dockerfile as far as an image can be made of it without running anything.

Source: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from acrlab.emulator.core.http import JSON, ArmError, NotEmulated

SUPPORTED = ("FROM", "LABEL", "ENV", "CMD", "ENTRYPOINT", "EXPOSE", "WORKDIR", "USER", "VOLUME", "STOPSIGNAL", "COPY")
RUNS = ("RUN", "ADD", "ARG", "ONBUILD", "SHELL", "HEALTHCHECK", "MAINTAINER")  # what docker knows besides
_CONTINUED = re.compile(r"\\[ \t]*\n(?:[ \t]*#[^\n]*\n)*")


@dataclass(frozen=True)
class Instruction:
    """One line of a Dockerfile.

    Attributes:
        word: in capitals.
        rest: what stands behind it.
    """

    word: str
    rest: str

    def __str__(self) -> str:
        return f"{self.word} {self.rest}"


def read(text: str) -> list[Instruction]:
    """Read a Dockerfile.

    Raises: ArmError: it is none; NotEmulated: it runs something, or has several stages.
    """
    joined = _CONTINUED.sub("", text.replace("\r\n", "\n"))
    found = [_instruction(line.strip()) for line in joined.splitlines() if line.strip() and line.strip()[0] != "#"]
    if not found or found[0].word != "FROM":
        raise _wrong("no build stage in current context" if found else "file with no instructions")
    if sum(one.word == "FROM" for one in found) > 1 or re.search(r"\s+as\s+", found[0].rest, re.IGNORECASE):
        raise NotEmulated("a Dockerfile with stages")
    if len(found[0].rest.split()) != 1:
        raise _wrong("FROM requires either one or three arguments")
    return found


def _instruction(line: str) -> Instruction:
    word, _, rest = line.partition(" ")
    word, rest = word.upper(), rest.strip()
    if word in RUNS:
        hint = "there is no container here to run it in" if word == "RUN" else "it is left out"
        raise NotEmulated(f"{word} in a Dockerfile: {hint}", supported=", ".join(SUPPORTED))
    if word not in SUPPORTED:
        raise _wrong(f"unknown instruction: {word}")
    if not rest:
        raise _wrong(f"{word} requires at least one argument")
    if "$" in rest and word not in ("CMD", "ENTRYPOINT"):
        raise NotEmulated(f"a variable in {word} of a Dockerfile")
    return Instruction(word, rest)


def _wrong(problem: str) -> ArmError:
    return ArmError(400, "InvalidDockerfile", f"failed to parse Dockerfile: {problem}")


def settings(instructions: list[Instruction], before: JSON) -> JSON:
    """Return what becomes of an image's `config` by the instructions."""
    config = dict(before)
    for one in instructions:
        if change := _CHANGES.get(one.word):
            change(config, one.rest)
    return config


def _env(config: JSON, rest: str) -> None:
    kept = dict(entry.split("=", 1) for entry in config.get("Env") or [])
    config["Env"] = [f"{name}={value}" for name, value in {**kept, **_pairs(rest)}.items()]


def _label(config: JSON, rest: str) -> None:
    config["Labels"] = {**(config.get("Labels") or {}), **_pairs(rest)}


def _pairs(rest: str) -> dict[str, str]:
    words = _split(rest)
    if words and "=" not in words[0]:  # the old form: one name, and all the rest is its value
        name, _, value = rest.partition(" ")
        return {name: value.strip()}
    return dict(word.split("=", 1) for word in words if "=" in word)


def _split(rest: str) -> list[str]:
    try:
        return shlex.split(rest)
    except ValueError as problem:
        raise _wrong(str(problem)) from problem


def command(rest: str) -> list[str]:
    """Read a command in either form; as plain words it is a shell's."""
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError as problem:
            raise _wrong(str(problem)) from problem
        return [str(word) for word in words]
    return ["/bin/sh", "-c", rest]


def _many(name: str, form: Callable[[str], str] = str) -> Callable[[JSON, str], None]:
    def change(config: JSON, rest: str) -> None:
        words = json.loads(rest) if rest.startswith("[") else rest.split()
        config[name] = {**(config.get(name) or {}), **{form(word): {} for word in words}}

    return change


def _one(name: str, value: Callable[[str], object] = str) -> Callable[[JSON, str], None]:
    return lambda config, rest: config.update({name: value(rest)})


_CHANGES: dict[str, Callable[[JSON, str], None]] = {
    "ENV": _env,
    "LABEL": _label,
    "CMD": _one("Cmd", command),
    "ENTRYPOINT": _one("Entrypoint", command),
    "EXPOSE": _many("ExposedPorts", lambda word: word if "/" in word else f"{word}/tcp"),
    "VOLUME": _many("Volumes"),
    "WORKDIR": _one("WorkingDir"),
    "USER": _one("User"),
    "STOPSIGNAL": _one("StopSignal"),
}

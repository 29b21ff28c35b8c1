"""The settings file, `acrlab.toml`: what every chapter of a folder and every command begins with.

It is data, no matter who wrote it: it chooses what the lab is called and where it stands. What it can't do is confirm a
cost, or name the file of an emulated Azure: those are said with each run.
"""

from __future__ import annotations

import json
import re
import stat
import tomllib
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError
from acrlab.settings.environment import SETTINGS_FILE, settings_file

LARGEST = 65536  # bytes
NOT_HERE = {
    "confirm_cost": "a cost is confirmed by the person who runs it: acrlab run asks, and so does chapter 12.",
    "world": "an emulated Azure is named with --world, or by ACRLAB_WORLD.",
}
KINDS: dict[type, str] = {str: "text, in quotes", int: "a whole number", float: "a number"}


def from_file() -> dict[str, Any]:
    """Read the settings file. Returns: setting -> value, as it is written there; empty: there is no such file.

    Raises: ConfigurationError: it can't be read, or it is not TOML.
    """
    path = settings_file()
    return read(path) if path else {}


def read(path: Path) -> dict[str, Any]:
    """Read a settings file; a recording that it names lies beside it, unless its path says otherwise.

    Raises: ConfigurationError: it can't be read, or it is not TOML.
    """
    values = _parsed(path, _text(path))
    if isinstance(values.get("fixtures"), str) and values["fixtures"]:
        values["fixtures"] = str(path.absolute().parent / values["fixtures"])
    return values


def require_kind(name: str, value: object, kind: type) -> None:
    """Refuse a value of another type than the setting's, and what does not belong into a file.

    Args:
        kind: `str`, `int` or `float`.

    Raises: ConfigurationError: which says what to write instead.
    """
    if name in NOT_HERE:
        raise ConfigurationError(name, f"does not belong into a settings file: {NOT_HERE[name]}")
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or isinstance(value, bool):
        message = f"{str(value)[:40]!r} is {type(value).__name__}, and has to be {KINDS[kind]}."
        raise ConfigurationError(name, f"{message} Write: {name} = {written('…' if kind is str else 1)}")


@contextmanager
def located(filed: Container[str], given: Container[str]) -> Iterator[None]:
    """Say of a setting that is refused that it stands in the settings file, where no one has given another value.

    Args:
        filed, given: names of the settings that the file and the caller have set.
    """
    try:
        yield
    except ConfigurationError as problem:
        if problem.field not in filed or problem.field in given:
            raise
        told = str(problem).removeprefix(f"{problem.field}: ")
        raise ConfigurationError(problem.field, f"{told} It stands in {_shown(settings_file())}.") from None


def of_the_same_lab(filed: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Take from the settings file what holds for the lab that is meant.

    Another group has another registry, and a recording has all names in it.
    """
    if given.get("backend", filed.get("backend")) == "replay":
        return {name: value for name, value in filed.items() if name in ("backend", "fixtures", "hands_on")}
    group = given.get("resource_group")
    left_out = ("registry_name", "portal_resource_group") if group not in (None, filed.get("resource_group")) else ()
    return {name: value for name, value in filed.items() if name not in left_out}


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Set values in a settings file, or make it; what else stands there, comments included, stays.

    Raises: ConfigurationError: the file that is there is not TOML, or it can't be written.
    """
    text = _text(path) if path.exists() else "# Settings of the lab, for every chapter and command in this folder.\n"
    wanted = {**_parsed(path, text), **values}
    for name, value in values.items():
        line = f"{name} = {written(value)}"
        there = re.search(rf"(?m)^[ \t]*{re.escape(name)}[ \t]*=.*$", text)
        text = text[: there.start()] + line + text[there.end() :] if there else f"{text.rstrip()}\n{line}\n"
    if _tried(text) != wanted:  # a value over several lines, or a table: lines alone do not say what belongs to what
        text = "".join(f"{name} = {written(value)}\n" for name, value in wanted.items())
    draft = path.with_name(f"{path.name}.new")  # whole or not there, whatever happens
    try:
        draft.write_text(text, "utf-8", newline="\n")
        draft.replace(path)
    except OSError as problem:
        raise ConfigurationError(SETTINGS_FILE, f"{_shown(path)} can't be written: {problem.strerror}.") from problem


def written(value: object) -> str:
    """Write a value as TOML has it."""
    if isinstance(value, str):  # a JSON string is a TOML string, but for DEL
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _shown(path: Path | None) -> str:
    """A path as one types it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path and path.is_relative_to(here) else path or SETTINGS_FILE)


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigurationError(SETTINGS_FILE, f"{_shown(path)} is not a file. Move it away.")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ConfigurationError(
                SETTINGS_FILE, f"{_shown(path)} is larger than {LARGEST // 1024} KiB, so it is not a settings file."
            )
        return content.decode("utf-8-sig")
    except OSError as problem:
        raise ConfigurationError(SETTINGS_FILE, f"{_shown(path)} can't be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise ConfigurationError(SETTINGS_FILE, f"{_shown(path)} is not text in UTF-8. Save it as such.") from problem


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as problem:
        told = "it is nested too deeply" if isinstance(problem, RecursionError) else " ".join(str(problem).split())
        message = f"{_shown(path)} is not TOML: {told[:120]}. Each line is NAME = VALUE, text in quotes."
        raise ConfigurationError(SETTINGS_FILE, message) from None


def _tried(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None

"""The roster: who is in a class. A CSV whose first line names the columns; `id` is the one that has to be there.

An id becomes part of names in Azure, of folders and of commands, so it is letters, digits and dashes. A person's own
name, in any script, goes into the column `name`.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acrlab.errors import ConfigurationError
from acrlab.settings.values import PORTAL

COLUMNS = ("id", "name", "group", "subscription", "object_id", "sign_in")
ID = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
OBJECT_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
ID_RULE = "1 to 32 letters a-z, digits and inner dashes"
RESERVED = re.compile(r"(?i)con|prn|aux|nul|(com|lpt)\d")  # names of devices on Windows, which no folder can have
LONGEST = 200  # characters of any other value
MOST = 4080  # learners whose address ranges fit into 10.1.0.0 to 10.255.255.255
LARGEST = 4 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Learner:
    """One learner.

    Attributes:
        id: in lower case; no two of a class have the same.
        name: for people; empty: the id.
        group: of learners, such as a section of a course; empty: none.
        subscription: of the learner's own; empty: one of the class's.
        object_id: of the learner in Entra ID, for rights on a subscription; empty: it is asked for by `sign_in`.
        sign_in: the name that the learner signs in with; empty: none is needed.
    """

    id: str
    name: str = ""
    group: str = ""
    subscription: str = ""
    object_id: str = ""
    sign_in: str = ""


def read_roster(path: Path) -> tuple[Learner, ...]:
    """Read a roster.

    Raises: ConfigurationError: one line that names the file's line, what is wrong there and what to do.
    """
    learners: dict[str, Learner] = {}
    lines: dict[str, int] = {}
    for number, row in _rows(path):
        learner = _learner(number, row)
        if learner.id in learners:
            raise _wrong(
                f"line {number}: {learner.id!r} is on line {lines[learner.id]} already. Give each their own id."
            )
        if len(learners) == MOST:
            raise _wrong(f"{path.name} has more than {MOST} learners, for whom there are no addresses. Split it.")
        learners[learner.id], lines[learner.id] = learner, number
    if not learners:
        raise _wrong(f"{path.name} has no learners. Write one per line, below the line that names the columns.")
    return tuple(learners.values())


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Read the lines below the first: number, and column -> value."""
    text = _text(path)
    head = text.partition("\n")[0]
    delimiter = ";" if ";" in head and "," not in head else ","  # what spreadsheets write where a comma is decimal
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = _columns([one.strip().lower() for one in next(reader, [])])
        for row in reader:
            if any(one.strip() for one in row):
                if len(row) > len(columns):
                    raise _wrong(f"line {reader.line_num} has {len(row)} values for {len(columns)} columns.")
                yield reader.line_num, dict(zip(columns, (one.strip() for one in row), strict=False))
    except csv.Error as problem:
        raise _wrong(f"line {reader.line_num} is not CSV: {problem}.") from problem


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise _wrong(f"{path.name} is larger than {LARGEST // 1024**2} MiB, so it is not a roster.")
        return content.decode("utf-8-sig")
    except OSError as problem:
        raise _wrong(f"{path} can't be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise _wrong(f"{path.name} is not text in UTF-8. Save it as CSV UTF-8.") from problem


def _columns(named: list[str]) -> list[str]:
    if "id" not in named:
        raise _wrong("the first line has to name the columns, one of them id, such as: id,name,group")
    for name in named:
        if named.count(name) > 1 and name:
            raise _wrong(f"two columns are called {name[:40]!r}. Leave one out.")
        near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.8)
        if near and name not in COLUMNS:
            raise _wrong(f"there is no column {name!r}; did you mean {near[0]}?")
    return named


def _learner(number: int, row: dict[str, str]) -> Learner:
    given = {name: row.get(name, "") for name in COLUMNS}
    id = given["id"]
    if not id:
        raise _wrong(f"line {number} has no id. Write {ID_RULE}.")
    if not ID.fullmatch(id):
        raise _wrong(f"line {number}: {_short(id)} is not an id: {ID_RULE}. A person's name goes into the column name.")
    if RESERVED.fullmatch(id) or id.lower().endswith(f"-{PORTAL.lower()}"):
        raise _wrong(f"line {number}: {id!r} is taken by the system or by chapter 05. Choose another id.")
    for name, value in given.items():
        if len(value) > LONGEST or not value.isprintable():
            rule = f"longer than {LONGEST} characters, or has some that can't be printed"
            raise _wrong(f"line {number}: {name} {_short(value)} is {rule}.")
        if value[:1] in ("=", "+", "@", "-"):
            raise _wrong(f"line {number}: {name} {_short(value)} would be a formula in a spreadsheet.")
    if given["object_id"] and not OBJECT_ID.fullmatch(given["object_id"]):
        raise _wrong(f"line {number}: {_short(given['object_id'])} is not an object id, which is a GUID.")
    return Learner(**{**given, "id": id.lower(), "object_id": given["object_id"].lower()})


def _short(value: str) -> str:
    return ascii(value if len(value) <= 40 else f"{value[:40]}…")


def _wrong(message: str) -> ConfigurationError:
    return ConfigurationError("roster", message)

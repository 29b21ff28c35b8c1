"""A matrix: one run a row, whose columns are parameters. CSV, with their names on its first line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acrlab.classroom.rows import Row
from acrlab.errors import ConfigurationError
from acrlab.runs.notebooks import Notebook, parameters

MOST = 10_000  # rows
LARGEST = 16 * 1024 * 1024  # bytes


def read_matrix(
    path: Path,
    notebooks: Sequence[Notebook],
    given: Sequence[tuple[str, str]],
    *,
    about: Mapping[str, Any],
    recording: Path | None = None,
) -> tuple[Row, ...]:
    """Read a matrix, and check every row as `acrlab run -p` checks its parameters.

    Args:
        given: parameters of all rows; a row's own win.
        about: what is the same for all rows besides them, as `tasks.run_chapters` takes it.
        recording: file that is to be replayed.

    Raises: ConfigurationError: one line that names the file's line, what is wrong there and what to do.
    """
    rows: list[Row] = []
    same: Counter[str] = Counter()
    places: dict[tuple[str, str], int] = {}
    for number, named in _lines(path):
        if "backend" in named:
            raise _wrong("backend belongs to all rows: write --backend.")
        try:
            values = parameters(notebooks, [*dict([*given, *named.items()]).items()], recording=recording)
        except ConfigurationError as problem:
            raise _wrong(f"line {number}: {problem}") from None
        chosen = {**about["settings"], **values}
        place = (str(chosen.get("subscription", "")), str(chosen.get("resource_group", "")).lower())
        if chosen.get("backend") == "azure" and (first := places.setdefault(place, number)) != number:
            raise _wrong(f"lines {first} and {number} share the resource group {place[1]!r}. Give each row its own.")
        digest = hashlib.sha256(json.dumps([values, about], sort_keys=True).encode()).hexdigest()[:10]
        same[digest] += 1
        label = " ".join(f"{name}={value}" for name, value in named.items() if value)
        rows.append(Row(f"{digest}-{same[digest]}", label, {**about, "parameters": values}))
    if not rows:
        raise _wrong(f"{path.name} has no row. Write one a line, below the line that names the parameters.")
    return tuple(rows)


def _lines(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows below the first, with the numbers of their lines; an empty value leaves a parameter as it is."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        text = content.decode("utf-8-sig")
    except OSError as problem:
        raise _wrong(f"{path} can't be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise _wrong(f"{path.name} is not text in UTF-8. Save it as CSV UTF-8.") from problem
    if len(content) > LARGEST:
        raise _wrong(f"{path.name} is larger than {LARGEST // 1024**2} MiB.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[tuple[int, dict[str, str]]] = []
    try:
        columns = [one.strip() for one in next(reader, [])]
        if not all(columns) or not columns or len({*columns}) < len(columns):
            raise _wrong("the first line has to name the parameters, each once, such as: location,registry_name")
        for row in reader:
            if not any(one.strip() for one in row):
                continue
            if len(row) != len(columns):
                raise _wrong(f"line {reader.line_num} has {len(row)} values for {len(columns)} parameters.")
            if len(found) == MOST:
                raise _wrong(f"{path.name} has more than {MOST} rows. Split it.")
            named = {name: value.strip() for name, value in zip(columns, row, strict=True)}
            found.append((reader.line_num, {name: value for name, value in named.items() if value}))
    except csv.Error as problem:
        raise _wrong(f"line {reader.line_num} is not CSV: {problem}.") from problem
    return found


def _wrong(message: str) -> ConfigurationError:
    return ConfigurationError("--matrix", message)

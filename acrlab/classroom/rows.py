"""One row on a worker: done once, whatever dies. The result's file says that it is done; a lock keeps others out.

An engine that loses a worker repeats rows that have ended, and one that loses its client forgets rows that go on. So a
row is not trusted to it: who finds a result takes that, and who finds the lock held waits until its holder has ended.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acrlab.errors import AcrLabError

ROWS = "rows"
FINISHED, FAILED = "finished", "failed"
REASON = "failed.txt"  # in the folder of an attempt
DEATHS = 3  # times that a row may end with its process before it counts as failed

# Does a row's work: its values, and a folder of this attempt's own. Returns what is told of it; raises if it failed.
Work = Callable[[Mapping[str, Any], Path], Mapping[str, Any]]
_one_at_a_time = threading.Lock()  # a row's environment is the process's own


@dataclass(frozen=True)
class Row:
    """One piece of work.

    Attributes:
        key: names its files; letters, digits and dashes. The same work has the same key.
        label: for people.
        values: anything that JSON can carry. Never a credential: they travel.
    """

    key: str
    label: str
    values: Mapping[str, Any] = field(hash=False)


class RowFailure(AcrLabError):
    """A row's work did not end well: the message says why in one line."""


def result_of(folder: Path, key: str) -> dict[str, Any] | None:
    """Read what came of a row; None: it has not ended."""
    path = folder / ROWS / f"{key}.json"
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None


def attempts_of(folder: Path, key: str) -> int:
    """Count how often a row was begun."""
    return len(list((folder / ROWS).glob(f"{key}.try*")))


def carry_out(row: Row, folder: str, work: Work, before: int, retries: int) -> dict[str, Any]:
    """Do a row's work, if no one has done it yet; on a worker.

    Args:
        folder: of all rows, which every worker sees.
        before: how often the row was begun by earlier passes over it.
        retries: how often it is tried again when it fails.

    Returns: `key`, `status`, `attempt`, `seconds`, `told`, `facts`, `process`; `reused` where it was done before.
    """
    from filelock import FileLock

    place = Path(folder)
    rows = place / ROWS
    rows.mkdir(parents=True, exist_ok=True)
    with FileLock(rows / f"{row.key}.lock"):  # the system's, which goes with its process
        while True:
            done = result_of(place, row.key)
            if done is not None:
                return {**done, "reused": True}
            attempt = attempts_of(place, row.key) + 1
            tried = [rows / f"{row.key}.try{number}" / REASON for number in range(before + 1, attempt)]
            failures = sum(one.exists() for one in tried)
            if len(tried) - failures >= DEATHS:
                told = f"its process ended {len(tried) - failures} times"
                result = _result(row, attempt - 1, FAILED, told=told)
            else:
                result = _attempted(row, rows / f"{row.key}.try{attempt}", work, attempt)
                failures += result["status"] == FAILED
                if result["status"] == FAILED and failures <= retries:
                    continue
            _put(rows / f"{row.key}.json", result)
            return result


def forget_failure(folder: Path, key: str) -> None:
    """Let a row that has failed be done again; what its attempts left stays."""
    done = result_of(folder, key)
    if done and done["status"] != FINISHED:
        (folder / ROWS / f"{key}.json").unlink()


def _attempted(row: Row, own: Path, work: Work, attempt: int) -> dict[str, Any]:
    """Try once, in a folder of this attempt's own; one that fails leaves its reason there, one that is killed none."""
    own.mkdir()
    begun = time.perf_counter()
    try:
        with _one_at_a_time:
            result = _result(row, attempt, FINISHED, facts=work(row.values, own))
    except Exception as problem:  # whatever it is, it is this row's, and others go on
        kind = "" if isinstance(problem, AcrLabError) else f"{type(problem).__name__}: "
        result = _result(row, attempt, FAILED, told=f"{kind}{' '.join(str(problem).split())}"[:300])
        (own / REASON).write_text(f"{result['told']}\n", "utf-8")
    return result | {"seconds": round(time.perf_counter() - begun, 2)}


def _result(
    row: Row, attempt: int, status: str, *, told: str = "", facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    told_of = {"key": row.key, "attempt": attempt, "status": status, "seconds": 0.0, "told": told}
    return told_of | {"facts": dict(facts or {}), "process": os.getpid()}


def _put(path: Path, result: Mapping[str, Any]) -> None:
    """Write a result whole, and to the disk: after a kill it is there or not."""
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(result, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def variables(**wanted: str) -> Iterator[None]:
    """Set variables of this process for as long as a row's work takes."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

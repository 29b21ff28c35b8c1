"""Many rows at once: hands them to workers, says how each went, and can be taken up where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from acrlab.classroom.rows import FAILED, FINISHED, Row, Work, attempts_of, carry_out, forget_failure, result_of
from acrlab.errors import AcrLabError, ConfigurationError

Say = Callable[[Row, Mapping[str, Any]], None]
RECORD = "pass.json"
PLACES = ("folder", "notebooks", "recording")  # values that are paths; on record the user's home is `~` in them
GONE = "the scheduler has ended, or has dropped this command"
QUIET_S = 120  # real seconds without an end after which that is said


class SchedulerGone(AcrLabError):
    """The scheduler ended, or lost this client; rows that were running may have ended all the same."""


@dataclass(frozen=True)
class Pass:
    """Rows that are done together, in a folder that every worker sees.

    Attributes:
        kind: `matrix`, `prepare` or `clean-up`.
    """

    folder: Path
    kind: str
    rows: tuple[Row, ...]

    @classmethod
    def begun(cls, out: Path, kind: str, rows: Sequence[Row]) -> Pass:
        """Begin a pass, in a folder of its own."""
        name = f"{datetime.now():%Y-%m-%dT%H-%M-%S}-{kind}"
        taken = len(list(out.glob(f"{name}*")))
        folder = (out / (f"{name}-{taken + 1}" if taken else name)).absolute()
        made = cls(folder, kind, tuple(rows))
        try:
            folder.mkdir(parents=True)
            made._write("running")
        except OSError as problem:
            raise ConfigurationError("--out", f"{folder} can't be written: {problem.strerror}.") from problem
        return made

    @classmethod
    def read(cls, folder: Path) -> Pass:
        """Read a pass that was begun before.

        Raises: ConfigurationError: there is none.
        """
        try:
            stored = json.loads((folder / RECORD).read_text("utf-8"))
            rows = tuple(Row(one["key"], one["label"], one["values"]) for one in stored["rows"])
            return cls(folder.absolute(), str(stored["kind"]), rows)
        except (OSError, ValueError, TypeError, KeyError) as problem:
            raise ConfigurationError("resume", f"{folder} has nothing to resume.") from problem

    def results(self) -> dict[str, dict[str, Any]]:
        """What came of the rows that have ended, by key."""
        found = {row.key: result_of(self.folder, row.key) for row in self.rows}
        return {key: result for key, result in found.items() if result is not None}

    @property
    def left(self) -> list[Row]:
        """The rows that have not ended well."""
        done = self.results()
        return [row for row in self.rows if done.get(row.key, {}).get("status") != FINISHED]

    def conclude(self) -> str:
        """Write the record with all results. Returns: `finished` or `failed`."""
        status = FAILED if self.left else FINISHED
        self._write(status)
        return status

    def _write(self, status: str) -> None:
        done = self.results()
        rows = [{**asdict(row), "result": done.get(row.key)} for row in self.rows]
        told = {"kind": self.kind, "status": status, "rows": rows}
        draft = self.folder / f"{RECORD}.new"
        draft.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        draft.replace(self.folder / RECORD)


def is_pass(folder: Path) -> bool:
    """Whether a folder holds a pass; a single run's does not."""
    return (folder / RECORD).is_file()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep another command from the same rows. Raises: ConfigurationError: one is at work on them."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "client.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        message = f"another command is using {folder}. Wait until it has ended."
        raise ConfigurationError("resume", message) from None
    try:
        yield
    finally:
        lock.release()


def newest_unfinished(out: Path, kind: str) -> Path:
    """Find the newest pass of a kind that did not end well. Raises: ConfigurationError: there is none."""
    for path in sorted(out.glob(f"*/{RECORD}"), reverse=True):
        stored = json.loads(path.read_text("utf-8"))
        if stored.get("kind") == kind and stored.get("status") != FINISHED:
            return path.parent
    raise ConfigurationError("resume", f"there is nothing to resume in {out}.")


def fan_out(wanted: Pass, work: Work, client: Any, *, retries: int, say: Say, note: Callable[[str], None]) -> None:
    """Have the rows of a pass that have not ended well done, and say how each went as it ends.

    Args:
        work: an importable function; it travels by its name.
        retries: how often a row that fails is tried again in this pass.
        note: told what is no row's own: that nothing ends.

    Raises: SchedulerGone: the scheduler ended.
    """
    futures: dict[Any, Row] = {}
    try:
        for row in wanted.left:
            forget_failure(wanted.folder, row.key)
            before = attempts_of(wanted.folder, row.key)
            given = (_here(row), str(wanted.folder), work, before, retries)
            key = f"{wanted.folder.name}-{row.key}-{before}"
            futures[client.submit(carry_out, *given, key=key, pure=False)] = row
        for future in _ended(futures, note):
            row = futures.pop(future)
            say(row, _outcome(wanted, row, future))
            future.release()  # an engine that holds it does it again when its worker goes
    finally:
        with suppress(CancelledError, OSError):  # of a scheduler that is gone
            client.cancel(list(futures))


def _here(row: Row) -> Row:
    """The row as it travels: its paths whole, as this user's home is not a worker's."""
    places = {name: str(Path(row.values[name]).expanduser()) for name in PLACES if row.values.get(name)}
    return replace(row, values={**row.values, **places})


def _ended(futures: Mapping[Any, Row], note: Callable[[str], None]) -> Iterator[Any]:
    from distributed import wait

    while futures:
        try:
            yield from wait(list(futures), timeout=QUIET_S, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            note(f"No row has finished for {QUIET_S} seconds; {len(futures)} rows are left.")
        except (CancelledError, OSError):
            raise SchedulerGone(GONE) from None


def _outcome(wanted: Pass, row: Row, future: Any) -> Mapping[str, Any]:
    """What came of a row, by its file: the engine may be gone that could bring it."""
    result = result_of(wanted.folder, row.key)
    if result is not None:
        return result
    problem = future.exception() if future.status == "error" else None
    if problem is None:
        raise SchedulerGone(GONE)
    told = f"{type(problem).__name__}: {' '.join(str(problem).split())}"[:300]
    return {"status": FAILED, "seconds": 0.0, "told": told, "facts": {}}

"""Events that wait for the board: a file each, in the lab's folder, which a learner's kernels and commands share."""

from __future__ import annotations

import json
import time
from pathlib import Path

from pydantic import ValidationError

from acrlab.course.reporting.event import OLDEST_S, TOGETHER, Event

MOST = 500  # events that are kept while the board is away; after that the oldest go


class Outbox:
    """A queue on disk. Two that send from it may both send an event, which counts once by its id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, event: Event) -> None:
        """Add an event, whole or not at all. Raises: OSError: the folder can't be written to."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{time.time_ns():020}-{event.id}.json"
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(event.model_dump_json(), "utf-8")
        draft.replace(path)

    def first(self) -> dict[Path, Event]:
        """Read the oldest events, as many as travel together. Older than a class, or not an event: they are deleted."""
        waiting = sorted(self._folder.glob("*.json"))
        drop(waiting[:-MOST])
        found: dict[Path, Event] = {}
        for path in waiting[-MOST:]:
            if len(found) == TOGETHER:
                break
            event = _read(path)
            if event is None:
                drop([path])
            else:
                found[path] = event
        return found


def drop(paths: list[Path]) -> None:
    """Delete events that have arrived, or are not wanted; another kernel may have deleted them before."""
    for path in paths:
        path.unlink(missing_ok=True)


def _read(path: Path) -> Event | None:
    try:
        ago_s = max(0.0, time.time() - int(path.name.partition("-")[0]) / 1e9)
        if ago_s > OLDEST_S:
            return None
        return Event(**json.loads(path.read_bytes()) | {"ago_s": ago_s})
    except (OSError, ValueError, TypeError, ValidationError):
        return None

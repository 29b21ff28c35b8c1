"""Scan files that are to be given away for anything sensitive. What was found is never shown, only where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from acrlab.display import Table, table
from acrlab.errors import ConfigurationError
from acrlab.recordings.file_texts import Reading, files_in
from acrlab.recordings.sensitive import sightings


@dataclass(frozen=True)
class Leak:
    """Something sensitive in a file: its kind and its place, never the thing itself; or what could not be scanned."""

    file: Path
    place: str
    kind: str


@dataclass(frozen=True, repr=False)
class Scan:
    """How many files were scanned, and what was found."""

    files: int
    leaks: tuple[Leak, ...]

    @property
    def found(self) -> Table:
        rows = [{"file": str(leak.file), "where": leak.place, "what": leak.kind} for leak in self.leaks]
        return table(rows, caption="Not to be given away", columns=("file", "where", "what"))

    def __repr__(self) -> str:
        if not self.leaks:
            return f"Nothing sensitive in {self.files} file{'s' * (self.files != 1)}."
        return repr(self.found)


def scan(paths: Iterable[Path | str]) -> Scan:
    """Look for tokens, keys, passwords, ids, addresses and names in files, and in all files of folders.

    Raises: ConfigurationError: there is no such file or folder.
    """
    given = [Path(path) for path in paths]
    for path in given:
        if not path.exists():
            raise ConfigurationError("paths", f"there is no {path}. Name files or folders that are there.")
    files = [file for path in given for file in files_in(path)]
    return Scan(len(files), tuple(leak for file in files for leak in _leaks(file)))


def _leaks(file: Path) -> Iterable[Leak]:
    """What is in a file, and what could not be read: what is in that is not known."""
    reading = Reading(file)
    found = dict.fromkeys(Leak(file, place, one.kind) for place, text in reading.texts() for one in sightings(text))
    return (*found, *(Leak(file, place, why) for place, why in reading.unread))

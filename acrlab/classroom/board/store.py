"""What the board keeps: one SQLite file that only its owner can read, and a drawing's facts for each learner."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import Any

from acrlab.classroom.board.standing import Standing, after
from acrlab.course.reporting.event import Event
from acrlab.errors import ConfigurationError

FILE, LABS = "board.sqlite", "labs"
REMEMBERED = 500  # events of one learner, by whose ids one that comes again is known
TABLES = """
create table if not exists event(
    learner text, number integer, id text, at real, section text, kind text, saw text,
    primary key(learner, number)) without rowid;
create unique index if not exists event_id on event(learner, id);
create table if not exists standing(
    learner text, section text, mark text, attempts integer, hints integer, saw text, first real, last real,
    primary key(learner, section)) without rowid;
create table if not exists browser(learner text primary key) without rowid;
"""


class Store:
    """Standings, by learner and section, in memory and in a file: a question asks no file, an event writes to it once.

    Attributes:
        standings: learner -> section -> how they stand there.
        browsers: learners who have joined from the site, in the browser only.
    """

    def __init__(self, folder: Path) -> None:
        """Raises: ConfigurationError: the folder can't be written to."""
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            (folder / LABS).mkdir(exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # what SQLite puts beside it has its rights
            path.chmod(0o600)
            self.database = sqlite3.connect(path)
            self.database.executescript(f"pragma journal_mode=wal; pragma synchronous=normal; {TABLES}")
        except (OSError, sqlite3.Error) as problem:
            raise ConfigurationError("board", f"{folder} can't hold the board's state: {problem}.") from problem
        self._folder = folder
        self.standings = _standings(self.database)
        self.browsers = {learner for (learner,) in self.database.execute("select learner from browser")}
        self._numbers = dict(self.database.execute("select learner, max(number) from event group by learner"))

    def add(self, learner: str, events: Sequence[Event], now: float) -> bool:
        """Take events in, all or none, in one transaction. Returns: whether there was a new one among them."""
        known = dict(self.standings.get(learner, {}))
        number, changed = self._numbers.get(learner, 0), set()
        with self.database:
            for event in events:
                at = now - event.ago_s
                values = (learner, number + 1, event.id, at, event.section, event.kind, event.saw)
                new = self.database.execute("insert or ignore into event values(?,?,?,?,?,?,?)", values).rowcount
                if new:
                    number += 1
                    known[event.section] = after(known.get(event.section), event, at)
                    changed.add(event.section)
            rows = [(learner, *astuple(known[section])) for section in changed]
            self.database.executemany("insert or replace into standing values(?,?,?,?,?,?,?,?)", rows)
            self.database.execute("delete from event where learner=? and number<=?", (learner, number - REMEMBERED))
        self._numbers[learner] = number
        self.standings[learner] = known
        return bool(changed)

    def events(self, learner: str, most: int = 20) -> list[dict[str, Any]]:
        """Read what a learner did last, the newest first."""
        chosen = "select at, section, kind, saw from event where learner=? order by number desc limit ?"
        return [
            dict(zip(("at", "section", "kind", "saw"), one, strict=True))
            for one in self.database.execute(chosen, (learner, most))
        ]

    def add_browser(self, learner: str) -> None:
        """Note that a learner has joined from the site."""
        with self.database:
            self.database.execute("insert or ignore into browser values(?)", (learner,))
        self.browsers.add(learner)

    def lab_of(self, learner: str) -> Path:
        """Name the file with the facts that a learner's lab is drawn from."""
        return self._folder / LABS / f"{learner}.json"

    def put_lab(self, learner: str, content: bytes) -> None:
        """Keep a lab's facts in place of the last ones."""
        path = self.lab_of(learner)
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        draft.replace(path)

    def lab_times(self) -> dict[str, float]:
        """Learner -> when their lab was drawn last."""
        return {path.stem: path.stat().st_mtime for path in (self._folder / LABS).glob("*.json")}

    def close(self) -> None:
        """Put everything into the one file."""
        self.database.execute("pragma wal_checkpoint(truncate)")
        self.database.close()


def read_standings(folder: Path) -> dict[str, dict[str, Standing]]:
    """Read a board's standings beside it, without a change to its state.

    Raises: ConfigurationError: there is no board's state.
    """
    path = folder / FILE
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return _standings(database)
    except sqlite3.Error as problem:
        raise ConfigurationError("--out", f"{folder} holds no board's state that can be read: {problem}.") from None


def _standings(database: sqlite3.Connection) -> dict[str, dict[str, Standing]]:
    found: dict[str, dict[str, Standing]] = {}
    for learner, *values in database.execute("select * from standing"):
        one = Standing(*values)
        found.setdefault(learner, {})[one.section] = one
    return found

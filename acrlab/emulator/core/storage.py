"""The world's file: tables, rows and how a resource becomes one. SQL stands here and nowhere else, but beside the data
that it belongs to (operations, registry content).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.resource import Resource
from acrlab.errors import ConfigurationError

LAYOUT = 1  # of this file; a newer one is refused, an older one would be brought up to date here
REMEDY = "Move the file away, or name another with ACRLAB_WORLD; nothing in it was changed."
COLUMNS = "id, body, state, phase, generation, revision, created, changed, sequence"
TABLES = """
CREATE TABLE IF NOT EXISTS value (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS generation (key TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resource (
  sequence INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, type TEXT NOT NULL, name TEXT NOT NULL,
  parent TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, phase TEXT NOT NULL,
  generation INTEGER NOT NULL, revision INTEGER NOT NULL, created REAL NOT NULL, changed REAL NOT NULL);
CREATE INDEX IF NOT EXISTS resource_type ON resource (type, key);
CREATE INDEX IF NOT EXISTS resource_name ON resource (type, name);
CREATE INDEX IF NOT EXISTS resource_parent ON resource (parent, type);
CREATE TABLE IF NOT EXISTS reference (source TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (source, target))
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_target ON reference (target);
CREATE TABLE IF NOT EXISTS operation (
  name TEXT PRIMARY KEY, key TEXT NOT NULL, verb TEXT NOT NULL, begun REAL NOT NULL, due REAL NOT NULL,
  status TEXT NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS operation_due ON operation (status, due);
CREATE TABLE IF NOT EXISTS content (
  registry TEXT NOT NULL, repository TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (registry, repository, kind, reference)) WITHOUT ROWID;
"""


def open_file(path: Path | None) -> sqlite3.Connection:
    """Open or make a world's file; None: in memory.

    Raises: ConfigurationError: the file is not a world, is damaged, or comes from a newer acrlab.
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds keys and passwords; what SQLite puts beside it gets the same rights
    try:
        db = sqlite3.connect(path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as problem:
        raise ConfigurationError("world", f"{path} cannot be opened: {problem}. {REMEDY}") from problem
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path | None) -> None:
    """Make the tables where there are none. Raises: ConfigurationError."""
    try:
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found > LAYOUT:
            message = f"{path} was written by a newer acrlab (layout {found}, this one reads {LAYOUT}). {REMEDY}"
            raise ConfigurationError("world", message)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing; only a power cut may
        if found < LAYOUT:
            db.executescript(TABLES)
            db.execute(f"PRAGMA user_version = {LAYOUT}")
        db.execute("SELECT count(*) FROM value").fetchone()
    except sqlite3.DatabaseError as problem:
        raise ConfigurationError("world", f"{path} is not a readable world: {problem}. {REMEDY}") from problem


def blob_folder(path: Path | None) -> Path:
    """Name the folder of a world's blobs; a world in memory gets one that the system cleans up."""
    if path is not None:
        return path.with_suffix(".blobs")
    return Path(tempfile.mkdtemp(prefix="acrlab-"))


def resource_of(row: tuple[Any, ...]) -> Resource:
    id, body, state, *rest = row
    return Resource(ArmId.parse(id), json.loads(body), json.loads(state), *rest)


def select(db: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> Iterator[Resource]:
    for row in db.execute(f"SELECT {COLUMNS} FROM resource WHERE {where}", values).fetchall():
        yield resource_of(row)


def select_under(db: sqlite3.Connection, type: str, under: str) -> Iterator[Resource]:
    low, high = _subtree(under)
    return select(db, "type = ? AND key >= ? AND key < ? ORDER BY key", (type.lower(), low, high))


def select_subtree(db: sqlite3.Connection, key: str) -> Iterator[Resource]:
    return select(db, "key >= ? AND key < ? ORDER BY sequence DESC", _subtree(key))


def select_page(db: sqlite3.Connection, type: str, under: str, after: str, size: int) -> list[Resource]:
    low, high = _subtree(under)
    where = "type = ? AND key > ? AND key < ? ORDER BY key LIMIT ?"
    return list(select(db, where, (type.lower(), max(low, after), high, size)))


def select_referrers(db: sqlite3.Connection, key: str, type: str) -> Iterator[Resource]:
    where = "key IN (SELECT source FROM reference WHERE target = ?) AND (? = '' OR type = ?) ORDER BY sequence"
    return select(db, where, (key, type, type))


def write(db: sqlite3.Connection, resource: Resource) -> None:
    id = resource.id
    parent = id.parent.key if id.parent else id.scope.lower()
    db.execute(
        "INSERT INTO resource (key, type, name, parent, id, body, state, phase, generation, revision, created, changed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body,"
        " state = excluded.state, phase = excluded.phase, revision = excluded.revision, changed = excluded.changed",
        (
            id.key, id.type.lower(), id.name.lower(), parent, str(id), json.dumps(resource.body),
            json.dumps(resource.state), resource.phase, resource.generation, resource.revision,
            resource.created, resource.changed,
        ),
    )  # fmt: skip
    db.execute("INSERT OR REPLACE INTO generation VALUES (?, ?)", (id.key, resource.generation))
    db.execute("DELETE FROM reference WHERE source = ?", (id.key,))
    targets = set(_ids_in(resource.body)) | set(_ids_in(resource.state))
    db.executemany("INSERT INTO reference VALUES (?, ?)", [(id.key, t) for t in sorted(targets)])


def remove(db: sqlite3.Connection, key: str) -> None:
    low, high = _subtree(key)
    db.execute("DELETE FROM reference WHERE source = ? OR (source >= ? AND source < ?)", (key, low, high))
    db.execute("DELETE FROM resource WHERE key = ? OR (key >= ? AND key < ?)", (key, low, high))


def clear(db: sqlite3.Connection) -> None:
    for table in ("resource", "reference", "generation", "operation", "content"):
        db.execute(f"DELETE FROM {table}")
    db.execute("DELETE FROM value WHERE key NOT LIKE 'setting %' AND key NOT LIKE 'secret %'")


def copy(db: sqlite3.Connection, blobs: Path, path: Path) -> None:
    """Write a whole world to another file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = sqlite3.connect(path)
    db.backup(target)
    target.close()
    _copy_blobs(blobs, blob_folder(path))


def copy_back(db: sqlite3.Connection, blobs: Path, path: Path) -> None:
    """Replace a world by the one in a file."""
    if not path.exists():
        raise ConfigurationError("world", f"there is no saved world at {path}. Save one first.")
    source = open_file(path)
    source.backup(db)
    source.close()
    _copy_blobs(blob_folder(path), blobs)


def _copy_blobs(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copytree(source, target, dirs_exist_ok=True)


def _subtree(under: str) -> tuple[str, str]:
    """Bounds of the keys below an id: `/` and `0` are neighbours in the alphabet."""
    root = under.lower().rstrip("/")
    return f"{root}/", f"{root}0"


def _ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value[:15].lower() == "/subscriptions/":
            yield value.lower()
    elif isinstance(value, dict):
        for item in value.values():
            yield from _ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _ids_in(item)

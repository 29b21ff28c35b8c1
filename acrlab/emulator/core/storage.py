"""The world's file: its tables, its rows, and how a resource becomes one.

SQL stands here, and beside the data that it belongs to (operations, a registry's content), and nowhere else.
"""

from __future__ import annotations

import errno
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.schema import Resource
from acrlab.errors import ConfigurationError

CHECKED = 64 * 2**20  # bytes; a larger file is not checked when it is opened: a MiB takes about a millisecond
FULL = {(False, sqlite3.SQLITE_FULL), (False, sqlite3.SQLITE_IOERR), (True, errno.ENOSPC), (True, errno.EDQUOT)}
CLOSED = {(False, code) for code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)}
CLOSED |= {(True, code) for code in (errno.EROFS, errno.EACCES, errno.EPERM)}
BUSY = {(False, sqlite3.SQLITE_BUSY), (False, sqlite3.SQLITE_LOCKED)}
LAYOUT = 1  # of this file; a newer one is refused, an older one would be brought up to date here
PRIVATE = 0o600  # a world holds keys and passwords
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

    Raises: ConfigurationError: the file is not a world, is damaged, comes from a newer acrlab, or cannot be written.
    """
    new = path is not None and not path.exists()
    try:
        if path is not None and new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=PRIVATE)  # what SQLite puts beside it gets the same rights
        db = sqlite3.connect(path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
    except (OSError, sqlite3.DatabaseError) as problem:
        if path is not None and new:
            with suppress(OSError):  # an empty file would be taken for an empty world
                path.unlink(missing_ok=True)
        raise unusable(path, problem) from problem
    return db


def _prepare(db: sqlite3.Connection, path: Path | None) -> None:
    """Make the tables where there are none. Raises: ConfigurationError, sqlite3.DatabaseError."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > LAYOUT:
        message = f"{path} was written by a newer acrlab (layout {found}, this one reads {LAYOUT}). {REMEDY}"
        raise ConfigurationError("world", message)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing; only a power cut may
    if found < LAYOUT:
        db.executescript(TABLES)
        db.execute(f"PRAGMA user_version = {LAYOUT}")
    elif path is not None and path.stat().st_size <= CHECKED:
        told = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if told != "ok":
            raise sqlite3.DatabaseError(" ".join(told.split()))
    db.execute("SELECT count(*) FROM value").fetchone()


@contextmanager
def usable(path: Path | None) -> Iterator[None]:
    """Say of a world's file that fails while it is used what is wrong with it. Raises: ConfigurationError."""
    try:
        yield
    except sqlite3.DatabaseError as problem:
        if is_of_the_file(problem):
            raise unusable(path, problem) from problem
        raise


def is_of_the_file(problem: Exception) -> bool:
    """Whether a world's file cannot be read or written, as opposed to what somebody wanted to do with it."""
    return isinstance(problem, sqlite3.OperationalError | ConfigurationError) or type(problem) is sqlite3.DatabaseError


def unusable(path: Path | None, problem: Exception) -> ConfigurationError:
    """Word what keeps a world's file from being used: for a full disk, nobody has to give up a world."""
    code = getattr(problem, "sqlite_errorcode", None)
    code = getattr(problem, "errno", None) if code is None else code & 0xFF
    kind = (isinstance(problem, OSError), code)
    told = f"{path} is not a readable world: {problem}. {REMEDY}"
    if kind in FULL:
        told = f"{path} cannot be written: the disk is full, or fails. Free space, and go on: nothing in it is lost."
    elif kind in CLOSED:
        told = (
            f"{path} cannot be written: the file, or the folder that it is in, is read-only here. Copy it to a folder "
            "of your own, or name another with ACRLAB_WORLD; nothing in it was changed."
        )
    elif kind in BUSY:
        told = f"{path} is busy: another command has been writing to it all the time. Wait until it has ended."
    return ConfigurationError("world", told)


def commit(db: sqlite3.Connection) -> None:
    """End a transaction; where it cannot be stored, none of it is."""
    try:
        db.execute("COMMIT")
    except sqlite3.Error:
        roll_back(db)
        raise


def roll_back(db: sqlite3.Connection, *, to: str = "") -> None:
    """Undo a transaction, or what came after a savepoint; where a disk is full, SQLite may have done it already."""
    if db.in_transaction:
        db.execute(f"ROLLBACK TO {to}" if to else "ROLLBACK")


def decoded(text: str) -> Any:
    """Read JSON that stands in a world. Raises: sqlite3.DatabaseError: it is damaged."""
    try:
        return json.loads(text)
    except ValueError as problem:
        raise sqlite3.DatabaseError("a row is damaged") from problem


def blob_folder(path: Path | None) -> Path:
    """Name the folder of a world's blobs; a world in memory gets one that the system cleans up."""
    if path is not None:
        return path.with_suffix(".blobs")
    return Path(tempfile.mkdtemp(prefix="acrlab-"))


def resource_of(row: tuple[Any, ...]) -> Resource:
    id, body, state, *rest = row
    return Resource(ArmId.parse(id), decoded(body), decoded(state), *rest)


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
    path.touch(mode=PRIVATE)
    path.chmod(PRIVATE)  # also where it replaces one that others could read
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

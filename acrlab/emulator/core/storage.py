"""The world's file: its tables, its rows, and how a resource becomes one.

SQL stands here, and beside the data that it belongs to (operations, a registry's content), and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from acrlab import capabilities
from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import blob_folder
from acrlab.emulator.core.database import Database, DatabaseError, Row
from acrlab.emulator.core.file_errors import decoded, remedy, unusable
from acrlab.emulator.core.resource import Resource
from acrlab.errors import ConfigurationError

CHECKED = 64 * 2**20  # bytes; a larger file is not checked when it is opened: a MiB takes about a millisecond
LAYOUT = 4  # of this file; a newer one is refused, an older one gets the tables that it lacks
SMALLEST = 512  # bytes that a SQLite database has; it tells by itself that a larger file is none
PRIVATE = 0o600  # a world holds keys and passwords
COLUMNS = "id, body, state, phase, generation, revision, created, changed, sequence"
# Of one text each, as they are asked most: what a transaction has read is found by the text.
ONE = f"SELECT {COLUMNS} FROM resource WHERE key = ?"
REFERRERS = (
    f"SELECT type, {COLUMNS} FROM resource WHERE key IN (SELECT source FROM reference WHERE target = ?)"
    " ORDER BY sequence"
)
WRITE = (
    "INSERT INTO resource (key, type, name, parent, id, body, state, phase, generation, revision, created, changed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body,"
    " state = excluded.state, phase = excluded.phase, revision = excluded.revision, changed = excluded.changed"
)
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
CREATE TABLE IF NOT EXISTS held_address (
  subnet TEXT NOT NULL, address INTEGER NOT NULL, source TEXT NOT NULL, PRIMARY KEY (subnet, address, source))
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_address_source ON held_address (source);
CREATE TABLE IF NOT EXISTS operation (
  name TEXT PRIMARY KEY, key TEXT NOT NULL, verb TEXT NOT NULL, begun REAL NOT NULL, due REAL NOT NULL,
  status TEXT NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS operation_due ON operation (status, due);
CREATE INDEX IF NOT EXISTS operation_running ON operation (key) WHERE status = 'running';
CREATE TABLE IF NOT EXISTS content (
  registry TEXT NOT NULL, repository TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (registry, repository, kind, reference)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept_name (
  cache TEXT NOT NULL, name TEXT NOT NULL, until REAL NOT NULL, found TEXT NOT NULL, PRIMARY KEY (cache, name))
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kept_name_until ON kept_name (until);
"""


def open_file(path: Path | None) -> Database:
    """Open or make a world's file; None: in memory.

    Raises: ConfigurationError: the file is not a world, is damaged, comes from a newer acrlab, or cannot be written.
    """
    new = path is not None and not path.exists()
    try:
        require_world(path)
        if path is not None and new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=PRIVATE)  # what SQLite puts beside it gets the same rights
        db = Database(path)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
    except (OSError, DatabaseError) as problem:
        if path is not None and new:
            with suppress(OSError):  # an empty file would be taken for an empty world
                path.unlink(missing_ok=True)
        raise unusable(path, problem) from problem
    return db


def require_world(path: Path | None) -> None:
    """Refuse, before anything is written, what is no world: SQLite takes a file of one byte for an empty database.

    Raises: DatabaseError, OSError: it is another kind of file, or cannot be read.
    """
    if path is None or not path.exists():
        return
    if not path.is_file():
        raise DatabaseError("it is not a file")
    # By its size alone: to open and close it here would take SQLite's locks from all that have it open in this process.
    if 0 < path.stat().st_size < SMALLEST:
        raise DatabaseError("file is not a database")


def journal() -> str:
    """Name SQLite's journal for the storage that is here.

    A browser's is a copy that is replaced as a whole when another page has written; an open connection sees that with
    a rollback journal, and with a write-ahead log goes on with its own.
    """
    return "WAL" if capabilities.can_share_memory() else "DELETE"


def _prepare(db: Database, path: Path | None) -> None:
    """Make the tables where there are none. Raises: ConfigurationError, DatabaseError."""
    tables = {name for (name,) in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "generation" not in tables:
        raise DatabaseError("it is another program's database")
    found = db.rows("PRAGMA user_version")[0][0]
    if found > LAYOUT:
        message = f"{path} was written by a newer acrlab (layout {found}, this one reads {LAYOUT}). {remedy()}"
        raise ConfigurationError("world", message)
    db.execute(f"PRAGMA journal_mode = {journal()}")
    db.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing; only a power cut may
    if found < LAYOUT:
        db.execute_script(TABLES)
        with db.transaction():  # of the time before held addresses had a table
            for resource in select(db, "instr(body, '\"ipConfigurations\"') OR instr(state, '\"nodes\"')", ()):
                _hold(db, resource)
        db.execute(f"PRAGMA user_version = {LAYOUT}")
    elif path is not None and path.stat().st_size <= CHECKED:
        told = db.rows("PRAGMA quick_check(1)")[0][0]
        if told != "ok":
            raise DatabaseError(" ".join(told.split()))
    db.rows("SELECT count(*) FROM value")


def resource_of(row: Row) -> Resource:
    id, body, state, *rest = row
    return Resource(ArmId.parse(id), decoded(body), decoded(state), *rest)


def select(db: Database, where: str, values: tuple[Any, ...]) -> Iterator[Resource]:
    """Find resources: which they are is settled at once, and each is read when it is asked for."""
    return map(resource_of, db.rows(f"SELECT {COLUMNS} FROM resource WHERE {where}", values))


def select_under(db: Database, type: str, under: str) -> Iterator[Resource]:
    low, high = _subtree(under)
    return select(db, "type = ? AND key >= ? AND key < ? ORDER BY key", (type.lower(), low, high))


def select_subtree(db: Database, key: str) -> Iterator[Resource]:
    return select(db, "key >= ? AND key < ? ORDER BY sequence DESC", _subtree(key))


def select_after(db: Database, under: str, types: list[str], sequence: int, size: int) -> list[Resource]:
    """Find at most `size` resources of these types in a subtree that were made after another, oldest first."""
    low, high = _subtree(under)
    some = ", ".join("?" * len(types))
    # Without the sign SQLite would look through the whole world, oldest first, for a few resources of one group.
    order = "sequence" if under.count("/") <= 2 else "+sequence"
    where = f"key >= ? AND key < ? AND type IN ({some}) AND sequence > ? ORDER BY {order} LIMIT ?"
    return list(select(db, where, (low, high, *types, sequence, size)))


def select_page(db: Database, type: str, under: str, after: str, size: int) -> list[Resource]:
    low, high = _subtree(under)
    where = "type = ? AND key > ? AND key < ? ORDER BY key LIMIT ?"
    return list(select(db, where, (type.lower(), max(low, after), high, size)))


def select_referrers(db: Database, key: str, types: Sequence[str]) -> list[Resource]:
    """Find what refers to a resource, of some types or of all."""
    return [resource_of(row[1:]) for row in _referring(db, key, types)]


def select_referring_ids(db: Database, key: str, types: Sequence[str]) -> list[str]:
    """Find the ids of what refers to a resource, without reading what it is."""
    return [str(row[1]) for row in _referring(db, key, types)]


def _referring(db: Database, key: str, types: Sequence[str]) -> list[Row]:
    """One question, whatever is asked about them and however many types are asked for: its answer is kept."""
    rows = db.rows(REFERRERS, (key,))
    wanted = [type.lower() for type in types] if rows else []
    return [row for row in rows if not wanted or row[0] in wanted]


def select_digest(db: Database, namespace: str) -> int:
    """Sum up all resources of a namespace in a number that another state of them does not have, without reading one."""
    low, high = _subtree(namespace)
    rows = db.rows("SELECT key, body, state FROM resource WHERE type >= ? AND type < ? ORDER BY key", (low, high))
    return hash(tuple(rows))


def select_addresses(db: Database, subnet: str) -> set[int]:
    """Find the addresses, as numbers, that ip configurations and a pool's nodes hold in a subnet."""
    return {address for (address,) in db.rows("SELECT address FROM held_address WHERE subnet = ?", (subnet,))}


def write(db: Database, resource: Resource) -> None:
    id = resource.id
    parent = id.parent.key if id.parent else id.scope.lower()
    targets = set(_ids_in(resource.body)) | set(_ids_in(resource.state))
    values = (
        id.key, id.type.lower(), id.name.lower(), parent, str(id), json.dumps(resource.body),
        json.dumps(resource.state), resource.phase, resource.generation, resource.revision,
        resource.created, resource.changed,
    )  # fmt: skip
    with db.transaction():
        db.execute(WRITE, values)
        db.execute("INSERT OR REPLACE INTO generation VALUES (?, ?)", (id.key, resource.generation))
        db.execute("DELETE FROM reference WHERE source = ?", (id.key,))
        db.execute_each("INSERT INTO reference VALUES (?, ?)", [(id.key, t) for t in sorted(targets)])
        _hold(db, resource)


def _hold(db: Database, resource: Resource) -> None:
    """Note the addresses that a resource holds now, so that a subnet with thousands finds a free one as fast."""
    if "ipConfigurations" in resource.properties or "nodes" in resource.state:
        key = resource.id.key
        db.execute("DELETE FROM held_address WHERE source = ?", (key,))
        rows = [(subnet.lower(), int(IPv4Address(address)), key) for subnet, address in _addresses_of(resource)]
        db.execute_each("INSERT OR IGNORE INTO held_address VALUES (?, ?, ?)", rows)


def _addresses_of(resource: Resource) -> Iterator[tuple[str, str]]:
    """A subnet's id with an address in it: of ip configurations, or of the nodes of a pool."""
    for one in resource.properties.get("ipConfigurations", ()):
        properties = one.get("properties", {})
        if properties.get("privateIPAddress") and properties.get("subnet"):
            yield properties["subnet"]["id"], properties["privateIPAddress"]
    for node in resource.state.get("nodes", ()):
        yield resource.state["subnet"], node["address"]


def remove(db: Database, key: str) -> None:
    low, high = _subtree(key)
    with db.transaction():
        db.execute("DELETE FROM reference WHERE source = ? OR (source >= ? AND source < ?)", (key, low, high))
        db.execute("DELETE FROM held_address WHERE source = ? OR (source >= ? AND source < ?)", (key, low, high))
        db.execute("DELETE FROM resource WHERE key = ? OR (key >= ? AND key < ?)", (key, low, high))


def clear(db: Database) -> None:
    with db.transaction():
        for table in ("resource", "reference", "held_address", "generation", "operation", "content", "kept_name"):
            db.execute(f"DELETE FROM {table}")
        db.execute("DELETE FROM value WHERE key NOT LIKE 'setting %' AND key NOT LIKE 'secret %'")


def copy(db: Database, blobs: Path, path: Path) -> None:
    """Write a whole world to another file. Raises: ConfigurationError: there is one that is not a world."""
    try:
        require_world(path)
    except (OSError, DatabaseError) as problem:
        raise unusable(path, problem) from problem
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=PRIVATE)
    path.chmod(PRIVATE)  # also where it replaces one that others could read
    db.copy_to(path)
    blob_folder.copy(blobs, blob_folder.folder_of(path))


def copy_back(db: Database, blobs: Path, path: Path) -> None:
    """Replace a world by the one in a file."""
    if not path.exists():
        raise ConfigurationError("world", f"there is no saved world at {path}. Save one first.")
    with closing(open_file(path)) as source:
        db.become(source)
    blob_folder.copy(blob_folder.folder_of(path), blobs)


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

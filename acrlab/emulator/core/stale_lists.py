"""What lists of resources still show of what was deleted, in a world that is as late as Azure.

Source: https://github.com/Azure/azure-rest-api-specs/issues/21221: the list shows it, and GET of its id is right.
"""

from __future__ import annotations

import json
from typing import Protocol

from acrlab.emulator.core import storage
from acrlab.emulator.core.database import Database
from acrlab.emulator.core.lateness import LIST_S, is_late
from acrlab.emulator.core.resource import Resource, State

_MARK = "deleted "


class _Dated(State, Protocol):
    db: Database


def keep(world: _Dated, key: str) -> None:
    """Keep a resource that is about to be deleted, for the lists; and drop what they no longer show."""
    if not is_late(world):
        return
    db, now = world.db, world.now
    db.execute("DELETE FROM value WHERE key LIKE ? AND json_extract(value, '$[0]') <= ?", (f"{_MARK}%", now))
    row = db.row(storage.ONE, (key,))
    if row is not None:
        db.execute("INSERT OR REPLACE INTO value VALUES (?, ?)", (_MARK + key, json.dumps([now + LIST_S, row])))


def deleted_under(db: Database, scope: str, now: float) -> list[Resource]:
    """Return what lists of a scope still show, though it is gone."""
    root = f"{_MARK}{scope.lower()}"
    rows = db.rows("SELECT value FROM value WHERE key > ? AND key < ?", (f"{root}/", f"{root}0"))
    kept = [json.loads(value) for (value,) in rows]
    return [storage.resource_of(tuple(row)) for until, row in kept if until > now]

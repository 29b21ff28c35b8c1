"""The emulated Azure's memory and clock: one SQLite file, one transaction a request, time that moves only here.

It knows what is stored and when, and nothing of HTTP.
"""

from __future__ import annotations

import json
import shutil
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import blob_folder, calendar, stale_lists, storage
from acrlab.emulator.core.etags import Etags
from acrlab.emulator.core.file_errors import usable
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.missing import missing
from acrlab.emulator.core.resource import Resource, guid_of
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.settings import DEFAULTS, built_upon, require_legal
from acrlab.emulator.core.show import envelope, show


class World:
    """All state of one emulated Azure. Safe to share between threads, and its file between processes."""

    def __init__(self, types: Iterable[ResourceType], path: Path | None = None) -> None:
        self.types = {t.type.lower(): t for t in types}
        self.path = path
        self.capabilities: dict[str, Callable[..., Any]] = {}
        self.settlers: list[Callable[[], None]] = []
        self._now: float | None = None  # in the transaction that is open, if one is; its thread alone sees it
        self._own = threading.local()  # `moment` of each thread
        self.asking = threading.local()  # `caller` in each thread that does something for one, `trying` if undone after
        self.db = storage.open_file(path)
        self._etags = Etags(self.types, self.db)
        self._blobs = blob_folder.folder_of(path) if path else blob_folder.passing_folder(self)
        self._closing = weakref.finalize(self, self.db.close)

    # -- one transaction a request -------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside or nothing; nested uses join the outermost. Meanwhile all other threads wait."""
        with usable(self.path), self.db.transaction():
            if self._now is not None:
                yield
                return
            self._now = float(self.value("now", "0"))
            try:
                for settle in self.settlers:
                    settle()
                yield
            finally:
                self._own.moment, self._now = self._now, None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read inside what a request asks of the world before and after its transaction, with few statements."""
        with usable(self.path), self.db.reading():
            yield

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what happens inside when it fails, without failing the transaction around it."""
        return self.db.savepoint()

    def close(self) -> None:
        """Let go of the file; what was answered is in it."""
        self._closing()

    # -- the clock -----------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Virtual seconds since the world began."""
        with self.db.lock:
            return float(self.value("now", "0")) if self._now is None else self._now

    @property
    def moment(self) -> float:
        """The virtual second of what this thread did last; others may have moved the clock since."""
        own = getattr(self._own, "moment", None)
        return self.now if own is None else float(own)

    def advance_to(self, moment: float) -> None:
        """Move the clock forward to a virtual second; never back."""
        with self.transaction():
            if moment > self.now:
                self._now = moment
                self.set_value("now", repr(moment))

    def timestamp(self, at: float | None = None) -> str:
        """Write a moment as Azure writes it, to a tenth of a microsecond."""
        return calendar.written(self.now if at is None else at)

    # -- settings and small values ---------------------------------------------------------------------------------

    def setting(self, name: str) -> str:
        """Read a property of the world itself, such as `seed`. Raises: KeyError: there is no such setting."""
        return self.value(f"setting {name}", DEFAULTS[name])

    def set_setting(self, name: str, value: str) -> None:
        """Raises: ConfigurationError: there is no such setting, it can't be that, or can't be any more."""
        if require_legal(name, value).founding and value != self.setting(name) and self.count():
            raise built_upon(name)
        self.set_value(f"setting {name}", value)

    def value(self, key: str, default: str) -> str:
        row = self.db.row("SELECT value FROM value WHERE key = ?", (key,))
        return row[0] if row else default

    def set_value(self, key: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO value VALUES (?, ?)", (key, value))

    def guid(self, resource: Resource, purpose: str) -> str:
        """Make an id that this resource keeps for its whole life, and that another world of the seed repeats."""
        return self.derive(resource.id.key, str(resource.generation), purpose)

    def derive(self, *parts: str) -> str:
        """Make the GUID that belongs to these words in this world."""
        return guid_of("\n".join((self.setting("seed"), *parts)))

    def types_of(self, namespace: str) -> list[ResourceType]:
        """Return the declared types of a resource provider, by name."""
        own = f"{namespace.lower()}/"
        return [kind for key, kind in sorted(self.types.items()) if key.startswith(own)]

    def perform(self, capability: str, *args: Any) -> Any:
        """Ask a plane above the stored types to do something: run a script, import an image."""
        if capability not in self.capabilities:
            raise NotEmulated(f"{capability} in this world")
        return self.capabilities[capability](*args)

    # -- resources -------------------------------------------------------------------------------------------------

    def type_of(self, id: ArmId) -> ResourceType:
        """Look up the declaration. Raises: NotEmulated: there is none."""
        found = self.types.get(id.type.lower())
        if found is None:
            near = sorted(t.type for t in self.types.values() if t.type.lower().startswith(id.namespace.lower() + "/"))
            raise NotEmulated(f"resource type {id.type}", supported=", ".join(near) or "no type of that namespace")
        return found

    def new(self, id: ArmId, body: JSON, state: JSON | None = None) -> Resource:
        """Make the next resource of an id; `put` stores it."""
        row = self.db.row("SELECT count FROM generation WHERE key = ?", (id.key,))
        return Resource(id, body, state or {}, generation=(row[0] if row else 0) + 1, created=self.now)

    def find(self, id: ArmId | str) -> Resource | None:
        key = id.key if isinstance(id, ArmId) else id.lower()
        row = self.db.row(storage.ONE, (key,))
        return storage.resource_of(row) if row else None

    def spelled(self, id: str) -> str:
        """Spell an id as it was when its resource was made; empty: there is none."""
        row = self.db.row("SELECT id FROM resource WHERE key = ?", (id.lower(),))
        return str(row[0]) if row else ""

    def get(self, id: ArmId) -> Resource:
        """Read a resource. Raises: ArmError: 404, in the words of the service that would answer."""
        if (found := self.find(id)) is None:
            raise self.missing(id)
        return found

    def missing(self, id: ArmId) -> ArmError:
        """Return the 404 for an id: of its group, of its parent, or of itself."""
        return missing(self, self.types, id)

    def put(self, resource: Resource) -> Resource:
        """Store a resource as it is now; its revision grows."""
        resource.revision += 1
        resource.changed = self.now
        storage.write(self.db, resource)
        return resource

    def settle(self, resource: Resource, phase: str) -> None:
        """End what an operation was doing to a resource; what a caller set stays, and so does its etag."""
        resource.phase = phase
        storage.write(self.db, resource)

    def delete(self, id: ArmId) -> None:
        """Remove a resource and everything below it, at once and without any rule."""
        stale_lists.keep(self, id.key)
        self._etags.part_goes(self, id)
        storage.remove(self.db, id.key)

    def lately_deleted(self, id: ArmId) -> list[Resource]:
        """Return what lists of an id's subtree still show, though it is gone."""
        return stale_lists.deleted_under(self.db, id.key, self.now)

    def remove(self, resource: Resource) -> None:
        """Remove a resource as a DELETE would: rules first, effects on others, then it and everything below.

        Raises: ArmError: a rule keeps it.
        """
        kind = self.type_of(resource.id)
        for rule in kind.delete_rules:
            rule(self, resource)
        if kind.on_delete:
            kind.on_delete(self, resource)
        self.delete(resource.id)

    def below(self, id: ArmId) -> list[Resource]:
        """Return everything in an id's subtree, newest first."""
        return list(storage.select_subtree(self.db, id.key))

    def oldest_first(
        self, id: ArmId, *, after: int, wanted: Callable[[ResourceType], bool], at_once: int
    ) -> Iterator[Resource]:
        """Return the resources of some types in an id's subtree, read by and by. `after`: a place; 0 is before all."""
        types = [type for type, kind in self.types.items() if wanted(kind)]
        while found := storage.select_after(self.db, id.key, types, after, at_once):
            yield from found
            after = found[-1].sequence

    def of_type(self, type: str, under: str = "") -> Iterator[Resource]:
        """Return all resources of a type in an id's subtree, by id. `under`: an id, or empty for everywhere."""
        return storage.select_under(self.db, type, under)

    def named(self, type: str, name: str) -> Iterator[Resource]:
        """Return all resources of a type with a name, wherever they are: for names that are global."""
        return storage.select(self.db, "type = ? AND name = ?", (type.lower(), name.lower()))

    def children(self, parent: ArmId, segment: str) -> list[Resource]:
        """Return the children of a resource in one segment, oldest first."""
        key = f"{parent.type}/{segment}".lower()
        return list(storage.select(self.db, "parent = ? AND type = ? ORDER BY sequence", (parent.key, key)))

    def referrers(self, id: ArmId | str, *types: str) -> list[Resource]:
        """Return the resources in whose body or state an id stands, of some types or of all, oldest first."""
        key = id.key if isinstance(id, ArmId) else id.lower()
        return storage.select_referrers(self.db, key, types)

    def referring_ids(self, id: ArmId, *types: str) -> list[str]:
        """Return the ids of those alone, which costs less."""
        return storage.select_referring_ids(self.db, id.key, types)

    def addresses_in(self, subnet: ArmId) -> set[int]:
        """Return the addresses, as numbers, that are held in a subnet."""
        return storage.select_addresses(self.db, subnet.key)

    def digest(self, *namespaces: str) -> int:
        """Sum up the resources of some namespaces: equal as long as none of them is made, changed or deleted."""
        return hash(tuple(storage.select_digest(self.db, namespace) for namespace in namespaces))

    def count(self) -> int:
        return int(self.db.rows("SELECT count(*) FROM resource")[0][0])

    # -- how a resource is shown -----------------------------------------------------------------------------------

    def etag(self, resource: Resource) -> str:
        return self._etags.of(self, resource)

    def show(self, resource: Resource, version: str = "") -> JSON:
        """Return the JSON that a GET answers."""
        return show(self, self.type_of(resource.id), resource, version)

    def show_envelope(self, resource: Resource) -> JSON:
        """Return what a list of resources shows: all but the properties."""
        return envelope(self, self.type_of(resource.id), resource)

    # -- blobs: content by digest, beside the file -----------------------------------------------------------------

    @property
    def blobs(self) -> Path:
        """Folder of layer and manifest content, one file a digest."""
        self._blobs.mkdir(parents=True, exist_ok=True)
        return self._blobs

    # -- the whole world -------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget everything but the world's settings: no resources, clock at the beginning."""
        with self.db.lock:
            storage.clear(self.db)
            shutil.rmtree(self._blobs, ignore_errors=True)

    def save(self, path: Path) -> None:
        """Copy the world, blobs included, to another file."""
        with self.db.lock:
            storage.copy(self.db, self._blobs, path)

    def restore(self, path: Path) -> None:
        """Become the world that was saved to a file.

        Raises: ConfigurationError: there is no such file, or it holds no world.
        """
        with self.db.lock:
            storage.copy_back(self.db, self._blobs, path)

    def dump(self) -> dict[str, JSON]:
        """Return every resource's body and state by id, for comparing worlds."""
        rows = storage.select(self.db, "1 ORDER BY key", ())
        return {r.id.key: json.loads(json.dumps({"body": r.body, "state": r.state})) for r in rows}

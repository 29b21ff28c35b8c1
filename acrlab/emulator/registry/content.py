"""What a registry holds: repositories, their manifests and tags, and which blobs each may use.

Rows live in the world's `content` table, inside the transaction of the request; bytes live in blob files. A blob that
one repository has is not there for another until it is pushed or mounted to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from acrlab.emulator.core import json_depth
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.registry.blob_files import SHA256, BlobFile, BlobFiles

REPOSITORY, MANIFEST, TAG, BLOB, UPLOAD, PASSWORD = "repository", "manifest", "tag", "blob", "upload", "password"
FREED = "freed"  # digests that were deleted somewhere in the world; their files may go
IMPORTED = "imported"  # in a manifest's entry: it was not pushed
UNTAGGED = "untagged"  # in a manifest's entry: when it lost its last tag
UNLOCKED = {"deleteEnabled": True, "writeEnabled": True, "readEnabled": True, "listEnabled": True}


@dataclass
class Entry:
    """A row: a repository, manifest, tag, blob or upload.

    Attributes:
        reference: its digest, tag or upload id; empty for a repository.
        value: all else that is kept of it.
    """

    kind: str
    repository: str
    reference: str
    value: JSON = field(default_factory=dict)

    @property
    def attributes(self) -> JSON:
        """What may be done to it; `changeableAttributes` in answers."""
        return UNLOCKED | dict(self.value.get("attributes", {}))

    @property
    def is_listed(self) -> bool:
        """Whether lists show it; asked for by its name, it is there all the same."""
        return bool(self.attributes["listEnabled"])


class Content:
    """The content of one registry."""

    def __init__(self, world: World, registry: Resource) -> None:
        self._world = world
        self._key = registry.id.key
        self.files = BlobFiles(world.blobs)

    # -- reading ---------------------------------------------------------------------------------------------------

    def repository(self, name: str) -> Entry | None:
        return self.find(REPOSITORY, name, "")

    def repositories(self) -> list[str]:
        """Return the names of the repositories that the catalog shows, in order."""
        listed = "COALESCE(json_extract(value, '$.attributes.listEnabled'), 1)"
        where = f"registry = ? AND kind = ? AND {listed} ORDER BY repository"
        rows = self._world.db.rows(f"SELECT repository FROM content WHERE {where}", (self._key, REPOSITORY))
        return [row[0] for row in rows]

    def manifest(self, repository: str, reference: str) -> Entry | None:
        """Find a manifest by its digest or by a tag."""
        if ":" in reference:
            return self.find(MANIFEST, repository, reference)
        tag = self.find(TAG, repository, reference)
        return self.find(MANIFEST, repository, tag.value["digest"]) if tag else None

    def blob(self, repository: str, digest: str) -> BlobFile | None:
        """Find a blob that a repository may use."""
        return self.files.find(digest) if self.find(BLOB, repository, digest) else None

    def find(self, kind: str, repository: str, reference: str) -> Entry | None:
        where = "registry = ? AND repository = ? AND kind = ? AND reference = ?"
        values = (self._key, repository, kind, reference)
        row = self._world.db.row(f"SELECT value FROM content WHERE {where}", values)
        return Entry(kind, repository, reference, json.loads(row[0])) if row else None

    def every(self, kind: str, repository: str) -> Iterator[Entry]:
        """Return all entries of a kind in a repository, by reference."""
        where = "registry = ? AND repository = ? AND kind = ? ORDER BY reference"
        rows = self._world.db.rows(f"SELECT reference, value FROM content WHERE {where}", (self._key, repository, kind))
        for reference, value in rows:
            yield Entry(kind, repository, reference, json.loads(value))

    def referrers(self, repository: str, subject: str) -> list[Entry]:
        """Return manifests that name a digest as their subject, the oldest first."""
        where = "registry = ? AND repository = ? AND kind = ? AND json_extract(value, '$.subject') = ?"
        values = (self._key, repository, MANIFEST, subject)
        statement = f"SELECT reference, value FROM content WHERE {where} ORDER BY json_extract(value, '$.created')"
        rows = self._world.db.rows(statement, values)
        return [Entry(MANIFEST, repository, reference, json.loads(value)) for reference, value in rows]

    def untagged(self, *, since: str, until: str) -> list[Entry]:
        """Return manifests that lost their last tag between two times and are no part of an index."""
        where = "registry = ? AND kind = ? AND json_extract(value, '$.untagged') BETWEEN ? AND ?"
        statement = f"SELECT repository, reference, value FROM content WHERE {where}"
        rows = self._world.db.rows(statement, (self._key, MANIFEST, since, until))
        found = [Entry(MANIFEST, repository, reference, json.loads(value)) for repository, reference, value in rows]
        return [one for one in found if not self._is_part(one)]

    def _is_part(self, manifest: Entry) -> bool:
        others = (self.files.find(other.reference) for other in self.every(MANIFEST, manifest.repository))
        return any(manifest.reference in _members(file.read()) for file in others if file)

    def size(self) -> int:
        """Return bytes of everything that it stores, each blob and manifest once."""
        where = "registry = ? AND kind IN (?, ?)"
        values = (self._key, BLOB, MANIFEST)
        rows = self._world.db.rows(f"SELECT DISTINCT reference FROM content WHERE {where}", values)
        return sum(file.size for file in map(self.files.find, (row[0] for row in rows)) if file)

    # -- writing ---------------------------------------------------------------------------------------------------

    def put(self, entry: Entry) -> Entry:
        """Keep an entry as it is now, dated."""
        now = self._world.timestamp()
        entry.value = {"created": now, **entry.value, "updated": now}
        self.write(entry)
        return entry

    def write(self, entry: Entry) -> None:
        """Keep an entry as it is now, with the date that it has."""
        values = (self._key, entry.repository, entry.kind, entry.reference, json.dumps(entry.value))
        self._world.db.execute("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?, ?)", values)

    def keep_manifest(
        self, repository: str, raw: bytes, value: JSON, *, tag: str = "", algorithm: str = SHA256
    ) -> Entry:
        """Store a manifest, with a tag where one is given; the repository comes into being with its first.

        Args:
            value: what is kept of it, at least its `mediaType`.
            algorithm: of the digest by which it is known.
        """
        file = self.files.write(raw, algorithm)
        old = self.find(MANIFEST, repository, file.digest)
        kept = old or Entry(MANIFEST, repository, file.digest, value)
        if tag:
            kept.value.pop(UNTAGGED, None)
        self.put(kept)
        if tag:
            before = (self.find(TAG, repository, tag) or Entry(TAG, repository, tag)).value
            self.put(Entry(TAG, repository, tag, before | {"digest": file.digest}))
            self._date_untagged(repository, before.get("digest", ""))
        self.put(self.repository(repository) or Entry(REPOSITORY, repository, ""))
        return kept

    def allow_blob(self, repository: str, digest: str) -> None:
        """Let a repository use a blob."""
        self.put(Entry(BLOB, repository, digest))

    def remove(self, entry: Entry) -> None:
        where = "registry = ? AND repository = ? AND kind = ? AND reference = ?"
        self._remove(where, self._key, entry.repository, entry.kind, entry.reference)

    def remove_tag(self, tag: Entry) -> None:
        """Take a tag away; its manifest stays, and knows since when it has none."""
        self.remove(tag)
        self._date_untagged(tag.repository, tag.value["digest"])

    def _date_untagged(self, repository: str, digest: str) -> None:
        manifest = self.find(MANIFEST, repository, digest)
        if manifest and not any(tag.value["digest"] == digest for tag in self.every(TAG, repository)):
            manifest.value[UNTAGGED] = self._world.timestamp()
            self.write(manifest)

    def remove_manifest(self, entry: Entry) -> None:
        """Take a manifest away with its tags, the blobs that no other needs, and whatever refers to it.

        A referrer that is locked stays. The last manifest takes its repository along.
        """
        for tag in self.every(TAG, entry.repository):
            if tag.value["digest"] == entry.reference:
                self.remove(tag)
        self.remove(entry)
        needed = {part for other in self.every(MANIFEST, entry.repository) for part in self._parts(other)}
        for part in self._parts(entry):
            if part not in needed:
                self.remove(Entry(BLOB, entry.repository, part))
        for referrer in self.referrers(entry.repository, entry.reference):
            if referrer.attributes["deleteEnabled"] and referrer.attributes["writeEnabled"]:
                self.remove_manifest(referrer)
        if not any(self.every(MANIFEST, entry.repository)):
            self.remove(Entry(REPOSITORY, entry.repository, ""))  # what was pushed for the next manifest stays

    def _parts(self, manifest: Entry) -> list[str]:
        file = self.files.find(manifest.reference)
        return _parts(file.read()) if file else []

    def remove_repository(self, name: str) -> None:
        self._remove("registry = ? AND repository = ?", self._key, name)

    def drop(self) -> None:
        """Forget everything that the registry holds."""
        self._remove("registry = ?", self._key)

    def _remove(self, where: str, *values: str) -> None:
        """Delete rows, and note what files may go with them."""
        kinds = (FREED, *values, BLOB, MANIFEST)
        freed = f"SELECT DISTINCT '', '', ?, reference, '{{}}' FROM content WHERE {where} AND kind IN (?, ?)"
        self._world.db.execute(f"INSERT OR REPLACE INTO content {freed}", kinds)
        self._world.db.execute(f"DELETE FROM content WHERE {where}", values)


def _parts(raw: bytes) -> list[str]:
    """Digests of the blobs that a manifest is made of; none: an import may bring what makes no sense.

    What an index lists is among them: it may be blobs.
    """
    document = _read(raw)
    layers = document.get("layers")
    return [*_digests([document.get("config"), *(layers if isinstance(layers, list) else ())]), *_members(raw)]


def _members(raw: bytes) -> list[str]:
    """Digests of the manifests that an index lists."""
    listed = _read(raw).get("manifests")
    return _digests(listed if isinstance(listed, list) else ())


def _read(raw: bytes) -> JSON:
    try:
        document = json_depth.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _digests(parts: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(str(part["digest"]) for part in parts if isinstance(part, dict) and "digest" in part))


def drop_content(world: World, registry: Resource) -> None:
    """Forget what a registry holds, for the end of the registry itself."""
    Content(world, registry).drop()


def stored_size(world: World, registry: Resource) -> int:
    """Say how many bytes a registry stores, for its usages."""
    return Content(world, registry).size()

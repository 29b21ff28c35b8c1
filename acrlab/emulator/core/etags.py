"""Etags: which state of a resource an answer shows, and a condition asks for.

A resource of the network service and the parts that can be written inline with it have one etag: what is written to a
subnet makes another etag for its network and for every other subnet.
Source: the recordings of azure-cli's tests (network) and of Azure/azure-service-operator (two routes of a table)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.database import Database
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType


@dataclass(frozen=True)
class Etags:
    """The etags of a world.

    Attributes:
        types: what is declared, by type in small letters.
    """

    state: State
    types: Mapping[str, ResourceType]
    db: Database

    def of(self, resource: Resource) -> str:
        """Return the etag of a resource, in the form of its kind."""
        kind = self.types[resource.id.type.lower()]
        if kind.etag == "counted":
            return f'"{resource.revision}"'
        value = self.state.derive(*self._written(resource, kind))
        return {"quoted": f'W/"{value}"', "inside quotes": f'"{value}"'}.get(kind.etag, value)

    def part_goes(self, id: ArmId) -> None:
        """Give what a part is taken from another etag than it has ever had."""
        whole, part = self._whole(id), self.state.find(id)
        if whole is not None and part is not None:
            grown = (part.revision + 1, whole.key)
            self.db.execute("UPDATE resource SET revision = revision + ? WHERE key = ?", grown)

    def _written(self, resource: Resource, kind: ResourceType) -> tuple[str, ...]:
        """Return the words that an etag is made of; they change whenever the resource, or what has its etag, does."""
        whole = self._whole(resource.id) or (resource.id if kind.children else None)
        kept = self._kept(whole) if whole else None  # as it is kept: a part may have gone since it was read
        key, generation, revision = kept or (resource.id.key, resource.generation, resource.revision)
        return key, str(generation), "etag", str(revision)

    def _kept(self, whole: ArmId) -> tuple[str, int, int] | None:
        """Return the key of a resource with inline parts, its generation, and how often it and they were written."""
        types = [f"{whole.type}/{segment}".lower() for segment in self.types[whole.type.lower()].children.values()]
        parts = f"SELECT coalesce(sum(revision), 0) FROM resource WHERE parent = ? AND type IN ({_marks(types)})"
        row = self.db.row(
            f"SELECT key, generation, revision + ({parts}) FROM resource WHERE key = ?", (whole.key, *types, whole.key)
        )
        return (str(row[0]), int(row[1]), int(row[2])) if row else None

    def _whole(self, id: ArmId) -> ArmId | None:
        """Return what a resource is an inline part of; None: nothing."""
        parent = self.types.get(id.parent.type.lower()) if id.parent else None
        segment = id.type.rpartition("/")[2]
        return id.parent if parent and segment in parent.children.values() else None


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))

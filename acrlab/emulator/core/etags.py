"""Etags: which state of a resource an answer shows, and a condition asks for.

A resource of the network service and the parts that can be written inline with it have one etag: what is written to a
subnet makes another etag for its network and for every other subnet.
Source: the recordings of azure-cli's tests (network) and of Azure/azure-service-operator (two routes of a table)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.database import Database
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType

FORMS = {"quoted": 'W/"{}"', "inside quotes": '"{}"'}


@dataclass(frozen=True)
class Shared:
    """How the etag that resources of one type share with others is found.

    Attributes:
        up: how many segments of a key lead up to the resource whose etag it is: 2 for its parts, 0 for itself.
        statement: asks for the generation of that resource, and how often it and its parts were written.
        types: of its parts, which the statement asks for.
    """

    up: int
    statement: str
    types: tuple[str, ...]

    def key_of_the_whole(self, key: str) -> str:
        return key.rsplit("/", self.up)[0]


class Etags:
    """The etags of a world."""

    def __init__(self, types: Mapping[str, ResourceType], db: Database) -> None:
        """`types`: what is declared, by type in small letters."""
        self._types, self._db = types, db
        self._shared: dict[str, Shared | None] = {}  # by type, worked out when one is first asked about

    def of(self, state: State, resource: Resource) -> str:
        """Return the etag of a resource, in the form of its kind."""
        kind = self._types[resource.id.type.lower()]
        if kind.etag == "counted":
            return f'"{resource.revision}"'
        value = state.derive(*self._words(resource))
        return FORMS.get(kind.etag, "{}").format(value)

    def part_goes(self, state: State, id: ArmId) -> None:
        """Give what a part is taken from another etag than it has ever had."""
        shared, part = self._sharing(id.type), state.find(id)
        if shared is not None and shared.up and part is not None:
            grown = (part.revision + 1, shared.key_of_the_whole(id.key))
            self._db.execute("UPDATE resource SET revision = revision + ? WHERE key = ?", grown)

    def _words(self, resource: Resource) -> tuple[str, ...]:
        """Return the words that an etag is made of; they change whenever the resource, or what has its etag, does."""
        key, generation, revision = resource.id.key, resource.generation, resource.revision
        if shared := self._sharing(resource.id.type):
            whole = shared.key_of_the_whole(key)
            # As it is kept: a part may have gone since the resource was read.
            if kept := self._db.row(shared.statement, (whole, *shared.types, whole)):
                key, (generation, revision) = whole, kept
        return key, str(generation), "etag", str(revision)

    def _sharing(self, type: str) -> Shared | None:
        if type not in self._shared:
            self._shared[type] = self._work_out(type)
        return self._shared[type]

    def _work_out(self, type: str) -> Shared | None:
        """Tell with what resources of a type share their etag; None: with nothing."""
        above, _, segment = type.rpartition("/")
        parent, own = self._types.get(above.lower()), self._types[type.lower()]
        is_part = parent is not None and segment in parent.children.values()
        whole = parent if parent is not None and is_part else own
        types = tuple(f"{whole.type}/{part}".lower() for part in whole.children.values())
        if not types:
            return None
        parts = f"SELECT coalesce(sum(revision), 0) FROM resource WHERE parent = ? AND type IN ({_marks(len(types))})"
        statement = f"SELECT generation, revision + ({parts}) FROM resource WHERE key = ?"
        return Shared(2 if is_part else 0, statement, types)


def _marks(count: int) -> str:
    return ", ".join("?" * count)

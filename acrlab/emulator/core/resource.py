"""One stored resource, and what a declaration may ask of the state that it is kept in.

Both stand below the declarations: a domain, a rule and a computed property get them handed in, so that this module may
know nothing of how a type is declared.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON

# Phases of a resource's life, as `provisioningState` spells them.
SUCCEEDED, CREATING, UPDATING, DELETING, FAILED = "Succeeded", "Creating", "Updating", "Deleting", "Failed"
CANCELED = "Canceled"


@dataclass
class Resource:
    """One stored resource.

    Attributes:
        body: what the caller set, defaults filled in: `location`, `tags`, …, and `properties`.
        state: what the service keeps beside it and no caller may set: addresses, approvals, dates.
        phase: `Succeeded`, or what an operation is doing to it.
        generation: how many resources of this id there have been, this one included.
        revision: how many times this one was written; both together decide its ids and etags.
        created, changed: virtual seconds.
        sequence: its place among all resources in the order in which they were made; 0 before it is kept.
    """

    id: ArmId
    body: JSON
    state: JSON = field(default_factory=dict)
    phase: str = SUCCEEDED
    generation: int = 1
    revision: int = 0
    created: float = 0.0
    changed: float = 0.0
    sequence: int = 0

    @property
    def properties(self) -> JSON:
        properties: JSON = self.body.setdefault("properties", {})
        return properties

    @property
    def location(self) -> str:
        return str(self.body.get("location", ""))

    @property
    def is_new(self) -> bool:
        """Whether the operation that makes it still runs, and not one that changes it."""
        return self.revision <= 1 and self.phase in (CREATING, UPDATING)


@lru_cache(maxsize=4096)  # the etag of what does not change is asked for again and again
def guid_of(words: str) -> str:
    """Make the one GUID that belongs to some words."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, words))


class DeclaredType(Protocol):
    """What a declaration may ask of another resource type. `ResourceType` is that and far more."""

    @property
    def type(self) -> str: ...
    @property
    def versions(self) -> Sequence[str]: ...
    @property
    def envelope(self) -> Mapping[str, Any]: ...


class State(Protocol):
    """What a declaration may ask of the rest of the emulated Azure; `World` is the one that answers."""

    @property
    def now(self) -> float:
        """Virtual seconds since the world began."""
        ...

    def get(self, id: ArmId) -> Resource: ...
    def find(self, id: ArmId | str) -> Resource | None: ...
    def new(self, id: ArmId, body: JSON, state: JSON | None = None) -> Resource: ...
    def put(self, resource: Resource) -> Resource: ...
    def settle(self, resource: Resource, phase: str) -> None: ...
    def delete(self, id: ArmId) -> None: ...
    def remove(self, resource: Resource) -> None: ...
    def lately_deleted(self, id: ArmId) -> list[Resource]: ...
    def below(self, id: ArmId) -> list[Resource]: ...
    def oldest_first(
        self, id: ArmId, *, after: int, wanted: Callable[[Any], bool], at_once: int
    ) -> Iterator[Resource]: ...
    def of_type(self, type: str, under: str = "") -> Iterator[Resource]: ...
    def named(self, type: str, name: str) -> Iterator[Resource]: ...
    def children(self, parent: ArmId, segment: str) -> list[Resource]: ...
    def referrers(self, id: ArmId | str, *types: str) -> list[Resource]: ...
    def referring_ids(self, id: ArmId, *types: str) -> list[str]: ...
    def addresses_in(self, subnet: ArmId) -> set[int]: ...
    def etag(self, resource: Resource) -> str: ...
    def guid(self, resource: Resource, purpose: str) -> str: ...
    def derive(self, *parts: str) -> str: ...
    def timestamp(self, at: float | None = None) -> str: ...
    def setting(self, name: str) -> str: ...
    def value(self, key: str, default: str) -> str: ...
    def set_value(self, key: str, value: str) -> None: ...
    def type_of(self, id: ArmId) -> DeclaredType: ...
    def types_of(self, namespace: str) -> Sequence[DeclaredType]: ...
    def show(self, resource: Resource, version: str = "") -> JSON: ...
    def show_envelope(self, resource: Resource) -> JSON: ...
    def perform(self, capability: str, *args: Any) -> Any: ...

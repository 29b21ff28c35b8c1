"""Microsoft.ContainerRegistry/registries/scopeMaps: what a repository token may do, and in which repositories."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Text
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import last_write
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE, not_there
from acrlab.emulator.types.polling import TOKEN_DELETE, TOKEN_PATCH

SCOPE_MAP_TYPE = f"{REGISTRY_TYPE}/scopeMaps"
ACTION = r"repositories/.+/(content/(read|write|delete)|metadata/(read|write))"
GATEWAY_ACTION = r"gateway/.+/(config|message)/(read|write)"
_ALL = "repositories/*"
# Maps that every registry has, and no one can change.
SYSTEM = {
    "_repositories_pull": ("content/read",),
    "_repositories_pull_metadata_read": ("content/read", "metadata/read"),
    "_repositories_push": ("content/read", "content/write"),
    "_repositories_push_metadata_write": ("content/read", "content/write", "metadata/read", "metadata/write"),
    "_repositories_admin": ("content/read", "content/write", "content/delete", "metadata/read", "metadata/write"),
}


def is_one_s_own(state: State, scope_map: Resource, old: Resource | None) -> None:
    """Maps that Azure made are not to be changed. The words are ours."""
    if scope_map.id.name in SYSTEM:
        message = f"The scope map {scope_map.id.name} is defined by the system and cannot be changed."
        raise ArmError(400, "ScopeMapSystemDefined", message)


def no_token_uses_it(state: State, scope_map: Resource) -> None:
    """A token must not lose its rights unnoticed. The words are ours."""
    registry = scope_map.id.parent
    tokens = state.children(registry, "tokens") if registry else ()
    users = [t.id.name for t in tokens if t.properties["scopeMapId"].lower() == scope_map.id.key]
    if users:
        message = f"The scope map {scope_map.id.name} is used by the tokens {', '.join(users)} and cannot be deleted."
        raise ArmError(409, "ScopeMapInUse", message)


def find_system_defined(state: State, id: ArmId) -> Resource | None:
    """A map that every registry has, without a caller having made it."""
    parts = SYSTEM.get(id.name)
    registry = state.find(id.parent) if id.parent else None
    if parts is None or registry is None:
        return None
    body = {"properties": {"actions": [f"{_ALL}/{part}" for part in parts]}}
    found = state.new(id, body, {"creationDate": registry.state["creationDate"]})
    found.revision = registry.revision
    return found


def dates_itself(state: State, scope_map: Resource, old: Resource | None) -> None:
    """The day of creation stays for good."""
    scope_map.state.setdefault("creationDate", state.timestamp())


SCOPE_MAP = ResourceType(
    type=SCOPE_MAP_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/scope-maps/create",
    versions=api_versions.REGISTRY,
    name=r"[A-Za-z0-9_-]{5,50}",
    envelope={},
    properties={
        "actions": Field(Listing(Text(ACTION, unmodelled=GATEWAY_ACTION)), required=True),
        "description": Field(Text(r"(?s).{0,256}"), inert=True),
    },
    read_only=("type", "creationDate"),
    computed={
        "type": lambda state, scope_map: "SystemDefined" if scope_map.id.name in SYSTEM else "UserDefined",
        "creationDate": lambda state, scope_map: with_offset(scope_map.state["creationDate"]),
    },
    computed_envelope={"systemData": last_write},
    rules=(is_one_s_own,),
    delete_rules=(no_token_uses_it,),
    on_put=dates_itself,
    derived=find_system_defined,
    polling={"PATCH": TOKEN_PATCH, "DELETE": TOKEN_DELETE},
    seconds={"PATCH": 2, "DELETE": 2},
    created=200,
    missing=not_there,
)

DEVIATIONS = (
    Deviation(
        of=SCOPE_MAP_TYPE,
        what="Maps that the system defines are found by their names, and not listed.",
        impact="`az acr scope-map list` shows one's own alone.",
        reason="They are not stored: they follow from the registry.",
        workaround="`az acr scope-map show --name _repositories_pull`.",
    ),
)

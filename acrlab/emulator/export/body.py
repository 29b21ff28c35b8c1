"""What of a resource stands in a template: what a caller may set, and little of what a service adds.

Azure goes by its schemas, which leave out secrets and what can only be read; a few computed properties are no read-only
ones there, and stand in real exports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.world import World
from acrlab.emulator.types.aks.names import CLUSTER_TYPE, POOL_TYPE
from acrlab.emulator.types.container_registry.scope_map import SCOPE_MAP_TYPE
from acrlab.emulator.types.network.network_space import PEERING_TYPE
from acrlab.emulator.types.network.public_ip_address import ADDRESS_TYPE
from acrlab.emulator.types.network.subnet import ENDPOINT_TYPE

AROUND = ("sku", "zones", "identity", "kind")  # beside the properties, in the order of a template
# Computed, and exported all the same.
_TOLD: Mapping[str, Sequence[str]] = {
    ADDRESS_TYPE: ("ipAddress",),
    ENDPOINT_TYPE: ("customDnsConfigs",),
    CLUSTER_TYPE: ("servicePrincipalProfile",),
    POOL_TYPE: ("powerState",),
    PEERING_TYPE: ("peeringState", "peeringSyncLevel", "remoteAddressSpace", "remoteVirtualNetworkAddressSpace"),
}
# Can only be read, wherever it stands; or stands in no real export.
_READ_ONLY = {
    "provisioningState",
    "etag",
    "exactVersion",
    "lastEnabledTime",
    "lastUpdatedTime",
    "appliedDnsServers",
    "internalDomainNameSuffix",
    "internalFqdn",
    "currentOrchestratorVersion",
    "nodeImageVersion",
    "ipamPoolPrefixAllocations",
    "privateLinkConnectionProperties",
    "recordSets",
}
# The same in the parts of some types alone.
_READ_ONLY_THERE: Mapping[str, set[str]] = {
    ENDPOINT_TYPE: {"type"},
    f"{ENDPOINT_TYPE}/privateDnsZoneGroups": {"id", "type"},
}
_DESCRIBED = {
    "_repositories_admin": "Can perform all read, write and delete operations on the registry",
    "_repositories_pull": "Can pull any repository of the registry",
    "_repositories_pull_metadata_read": "Can perform all read operations on the registry",
    "_repositories_push": "Can push to any repository of the registry",
    "_repositories_push_metadata_write": "Can perform all read and write operations on the registry",
}


def version_of(kind: ResourceType) -> str:
    """Choose the api-version of an export: the newest that is not a preview."""
    return next((v for v in kind.versions if not v.endswith("preview")), kind.versions[0])


def body_of(world: World, resource: Resource) -> JSON:
    """Return `location`, `tags`, … and `properties`, with names and ids as they are."""
    kind = world.type_of(resource.id)
    shown = world.show(resource, version_of(kind))
    body: JSON = {name: shown[name] for name in ("location", "tags") if name in kind.envelope and shown.get(name)}
    body |= {name: shown[name] for name in AROUND if shown.get(name) and (name in kind.envelope or name == "kind")}
    if "identity" in body:
        body["identity"] = _without_principals(body["identity"])
    properties = _writable(world, kind, shown["properties"])
    if kind.type == SCOPE_MAP_TYPE and resource.id.name in _DESCRIBED:
        properties = {"description": _DESCRIBED[resource.id.name], **properties}
    if kind.stateful or properties:
        body["properties"] = properties
    return body


def _writable(world: World, kind: ResourceType, shown: JSON) -> JSON:
    told = {*kind.properties, *_TOLD.get(kind.type, ())}
    hidden = _READ_ONLY | _READ_ONLY_THERE.get(kind.type, set())
    properties: JSON = _pruned({name: value for name, value in shown.items() if name in told}, hidden)
    for name, segment in kind.children.items():
        child = world.types[f"{kind.type}/{segment}".lower()]
        properties[name] = [_inline(world, child, one) for one in shown[name]]
    return properties


def _inline(world: World, kind: ResourceType, shown: JSON) -> JSON:
    """A child as its parent's body holds it; it is a resource of its own in the template, too."""
    kept = {name: shown[name] for name in ("name", "id", "type")}
    return {**kept, "properties": _writable(world, kind, shown["properties"])}


def _pruned(value: Any, hidden: set[str]) -> Any:
    if isinstance(value, dict):
        return {n: _pruned(inner, hidden) for n, inner in value.items() if n not in hidden and inner != ""}
    return [_pruned(item, hidden) for item in value] if isinstance(value, list) else value


def _without_principals(identity: JSON) -> JSON:
    named = identity.get("userAssignedIdentities")
    return {"type": identity["type"], **({"userAssignedIdentities": {id: {} for id in named}} if named else {})}

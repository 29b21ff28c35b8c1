"""What a registry answers on: one name for all of it, and for each of its regions one or two more.

A private endpoint gives each of them an address; it calls them members.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
"""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import (
    PRIVATE_ZONE,
    REGISTRY_MEMBER,
    data_endpoint,
    data_member,
    regional_endpoint,
    regional_member,
)
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE, has_regional_endpoints, server_of

NOT_REPLICATED = "Failed to replicate private endpoint."


class NoRoom(ArmError):
    """A new member needs an address in the subnet of each endpoint, and one is full. Azure does not say which."""

    def __init__(self) -> None:
        super().__init__(400, "BadRequest", NOT_REPLICATED)


def regions(state: State, registry: Resource) -> list[str]:
    """Tell where the registry serves from: its home first, then its replicas, as soon as they are ready."""
    ready = (r.location for r in state.children(registry.id, "replications") if r.state.get("serves"))
    return list(dict.fromkeys([registry.location, *ready]))


def members(state: State, registry: Resource) -> dict[str, str]:
    """Member -> name of the host, in the order in which a private endpoint gives them addresses: data first."""
    server, places = server_of(registry), regions(state, registry)
    data = {data_member(region): data_endpoint(server, region) for region in places}
    regional = {regional_member(region): regional_endpoint(server, region) for region in places}
    return data | {REGISTRY_MEMBER: server} | (regional if has_regional_endpoints(registry) else {})


def storage_account_of(state: State, registry: Resource) -> str:
    """Name the storage account, one of Azure's own, that holds a registry's layers."""
    return f"acrlab{state.guid(registry, 'storage account')[:8]}"


def data_hosts(state: State, registry: Resource) -> list[str]:
    """Names of the dedicated data endpoints, by region."""
    enabled = registry.properties["dataEndpointEnabled"]
    return (
        [data_endpoint(server_of(registry), region) for region in sorted(regions(state, registry))] if enabled else []
    )


def regional_hosts(state: State, registry: Resource) -> list[str]:
    """Names of the regional endpoints, by region."""
    enabled = has_regional_endpoints(registry)
    found = [regional_endpoint(server_of(registry), region) for region in sorted(regions(state, registry))]
    return found if enabled else []


def private_link_resources(state: State, registry: Resource, request: Request) -> JSON:
    """What a private endpoint can ask of this registry, and the zone that its names belong in."""
    shown = {
        "type": f"{REGISTRY_TYPE}/privateLinkResources",
        "id": f"{registry.id}/privateLinkResources/registry",
        "name": "registry",
        "properties": {
            "groupId": "registry",
            "requiredMembers": list(members(state, registry)),
            "requiredZoneNames": [PRIVATE_ZONE],
        },
    }
    return {"value": [shown]}


def private_link_resource(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Show the one group of a registry that a private endpoint can ask for."""
    group = ArmId.of_group(words["subscription"], words["group"])
    registry = state.get(ArmId(str(group), REGISTRY_TYPE, (words["registry"],)))
    if words["name"].lower() != "registry":
        message = f"The private link resource '{words['name']}' of registry {registry.id.name} was not found."
        raise ArmError(404, "PrivateLinkResourceNotFound", message)
    (shown,) = private_link_resources(state, registry, request)["value"]
    return dict(shown)


DEVIATIONS = (
    Deviation(
        of="Microsoft.ContainerRegistry/registries",
        what="A private endpoint gives regional endpoints their addresses after the registry's own.",
        impact="On Azure the same member may have another address of the subnet.",
        reason="No recording shows the interface of such a registry, and the order is no contract.",
        workaround="Find an address by `requiredMemberName`, and never by its place.",
    ),
)

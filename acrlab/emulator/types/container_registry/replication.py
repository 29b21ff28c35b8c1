"""Microsoft.ContainerRegistry/registries/replications: the regions that a registry serves from.

Each has a data endpoint of its own, and with it an address on the interface of every private endpoint.
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Flag, Region, Tags, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import make_home_replica, system_data
from acrlab.emulator.types.container_registry.registry_members import NoRoom
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE, is_premium
from acrlab.emulator.types.polling import REPLICATION_DELETE, REPLICATION_PATCH, REPLICATION_PUT


def registry_of(state: State, replica: Resource) -> Resource:
    return state.get(ArmId(replica.id.scope, REGISTRY_TYPE, replica.id.names[:1]))


def registry_is_premium(state: State, replica: Resource, old: Resource | None) -> None:
    """Only Premium registries have replicas. The service's own words for this are not known; these are ours."""
    registry = registry_of(state, replica)
    if not is_premium(registry):
        message = f"The requested feature replication is not supported for the SKU {registry.body['sku']['name']}."
        raise ArmError(400, "ReplicationNotSupported", message)


def region_has_no_other(state: State, replica: Resource, old: Resource | None) -> None:
    """A region holds one replica, whatever its name, and a replica stays where it is. The words are ours."""
    if old is not None and old.location != replica.location:
        message = f"The location of replication {replica.id.name} can't be changed from '{old.location}'."
        raise ArmError(409, "InvalidResourceLocation", message)
    for other in state.children(registry_of(state, replica).id, "replications"):
        if other.location == replica.location and other.id.key != replica.id.key:
            message = f"A replication already exists in location '{replica.location}': {other.id.name}."
            raise ArmError(409, "ReplicationAlreadyExists", message)


def note_time(state: State, replica: Resource, old: Resource | None) -> None:
    """The status tells since when it is as it is; other tags change nothing about that."""
    if old is None or old.properties != replica.properties:
        replica.state["since"] = state.now


def serve(state: State, replica: Resource) -> JSON | None:
    """The region is served from now on: every private endpoint gets an address for it, or there is no replica.

    With the first replica the home region is listed, too: the service makes that one by itself.
    """
    registry, served = registry_of(state, replica), replica.state.get("serves")
    replica.state |= {"serves": True} if served else {"serves": True, "since": state.now}
    state.settle(replica, SUCCEEDED)
    try:
        state.perform("members_changed", registry)
    except NoRoom as problem:
        if served:
            raise
        state.delete(replica.id)  # rolled back: it was there for as long as it was being made
        return {"code": problem.code, "message": problem.message}
    make_home_replica(state, registry)
    return None


def withdraw(state: State, replica: Resource) -> None:
    """The addresses of a region that is no longer served go back to their subnets; the home's stay."""
    replica.state["serves"] = False
    state.settle(replica, replica.phase)
    state.perform("members_changed", registry_of(state, replica))


def status(state: State, replica: Resource) -> JSON:
    shown = {"displayStatus": "Ready"} if replica.state.get("serves") else {}
    return {**shown, "timestamp": state.timestamp(replica.state["since"])}


def made_by(state: State, replica: Resource) -> JSON:
    """Tell who made it: the registry's own service where it stands for the home region."""
    if not replica.state.get("home"):
        return system_data(state, replica)
    service = state.derive("principal", "Microsoft.ContainerRegistry")
    who = {"createdBy": service, "createdByType": "Application"}
    return system_data(state, replica) | who | {"lastModifiedBy": service, "lastModifiedByType": "Application"}


REPLICATION = ResourceType(
    type=f"{REGISTRY_TYPE}/replications",
    source="https://learn.microsoft.com/rest/api/container-registry/replications/create",
    versions=api_versions.REGISTRY,
    name=r"[A-Za-z0-9]{5,50}",
    envelope={"location": Field(Region(), required=True), "tags": Field(Tags(), default={}, inert=True)},
    properties={
        "regionEndpointEnabled": Field(Flag(), default=True, since="2020-11-01"),
        "zoneRedundancy": Field(choice("Enabled", "Disabled"), default="Disabled", inert=True, since="2020-11-01"),
    },
    computed={"status": status},
    computed_envelope={"systemData": made_by},
    rules=(registry_is_premium, region_has_no_other),
    on_put=note_time,
    on_ready=serve,
    on_delete=withdraw,
    polling={"PUT": REPLICATION_PUT, "PATCH": REPLICATION_PATCH, "DELETE": REPLICATION_DELETE},
    seconds={"PUT": 10, "DELETE": 40},
    # Source: recordings of Azure/azure-sdk-for-net (ContainerRegistryReplication)
    tags_at_once=True,
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.ContainerRegistry/registries/replications",
        what="A replica holds everything at once: its status goes to `Ready` without `Syncing`.",
        impact="An image that was pushed a moment ago can be pulled in every region.",
        reason="The emulated registry has one store for all regions.",
        workaround="On Azure wait for the replication's webhook, or for its status.",
    ),
)

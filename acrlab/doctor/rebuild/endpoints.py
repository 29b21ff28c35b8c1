"""Rebuild private endpoints and the regions that they lead to, in the order in which Azure gives their addresses.

An endpoint whose addresses Azure chose gets one more with each region, so that it comes before the regions; one that is
told its addresses has to name one for every region that there is, so that it comes after them, and before those that
failed because of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import REGISTRY, REGISTRY_MEMBER, data_member, regional_member
from acrlab.doctor.rebuild.addresses import can_be_held, holding
from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.networks import location_at, location_of
from acrlab.doctor.rebuild.registry import registry_id
from acrlab.snapshot import Snapshot
from acrlab.snapshot.registry import Endpoint, Replica

FAILED = "Failed"


def build_endpoints(builder: Builder, seen: Snapshot) -> dict[str, str]:
    """Create each endpoint and each replica, with the addresses that were seen, and turn regional endpoints on.

    Returns: address that was seen -> the one that it is now, where that could not be had.
    """
    told = [e for e in seen.endpoints if _is_told(builder, seen, e)]
    chosen = [e for e in seen.endpoints if e not in told]
    made = [e for e in chosen if _build_chosen(builder, seen, e)]
    _build_regions(builder, seen, made)
    made += [e for e in told if _build_told(builder, seen, e)]
    for replica in _replicas(seen):
        if replica.state == FAILED:
            _fail(builder, seen, replica)
    return _compared(builder, made)


def _is_told(builder: Builder, seen: Snapshot, endpoint: Endpoint) -> bool:
    """Say whether an endpoint has to be told its addresses, as its maker did, or as Azure would not choose them."""
    if endpoint.static:
        return True
    far = not can_be_held(seen, endpoint.subnet, _wanted(endpoint).values())
    if far:
        builder.note(endpoint.name, "its addresses are fixed here, which Azure chose: too far into the subnet")
    return far


def _build_chosen(builder: Builder, seen: Snapshot, endpoint: Endpoint) -> bool:
    home = (REGISTRY_MEMBER, data_member(location_of(seen)))
    with holding(builder, seen, _by_subnet([endpoint], home)):
        return builder.put(endpoint.id, _body(seen, endpoint)) is not None


def _build_told(builder: Builder, seen: Snapshot, endpoint: Endpoint) -> bool:
    body, wanted = _body(seen, endpoint), _wanted(endpoint)
    body["properties"]["ipConfigurations"] = [_fixed(*pair) for pair in wanted.items()]
    if not wanted:
        builder.note(endpoint.name, "its addresses were fixed and not seen, and Azure chose them here")
    return builder.put(endpoint.id, body) is not None


def _build_regions(builder: Builder, seen: Snapshot, endpoints: Collection[Endpoint]) -> None:
    registry, id = seen.registry, registry_id(seen)
    for replica in _replicas(seen):
        if replica.state == FAILED:
            continue
        with holding(builder, seen, _by_subnet(endpoints, [data_member(replica.region)])):
            builder.put(_replica_id(seen, replica), {"location": replica.region})
        if replica.state != "Succeeded":
            builder.note(f"replica {replica.region}", f"it was {replica.state}, and is Succeeded here")
    if registry and registry.regional_hosts:
        regions = (registry.region, *(r.region for r in registry.replicas))
        with holding(builder, seen, _by_subnet(endpoints, [*map(regional_member, regions)])):
            builder.patch(id, {"properties": {"regionalEndpoints": "Enabled"}})


def _fail(builder: Builder, seen: Snapshot, replica: Replica) -> None:
    """Let a replica fail again; one that does not fail here is taken back, with the addresses that it got."""
    id = _replica_id(seen, replica)
    refused = builder.is_refused(id, {"location": replica.region})
    if not refused:
        builder.delete(id)
    if not refused or (builder.read(id) or {"properties": {}})["properties"].get("provisioningState") != FAILED:
        builder.note(f"replica {replica.region}", "it was Failed, and is not there here: nothing makes it fail")


def _replicas(seen: Snapshot) -> tuple[Replica, ...]:
    return seen.registry.replicas if seen.registry else ()


def _replica_id(seen: Snapshot, replica: Replica) -> str:
    return f"{registry_id(seen)}/replications/{replica.region}"


def _wanted(endpoint: Endpoint) -> dict[str, str]:
    """Member -> address, as they were seen."""
    return {a.member: a.address for a in endpoint.addresses if a.address}


def _by_subnet(endpoints: Iterable[Endpoint], members: Collection[str]) -> dict[str, list[str]]:
    """Id of a subnet -> addresses that these endpoints had in it for some members."""
    found: dict[str, list[str]] = {}
    for endpoint in endpoints:
        wanted = [address for member, address in _wanted(endpoint).items() if member in members]
        found.setdefault(endpoint.subnet, []).extend(wanted)
    return found


def _compared(builder: Builder, endpoints: Iterable[Endpoint]) -> dict[str, str]:
    """Note which endpoints have other members here. Returns: address that was seen -> the one that it is now."""
    moved: dict[str, str] = {}
    for endpoint in endpoints:
        held, wanted = _held(builder, endpoint), _wanted(endpoint)
        moved |= {old: held[member] for member, old in wanted.items() if held.get(member, old) != old}
        if wanted and held.keys() != wanted.keys():
            were, are = ", ".join(sorted(wanted)), ", ".join(sorted(held))
            builder.note(endpoint.name, f"it had addresses for {were}, and has them for {are} here")
        if endpoint.state == FAILED:
            builder.note(endpoint.name, "it was Failed, and is Succeeded here")
    return moved


def _body(seen: Snapshot, endpoint: Endpoint) -> dict[str, Any]:
    target = endpoint.target if ArmId.parse(endpoint.target).type.lower() == REGISTRY.lower() else registry_id(seen)
    properties: dict[str, Any] = {"privateLinkServiceId": target, "groupIds": [*endpoint.members] or ["registry"]}
    record = seen.connections.get(endpoint.id.lower())
    if endpoint.manual and record and record.status == "Pending":
        properties["requestMessage"] = record.description
    asked = [{"name": endpoint.connection_name or endpoint.name, "properties": properties}]
    kind = "manualPrivateLinkServiceConnections" if endpoint.manual else "privateLinkServiceConnections"
    body: dict[str, Any] = {"subnet": {"id": endpoint.subnet}, kind: asked}
    if endpoint.application_groups:
        body["applicationSecurityGroups"] = [{"id": id} for id in endpoint.application_groups]
    return {"location": endpoint.location or location_at(seen, endpoint.subnet), "properties": body}


def _fixed(member: str, address: str) -> dict[str, Any]:
    given = {"groupId": "registry", "memberName": member, "privateIPAddress": address}
    return {"name": member, "properties": given}


def _held(builder: Builder, endpoint: Endpoint) -> dict[str, str]:
    """Member -> address, of an endpoint that was just made."""
    made = builder.read(endpoint.id)
    held: dict[str, str] = {}
    for reference in made["properties"].get("networkInterfaces") or [] if made else []:
        interface = builder.read(reference["id"])
        for one in interface["properties"].get("ipConfigurations") or [] if interface else []:
            properties = one["properties"]
            member = (properties.get("privateLinkConnectionProperties") or {}).get("requiredMemberName")
            held[str(member)] = str(properties.get("privateIPAddress") or "")
    return held

"""Rebuild private zones: their links, what zone groups wrote into them, and the records as they were seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import RECORDS_VERSION
from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.networks import location_at
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone, ZoneRecord
from acrlab.snapshot.registry import Endpoint, ZoneGroup


def build_zones(builder: Builder, seen: Snapshot) -> None:
    """Create each zone with its links."""
    for zone in seen.zones:
        builder.put(zone.id, {"location": "global"})
        if zone.links is None or zone.records is None:
            builder.note(zone.id, "its links or records could not be read")
        for link in zone.links or ():
            properties = {
                "virtualNetwork": {"id": link.network},
                "registrationEnabled": False,
                "resolutionPolicy": link.policy,
            }
            builder.put(link.id, {"location": "global", "properties": properties})


def build_zone_groups(builder: Builder, seen: Snapshot) -> None:
    """Create each endpoint's zone groups; one that lost its records loses them again, with another endpoint's."""
    for endpoint in seen.endpoints:
        for group in endpoint.zone_groups or ():
            _put_group(builder, group.id, group)
            if _lost(seen, endpoint, group):
                _lose(builder, seen, endpoint, group)


def _put_group(builder: Builder, id: str, group: ZoneGroup) -> None:
    configs = [
        {"name": ArmId.parse(t.zone).name.replace(".", "-"), "properties": {"privateDnsZoneId": t.zone}}
        for t in group.targets
    ]
    builder.put(id, {"properties": {"privateDnsZoneConfigs": configs}})


def _lost(seen: Snapshot, endpoint: Endpoint, group: ZoneGroup) -> bool:
    """Say whether a zone group of an approved endpoint has a zone of the right name, and no record in it."""
    approved = any(same(c.endpoint, endpoint.id) and c.status == "Approved" for c in seen.connections.values())
    right = any(ArmId.parse(t.zone).name == seen.subject.names.zone for t in group.targets)
    return approved and right and not any(t.hosts for t in group.targets)


def _lose(builder: Builder, seen: Snapshot, endpoint: Endpoint, group: ZoneGroup) -> None:
    twin = f"{endpoint.id}-gone"
    request = {"name": "gone", "properties": {"privateLinkServiceId": endpoint.target, "groupIds": ["registry"]}}
    properties = {"subnet": {"id": endpoint.subnet}, "privateLinkServiceConnections": [request]}
    builder.put(twin, {"location": endpoint.location or location_at(seen, endpoint.subnet), "properties": properties})
    _put_group(builder, f"{twin}/privateDnsZoneGroups/{group.name}", group)
    builder.delete(twin)


def write_records(builder: Builder, seen: Snapshot, moved: Mapping[str, str]) -> None:
    """Let zones hold the records that were seen, and no other of these kinds.

    Args:
        moved: address that was seen -> the one that it is now.
    """
    for zone in seen.zones:
        if zone.records is None:
            continue
        wanted = {(r.type, r.name): r for r in zone.records}
        for kind, name in _there(builder, zone):
            if (kind, name) not in wanted:
                builder.delete(f"{zone.id}/{kind}/{name}")
        for record in wanted.values():
            builder.put(f"{zone.id}/{record.type}/{record.name}", _record(record, moved))


def _there(builder: Builder, zone: Zone) -> list[tuple[str, str]]:
    listed = builder.lab.arm.get_all(f"{zone.id}/ALL", RECORDS_VERSION)
    found = [(str(r["type"]).rpartition("/")[2], str(r["name"]).lower()) for r in listed]
    return [(kind, name) for kind, name in found if kind in ("A", "CNAME")]


def _record(record: ZoneRecord, moved: Mapping[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {"ttl": record.ttl}
    if record.type == "A":
        properties["aRecords"] = [{"ipv4Address": moved.get(v, v)} for v in record.values]
    elif record.values:
        properties["cnameRecord"] = {"cname": record.values[0]}
    if record.creator:
        properties["metadata"] = {"creator": record.creator}
    return {"properties": properties}

"""Check what the regions of a registry ask of its private endpoints: a connection, an address each, and room."""

from __future__ import annotations

from acrlab.doctor import az
from acrlab.doctor.facts import connection_for, endpoint_in_use, zone_in_use
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Subnet
from acrlab.snapshot.registry import Endpoint, Registry, RegistryConnection

REGIONS = "https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication"
ROOM = "https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints#plan-subnet-ip-capacity-for-private-endpoints"


def failed(snapshot: Snapshot) -> Finding | None:
    """A replica fails because an endpoint's subnet is full, or because an endpoint has addresses of its own."""
    registry = snapshot.registry
    lost = [r.region for r in registry.replicas if r.state == "Failed"] if registry else []
    if registry is None or not lost:
        return None
    fixed = [e for e in _own(snapshot, registry) if e.static]
    return Finding(
        code="replica-failed",
        severity="warning",
        title=f"{registry.name} has a replica in {', '.join(lost)} that was never finished.",
        evidence=(
            *(f"replication {region}: Failed" for region in lost),
            *(f"ipConfigurations of {e.name}: not empty" for e in fixed),
            *_rooms(snapshot, registry),
        ),
        why=WHY_STATIC if fixed else WHY_FULL,
        remedy=_made_again(snapshot, registry, fixed, lost) if fixed else _removed(registry, lost),
        source=REGIONS,
    )


WHY_FULL = "Each replica needs one more address in every endpoint; where a subnet is full, Azure rolls it back."
WHY_STATIC = (
    "The addresses of that endpoint were chosen when it was created, and there is none for the new region. "
    "Without them Azure assigns others, so that its records have to be written again: a zone group will do that."
)


def _removed(registry: Registry, lost: list[str]) -> Remedy:
    group, name = az.place(registry.id)
    return Remedy(
        tuple(az.az("acr replication delete", resource_group=group, registry=name, name=region) for region in lost),
        "; ".join(f"acrlab.remedies.remove_replica(lab, {region!r})" for region in lost),
    )


def _made_again(snapshot: Snapshot, registry: Registry, fixed: list[Endpoint], lost: list[str]) -> Remedy:
    """Let the endpoints go on with other addresses, which Azure writes into the zone, and ask for the replica again."""
    group, name = az.place(registry.id)
    zone, here = zone_in_use(snapshot), endpoint_in_use(snapshot)
    by_hand = [e for e in fixed if zone and here and same(e.id, here.id) and not e.zone_groups]
    written = (one for e in by_hand for one in az.write_records_of(e.id, zone.id if zone else ""))
    made = (az.az("acr replication create", resource_group=group, registry=name, location=region) for region in lost)
    calls = [
        *(f"acrlab.remedies.release_addresses(lab, {e.id!r})" for e in fixed),
        *(
            f"acrlab.remedies.write_records_by_group(lab, {e.id!r}, {zone.id if zone else ''!r}, {az.ZONE_GROUP!r})"
            for e in by_hand
        ),
        *(f"acrlab.remedies.ensure_replica(lab, {region!r})" for region in lost),
    ]
    return Remedy((*(_released(e) for e in fixed), *written, *made), "; ".join(calls))


def _released(endpoint: Endpoint) -> str:
    return az.az("network private-endpoint update", ids=endpoint.id, set="ipConfigurations=[]")


def waiting(snapshot: Snapshot) -> Finding | None:
    """Azure may ask the registry's owner once more when a replica comes: the endpoint has then two connections."""
    registry = snapshot.registry
    asked = _asked_again(snapshot, registry) if registry else []
    if registry is None or not asked:
        return None
    names = ", ".join(sorted({c.endpoint.rpartition("/")[2] for c in asked}))
    return Finding(
        code="replica-pending",
        severity="error",
        title=f"{names} was approved, and is waiting for approval again.",
        evidence=(
            *(f"connection {c.name}: Pending, \u201c{c.description}\u201d" for c in asked),
            f"regions of {registry.name}: {', '.join(_regions(registry))}",
        ),
        why=(
            "A replica that came later may be a connection of its own. Until it is approved the region's names lead "
            "nowhere through this endpoint, while all others work."
        ),
        remedy=Remedy(
            tuple(az.az("network private-endpoint-connection approve", id=c.id, description="Approved") for c in asked),
            "; ".join(f"acrlab.remedies.approve_connection(lab, {c.id!r})" for c in asked),
        ),
        source=REGIONS,
    )


def _asked_again(snapshot: Snapshot, registry: Registry) -> list[RegistryConnection]:
    approved = {c.endpoint.lower() for c in registry.connections if c.status == "Approved"}
    return [c for c in registry.connections if c.status == "Pending" and c.endpoint.lower() in approved]


def static(snapshot: Snapshot) -> Finding | None:
    """An endpoint whose addresses were chosen has none for the next replica."""
    registry = snapshot.registry
    fixed = [e for e in _own(snapshot, registry) if e.static] if registry else []
    if registry is None or not fixed or any(r.state == "Failed" for r in registry.replicas):
        return None
    return Finding(
        code="endpoint-static",
        severity="note",
        title=f"{', '.join(e.name for e in fixed)} has addresses of its own, and the next replica will fail.",
        evidence=tuple(f"{e.name} holds {', '.join(a.address for a in e.addresses)}" for e in fixed),
        why=(
            "Azure adds no address to an endpoint whose ipConfigurations name them: a replica, and regional endpoints, "
            "find no address there. Make the endpoint after all replicas, or let Azure choose the addresses."
        ),
        remedy=Remedy(
            tuple(_released(e) for e in fixed),
            "; ".join(f"acrlab.remedies.release_addresses(lab, {e.id!r})" for e in fixed),
        ),
        source=REGIONS,
    )


def no_room(snapshot: Snapshot) -> Finding | None:
    """The next replica needs room in the subnet of every endpoint, in whatever network."""
    registry = snapshot.registry
    if registry is None:
        return None
    tight = [s for s, endpoints in _subnets(snapshot, registry) if s.free < len(endpoints) * _each(registry)]
    if not tight:
        return None
    return Finding(
        code="subnet-full",
        severity="note",
        title=f"{', '.join(s.name for s in tight)} has no room for another replica.",
        evidence=(*_rooms(snapshot, registry), _count(registry)),
        why=(
            "A replica that finds no address in an endpoint's subnet is rolled back, and the error does not say which "
            "subnet it is. Move something else out of it, or make the endpoint in a larger one."
        ),
        remedy=Remedy(),
        source=ROOM,
    )


def _own(snapshot: Snapshot, registry: Registry) -> list[Endpoint]:
    """The endpoints that the registry knows; one that it turned down gets no more addresses."""
    return [e for e in snapshot.endpoints if same(e.target, registry.id) and connection_for(snapshot, e)]


def _subnets(snapshot: Snapshot, registry: Registry) -> list[tuple[Subnet, list[Endpoint]]]:
    """The subnets that endpoints of the registry stand in, as far as they were seen, each with these."""
    own = _own(snapshot, registry)
    seen = {e.subnet.lower(): snapshot.subnet(e.subnet) for e in own}
    return [(s, [e for e in own if same(e.subnet, id)]) for id, s in seen.items() if s is not None]


def _rooms(snapshot: Snapshot, registry: Registry) -> list[str]:
    return [
        f"{subnet.name} {', '.join(subnet.prefixes)}: {subnet.free} free, the next replica takes "
        f"{len(endpoints) * _each(registry)}"
        for subnet, endpoints in _subnets(snapshot, registry)
    ]


def _regions(registry: Registry) -> list[str]:
    return [registry.region, *(r.region for r in registry.replicas)]


def _each(registry: Registry) -> int:
    """How many addresses a region takes in every endpoint: for its layers, and for its own login server."""
    return 2 if registry.regional_hosts else 1


def _count(registry: Registry) -> str:
    """Count what an endpoint holds by what it is for."""
    here = len(_regions(registry))
    regional = f"{here} regional" if registry.regional_hosts else f"regional endpoints are off, and would take {here}"
    return f"addresses of an endpoint: 1 global, {here} data, {regional}"


CHECKS = (
    Check("replicas", "Was every replica finished?", failed, ("replications",)),
    Check("replica-connections", "Was each endpoint approved for every replica?", waiting),
    Check("static-addresses", "Can Azure add an address to every endpoint?", static, ("endpoints",)),
    Check("subnet-room", "Is there room for the next replica?", no_room, ("endpoints", "networks")),
)

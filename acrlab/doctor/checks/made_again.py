"""The remedy for an endpoint that is not there, or can't be brought back: ask for it; Azure writes its records."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.doctor.checks import az
from acrlab.doctor.checks.facts import zone_in_use
from acrlab.doctor.finding import Remedy
from acrlab.snapshot import Snapshot
from acrlab.snapshot.registry import Endpoint

__all__ = ["asked_for", "made_again", "own_endpoint"]


def own_endpoint(snapshot: Snapshot, subnet: str) -> Remedy:
    """Ask for the lab's endpoint in a subnet, in the group of its network."""
    place, names = ArmId.parse(subnet), snapshot.subject.names
    endpoint = str(ArmId(place.scope, "Microsoft.Network/privateEndpoints", (names.endpoint,)))
    return asked_for(snapshot, endpoint, subnet, names.connection)


def made_again(snapshot: Snapshot, endpoint: Endpoint) -> Remedy:
    """Delete an endpoint and ask for it anew."""
    anew = asked_for(snapshot, endpoint.id, endpoint.subnet, endpoint.connection_name)
    call = f"acrlab.remedies.remove_endpoint(lab, {endpoint.id!r}); {anew.call}"
    return Remedy((az.delete_endpoint(endpoint), *anew.az), call)


def asked_for(snapshot: Snapshot, endpoint: str, subnet: str, connection: str) -> Remedy:
    """Ask for an endpoint; where there is a zone, Azure writes its records from then on."""
    commands = [az.make_endpoint(snapshot, endpoint, subnet, connection)]
    calls = [f"acrlab.remedies.make_endpoint(lab, {endpoint!r}, {subnet!r}, {connection!r})"]
    if zone := zone_in_use(snapshot):
        commands += az.write_records_of(endpoint, zone.id)
        calls.append(f"acrlab.remedies.write_records_by_group(lab, {endpoint!r}, {zone.id!r}, {az.ZONE_GROUP!r})")
    return Remedy(tuple(commands), "; ".join(calls))

"""Check that two networks, each with an endpoint of its own, do not write the same names into one zone."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.cloud import label_of
from acrlab.doctor import az
from acrlab.doctor.facts import contender, endpoint_in_use, hosts, record_in, served, zone_in_use
from acrlab.doctor.finding import Check, Finding
from acrlab.doctor.places import resolving_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone, ZoneRecord
from acrlab.snapshot.registry import Endpoint

SOURCE = "https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints"


def leads_to_another(snapshot: Snapshot) -> bool:
    """Say whether a record leads to another network's endpoint, which the caller does not reach."""
    found = _shared(snapshot)
    return found is not None and _strays(snapshot, *found)


def one_zone_for_two(snapshot: Snapshot) -> Finding | None:
    """A name has one record set in a zone: of two endpoints that write it, the last one counts for both networks."""
    found, own = _shared(snapshot), endpoint_in_use(snapshot)
    if found is None or own is None:
        return None
    zone, other = found
    here = _strays(snapshot, zone, other)
    if not here and not _reads(zone, other):
        return None  # the other one's clients have another way to their records, or there are none
    hurt = own if here else other
    network = resolving_network(snapshot) if here else other.network
    _, remedy = az.own_zone(snapshot, zone, network, _held(snapshot, hurt, here=here))
    name = network.rpartition("/")[2]
    return Finding(
        code="zone-shared",
        severity="error" if here else "warning",
        title=f"{own.name} and {other.name} write the same names into one zone; give each network its own zone.",
        evidence=(
            *(f"record {r.name} says {', '.join(r.values)}{_by(r)}" for r in _records(snapshot, zone)),
            *(f"{e.name} in {e.network.rpartition('/')[2]} holds {_addresses(e)}" for e in (own, other)),
            f"{zone.name} in {az.place(zone.id)[0]} is linked to {', '.join(_networks(zone))}",
        ),
        why=(
            f"What is written last counts in every network that reads the zone: the clients of {name} are led to an "
            "address that they don't reach. The commands give that network a zone of its own and change nothing in "
            "the shared one. Leave both zone groups as they are: deleting either deletes the records of both."
        ),
        remedy=remedy,
        source=SOURCE,
    )


def _shared(snapshot: Snapshot) -> tuple[Zone, Endpoint] | None:
    zone = zone_in_use(snapshot)
    other = contender(snapshot, zone) if zone else None
    return (zone, other) if zone and other and served(snapshot) else None


def _records(snapshot: Snapshot, zone: Zone) -> list[ZoneRecord]:
    registry = snapshot.registry
    return [r for h in (hosts(registry) if registry else ()) if (r := record_in(zone, label_of(h)))]


def _strays(snapshot: Snapshot, zone: Zone, other: Endpoint) -> bool:
    right = {a for held in served(snapshot).values() for a in held}
    theirs = {a.address for a in other.addresses} - right
    return any(set(r.values) & theirs for r in _records(snapshot, zone))


def _reads(zone: Zone, other: Endpoint) -> bool:
    return any(same(li.network, other.network) for li in zone.links or ())


def _held(snapshot: Snapshot, endpoint: Endpoint, *, here: bool) -> Mapping[str, str]:
    if here:
        return {host: addresses[0] for host, addresses in served(snapshot).items()}
    return {a.host: a.address for a in endpoint.addresses if a.host and a.address}


def _by(record: ZoneRecord) -> str:
    return f", {record.creator}" if record.creator else ""


def _addresses(endpoint: Endpoint) -> str:
    return ", ".join(a.address for a in endpoint.addresses if a.address) or "nothing"


def _networks(zone: Zone) -> list[str]:
    return [li.network.rpartition("/")[2] for li in zone.links or ()]


CHECKS = (
    Check(
        "zone-for-one",
        "Is the zone free of records from another network's endpoint?",
        one_zone_for_two,
        ("zones", "links", "records", "interfaces"),
        about=("registry", "endpoint", "zone"),
    ),
)

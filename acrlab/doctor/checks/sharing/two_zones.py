"""Check that of several zones of the right name the caller's network reads the one that has the records."""

from __future__ import annotations

from acrlab.azure.arm_id import free_name
from acrlab.azure.cloud import label_of
from acrlab.doctor import az
from acrlab.doctor.facts import endpoint_in_use, linked_zones, private_zones, record_in, served, zone_in_use, zone_name
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import resolving_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone

SOURCE = "https://learn.microsoft.com/azure/private-link/private-link-faq"


def records_elsewhere(snapshot: Snapshot) -> Finding | None:
    """Of two zones with the same name, one has the records, and the network reads the other."""
    registry, zone = snapshot.registry, zone_in_use(snapshot)
    if registry is None or zone is None or zone not in linked_zones(snapshot):
        return None
    others = [z for z in private_zones(snapshot) if z is not zone and record_in(z, registry.name.lower())]
    if not others or record_in(zone, registry.name.lower()):
        return None
    full = next((z for z in others if _is_right(snapshot, z)), None)
    linked_again = full is not None and _is_empty(zone)
    return Finding(
        code="zone-twice",
        severity="error",
        title=f"The network is linked to one zone {zone_name(snapshot)}, but the records are in another.",
        evidence=(
            f"linked: {zone.id}, no record {registry.name.lower()}",
            *(f"not linked: {z.id}, has record {registry.name.lower()}" for z in others),
        ),
        why=f"{ONE_OF_A_NAME} {EMPTY if linked_again else BY_HAND}",
        remedy=_linked_to(snapshot, zone, full) if full and linked_again else _written_into(snapshot, zone),
        source=SOURCE,
    )


ONE_OF_A_NAME = "Zones with the same name know nothing of each other, and a network can be linked to only one of them."
EMPTY = "The one that it is linked to has no record of anything: the commands link the other in its place."
BY_HAND = (
    "It has other records, which the network may need: the commands write the registry's there. No zone group keeps "
    "these up to date; one zone for all is better."
)


def _is_empty(zone: Zone) -> bool:
    return zone.records is not None and not any(r.values for r in zone.records if r.type not in ("SOA", "NS"))


def _is_right(snapshot: Snapshot, zone: Zone) -> bool:
    """Say whether a zone leads every name of the registry to the caller's endpoint."""
    right = served(snapshot)
    records = {host: record_in(zone, label_of(host)) for host in right}
    return bool(right) and all(r and set(r.values) <= set(right[host]) for host, r in records.items())


def _linked_to(snapshot: Snapshot, old: Zone, new: Zone) -> Remedy:
    """Take the link of the caller's network from one zone, and make one to the other."""
    network = resolving_network(snapshot)
    links = [li for li in old.links or () if same(li.network, network)]
    name = free_name(snapshot.subject.names.link, (li.name for li in new.links or ()))
    return Remedy(
        (*(az.unlink(li.id) for li in links), az.link_zone(az.place(new.id)[0], name, network, new.name)),
        "; ".join(
            (
                *(f"acrlab.remedies.unlink_zone(lab, {li.id!r})" for li in links),
                f"acrlab.remedies.link_zone(lab, {new.id!r}, {network!r}, {name!r})",
            )
        ),
    )


def _written_into(snapshot: Snapshot, zone: Zone) -> Remedy:
    endpoint = endpoint_in_use(snapshot)
    held = [a for a in endpoint.addresses if a.host and a.address] if endpoint else []
    return Remedy(
        tuple(az.add_record(zone.id, label_of(a.host), a.address) for a in held),
        "; ".join(f"acrlab.remedies.write_record(lab, {zone.id!r}, {label_of(a.host)!r}, {a.address!r})" for a in held),
    )


CHECKS = (
    Check(
        "zone-once",
        "Are its records in the linked zone?",
        records_elsewhere,
        ("zones", "links", "records"),
        about=("registry", "zone"),
    ),
)

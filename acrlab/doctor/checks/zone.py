"""Check that a private zone of the right name exists, and that the caller's network reads it."""

from __future__ import annotations

from collections.abc import Collection

from acrlab.azure.arm_id import ArmId, free_name
from acrlab.azure.cloud import label_of
from acrlab.doctor import az
from acrlab.doctor.facts import (
    endpoint_in_use,
    hosts,
    is_past_zones_on_vm,
    is_pinned_right_on_vm,
    is_right_on_vm,
    linked_zones,
    near_zones,
    private_zones,
    record_in,
    served,
    zone_in_use,
    zone_name,
)
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import asks_from_afar, custom_servers, network_at, resolving_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Link, Zone

DNS = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns"
ZONE_TYPE = "Microsoft.Network/privateDnsZones"
LINKS = "https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links"


def missing(snapshot: Snapshot) -> Finding | None:
    """Clients are led to one name; a zone of any other is never asked."""
    if snapshot.registry is None or private_zones(snapshot) or not snapshot.subject.network:
        return None
    if is_right_on_vm(snapshot):
        return None  # a zone that can't be seen from here answers
    alike, wanted = near_zones(snapshot), zone_name(snapshot)
    far = [z for z in snapshot.zones if z.name == wanted]
    groups, pinned = _zone_groups(snapshot), _pinned(snapshot)
    group = az.place(alike[0].id)[0] if alike else snapshot.subject.resource_group
    zone = str(ArmId(str(ArmId.of_group(snapshot.subject.subscription, group)), ZONE_TYPE, (wanted,)))
    network, endpoint, link = resolving_network(snapshot), endpoint_in_use(snapshot), snapshot.subject.names.link
    sole = _in_the_way(snapshot) if _says_missing(snapshot) else []
    commands = [
        *(az.unlink(old.id) for _, old in sole),
        az.az("network private-dns zone create", resource_group=group, name=wanted),
        az.link_zone(group, link, network, wanted),
    ]
    calls = [
        *(f"acrlab.remedies.unlink_zone(lab, {old.id!r})" for _, old in sole),
        f"acrlab.ensure_zone(lab, {group!r})",
        f"acrlab.remedies.link_zone(lab, {zone!r}, {network!r}, {link!r})",
    ]
    if endpoint:
        writer = groups[0] if groups else az.ZONE_GROUP
        commands += az.write_records_of(endpoint.id, zone, name=writer, replacing=bool(groups))
        calls.append(f"acrlab.remedies.write_records_by_group(lab, {endpoint.id!r}, {zone!r}, {writer!r})")
    return Finding(
        code="zone-misnamed" if alike else "zone-missing",
        severity="warning" if pinned else "error",
        title=(
            f"The private zone is named {alike[0].name}, but clients are sent to {wanted}."
            if alike
            else f"No private zone {wanted} has to do with {network.rpartition('/')[2]}."
            if far
            else f"There is no private zone {wanted} in subscription {snapshot.subject.subscription}."
        ),
        evidence=(
            f"zones named {wanted}: {len(far)}",
            *(f"{z.id} is linked to {_links(z)}" for z in far),
            *(f"zone {z.name}, {len(z.links or ())} links, {len(z.records or ())} records" for z in alike),
            *(f"zone group {g} wrote no record" for g in groups),
            *pinned,
        ),
        why=(
            f"The registry's public name is an alias for a name in {wanted}. Only a private zone of exactly that "
            "name answers it; with any other, or none, the answer is the public address. Azure accepts other names "
            "without a word, and a zone group writes nothing into them. Where a zone of that name elsewhere is meant "
            "for all networks, link that one instead; one that can't be seen from here is named with --zone."
        ),
        remedy=Remedy(tuple(commands), "; ".join(calls)),
        source=DNS,
    )


def _zone_groups(snapshot: Snapshot) -> tuple[str, ...]:
    endpoint = endpoint_in_use(snapshot)
    return tuple(g.name for g in (endpoint.zone_groups if endpoint else ()) or ())


def not_linked(snapshot: Snapshot) -> Finding | None:
    """A zone answers in the networks that it is linked to, and nowhere else."""
    zones, network = private_zones(snapshot), network_at(snapshot, resolving_network(snapshot))
    if snapshot.registry is None or network is None or not zones or any(z in linked_zones(snapshot) for z in zones):
        return None
    servers = custom_servers(snapshot)
    if asks_from_afar(snapshot) or (servers and is_right_on_vm(snapshot)):
        return None
    zone = zone_in_use(snapshot) or zones[0]
    group, name = az.place(zone.id)[0], free_name(snapshot.subject.names.link, (li.name for li in zone.links or ()))
    clients = snapshot.network.name if snapshot.network else ""
    pinned = _pinned(snapshot)
    moved = () if same(network.id, snapshot.subject.network) else (f"{servers[0]} answers from {network.name}",)
    return Finding(
        code="zone-not-linked",
        severity="warning" if pinned else "error",
        title=f"{zone_name(snapshot)} is not linked to {network.name}.",
        evidence=(
            *(f"{z.name} in {az.place(z.id)[0]} is linked to {_links(z)}" for z in zones),
            f"the clients' network: {clients}",
            *moved,
            *pinned,
        ),
        why=FORWARDED if moved else SHARED if snapshot.network and snapshot.network.peerings else UNLINKED,
        remedy=Remedy(
            (az.link_zone(group, name, network.id, zone_name(snapshot)),),
            f"acrlab.remedies.link_zone(lab, {zone.id!r}, {network.id!r}, {name!r})",
        ),
        source=LINKS,
    )


UNLINKED = (
    "Azure's resolver uses a private zone only for the networks that it is linked to. Everywhere else the registry's "
    "name leads to its public address, which refuses once public access is closed. A network that was recreated under "
    "its old name is another network, and its link is gone."
)
SHARED = (
    "Names do not follow a peering: Azure's resolver uses a private zone only for the networks that it is linked to, "
    "and each spoke that asks it needs a link of its own. Without one the registry's name leads to its public address, "
    "which refuses once public access is closed."
)
FORWARDED = (
    "A name server that forwards to Azure's resolver gets what its own network reads, not what the clients' network "
    "does: the zone has to be linked where the server stands. Without a link it tells the registry's public address."
)


def _pinned(snapshot: Snapshot) -> tuple[str, ...]:
    """Tell of a file on the VM that leads its programs to the endpoint without any zone; others have none."""
    vm = snapshot.vm
    return (f"/etc/hosts on {vm.name} leads to the endpoint",) if vm and is_pinned_right_on_vm(snapshot) else ()


def _links(zone: Zone) -> str:
    return ", ".join(sorted(li.network.rpartition("/")[2] for li in zone.links or ())) or "no network"


def in_the_way(snapshot: Snapshot) -> Finding | None:
    """A linked zone whose name contains the registry's answers first, with all that it does not know."""
    guilty, wanted = _in_the_way(snapshot), zone_name(snapshot)
    if not guilty or _says_missing(snapshot):
        return None
    return Finding(
        code="zone-in-the-way",
        severity="warning" if _knows_the_registry(snapshot, guilty) else "error",
        title=f"The linked zone {guilty[0][0].name} answers for the registry's names before {wanted} is asked.",
        evidence=tuple(f"{z.name}, link {link.name}, {len(z.records or ())} records" for z, link in guilty),
        why=WITHIN if all(z.name.endswith(f".{wanted}") for z, _ in guilty) else AROUND.format(wanted=wanted),
        remedy=Remedy(
            tuple(az.unlink(link.id) for _, link in guilty),
            "; ".join(f"acrlab.remedies.unlink_zone(lab, {link.id!r})" for _, link in guilty),
        ),
        source=DNS,
    )


AROUND = (
    "Azure's resolver answers from any linked zone that a name lies in, and asks no further: the alias to {wanted} is "
    "not seen, and every name that the zone lacks does not exist, for all registries."
)
WITHIN = (
    "Of the linked zones that a name lies in, Azure's resolver asks the one with the longest name and no other: every "
    "data endpoint that this zone lacks does not exist. A registry needs one zone, which has their records, too."
)


def _in_the_way(snapshot: Snapshot) -> list[tuple[Zone, Link]]:
    """Find the zones that take the registry's names, with the links by which the caller's network reads them."""
    registry, here = snapshot.registry, resolving_network(snapshot)
    asked = [n for h in (hosts(registry) if registry else ()) for n in (h, f"{label_of(h)}.{zone_name(snapshot)}")]
    return [
        (zone, link)
        for zone in linked_zones(snapshot)
        for link in zone.links or ()
        if zone.name != zone_name(snapshot) and same(link.network, here)
        if any(n == zone.name or n.endswith(f".{zone.name}") for n in asked)
    ]


def _knows_the_registry(snapshot: Snapshot, guilty: list[tuple[Zone, Link]]) -> bool:
    """Say whether the zones that answer first lead this registry's names to the endpoint, as written by hand."""
    right = served(snapshot)
    return bool(right) and all(_leads(snapshot, [z for z, _ in guilty], h, right[h]) for h in right)


def _leads(snapshot: Snapshot, zones: list[Zone], host: str, addresses: Collection[str]) -> bool:
    """Say whether a name, or what it is an alias for, has a right address in the longest of the zones that take it."""
    for name in (host, f"{label_of(host)}.{zone_name(snapshot)}"):
        takers = [z for z in zones if f".{name}".endswith(f".{z.name}")]
        if takers:
            zone = max(takers, key=lambda z: len(z.name))
            record = record_in(zone, name.removesuffix(zone.name).rstrip(".") or "@")
            return record is not None and set(record.values) <= set(addresses)
    return True  # the right zone is asked


def _says_missing(snapshot: Snapshot) -> bool:
    """Say whether the zones in the way are there in place of the right one: one fault, named once."""
    guilty = [zone for zone, _ in _in_the_way(snapshot)]
    return not private_zones(snapshot) and bool(guilty) and all(z in guilty for z in near_zones(snapshot))


def _seen_from_inside(snapshot: Snapshot) -> tuple[str, ...]:
    """A zone that can't be seen from here is not the one that is read either, where the VM gets public answers."""
    return ("other zones",) if is_past_zones_on_vm(snapshot) else ()


CHECKS = (
    Check("zone-exists", "Is there a private zone of the right name?", missing, ("zones", "other zones")),
    Check(
        "zone-linked",
        "Is it linked to the clients' network?",
        not_linked,
        ("zones", "other zones", "links"),
        about=("registry", "network", "zone"),
        moot=_seen_from_inside,
    ),
    Check(
        "zone-alone",
        "Does this zone answer, and no other?",
        in_the_way,
        ("zones", "links"),
        about=("registry", "zone"),
    ),
)

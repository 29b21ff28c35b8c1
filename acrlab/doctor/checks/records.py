"""Check that every name has a record, with the address that the endpoint holds for it."""

from __future__ import annotations

from collections.abc import Iterator

from acrlab.azure.cloud import label_of
from acrlab.doctor import az
from acrlab.doctor.checks.sharing.one_zone import leads_to_another
from acrlab.doctor.facts import (
    FALLBACK,
    contender,
    endpoint_in_use,
    fallback_link,
    hosts,
    linked_zones,
    private_zones,
    record_in,
    served,
    star_for,
    status_of,
    zone_in_use,
)
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import resolving_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone, ZoneRecord

ACR = "https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints#create-dns-records-in-the-private-zone"
DNS = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns"


def _known(snapshot: Snapshot) -> tuple[Zone, list[tuple[str, tuple[str, ...]]]] | None:
    """Find the zone in use, and host -> right addresses; None where nothing can be said about records yet."""
    registry, zone = snapshot.registry, zone_in_use(snapshot)
    if registry is None or zone is None or zone.records is None:
        return None
    right = served(snapshot)
    return zone, [(h, right[h]) for h in hosts(registry) if h in right]


def missing(snapshot: Snapshot) -> Finding | None:
    """A linked zone without the record says that there is no such name, unless its link asks the public then."""
    known = _known(snapshot)
    if known is None or _is_elsewhere(snapshot, known[0]) or group_wrote_nothing(snapshot):
        return None
    zone, wanted = known
    lacking = [(h, addresses) for h, addresses in wanted if not _is_answered(zone, h, addresses)]
    if not lacking:
        return None
    stars = [(h, star) for h, _ in lacking if (star := star_for(zone, label_of(h)))]
    kind = _lacking_kind(h for h, _ in lacking)
    fallback = fallback_link(snapshot, zone)
    promised = _promised(snapshot, zone)
    return Finding(
        code=kind,
        severity="error",
        title=f"{zone.name} has no record for {' and '.join(h for h, _ in lacking)}.",
        evidence=(
            *(f"no A record {label_of(h)}; the endpoint holds {', '.join(held)} for it" for h, held in lacking),
            f"records that are there: {', '.join(sorted(r.name for r in zone.records or ())) or 'none'}",
            *(f"zone group {g} says that it wrote {h}" for g, h in promised if h in dict(lacking)),
            *(f"record {star.name} answers for {h}: {', '.join(star.values)}" for h, star in stars),
            *((f"link {fallback} has the resolution policy {FALLBACK}",) if fallback else ()),
        ),
        why=WILD if stars else REDIRECTED if fallback else WITHOUT[kind],
        remedy=_written(snapshot, zone, lacking),
        source=ACR,
    )


def _is_answered(zone: Zone, host: str, right: tuple[str, ...]) -> bool:
    """Say whether a name has a record, or a wildcard that leads where its own record would."""
    star = star_for(zone, label_of(host))
    return record_in(zone, label_of(host)) is not None or (star is not None and set(star.values) <= set(right))


def _lacking_kind(lacking: Iterator[str]) -> str:
    kinds = {next((code for part, code in KINDS.items() if part in host), "record-missing") for host in lacking}
    return kinds.pop() if len(kinds) == 1 else "record-missing"


KINDS = {".data.": "data-record-missing", ".geo.": "regional-record-missing"}
MISSING_LAYERS = (
    "Signing in and the manifest work, but no layer arrives: layers come from the data endpoint, and its name does not "
    "exist."
)
MISSING = (
    "Azure's resolver answers from the linked zone alone: the name is unknown, though not in public. A link with the "
    f"resolution policy {FALLBACK} would have it ask the internet, for the public address."
)
MISSING_REGION = (
    "The registry's own name works, and a region's does not exist: clients that pull by it, to stay in that region, "
    "are not served. A zone group would have written the record when the region, or its login server, came."
)
WITHOUT = {
    "record-missing": MISSING,
    "data-record-missing": MISSING_LAYERS,
    "regional-record-missing": MISSING_REGION,
}
WILD = (
    "A wildcard answers for every name that has no record of its own, with one address for all; the registry and its "
    "data endpoint have one each. A record of its own wins over the wildcard, which can stay for other names."
)
REDIRECTED = (
    "The link falls back to the internet: the name leads to the public address inside, too, past the endpoint, and is "
    "refused there once public access is closed."
)


def _written(snapshot: Snapshot, zone: Zone, lacking: list[tuple[str, tuple[str, ...]]]) -> Remedy:
    """Write records; an alias of the same name is deleted first, as a name can't be both."""
    if contender(snapshot, zone):  # what is written there, another network reads
        held = {host: addresses[0] for host, addresses in served(snapshot).items()}
        return az.own_zone(snapshot, zone, resolving_network(snapshot), held)[1]
    group, zone_name = az.place(zone.id)
    aliases = {r.name for r in zone.records or () if r.type == "CNAME"}
    commands, calls = [], []
    for host, addresses in lacking:
        if label_of(host) in aliases:
            command = "network private-dns record-set cname delete"
            commands.append(az.az(command, resource_group=group, zone_name=zone_name, name=label_of(host), yes=""))
            calls.append(f"acrlab.remedies.remove_alias(lab, {zone.id!r}, {label_of(host)!r})")
        commands.append(az.add_record(zone.id, label_of(host), addresses[0]))
        calls.append(f"acrlab.remedies.write_record(lab, {zone.id!r}, {label_of(host)!r}, {addresses[0]!r})")
    return Remedy(tuple(commands), "; ".join(calls))


def _is_elsewhere(snapshot: Snapshot, zone: Zone) -> bool:
    """Say whether the check on two zones of one name has named it already."""
    name = snapshot.registry.name.lower() if snapshot.registry else ""
    others = (z for z in private_zones(snapshot) if z is not zone)
    return zone in linked_zones(snapshot) and not record_in(zone, name) and any(record_in(z, name) for z in others)


def _promised(snapshot: Snapshot, zone: Zone) -> Iterator[tuple[str, str]]:
    endpoint = endpoint_in_use(snapshot)
    for group in (endpoint.zone_groups if endpoint else ()) or ():
        for target in group.targets:
            if same(target.zone, zone.id):
                yield from ((group.name, h) for h in target.hosts)


def wrong(snapshot: Snapshot) -> Finding | None:
    """Addresses are matched on the member that they are for, never on their place in a list."""
    known = _known(snapshot)
    if known is None:
        return None
    zone, wanted = known
    right = {a for _, addresses in wanted for a in addresses}
    bad = [
        (h, addresses, record)
        for h, addresses in wanted
        if (record := record_in(zone, label_of(h))) and not set(record.values) <= set(addresses)
    ]
    if not bad or leads_to_another(snapshot):
        return None
    code = _kind(bad, right)
    if code == "record-stale" and not snapshot.saw("other endpoints", "other interfaces"):
        return _unknown(snapshot, bad)
    commands, calls = [], []
    for host, addresses, record in bad:
        stray = [v for v in record.values if v not in addresses]
        if not set(record.values) & set(addresses):
            commands.append(az.add_record(zone.id, label_of(host), addresses[0]))
        commands += [az.remove_record(zone.id, label_of(host), v) for v in stray]
        calls.append(f"acrlab.remedies.write_record(lab, {zone.id!r}, {label_of(host)!r}, {addresses[0]!r})")
    return Finding(
        code=code,
        severity="error",
        title=f"{TITLES[code]}: {', '.join(h for h, _, _ in bad)}.",
        evidence=tuple(
            f"record {r.name} says {', '.join(r.values)}; the endpoint holds {', '.join(a)} for {h}" for h, a, r in bad
        ),
        why=REASONS[code],
        remedy=Remedy(tuple(commands), "; ".join(calls)),
        source=ACR,
    )


def _unknown(snapshot: Snapshot, bad: list[tuple[str, tuple[str, ...], ZoneRecord]]) -> Finding:
    """An endpoint that can't be read may hold the address, for clients of another network: nothing is to be changed."""
    unseen = [u for u in snapshot.unseen if u.what in ("other endpoints", "other interfaces")]
    return Finding(
        code="record-of-something-unseen",
        severity="error",
        title=f"A record leads to an address that no known endpoint holds: {', '.join(h for h, _, _ in bad)}.",
        evidence=(
            *(
                f"record {r.name} says {', '.join(r.values)}; the endpoint holds {', '.join(a)} for {h}"
                for h, a, r in bad
            ),
            *(f"not seen: {u.resource}, {u.permission or u.reason}" for u in unseen),
        ),
        why=(
            "The registry has endpoints that this identity may not read. If one of them holds the address, its network "
            "needs the record: ask its owner before you change it, or let the doctor look with more rights."
        ),
        remedy=Remedy(),
        source=ACR,
    )


TITLES = {
    "records-swapped": "The records of the registry and of its data endpoint are swapped",
    "record-stale": "A record leads to an address that no endpoint of the registry holds",
    "record-with-stray-address": "A record has an address that it should not have",
}
REASONS = {
    "records-swapped": (
        "Each address answers for its own member alone: the certificate or the answer is the wrong one. That comes of "
        "taking addresses by their place in the interface's list, which is not guaranteed."
    ),
    "record-stale": (
        "A recreated endpoint gets other addresses, and records that were written by hand do not follow: clients "
        "connect to nothing, or to something else. A zone group would have followed."
    ),
    "record-with-stray-address": ("Clients take any of the addresses: some pulls work and some time out, at random."),
}


def _kind(bad: list[tuple[str, tuple[str, ...], ZoneRecord]], right: set[str]) -> str:
    if all(set(r.values) & set(a) for _, a, r in bad):
        return "record-with-stray-address"
    if all(set(r.values) <= right for _, _, r in bad):
        return "records-swapped"
    return "record-stale"


def group_wrote_nothing(snapshot: Snapshot) -> Finding | None:
    """A zone group can write nothing, though its zone is the right one and the connection approved."""
    endpoint, zone = endpoint_in_use(snapshot), zone_in_use(snapshot)
    if endpoint is None or zone is None or status_of(snapshot, endpoint) != "Approved":
        return None
    empty = [g for g in endpoint.zone_groups or () if not any(t.hosts for t in g.targets)]
    if not empty:
        return None
    _, name = az.place(endpoint.id)
    targets = ", ".join(t.zone.rpartition("/")[2] for t in empty[0].targets) or "no zone"
    lacks = any(record_in(zone, label_of(a.host)) is None for a in endpoint.addresses if a.host)
    return Finding(
        code="zone-group-empty",
        severity="error" if lacks else "warning",
        title=f"The zone group {empty[0].name} of {name} writes no record.",
        evidence=(f"it writes into {targets}", "recordSets: []"),
        why=TAKEN_ALONG if any(same(t.zone, zone.id) for t in empty[0].targets) else NOT_OF_THE_ZONE,
        remedy=Remedy(
            az.write_records_of(endpoint.id, zone.id, name=empty[0].name, replacing=True),
            f"acrlab.remedies.write_records_by_group(lab, {endpoint.id!r}, {zone.id!r}, {empty[0].name!r})",
        ),
        source=DNS,
    )


NOT_OF_THE_ZONE = "Azure reports success for a zone group even when no record of this service belongs in its zone."
TAKEN_ALONG = (
    "The zone is the right one, and its records are gone: they were deleted by hand, or another endpoint wrote the "
    "same names there, and its deletion took them along. The zone group does not write them again by itself."
)


CHECKS = (
    Check(
        "zone-group",
        "Does the zone group write records?",
        group_wrote_nothing,
        ("zones", "zone-groups"),
        about=("registry", "endpoint", "zone"),
    ),
    Check(
        "records-exist",
        "Is there a record for every name?",
        missing,
        ("zones", "records", "interfaces"),
        about=("registry", "endpoint", "zone"),
    ),
    Check(
        "records-right",
        "Do they lead to the endpoint's addresses?",
        wrong,
        ("zones", "records", "interfaces"),
        about=("registry", "endpoint", "zone"),
    ),
)

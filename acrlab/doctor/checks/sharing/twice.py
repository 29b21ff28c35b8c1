"""Check that one network does not have two endpoints that write the same names."""

from __future__ import annotations

from itertools import combinations

from acrlab.doctor import az
from acrlab.doctor.facts import near_endpoints, private_zones, status_of
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone
from acrlab.snapshot.registry import Endpoint, ZoneGroup

SOURCE = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration"


def two_for_one(snapshot: Snapshot) -> Finding | None:
    """All is well until one of them is deleted, and the records of both go with it."""
    writers = [(e, g, t) for e in near_endpoints(snapshot) if (g := _writing(e)) and (t := _target(snapshot, g))]
    writers = [w for w in writers if status_of(snapshot, w[0]) == "Approved"]
    pairs = ((a, b) for a, b in combinations(writers, 2) if same(a[0].network, b[0].network) and a[2] is b[2])
    found = next(pairs, None)
    if found is None:
        return None
    used, spare = sorted(found, key=lambda w: not _recorded(w[0], w[2]))
    (endpoint, group, zone), unused = used, spare[0]
    return Finding(
        code="endpoint-twice",
        severity="warning",
        title=f"{endpoint.name} and {unused.name} write the same names: deleting either deletes the records of both.",
        evidence=tuple(
            f"{e.name} in {e.subnet.rpartition('/')[2]} holds {', '.join(a.address for a in e.addresses)}; "
            f"the records of {z.name} {'lead' if _recorded(e, z) else 'do not lead'} there"
            for e, _, z in (used, spare)
        ),
        why=(
            "A zone has one record for a name, and the zone groups of both say that it is theirs: what looks unused "
            "takes the names away when it goes. One endpoint is enough for a network. The commands delete the one that "
            "no record leads to and write the other's records again; in between the names do not exist."
        ),
        remedy=Remedy(
            (
                az.delete_endpoint(unused),
                *az.write_records_of(endpoint.id, zone.id, name=group.name, replacing=True),
            ),
            f"acrlab.remedies.remove_endpoint(lab, {unused.id!r}); "
            f"acrlab.remedies.write_records_by_group(lab, {endpoint.id!r}, {zone.id!r}, {group.name!r})",
        ),
        source=SOURCE,
    )


def _writing(endpoint: Endpoint) -> ZoneGroup | None:
    return next((g for g in endpoint.zone_groups or () if any(t.hosts for t in g.targets)), None)


def _target(snapshot: Snapshot, group: ZoneGroup) -> Zone | None:
    zones = (z for z in private_zones(snapshot) for t in group.targets if t.hosts and same(t.zone, z.id))
    return next(zones, None)


def _recorded(endpoint: Endpoint, zone: Zone) -> bool:
    values = {v for r in zone.records or () for v in r.values}
    return any(a.address in values for a in endpoint.addresses)


CHECKS = (
    Check(
        "endpoint-once",
        "Does only one endpoint write these names?",
        two_for_one,
        ("zones", "zone-groups", "other zone-groups", "records"),
        about=("registry", "endpoint", "zone"),
    ),
)

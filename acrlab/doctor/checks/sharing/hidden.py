"""Check that a private zone does not hide a registry that is open, and whose endpoints are for others."""

from __future__ import annotations

import ipaddress

from acrlab.azure.cloud import label_of
from acrlab.doctor import az
from acrlab.doctor.checks.access import admits_everyone
from acrlab.doctor.facts import FALLBACK, fallback_link, linked_zones, near_endpoints, private_zones, record_in
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import resolving_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone

SOURCE = "https://learn.microsoft.com/azure/dns/private-dns-fallback"
PRIVATE = tuple(ipaddress.ip_network(p) for p in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))


def name_hidden(snapshot: Snapshot) -> Finding | None:
    """With any endpoint anywhere, a registry's name leads each caller into its own private zone."""
    zone = _asked_in_vain(snapshot)
    registry, network = snapshot.registry, snapshot.network
    link = _link(snapshot, zone) if zone else None
    if zone is None or link is None or registry is None or network is None:
        return None
    group, name = az.place(link)[0], link.rpartition("/")[2]
    answers = (snapshot.vm_view.answers if snapshot.vm_view else ())[:1]
    return Finding(
        code="public-name-hidden",
        severity="error",
        title=f"{zone.name} hides {registry.name} from {network.name}, though it is open to the internet.",
        evidence=(
            f"{zone.name} is linked to {network.name}, and has no record {label_of(registry.login_server)}",
            f"private endpoints of {registry.name} that {network.name} reaches: 0 of {len(registry.connections)}",
            f"link {name} has the resolution policy Default",
            *(f"asked for {a.name}, the VM was told {', '.join(a.addresses) or a.status}" for a in answers),
        ),
        why=(
            "As soon as a registry has a private endpoint anywhere, its name is an alias into the private zone; yours "
            f"answers that there is no such name. With {FALLBACK} on the link Azure's resolver asks the internet for "
            "what the zone lacks. Other ways: an A record with the registry's public address, which may change; or "
            "a private endpoint of your own, which the registry's owner has to approve."
        ),
        remedy=Remedy(
            (
                az.az(
                    "network private-dns link vnet update",
                    resource_group=group,
                    zone_name=zone.name,
                    name=name,
                    resolution_policy=FALLBACK,
                ),
            ),
            f"acrlab.remedies.fall_back(lab, {link!r})",
        ),
        source=SOURCE,
    )


def goes_by_the_internet(snapshot: Snapshot) -> bool:
    """Say whether an open registry, whose endpoints are for others, is reached by its public address on purpose."""
    registry = snapshot.registry
    if registry is None or not registry.connections or not admits_everyone(registry):
        return False
    name = label_of(registry.login_server)
    return any(
        _is_public(zone, name) or (fallback_link(snapshot, zone) and not record_in(zone, name))
        for zone in _read(snapshot)
    )


def is_hidden(snapshot: Snapshot) -> bool:
    """Say whether `name_hidden` names it, so that no other check has to."""
    return _asked_in_vain(snapshot) is not None


def _asked_in_vain(snapshot: Snapshot) -> Zone | None:
    registry = snapshot.registry
    if registry is None or not registry.connections or not admits_everyone(registry) or near_endpoints(snapshot):
        return None
    name = label_of(registry.login_server)
    zone = next(iter(_read(snapshot)), None)
    if zone is None or zone.records is None or record_in(zone, name) or fallback_link(snapshot, zone):
        return None
    return zone


def _read(snapshot: Snapshot) -> list[Zone]:
    linked = linked_zones(snapshot)
    return [z for z in private_zones(snapshot) if z in linked]


def _is_public(zone: Zone, name: str) -> bool:
    record = record_in(zone, name)
    return record is not None and not any(ipaddress.ip_address(v) in p for v in record.values for p in PRIVATE)


def _link(snapshot: Snapshot, zone: Zone) -> str | None:
    here = resolving_network(snapshot)
    return next((li.id for li in zone.links or () if same(li.network, here)), None)


CHECKS = (
    Check(
        "name-not-hidden",
        "Does the zone leave other people's open registries alone?",
        name_hidden,
        ("endpoints", "zones", "links", "records"),
        about=("registry", "network"),
    ),
)

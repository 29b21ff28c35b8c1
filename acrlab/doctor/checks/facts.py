"""Derive from a snapshot what checks share: which endpoints serve the caller, and which answers are right."""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone, ZoneRecord
from acrlab.snapshot.registry import Endpoint, Registry, RegistryConnection

FALLBACK = "NxDomainRedirect"  # a link's resolution policy


def present(snapshot: Snapshot) -> set[str]:
    """Say what exists that checks can be about: `registry`, `network`, `endpoint`, `zone`, `vm`, `view`."""
    there = {
        "registry": snapshot.registry,
        "network": snapshot.network,
        "endpoint": endpoint_in_use(snapshot),
        "zone": zone_in_use(snapshot),
        "vm": snapshot.vm,
        "view": snapshot.vm_view,
    }
    return {name for name, thing in there.items() if thing is not None}


def hosts(registry: Registry) -> tuple[str, ...]:
    """List every name that a client of the registry asks for: the login server first, then one a region."""
    return (registry.login_server, *registry.data_hosts, *registry.regional_hosts)


# -- endpoints ---------------------------------------------------------------------------------------------------------


def near_endpoints(snapshot: Snapshot) -> tuple[Endpoint, ...]:
    """Find the endpoints that the caller's network reaches: its own, and those of its peers."""
    network = snapshot.network
    reached = [snapshot.subject.network, *(network.peers if network else ())]
    return tuple(e for e in snapshot.endpoints if any(same(e.network, id) for id in reached))


def connection_for(snapshot: Snapshot, endpoint: Endpoint) -> RegistryConnection | None:
    """Find the registry's connection of an endpoint."""
    return snapshot.connections.get(endpoint.id.lower())


def status_of(snapshot: Snapshot, endpoint: Endpoint) -> str:
    """Tell the status of an endpoint's connection as the registry has it; one that it does not have is disconnected."""
    connection = connection_for(snapshot, endpoint)
    if connection:
        return connection.status
    return "Disconnected" if snapshot.registry else endpoint.status


def endpoint_in_use(snapshot: Snapshot) -> Endpoint | None:
    """Find the endpoint that serves the caller, or should: an approved one first, and one that records lead to."""
    recorded = {v for z in private_zones(snapshot) for r in z.records or () for v in r.values}

    def worth(endpoint: Endpoint) -> tuple[bool, bool]:
        approved = status_of(snapshot, endpoint) == "Approved" and endpoint.state != "Failed"
        return approved, any(a.address in recorded for a in endpoint.addresses)

    return max(near_endpoints(snapshot), key=worth, default=None)


def served(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Map host -> addresses that serve it to the caller; an unapproved endpoint's only if there is no other."""
    approved = [e for e in near_endpoints(snapshot) if status_of(snapshot, e) == "Approved"]
    # What a zone group writes comes with the approval: nothing can be said of it before.
    own = endpoint_in_use(snapshot)
    others = [own] if own and not own.zone_groups else []
    found: dict[str, tuple[str, ...]] = {}
    for held in (a for e in approved or others for a in e.addresses if a.address):
        found[held.host] = (*found.get(held.host, ()), held.address)
    return found


def addresses_for(snapshot: Snapshot, host: str) -> tuple[str, ...]:
    """List the addresses at which endpoints serve one host."""
    return served(snapshot).get(host, ())


# -- names -------------------------------------------------------------------------------------------------------------


def zone_name(snapshot: Snapshot) -> str:
    """Name the zone that clients are led to, which is one in each cloud."""
    return snapshot.subject.names.zone


def private_zones(snapshot: Snapshot) -> tuple[Zone, ...]:
    """Find the zones of the one name that clients are led to, as far as they concern this registry or network."""
    return tuple(z for z in near_zones(snapshot) if z.name == zone_name(snapshot))


def near_zones(snapshot: Snapshot) -> tuple[Zone, ...]:
    """Find the zones that are linked to the network, written by an endpoint, know the registry, or share a group.

    A subscription may have many labs, each with a zone of this name; those of others are left out.
    """
    subject, endpoints = snapshot.subject, snapshot.endpoints
    written = {t.zone.lower() for e in endpoints for g in e.zone_groups or () for t in g.targets}
    groups = {subject.resource_group.lower(), group_of(subject.network), *(group_of(e.id) for e in endpoints)}
    linked = linked_zones(snapshot)
    return tuple(
        z
        for z in snapshot.zones
        if z in linked
        or z.id.lower() in written
        or group_of(z.id) in groups
        or record_in(z, subject.registry.lower()) is not None
    )


def group_of(id: str) -> str:
    """Tell the resource group of an id, in lower case; empty: it has none."""
    parts = id.lower().split("/")
    return parts[4] if len(parts) > 4 else ""


def linked_zones(snapshot: Snapshot) -> tuple[Zone, ...]:
    """Find every zone, of any name, that the caller's network reads."""
    here = snapshot.subject.network
    return tuple(z for z in snapshot.zones if any(same(li.network, here) for li in z.links or ()))


def fallback_link(snapshot: Snapshot, zone: Zone) -> str:
    """Name the link by which the caller's network asks the internet for what a zone lacks; empty: it does not."""
    here = snapshot.subject.network
    links = (li for li in zone.links or () if same(li.network, here) and li.policy == FALLBACK)
    return next((li.name for li in links), "")


def zone_in_use(snapshot: Snapshot) -> Zone | None:
    """Find the zone that answers the caller, or should: a linked one first, then one that knows the registry."""
    linked = linked_zones(snapshot)
    name = snapshot.registry.name.lower() if snapshot.registry else snapshot.subject.registry.lower()

    def worth(zone: Zone) -> tuple[bool, bool]:
        return zone in linked, record_in(zone, name) is not None

    return max(private_zones(snapshot), key=worth, default=None)


def record_in(zone: Zone, name: str) -> ZoneRecord | None:
    """Find a zone's A record of this name; one without an address does not count."""
    return next((r for r in zone.records or () if r.type == "A" and r.name == name and r.values), None)


def custom_servers(snapshot: Snapshot) -> tuple[str, ...]:
    """List the caller's name servers other than Azure's: the VM's interface goes before its network."""
    own = snapshot.vm.dns_servers if snapshot.vm else ()
    network = snapshot.network
    return tuple(s for s in own or (network.dns_servers if network else ()) if s != AZURE_RESOLVER)

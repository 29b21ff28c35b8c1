"""What follows from a snapshot before any judgement: who could serve the caller, and which answers would be right."""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER, PRIVATE_ZONE, REGISTRY_SUFFIX
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone, ZoneRecord
from acrlab.snapshot.registry import Endpoint, Registry, RegistryConnection


def present(snapshot: Snapshot) -> set[str]:
    """What is there to be asked about: `registry`, `network`, `endpoint`, `zone`, `machine`, `view`."""
    there = {
        "registry": snapshot.registry,
        "network": snapshot.network,
        "endpoint": endpoint_in_use(snapshot),
        "zone": zone_in_use(snapshot),
        "machine": snapshot.machine,
        "view": snapshot.machine_view,
    }
    return {name for name, thing in there.items() if thing is not None}


def hosts(registry: Registry) -> tuple[str, ...]:
    """Every name that a client of the registry asks for: the login server first, then one a region."""
    return (registry.login_server, *registry.data_hosts, *registry.regional_hosts)


def label(host: str) -> str:
    """Name a host's record in the private zone, e.g. `contoso.westus.data`."""
    return host.removesuffix(f".{REGISTRY_SUFFIX}")


# -- endpoints ---------------------------------------------------------------------------------------------------------


def near_endpoints(snapshot: Snapshot) -> tuple[Endpoint, ...]:
    """The endpoints that the caller's network reaches: its own, and those of its peers."""
    network = snapshot.network
    reached = [snapshot.subject.network, *(network.peers if network else ())]
    return tuple(e for e in snapshot.endpoints if any(same(e.network, id) for id in reached))


def connection_for(snapshot: Snapshot, endpoint: Endpoint) -> RegistryConnection | None:
    """The registry's record of an endpoint."""
    return snapshot.connections.get(endpoint.id.lower())


def status_of(snapshot: Snapshot, endpoint: Endpoint) -> str:
    """The state of an endpoint's connection: the registry decides; what it has no record of is disconnected."""
    connection = connection_for(snapshot, endpoint)
    if connection:
        return connection.status
    return "Disconnected" if snapshot.registry else endpoint.status


def endpoint_in_use(snapshot: Snapshot) -> Endpoint | None:
    """The endpoint that serves the caller, or should: approved first, and the one that records lead to."""
    recorded = {v for z in private_zones(snapshot) for r in z.records or () for v in r.values}

    def worth(endpoint: Endpoint) -> tuple[bool, bool]:
        approved = status_of(snapshot, endpoint) == "Approved" and endpoint.state != "Failed"
        return approved, any(a.address in recorded for a in endpoint.addresses)

    return max(near_endpoints(snapshot), key=worth, default=None)


def served(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Host -> addresses at which endpoints serve it to the caller; an unapproved one's only if there is no other."""
    approved = [e for e in near_endpoints(snapshot) if status_of(snapshot, e) == "Approved"]
    # What a zone group writes comes with the approval: nothing can be said of it before.
    own = endpoint_in_use(snapshot)
    others = [own] if own and not own.zone_groups else []
    found: dict[str, tuple[str, ...]] = {}
    for held in (a for e in approved or others for a in e.addresses if a.address):
        found[held.host] = (*found.get(held.host, ()), held.address)
    return found


def addresses_for(snapshot: Snapshot, host: str) -> tuple[str, ...]:
    """The addresses at which endpoints serve one host."""
    return served(snapshot).get(host, ())


# -- names -------------------------------------------------------------------------------------------------------------


def private_zones(snapshot: Snapshot) -> tuple[Zone, ...]:
    """The zones of the one name that clients are led to, as far as they have to do with this registry or network."""
    return tuple(z for z in near_zones(snapshot) if z.name == PRIVATE_ZONE)


def near_zones(snapshot: Snapshot) -> tuple[Zone, ...]:
    """Zones that are linked to the network, written to by an endpoint, know the registry, or lie in the same group.

    A subscription may have many labs, each with a zone of this name; the others' are nobody's business here.
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
    """The resource group of an id, in lower case; empty: the id is none."""
    parts = id.lower().split("/")
    return parts[4] if len(parts) > 4 else ""


def linked_zones(snapshot: Snapshot) -> tuple[Zone, ...]:
    """Every zone, of whatever name, that the caller's network reads."""
    here = snapshot.subject.network
    return tuple(z for z in snapshot.zones if any(same(li.network, here) for li in z.links or ()))


def zone_in_use(snapshot: Snapshot) -> Zone | None:
    """The zone that answers the caller, or should: a linked one first, one that knows the registry before others."""
    linked = linked_zones(snapshot)
    name = snapshot.registry.name.lower() if snapshot.registry else snapshot.subject.registry.lower()

    def worth(zone: Zone) -> tuple[bool, bool]:
        return zone in linked, record_in(zone, name) is not None

    return max(private_zones(snapshot), key=worth, default=None)


def record_in(zone: Zone, name: str) -> ZoneRecord | None:
    """A zone's A record of this name; one without an address is none."""
    return next((r for r in zone.records or () if r.type == "A" and r.name == name and r.values), None)


def custom_servers(snapshot: Snapshot) -> tuple[str, ...]:
    """Name servers other than Azure's that the caller is set up with: the machine's interface before its network."""
    own = snapshot.machine.dns_servers if snapshot.machine else ()
    network = snapshot.network
    return tuple(s for s in own or (network.dns_servers if network else ()) if s != AZURE_RESOLVER)

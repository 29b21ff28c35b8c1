"""Derive from a snapshot what checks share: which endpoints serve the caller, and which answers are right."""

from __future__ import annotations

from collections.abc import Iterable

from acrlab.azure.cloud import label_of
from acrlab.doctor.places import callers, closed_ways, custom_servers, name_server, reached, resolving_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone, ZoneRecord
from acrlab.snapshot.registry import Endpoint, Registry, RegistryConnection

FALLBACK = "NxDomainRedirect"  # a link's resolution policy


def present(snapshot: Snapshot) -> set[str]:
    """Say what exists that checks can be about.

    `registry`, `network`, `endpoint`, `zone`, `vm`, `view`, `cluster`; `caller` where the VM, or nodes that were named,
    stand in a subnet that was seen; `peering` where the caller's network has one, or needs one; `resolver` where there
    is a DNS Private Resolver or a ruleset; `name-server` where a VM that was seen is the caller's; `servers-seen` where
    it was seen whom the VM asks.
    """
    network = snapshot.network
    there = {
        "registry": snapshot.registry,
        "network": snapshot.network,
        "endpoint": endpoint_in_use(snapshot),
        "zone": zone_in_use(snapshot),
        "vm": snapshot.vm,
        "view": snapshot.vm_view,
        "peering": (network.peerings if network else ()) or closed_ways(snapshot) or None,
        "servers-seen": (snapshot.vm_view.servers if snapshot.vm_view else ()) or None,
        "resolver": snapshot.resolvers or snapshot.rulesets or None,
        "cluster": snapshot.clusters or None,
        "caller": callers(snapshot) or None,
        "name-server": name_server(snapshot) if custom_servers(snapshot) else None,
    }
    return {name for name, thing in there.items() if thing is not None}


def hosts(registry: Registry) -> tuple[str, ...]:
    """List every name that a client of the registry asks for: the login server first, then one a region."""
    return (registry.login_server, *registry.data_hosts, *registry.regional_hosts)


# -- endpoints ---------------------------------------------------------------------------------------------------------


def near_endpoints(snapshot: Snapshot) -> tuple[Endpoint, ...]:
    """Find the endpoints that the caller's network reaches: its own, and those of its peers.

    Where it reaches none, those behind a peering that lets nothing pass: that has a check of its own.
    """
    found = _endpoints_in(snapshot, reached(snapshot))
    return found or _endpoints_in(snapshot, [way.id for way in closed_ways(snapshot)])


def _endpoints_in(snapshot: Snapshot, networks: Iterable[str]) -> tuple[Endpoint, ...]:
    return tuple(e for e in snapshot.endpoints if any(same(e.network, id) for id in networks))


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


def far_endpoints(snapshot: Snapshot) -> tuple[Endpoint, ...]:
    """Find the registry's approved endpoints that the caller's network does not reach."""
    near = {e.id for e in near_endpoints(snapshot)}
    return tuple(e for e in snapshot.endpoints if e.id not in near and status_of(snapshot, e) == "Approved")


def contender(snapshot: Snapshot, zone: Zone) -> Endpoint | None:
    """Find an endpoint of another network whose clients read this zone, too, and need its addresses in it.

    Their network is linked to the zone; or others are, and the registry's records lead to that endpoint.
    """
    here, registry = resolving_network(snapshot), snapshot.registry
    others = [li.network for li in zone.links or () if not same(li.network, here)]
    labels = {label_of(h) for h in (hosts(registry) if registry else ())}
    recorded = {v for r in zone.records or () if r.name in labels for v in r.values}
    for endpoint in far_endpoints(snapshot):
        reads = any(same(endpoint.network, id) for id in others)
        if reads or (others and any(a.address in recorded for a in endpoint.addresses)):
            return endpoint
    return None


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
    networks = {group_of(subject.network), group_of(resolving_network(snapshot))}
    groups = {subject.resource_group.lower(), *networks, *(group_of(e.id) for e in endpoints)}
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
    """Find every zone, of any name, that the caller's network reads, or the one that its name server stands in."""
    here = resolving_network(snapshot)
    return tuple(z for z in snapshot.zones if any(same(li.network, here) for li in z.links or ()))


def fallback_link(snapshot: Snapshot, zone: Zone) -> str:
    """Name the link by which the internet is asked for what a zone lacks; empty: it is not."""
    here = resolving_network(snapshot)
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


def star_for(zone: Zone, name: str) -> ZoneRecord | None:
    """Find the wildcard of a zone that answers for a name without records, below the closest name that is there.

    Source: RFC 4592
    """
    names = {r.name for r in zone.records or () if r.values}
    labels = name.split(".")
    if name in names:
        return None
    for above in (".".join(labels[i:]) for i in range(1, len(labels) + 1)):
        if found := record_in(zone, f"*.{above}" if above else "*"):
            return found
        if above in names:
            return None
    return None


def is_right_on_vm(snapshot: Snapshot) -> bool:
    """Say whether the VM gets a right address for every name that an endpoint serves."""
    view, registry = snapshot.vm_view, snapshot.registry
    if view is None or registry is None:
        return False
    answers, right = {a.name: a for a in view.answers}, served(snapshot)
    asked = [h for h in hosts(registry) if h in right]
    return bool(asked) and all(h in answers and set(answers[h].addresses) & set(right[h]) for h in asked)


def is_pinned_right_on_vm(snapshot: Snapshot) -> bool:
    """Say whether a file on the VM leads its programs to a right address, for every name that an endpoint serves."""
    view, right = snapshot.vm_view, served(snapshot)
    pinned = dict(view.pinned) if view else {}
    return bool(right) and all(pinned.get(host) in addresses for host, addresses in right.items())


def is_past_zones_on_vm(snapshot: Snapshot) -> bool:
    """Say whether the VM's answers come from public DNS: in it, a name in the zone is an alias that leads on."""
    within, answers = f".{zone_name(snapshot)}", snapshot.vm_view.answers if snapshot.vm_view else ()
    return any(r.type == "CNAME" and r.name.endswith(within) for answer in answers for r in answer.records)


def lacks_provider(snapshot: Snapshot, endpoint: Endpoint) -> bool:
    """Say whether an endpoint waits in a subscription that may not use registries, so that it cannot be approved."""
    place = endpoint.id.split("/")[2].lower()
    return status_of(snapshot, endpoint) == "Pending" and place in (one.lower() for one in snapshot.unregistered)

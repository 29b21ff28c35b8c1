"""Rebuild security groups, route tables, networks and their peerings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from acrlab.azure.cloud import AZURE_RESOLVER, RESOLVER
from acrlab.doctor.rebuild.builder import Builder
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Network, Route, SecurityRule, Subnet

FEW = 3  # free addresses: fewer, and the next replica or endpoint may find none
FIRST_OF_AZURE = 65000  # from this priority on the rules are Azure's own
# Address space of a network of which no more is known than its id.
UNKNOWN = "100.127.{}.0/24"
ROUTES = "Microsoft.Network/routeTables"


def build_networks(builder: Builder, seen: Snapshot) -> None:
    """Create every network that was seen, and in place of those that were only named, one without subnets."""
    made = _referred(builder, seen)
    for network in seen.networks:
        _build(builder, seen, network, early_servers(seen, network), made)
    for number, (id, prefixes) in enumerate(_only_named(seen).items()):
        space = prefixes or [UNKNOWN.format(number)]
        body = {"location": _location(seen), "properties": {"addressSpace": {"addressPrefixes": space}}}
        builder.put(id, body)


def note_room(builder: Builder, seen: Snapshot) -> None:
    """Note the subnets that were full, or nearly, of things that a snapshot does not have."""
    for subnet in (s for n in seen.networks for s in n.subnets if s.free < FEW):
        builder.note(subnet.id, f"{max(subnet.free, 0)} addresses were free, and more are here")


def _referred(builder: Builder, seen: Snapshot) -> frozenset[str]:
    """Create what subnets refer to. Returns: ids in lower case of what there is now; a subnet goes without the rest."""
    bodies: dict[str, dict[str, Any]] = {}
    for id, region in _application_groups(seen).items():
        builder.put(id, {"location": region})
    for group in seen.security_groups:
        bodies[group.id] = {"securityRules": [_rule(r) for r in group.rules if r.priority < FIRST_OF_AZURE]}
    for table in seen.route_tables:
        bodies[table.id] = {"routes": [*map(_route, table.routes)]}
    there = {id.lower() for id, body in bodies.items() if _put(builder, seen, id, {"properties": body})}
    gateways = {s.nat_gateway for n in seen.networks for s in n.subnets if s.nat_gateway}
    return frozenset(there | {id.lower() for id in gateways if _put(builder, seen, id, {"sku": {"name": "Standard"}})})


def _put(builder: Builder, seen: Snapshot, id: str, body: dict[str, Any]) -> bool:
    return builder.put(id, {"location": _region_of_part(seen, id), **body}) is not None


def _region_of_part(seen: Snapshot, id: str) -> str:
    """Tell the region of the network that has such a part: no subnet can have one of another region."""
    users = (n for n in seen.networks for s in n.subnets if id in (s.security_group, s.route_table, s.nat_gateway))
    user = next(users, None)
    return user.location if user and user.location else _location(seen)


def _application_groups(seen: Snapshot) -> dict[str, str]:
    """Find every application security group that something names: id -> the region of what names it."""
    found = {id: location_at(seen, seen.vm.subnet) for id in seen.vm.application_groups} if seen.vm else {}
    found |= {id: location_at(seen, e.subnet) for e in seen.endpoints for id in e.application_groups}
    for group in seen.security_groups:
        ids = (id for r in group.rules for id in (*r.source_groups, *r.destination_groups))
        found |= dict.fromkeys(ids, _region_of_part(seen, group.id))
    return found


def _build(builder: Builder, seen: Snapshot, network: Network, servers: tuple[str, ...], made: frozenset[str]) -> None:
    properties: dict[str, Any] = {
        "addressSpace": {"addressPrefixes": [*network.prefixes]},
        "subnets": [{"name": s.name, "properties": _subnet(seen, s, made)} for s in network.subnets],
    }
    if servers:
        properties["dhcpOptions"] = {"dnsServers": [*servers]}
    builder.put(network.id, {"location": network.location or _location(seen), "properties": properties})


def _subnet(seen: Snapshot, subnet: Subnet, made: frozenset[str]) -> dict[str, Any]:
    several = len(subnet.prefixes) != 1
    references = {
        "networkSecurityGroup": subnet.security_group,
        "routeTable": subnet.route_table,
        "natGateway": subnet.nat_gateway,
    }
    found: dict[str, Any] = {name: {"id": id} for name, id in references.items() if id.lower() in made}
    found |= {"addressPrefixes": [*subnet.prefixes]} if several else {"addressPrefix": subnet.prefixes[0]}
    if subnet.resolvers:
        found["delegations"] = [{"name": "resolvers", "properties": {"serviceName": RESOLVER}}]
    if any(same(id, subnet.id) for id in (seen.registry.subnet_rules if seen.registry else ())):
        found["serviceEndpoints"] = [{"service": "Microsoft.ContainerRegistry"}]  # without it no rule can name it
    if subnet.endpoint_policies:
        found["privateEndpointNetworkPolicies"] = subnet.endpoint_policies
    if not subnet.outbound_by_default:
        found["defaultOutboundAccess"] = False
    return found


def early_servers(seen: Snapshot, network: Network) -> tuple[str, ...]:
    """Tell the name servers that a network had when its VM started, where the VM has not taken up the present ones."""
    view = seen.vm_view
    if view is None or not view.servers or not same(network.id, seen.subject.network):
        return network.dns_servers
    set_up = network.dns_servers or (AZURE_RESOLVER,)
    if set(view.servers) == set(set_up):
        return network.dns_servers
    return tuple(s for s in view.servers if s != AZURE_RESOLVER)


def set_servers(builder: Builder, seen: Snapshot) -> None:
    """Give networks the name servers that they have now; a VM that runs keeps those that it has."""
    for network in seen.networks:
        if early_servers(seen, network) == network.dns_servers:
            continue
        made = builder.read(network.id)
        if made is not None:
            made["properties"]["dhcpOptions"] = {"dnsServers": [*network.dns_servers]}
            builder.put(network.id, made)


def build_peerings(builder: Builder, seen: Snapshot) -> None:
    """Create each half that was seen; one that is `Disconnected` had another half, which is deleted again."""
    known = {n.id.lower(): n for n in seen.networks}
    gone: list[str] = []
    for network in seen.networks:
        for half in network.peerings:
            builder.put(half.id, _half(half.remote, access=half.access))
            far = known.get(half.remote.lower())
            answered = any(same(p.remote, network.id) for p in (far.peerings if far else ()))
            if not answered and half.state != "Initiated":
                other = f"{half.remote}/virtualNetworkPeerings/back-to-{network.name}"
                builder.put(other, _half(network.id, access=True))
                gone += [other] if half.state == "Disconnected" else []
    for id in gone:
        builder.delete(id)


def _half(remote: str, *, access: bool) -> dict[str, Any]:
    return {"properties": {"remoteVirtualNetwork": {"id": remote}, "allowVirtualNetworkAccess": access}}


def _only_named(seen: Snapshot) -> dict[str, list[str]]:
    """Find networks that links and peerings name and that were not read: id -> prefixes, as far as a peering tells."""
    known = {n.id.lower() for n in seen.networks}
    named: dict[str, list[str]] = {li.network: [] for z in seen.zones for li in z.links or ()}
    named |= {li.network: [] for r in seen.rulesets for li in r.links or ()}
    named |= {p.remote: [*p.prefixes] for n in seen.networks for p in n.peerings}
    return {id: prefixes for id, prefixes in named.items() if id.lower() not in known}


def _route(route: Route) -> dict[str, Any]:
    properties = {"addressPrefix": route.prefix, "nextHopType": route.next_hop}
    if route.next_hop_address:
        properties["nextHopIpAddress"] = route.next_hop_address
    return {"name": route.name, "properties": properties}


def _rule(rule: SecurityRule) -> dict[str, Any]:
    told = asdict(rule)
    properties: dict[str, Any] = {name: told[name] for name in ("priority", "direction", "access", "protocol")}
    for single, values in (
        ("sourceAddressPrefix", rule.sources),
        ("sourcePortRange", rule.source_ports),
        ("destinationAddressPrefix", rule.destinations),
        ("destinationPortRange", rule.ports),
    ):
        several = f"{single}es" if single.endswith("Prefix") else f"{single}s"
        properties |= {single: values[0]} if len(values) == 1 else {several: [*values]}
    for end, ids in (("source", rule.source_groups), ("destination", rule.destination_groups)):
        if ids:
            properties[f"{end}ApplicationSecurityGroups"] = [{"id": id} for id in ids]
    return {"name": rule.name, "properties": properties}


def _location(seen: Snapshot) -> str:
    network = seen.network or next(iter(seen.networks), None)
    return network.location if network and network.location else location_of(seen)


def location_at(seen: Snapshot, id: str) -> str:
    """Tell the region of a network, or of a subnet's network, which is that of all that stands in it."""
    network = id.partition("/subnets/")[0]
    return next((n.location for n in seen.networks if same(n.id, network) and n.location), location_of(seen))


def location_of(seen: Snapshot) -> str:
    """Tell the region that most of what was seen is in."""
    return seen.registry.region if seen.registry else next((n.location for n in seen.networks if n.location), "westus")

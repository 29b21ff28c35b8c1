"""Read networks, what filters their traffic, and the private zones that have to do with registries."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from acrlab.azure.cloud import RESOLVER
from acrlab.doctor.observe.reader import Reader
from acrlab.settings.values import KEPT_BY_AZURE
from acrlab.snapshot import same
from acrlab.snapshot.network import (
    Link,
    Network,
    Peering,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityRule,
    Subnet,
    Zone,
    ZoneRecord,
)

ZONE_TYPE = "Microsoft.Network/privateDnsZones"
NODE = re.compile(
    r"(/subscriptions/[^/]+/resourceGroups/[^/]+)/providers/Microsoft.Compute/virtualMachineScaleSets/aks-", re.I
)


def networks(reader: Reader, own: str, others: Iterable[str]) -> tuple[Network, ...]:
    """Read the clients' network and others, by their ids, and those that are peered, or half peered, with it.

    Args:
        own: the clients' network; empty: there is none in particular.
    """
    listed = reader.everywhere("networks", "Microsoft.Network/virtualNetworks", _distinct((own,)))
    by_id = networks_of(listed)
    reader.delegated |= any(subnet.resolvers for network in by_id.values() for subnet in network.subnets)
    home = by_id.get(own.lower())
    wanted = _distinct((own, *others, *(p.remote for p in (home.peerings if home else ()))))
    _read_more(reader, by_id, (id for id in wanted if id.lower() != own.lower()))
    halves = {key for key, n in by_id.items() if any(same(p.remote, own) for p in n.peerings)}
    near = sorted(halves | {id.lower() for id in wanted if id.lower() in by_id})
    return tuple(with_peers(by_id[key], by_id) for key in near)


def networks_of(listed: Iterable[dict[str, Any]]) -> dict[str, Network]:
    """Take networks from Azure's JSON: id in lower case -> network, without its peers."""
    return {n["id"].lower(): _network(n) for n in listed}


def with_peers(network: Network, known: dict[str, Network]) -> Network:
    """Fill in which networks one reaches, as far as they are known."""
    return replace(network, peers=_open(network, known))


def _read_more(reader: Reader, known: dict[str, Network], ids: Iterable[str]) -> None:
    """Read by their ids what a list has left out; nothing is said about them where they can't be read."""
    for id in _distinct(id for id in ids if id.lower() not in known):
        if (found := reader.at("other networks", id)) is not None:
            known[id.lower()] = _network(found)


def _open(network: Network, known: dict[str, Network]) -> tuple[str, ...]:
    """List the networks that this one reaches; of the other half what could not be read is taken to be as it should."""
    halves = (p for p in network.peerings if p.state == "Connected" and p.access)
    return tuple(p.remote for p in halves if _lets_pass(known.get(p.remote.lower()), network.id))


def _lets_pass(remote: Network | None, id: str) -> bool:
    back = next((p for p in remote.peerings if same(p.remote, id)), None) if remote else None
    return back is None or (back.state == "Connected" and back.access)


def _peering(found: dict[str, Any]) -> Peering:
    properties = found["properties"]
    return Peering(
        id=found["id"],
        name=found["name"],
        remote=properties["remoteVirtualNetwork"]["id"],
        state=properties.get("peeringState") or "",
        access=properties.get("allowVirtualNetworkAccess") is not False,
        prefixes=tuple((properties.get("remoteAddressSpace") or {}).get("addressPrefixes") or ()),
    )


def _network(found: dict[str, Any]) -> Network:
    properties = found["properties"]
    return Network(
        id=found["id"],
        name=found["name"],
        prefixes=tuple(properties["addressSpace"].get("addressPrefixes") or ()),
        dns_servers=tuple((properties.get("dhcpOptions") or {}).get("dnsServers") or ()),
        subnets=tuple(_subnet(s) for s in properties.get("subnets") or []),
        location=found["location"],
        peerings=tuple(_peering(p) for p in properties.get("virtualNetworkPeerings") or []),
    )


def _subnet(found: dict[str, Any]) -> Subnet:
    properties = found["properties"]
    prefixes = tuple(properties.get("addressPrefixes") or [properties.get("addressPrefix", "")])
    sizes = sum(ipaddress.ip_network(p).num_addresses - KEPT_BY_AZURE for p in prefixes if p and ":" not in p)
    return Subnet(
        id=found["id"],
        name=found["name"],
        prefixes=prefixes,
        free=sizes - len(properties.get("ipConfigurations") or []),
        security_group=_id(properties.get("networkSecurityGroup")),
        route_table=_id(properties.get("routeTable")),
        endpoint_policies=properties.get("privateEndpointNetworkPolicies") or "",
        outbound_by_default=properties.get("defaultOutboundAccess") is not False,
        nat_gateway=_id(properties.get("natGateway")),
        resolvers=any(_service(d) == RESOLVER.lower() for d in properties.get("delegations") or []),
        node_groups=_node_groups(properties.get("ipConfigurations") or []),
    )


def _service(delegation: dict[str, Any]) -> str:
    return str((delegation.get("properties") or {}).get("serviceName") or "").lower()


def _node_groups(held: list[dict[str, str]]) -> tuple[str, ...]:
    """The groups of AKS's scale sets, by the ids of what holds addresses."""
    found = (NODE.match(one.get("id") or "") for one in held)
    return tuple(sorted({match[1].lower(): match[1] for match in found if match}.values()))


def _id(reference: dict[str, str] | None) -> str:
    return reference["id"] if reference else ""


def security_groups_of(reader: Reader, ids: Iterable[str]) -> tuple[SecurityGroup, ...]:
    """Read these security groups, Azure's own rules included."""
    found = [reader.at("security-groups", id) for id in _distinct(ids)]
    return tuple(security_group(g) for g in found if g is not None)


def _distinct(ids: Iterable[str]) -> list[str]:
    """Ids in order, each once, however it is spelled."""
    return [*{id.lower(): id for id in sorted(ids) if id}.values()]


def security_group(found: dict[str, Any]) -> SecurityGroup:
    """Take a security group from Azure's JSON."""
    properties = found["properties"]
    rules = [_rule(r) for kind in ("securityRules", "defaultSecurityRules") for r in properties.get(kind) or []]
    return SecurityGroup(found["id"], found["name"], tuple(sorted(rules, key=lambda r: (r.direction, r.priority))))


def _rule(found: dict[str, Any]) -> SecurityRule:
    properties = found["properties"]

    def either(name: str, plural: str) -> tuple[str, ...]:
        single = properties.get(name)
        return (*([single] if single else []), *(properties.get(plural) or []))

    return SecurityRule(
        name=found["name"],
        priority=properties["priority"],
        direction=properties["direction"],
        access=properties["access"],
        protocol=properties["protocol"],
        sources=either("sourceAddressPrefix", "sourceAddressPrefixes"),
        source_ports=either("sourcePortRange", "sourcePortRanges"),
        destinations=either("destinationAddressPrefix", "destinationAddressPrefixes"),
        ports=either("destinationPortRange", "destinationPortRanges"),
        source_groups=ids_of(properties.get("sourceApplicationSecurityGroups")),
        destination_groups=ids_of(properties.get("destinationApplicationSecurityGroups")),
    )


def ids_of(references: list[dict[str, str]] | None) -> tuple[str, ...]:
    """Take the ids from a list of references, which Azure leaves out where it is empty."""
    return tuple(reference["id"] for reference in references or ())


def route_tables_of(reader: Reader, ids: Iterable[str]) -> tuple[RouteTable, ...]:
    """Read these route tables."""
    found = [reader.at("route-tables", id) for id in _distinct(ids)]
    return tuple(route_table(t) for t in found if t is not None)


def route_table(found: dict[str, Any]) -> RouteTable:
    """Take a route table from Azure's JSON."""
    routes = tuple(_route(r) for r in found["properties"].get("routes") or [])
    return RouteTable(found["id"], found["name"], routes)


def _route(found: dict[str, Any]) -> Route:
    properties = found["properties"]
    address = properties.get("nextHopIpAddress") or ""
    return Route(found["name"], properties["addressPrefix"], properties["nextHopType"], address)


def zones(reader: Reader, written: Iterable[str], place: str = "") -> tuple[Zone, ...]:
    """Read every private zone that has to do with registries, by its name or because a zone group writes there.

    Args:
        place: the clients' network. Where none of the zones is linked to it, it is noted whether there may be more.
    """
    targets = {id.lower(): id for id in written}
    usual = reader.lab.id_of(ZONE_TYPE, reader.lab.settings.zone_name)
    listed = reader.everywhere("zones", ZONE_TYPE, {usual.lower(): usual, **targets}.values())
    ours = [z for z in listed if "azurecr" in z["name"].lower() or z["id"].lower() in targets]
    found = tuple(sorted((_zone(reader, z) for z in ours), key=lambda z: z.id.lower()))
    noted = any(u.what in ("zones", "other zones", "links") for u in reader.unseen)
    if place and not noted and not any(same(li.network, place) for z in found for li in z.links or ()):
        reader.unseen += reader.reads_in_part("other zones" if found else "zones", ZONE_TYPE)
    return found


def recorded(reader: Reader) -> set[str]:
    """Find the addresses that private zones of registries lead to, before it is known what writes to them.

    A look of its own: what it can't read is noted when the zones are read for good.
    """
    apart = Reader(reader.lab)
    apart.look_in(*(f"/subscriptions/{id}" for id in reader.subscriptions))
    return {value for zone in zones(apart, ()) for record in zone.records or () for value in record.values}


def _zone(reader: Reader, found: dict[str, Any]) -> Zone:
    links = reader.members("links", f"{found['id']}/virtualNetworkLinks")
    records = reader.members("records", f"{found['id']}/ALL")
    return Zone(
        id=found["id"],
        name=found["name"].lower(),
        links=None if links is None else tuple(_link(link) for link in links),
        records=None if records is None else tuple(r for f in records if (r := _record(f)) is not None),
    )


def _link(found: dict[str, Any]) -> Link:
    properties = found["properties"]
    state = properties.get("virtualNetworkLinkState") or properties.get("provisioningState") or ""
    policy = properties.get("resolutionPolicy") or "Default"
    return Link(found["id"], found["name"], properties["virtualNetwork"]["id"], state, policy)


def _record(found: dict[str, Any]) -> ZoneRecord | None:
    """The kinds of records that can lead a client somewhere."""
    kind, properties = found["type"].rpartition("/")[2], found["properties"]
    if kind == "A":
        values = tuple(r["ipv4Address"] for r in properties.get("aRecords") or [])
    elif kind == "CNAME":
        values = (properties["cnameRecord"]["cname"],) if properties.get("cnameRecord") else ()
    else:
        return None
    creator = (properties.get("metadata") or {}).get("creator") or ""
    return ZoneRecord(found["name"].lower(), kind, values, properties.get("ttl") or 0, creator)

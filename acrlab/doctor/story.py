"""Tell the story of one request from a snapshot: who asks whom, who answers, where it goes, and who lets it in.

Pure: it follows from what was seen; where the VM asked itself, its own answer is told.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from acrlab.azure.cloud import AZURE_RESOLVER, label_of
from acrlab.doctor.checks.traffic import deciding_rule, end_at, group_on
from acrlab.doctor.facts import (
    fallback_link,
    linked_zones,
    near_endpoints,
    record_in,
    star_for,
    status_of,
    zone_name,
)
from acrlab.doctor.places import (
    closed_ways,
    custom_servers,
    name_server,
    network_at,
    reached,
    resolving_network,
    with_peers,
)
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone
from acrlab.snapshot.registry import Address, Endpoint

INTERNET = "internet"
ASKS_ON = f"asks {AZURE_RESOLVER} from there, if it is set up so"


@dataclass(frozen=True)
class Hop:
    """One station: who acts, what happens, and whether the request gets further.

    Attributes:
        at: where that is: the ARM id of the VM, a network, an endpoint, a zone or the registry, or `INTERNET`;
            empty: where it was before.
    """

    who: str
    does: str
    passed: bool = True
    at: str = ""


@dataclass(frozen=True, repr=False)
class Story:
    """The stations of one request for `name`, in order; the last is where it ends."""

    name: str
    hops: tuple[Hop, ...]

    @property
    def arrives(self) -> bool:
        return all(hop.passed for hop in self.hops)

    def __repr__(self) -> str:
        width = max((len(hop.who) for hop in self.hops), default=0)
        lines = [f"{'✓' if hop.passed else '✗'} {hop.who.ljust(width)}  {hop.does}" for hop in self.hops]
        return "\n".join([f"A request for {self.name}", *lines])


def tell(snapshot: Snapshot, name: str) -> Story:
    """Follow a request for a registry's name from the clients' network to where it ends."""
    name = name.lower().rstrip(".")
    vm = snapshot.vm
    who = vm.name if vm else "a client"
    network = snapshot.network
    place = f"{vm.address} in " if vm else ""
    standing = f"stands at {place}{network.name if network else 'an unknown network'} and asks for {name}"
    hops = [Hop(who, standing, at=vm.id if vm else network.id if network else "")]
    pinned = dict(snapshot.vm_view.pinned) if snapshot.vm_view else {}
    if name in pinned:
        hops.append(Hop("/etc/hosts", f"says {pinned[name]}; no resolver is asked"))
        return Story(name, (*hops, *_connection(snapshot, name, pinned[name])))
    servers = custom_servers(snapshot)
    hops.append(_resolver(snapshot, name, servers))
    if servers and not _may_forward(snapshot):
        seen = _seen_by_vm(snapshot, name)
        return Story(name, (*hops, *(_connection(snapshot, name, seen) if seen else ())))
    return Story(name, (*hops, *_answered(snapshot, name)))


def tell_from_outside(snapshot: Snapshot, name: str) -> Story:
    """Follow the request of a client on the internet that no rule names."""
    name = name.lower().rstrip(".")
    hops = [Hop("any client", f"on the internet asks for {name}", at=INTERNET)]
    if _has_alias(snapshot):
        alias = f"{label_of(name)}.{zone_name(snapshot)}"
        hops.append(Hop("public DNS", f"says that it is an alias for {alias}, and leads on to the public address"))
    else:
        hops.append(Hop("public DNS", "leads on to the public address"))
    return Story(name, (*hops, *_public_door(snapshot, "any client")))


def _resolver(snapshot: Snapshot, name: str, servers: tuple[str, ...]) -> Hop:
    at = snapshot.network.id if snapshot.network else ""
    if not servers:
        looks = f"{AZURE_RESOLVER}, Azure's own, looks through the zones that are linked to the network"
        return Hop("resolver", looks, at=at)
    seen = _seen_by_vm(snapshot, name)
    answer = f"and got {seen}" if seen else "and no answer was seen"
    server = name_server(snapshot)
    place = network_at(snapshot, resolving_network(snapshot))
    stands = f" ({server.vm.rpartition('/')[2]} in {place.name})" if server and place else ""
    at = server.network if server and place else at
    if _may_forward(snapshot):
        return Hop("resolver", f"{servers[0]}{stands} is asked, and {ASKS_ON}", at=at)
    return Hop("resolver", f"{', '.join(servers)}{stands}, not Azure's, was asked {answer}", bool(seen), at)


def _may_forward(snapshot: Snapshot) -> bool:
    """Say whether a name server runs in reach, while the VM was not asked what it is told."""
    server = name_server(snapshot)
    if server is None or snapshot.vm_view is not None or server.power != "running":
        return False
    return any(same(server.network, id) for id in reached(snapshot))


def _seen_by_vm(snapshot: Snapshot, name: str) -> str:
    answers = snapshot.vm_view.answers if snapshot.vm_view else ()
    return next((a.addresses[0] for a in answers if a.name == name and a.addresses), "")


def _answered(snapshot: Snapshot, name: str) -> list[Hop]:
    """Ask the linked zones, the longest name first, then public DNS."""
    alias = f"{label_of(name)}.{zone_name(snapshot)}"
    zone = _closest(snapshot, name)
    if zone is not None:
        return _from_zone(snapshot, name, zone, name)
    if not _has_alias(snapshot):
        return [
            Hop("public DNS", "has no alias for it: no private endpoint of the registry is connected", at=INTERNET),
            *_public(snapshot, name),
        ]
    hops = [Hop("public DNS", f"says that it is an alias for {alias}", at=INTERNET)]
    zone = _closest(snapshot, alias)
    if zone is None:
        none = Hop("zones", f"none named {zone_name(snapshot)} is linked to the network")
        return [*hops, none, *_public(snapshot, name)]
    return [*hops, *_from_zone(snapshot, name, zone, alias)]


def _has_alias(snapshot: Snapshot) -> bool:
    return snapshot.registry is not None and bool(snapshot.registry.connections)


def _closest(snapshot: Snapshot, name: str) -> Zone | None:
    fitting = [z for z in linked_zones(snapshot) if name == z.name or name.endswith(f".{z.name}")]
    return max(fitting, key=lambda z: len(z.name), default=None)


def _from_zone(snapshot: Snapshot, name: str, zone: Zone, asked: str) -> list[Hop]:
    wanted = asked.removesuffix(zone.name).rstrip(".") or "@"
    record = record_in(zone, wanted) or star_for(zone, wanted)
    if record is None and (fallback := fallback_link(snapshot, zone)):
        led_on = f"{zone.name} has no record {wanted}, and its link {fallback} falls back to the internet"
        return [Hop("zone", led_on, at=zone.id), *_public(snapshot, name)]
    if record is None:
        missing = f"{zone.name} is linked, and has no record {wanted}: there is no such name"
        return [Hop("zone", missing, False, zone.id)]
    by = f" by its record {record.name}" if record.name != wanted else ""
    told = f"{zone.name} says {', '.join(record.values)}{by}, to be kept for {record.ttl} s"
    said = Hop("zone", told, at=zone.id)
    return [said, *_connection(snapshot, name, record.values[0])]


def _public(snapshot: Snapshot, name: str) -> list[Hop]:
    seen = _seen_by_vm(snapshot, name)
    led = Hop("public DNS", f"leads on to the public address{f' {seen}' if seen else ''}", at=INTERNET)
    hops = [led, *(_filters(snapshot, seen) if seen else ())]
    return [*hops, *(_public_door(snapshot, _source(snapshot)) if hops[-1].passed else ())]


def _source(snapshot: Snapshot) -> str:
    """Tell the address that public access sees clients come from."""
    return (snapshot.vm.public_address if snapshot.vm else "") or "the network's outbound address"


def _public_door(snapshot: Snapshot, source: str) -> list[Hop]:
    registry = snapshot.registry
    if registry is None:
        return [Hop("registry", "is not there", False)]
    settings = f"publicNetworkAccess {registry.public_access}, defaultAction {registry.default_action}"
    if registry.public_access == "Enabled" and registry.default_action == "Allow":
        return [Hop("public endpoint", f"lets {source} in: {settings}", at=registry.id)]
    if registry.public_access == "Enabled" and _ruled_in(source, registry.ip_rules):
        return [Hop("public endpoint", f"lets {source} in by a rule: {', '.join(registry.ip_rules)}", at=registry.id)]
    rules = f"ipRules {', '.join(registry.ip_rules) or 'none'}"
    return [Hop("public endpoint", f"refuses {source} with 403: {settings}, {rules}", False, registry.id)]


def _ruled_in(source: str, rules: tuple[str, ...]) -> bool:
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(rule, strict=False) for rule in rules)


def _connection(snapshot: Snapshot, name: str, address: str) -> list[Hop]:
    """Follow the request from an address to an answer."""
    found = _holder(snapshot, address)
    if found is None:
        if _is_private(address):
            return [Hop("network", f"no endpoint in reach holds {address} for the registry: no answer", False)]
        out = [*_filters(snapshot, address), Hop("network", f"leads {address} out to the internet", at=INTERNET)]
        return [*out, *_public_door(snapshot, _source(snapshot))] if all(h.passed for h in out) else out[:-1]
    endpoint, held = found
    hops = [*_filters(snapshot, address)]
    if hops and not hops[-1].passed:
        return hops
    hops += _peering(snapshot, endpoint)
    if hops and not hops[-1].passed:
        return hops
    hops.append(Hop("endpoint", f"{endpoint.name} holds {address} for {held.member}", at=endpoint.id))
    status = status_of(snapshot, endpoint)
    if status != "Approved":
        return [*hops, Hop("connection", f"is {status}: no answer", False)]
    door = snapshot.registry.id if snapshot.registry else ""
    hops.append(Hop("connection", "is Approved: the registry is reached past its public endpoint", at=door))
    if held.host != name:
        return [*hops, Hop("registry", f"answers there as {held.host}, and was asked for {name}", False)]
    return [*hops, Hop("registry", "answers, and asks who it is")]


def _peering(snapshot: Snapshot, endpoint: Endpoint) -> list[Hop]:
    """Pass from the clients' network to the endpoint's, where that is another one."""
    network = snapshot.network
    if network is None or same(network.id, endpoint.network):
        return []
    pair = f"{network.name} and {endpoint.network.rpartition('/')[2]}"
    if any(same(way.id, endpoint.network) for way in closed_ways(snapshot)):
        return [Hop("peering", f"none is open between {pair}: no answer", False, network.id)]
    return [Hop("peering", f"{pair} are peered, and both halves let it pass", at=endpoint.network)]


def _holder(snapshot: Snapshot, address: str) -> tuple[Endpoint, Address] | None:
    return next(((e, a) for e in near_endpoints(snapshot) for a in e.addresses if a.address == address), None)


def _filters(snapshot: Snapshot, address: str) -> list[Hop]:
    vm, network = snapshot.vm, snapshot.network
    if vm is None or network is None:
        return []
    subnet, space = snapshot.subnet(vm.subnet), with_peers(snapshot, network)
    hops = []
    for id in (vm.security_group, subnet.security_group if subnet else ""):
        group = group_on(snapshot, id)
        if group is None:
            continue
        ends = {"source": end_at(snapshot, vm.address), "destination": end_at(snapshot, address)}
        rule = deciding_rule(group, space, direction="Outbound", **ends)
        said = f"rule {rule.name} of {group.name}" if rule else f"{group.name} has no rule for it and"
        if rule is None or rule.access == "Deny":
            return [Hop("security group", f"{said} drops port 443 to {address}", False, network.id)]
        hops.append(Hop("security group", f"{said} lets port 443 to {address} pass", at=network.id))
    return hops


def _is_private(address: str) -> bool:
    return ipaddress.ip_address(address).is_private and not address.startswith(
        ("192.0.2.", "198.51.100.", "203.0.113.")
    )

"""Derive from a snapshot which ruleset sends the caller's questions on, or should, and to which network."""

from __future__ import annotations

import ipaddress

from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import ForwardingRule, InboundEndpoint, Network, Resolver, Ruleset, Subnet

RESOLVERS = "/providers/microsoft.network/dnsresolvers/"


def linked_ruleset(snapshot: Snapshot) -> Ruleset | None:
    """Find the ruleset that the clients' network is linked to."""
    here = snapshot.subject.network
    return next((r for r in snapshot.rulesets if any(same(li.network, here) for li in r.links or ())), None)


def meant_ruleset(snapshot: Snapshot) -> Ruleset | None:
    """Find the ruleset that the clients' network uses for registries, or should.

    That is the one that it is linked to, unless that is about other names; else, where its network reads no zone of its
    own, one of a network that it is peered with, which has a rule for the registry's name.
    """
    linked = linked_ruleset(snapshot)
    if linked is not None:
        return linked if _is_for_registries(snapshot, linked) else None
    if _reads_the_zone(snapshot):
        return None
    network = snapshot.network
    peers = [p.remote for p in network.peerings] if network else []
    for ruleset in snapshot.rulesets:
        home = home_of(snapshot, ruleset)
        if home and any(same(home.network, peer) for peer in peers) and fitting(snapshot, ruleset):
            return ruleset
    return None


def _is_for_registries(snapshot: Snapshot, ruleset: Ruleset) -> bool:
    """Say whether a ruleset has a rule for the registry, or at least none but for servers in Azure."""
    targets = [target for rule in ruleset.rules or () for target in rule.targets]
    home = home_of(snapshot, ruleset)
    inside = home is not None and all(inbound_at(snapshot, target, home.network) for target in targets)
    return bool(fitting(snapshot, ruleset)) or (inside and not _reads_the_zone(snapshot))


def _reads_the_zone(snapshot: Snapshot) -> bool:
    here, name = snapshot.subject.network, snapshot.subject.names.zone
    return any(same(li.network, here) for z in snapshot.zones if z.name == name for li in z.links or ())


def domain_of(snapshot: Snapshot) -> str:
    """Write the domain that a rule for registries is about, with its final dot."""
    return f"{snapshot.subject.names.zone.partition('.')[2]}."


def fitting(snapshot: Snapshot, ruleset: Ruleset) -> tuple[ForwardingRule, ...]:
    """List a ruleset's rules for the registry's name, enabled or not, the one that counts first."""
    host = snapshot.registry.login_server if snapshot.registry else f"{snapshot.subject.registry}.{domain_of(snapshot)}"
    found = [r for r in ruleset.rules or () if r.domain != "." and f".{host.rstrip('.')}.".endswith(f".{r.domain}")]
    return tuple(sorted(found, key=lambda rule: (not rule.enabled, -len(rule.domain))))


def rule_in_use(snapshot: Snapshot) -> ForwardingRule | None:
    """Find the rule that the registry's name goes by, or should; None: no enabled one."""
    ruleset = meant_ruleset(snapshot)
    return next((rule for rule in fitting(snapshot, ruleset) if rule.enabled), None) if ruleset else None


def home_of(snapshot: Snapshot, ruleset: Ruleset) -> Resolver | None:
    """Find the resolver whose outbound endpoint a ruleset goes through."""
    roots = [id.lower().partition("/outboundendpoints/")[0] for id in ruleset.outbound]
    return next((r for r in snapshot.resolvers if r.id.lower() in roots), None)


def inbound_at(snapshot: Snapshot, address: str, asker: str) -> tuple[Resolver, InboundEndpoint] | None:
    """Find the inbound endpoint that has an address for who asks from a network, by its id, and its resolver.

    The same address may be another one's in networks that have nothing to do with each other.
    """
    held = ((r, e) for r in _near(snapshot, asker) for e in r.inbound or () if e.address == address)
    return next(held, None)


def vacant_at(snapshot: Snapshot, address: str, asker: str) -> tuple[Resolver, Subnet] | None:
    """Find the resolver and its subnet that an address belongs to where no inbound endpoint has it any more."""
    for resolver in _near(snapshot, asker):
        network = _network(snapshot, resolver.network)
        for subnet in network.subnets if network else ():
            if subnet.resolvers and _holds(subnet, address) and not inbound_at(snapshot, address, asker):
                return resolver, subnet
    return None


def _near(snapshot: Snapshot, asker: str) -> list[Resolver]:
    """The resolvers of a network, and of those that it is peered with."""
    network = _network(snapshot, asker)
    places = (asker, *(peering.remote for peering in (network.peerings if network else ())))
    return [r for r in snapshot.resolvers if any(same(r.network, place) for place in places)]


def _network(snapshot: Snapshot, id: str) -> Network | None:
    return next((n for n in snapshot.networks if same(n.id, id)), None)


def _holds(subnet: Subnet, address: str) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(p) for p in subnet.prefixes if p)


def answering_network(snapshot: Snapshot) -> str:
    """Tell the id of the network whose zones answer what a ruleset sends on; empty: nothing is sent, or no one knows.

    Where the rule is missing or asks elsewhere, it is the resolver's: that is where it should lead.
    """
    ruleset = meant_ruleset(snapshot)
    if ruleset is None:
        return ""
    rule, home = rule_in_use(snapshot), home_of(snapshot, ruleset)
    if home is None:
        return ""
    network = _network(snapshot, home.network)
    places = [home.network, *(p.remote for p in (network.peerings if network else ()))]
    for target in rule.targets if rule else ():
        if found := inbound_at(snapshot, target, home.network):
            return found[0].network
        for place in filter(None, (_network(snapshot, id) for id in places)):
            if any(_holds(subnet, target) for subnet in place.subnets):
                return place.id
    return home.network

"""Check that nothing between the caller and the endpoint drops what is sent to port 443."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from acrlab.azure.arm_id import free_name
from acrlab.doctor import az
from acrlab.doctor.facts import endpoint_in_use
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import Caller, callers, with_peers
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Network, Route, RouteTable, SecurityGroup, SecurityRule, Subnet
from acrlab.snapshot.registry import Address

RULES = "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview"
POLICIES = "https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy"
HTTPS = 443
LOWEST, HIGHEST = 100, 4096  # priorities that a rule of one's own can have
FILTERED = {"group": ("Enabled", "NetworkSecurityGroupEnabled"), "routes": ("Enabled", "RouteTableEnabled")}


def group_on(snapshot: Snapshot, id: str) -> SecurityGroup | None:
    """Find a security group that was seen."""
    return next((g for g in snapshot.security_groups if same(g.id, id)), None) if id else None


@dataclass(frozen=True)
class End:
    """One end of a connection: an address, and the ids of the application security groups that it is in."""

    address: str
    groups: frozenset[str] = frozenset()


def end_at(snapshot: Snapshot, address: str) -> End:
    """Tell what is known of an address: it may be the VM's, or one that an endpoint holds."""
    vm = snapshot.vm
    held = [vm.application_groups] if vm and vm.address == address else []
    held += [e.application_groups for e in snapshot.endpoints if any(a.address == address for a in e.addresses)]
    return End(address, frozenset(id.lower() for ids in held for id in ids))


def deciding_rule(
    group: SecurityGroup, network: Network, *, direction: str, source: End, destination: End
) -> SecurityRule | None:
    """Find the first rule that matches HTTPS between two addresses; None: none does, which denies."""
    rules = sorted((r for r in group.rules if r.direction == direction), key=lambda r: r.priority)
    return next((r for r in rules if _matches(r, network, source, destination)), None)


def _matches(rule: SecurityRule, network: Network, source: End, destination: End) -> bool:
    return (
        rule.protocol in ("*", "Tcp")
        and any(_has_port(text) for text in rule.ports)
        and any(text in ("*", "0-65535", "1-65535") for text in rule.source_ports)
        and _is_named(source, rule.sources, rule.source_groups, network)
        and _is_named(destination, rule.destinations, rule.destination_groups, network)
    )


def _is_named(end: End, places: tuple[str, ...], groups: tuple[str, ...], network: Network) -> bool:
    """Say whether a rule names an end, by its address or by a group that it is in."""
    return any(id.lower() in end.groups for id in groups) or any(_has_place(t, end.address, network) for t in places)


def _has_port(text: str) -> bool:
    low, _, high = text.partition("-")
    return text == "*" or (low.isdigit() and int(low) <= HTTPS <= int(high or low))


def _has_place(text: str, address: str, network: Network) -> bool:
    """Say whether a prefix or service tag includes an address; a public service's tag includes no private one."""
    if text in ("*", "0.0.0.0/0"):
        return True
    inside = any(ipaddress.ip_address(address) in ipaddress.ip_network(p) for p in network.prefixes)
    if text.lower() == "virtualnetwork":
        return inside
    if text.lower() == "internet":
        return not inside
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False


def blocked(snapshot: Snapshot) -> Finding | None:
    """On the way out the caller's security groups decide; on the way in the endpoint's, if its subnet applies them."""
    return next((found for caller in callers(snapshot) if (found := _stopped(snapshot, caller))), None)


def _stopped(snapshot: Snapshot, caller: Caller) -> Finding | None:
    if snapshot.network is None:
        return None
    network = with_peers(snapshot, snapshot.network)
    endpoint = endpoint_in_use(snapshot)
    subnet = snapshot.subnet(endpoint.subnet) if endpoint else None
    ways = [(caller.security_group, "Outbound"), (caller.subnet.security_group, "Outbound")]
    if subnet and subnet.endpoint_policies in FILTERED["group"]:
        ways.append((subnet.security_group, "Inbound"))
    held = tuple(a.address for a in endpoint.addresses) if endpoint else ()
    # Where there is no endpoint yet, it will get addresses of the caller's subnet.
    targets = held or caller.subnet.prefixes
    seen = [(group, direction) for id, direction in ways if (group := group_on(snapshot, id))]
    for group, direction in seen:
        for target in targets:
            to = str(ipaddress.ip_network(target)[-2]) if "/" in target else target
            source, destination = end_at(snapshot, caller.address), end_at(snapshot, to)
            rule = deciding_rule(group, network, direction=direction, source=source, destination=destination)
            if rule is None or rule.access == "Deny":
                return _blocked(group, rule, direction, caller.address, targets)
    return None


def _blocked(
    group: SecurityGroup, rule: SecurityRule | None, direction: str, source: str, addresses: tuple[str, ...]
) -> Finding:
    place, name = az.place(group.id)
    new = free_name("AllowRegistry", (r.name for r in group.rules))
    commands, priority = [], _priority_before(group, rule, direction)
    if rule and priority == rule.priority:  # nothing comes before it: it has to make room
        later = _free_after(group, rule, direction)
        commands.append(
            az.az("network nsg rule update", resource_group=place, nsg_name=name, name=rule.name, priority=str(later))
        )
    commands.append(
        f"{az.az('network nsg rule create', resource_group=place, nsg_name=name, name=new)} "
        f"--priority {priority} --direction {direction} --access Allow --protocol Tcp "
        f"--destination-port-ranges {HTTPS} "
        f"--destination-address-prefixes {' '.join(addresses)}"
    )
    said = f"{rule.name}, priority {rule.priority}: {rule.access} {rule.protocol} to {_named(rule)}" if rule else "none"
    return Finding(
        code="security-group-blocks-https",
        severity="error",
        title=f"The security group {name} drops traffic to port {HTTPS} of the endpoint.",
        evidence=(
            f"from {source} to {', '.join(addresses)}, port {HTTPS}, {direction.lower()}",
            f"rule that decides: {said}",
            *((f"its ports: {', '.join(rule.ports)}",) if rule else ()),
        ),
        why="Names resolve, but connections hang until they time out: dropped packets get no answer.",
        remedy=Remedy(
            tuple(commands), f"acrlab.remedies.allow_https(lab, {group.id!r}, {direction!r}, {list(addresses)!r})"
        ),
        source=RULES,
    )


def _named(rule: SecurityRule) -> str:
    """Name what a rule is for: its destinations, of application security groups the names."""
    return ", ".join((*rule.destinations, *(id.rpartition("/")[2] for id in rule.destination_groups)))


def _priority_before(group: SecurityGroup, rule: SecurityRule | None, direction: str) -> int:
    """Find a free priority before a rule; the rule's own if there is none."""
    taken = {r.priority for r in group.rules if r.direction == direction}
    limit = min(rule.priority if rule else HIGHEST, HIGHEST)
    return next((p for p in range(limit - 1, LOWEST - 1, -1) if p not in taken), limit)


def _free_after(group: SecurityGroup, rule: SecurityRule, direction: str) -> int:
    taken = {r.priority for r in group.rules if r.direction == direction}
    return next(p for p in range(rule.priority + 1, HIGHEST + 1) if p not in taken)


LOST = ("None", "Internet")  # next hops behind which no private address is
TIMED_OUT = "(28)"  # curl's number for it; then it names no address, as it has reached none
PASSED_ON = ("VirtualAppliance", "VirtualNetworkGateway")  # those that may pass on what they get, and may not


def _taken(table: RouteTable, address: str, least: int) -> Route | None:
    """Find the route of a table that takes an endpoint's place: the longest, if it is long enough to."""
    ranges = [(network, route) for route in table.routes if (network := _range(route.prefix))]
    fitting = [(n.prefixlen, r) for n, r in ranges if ipaddress.ip_address(address) in n and n.prefixlen >= least]
    return max(fitting, key=lambda one: one[0])[1] if fitting else None


def _range(prefix: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Read a prefix; None: it is a service tag, which stands for no private address."""
    try:
        return ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        return None


def _loses(snapshot: Snapshot, route: Route, held: Address) -> bool:
    """Say whether a route loses what it is given; of an appliance only tells that tries of the VM or kubelets hung."""
    tries = snapshot.vm_view.probes if snapshot.vm_view else ()
    told = (pod.message for cluster in snapshot.clusters for pod in cluster.waiting)
    silent = any(p.host == held.host and p.status == 0 and TIMED_OUT in p.problem for p in tries) or any(
        message.endswith(f"dial tcp {held.address}:{HTTPS}: i/o timeout") for message in told
    )
    return route.next_hop in LOST or (route.next_hop in PASSED_ON and silent)


def dropped_by_route(snapshot: Snapshot) -> Finding | None:
    """An endpoint brings routes of its own, as narrow as possible; others win only where its subnet applies them."""
    return next((found for caller in callers(snapshot) if (found := _led_away(snapshot, caller.subnet))), None)


def _led_away(snapshot: Snapshot, own: Subnet) -> Finding | None:
    endpoint = endpoint_in_use(snapshot)
    table = next((t for t in snapshot.route_tables if same(t.id, own.route_table)), None)
    subnet = snapshot.subnet(endpoint.subnet) if endpoint else None
    if endpoint is None or table is None or subnet is None:
        return None
    home = next((n for n in snapshot.networks if same(n.id, endpoint.network)), None)
    asked = subnet.endpoint_policies in FILTERED["routes"]
    least = min((ipaddress.ip_network(p).prefixlen for p in home.prefixes), default=32) if home and asked else 32
    guilty = [
        (route, held.address)
        for held in endpoint.addresses
        if (route := _taken(table, held.address, least)) and _loses(snapshot, route, held)
    ]
    if not guilty:
        return None
    group, name = az.place(table.id)
    names = sorted({route.name for route, _ in guilty})
    return Finding(
        code="route-drops-https",
        severity="error",
        title=f"The route table {name} routes traffic for the endpoint elsewhere.",
        evidence=tuple(f"route {r.name}: {r.prefix} to {r.next_hop}; the endpoint holds {a}" for r, a in guilty),
        why=f"{LED_AWAY} {SHARED}" if any(_is_for_others(r) for r, _ in guilty) else LED_AWAY,
        remedy=Remedy(
            tuple(
                az.az("network route-table route delete", resource_group=group, route_table_name=name, name=n)
                for n in names
            ),
            "; ".join(f"acrlab.remedies.remove_route(lab, {table.id!r}, {n!r})" for n in names),
        ),
        source=POLICIES,
    )


LED_AWAY = (
    "The endpoint's own route is the narrowest; another one takes its place where it is as narrow, or where the "
    "endpoint's subnet applies routes and it is for the network or a part of it. What such a route throws away, or an "
    "appliance does not pass on, gets no answer: connections hang until they time out."
)
SHARED = (
    "This one leads other traffic, too, which then goes past the appliance: where it is to go through, let the "
    "appliance pass on port 443 to the endpoint, with its own address as the source, and leave the route."
)


def _is_for_others(route: Route) -> bool:
    network = _range(route.prefix)
    return route.next_hop in PASSED_ON and network is not None and network.num_addresses > 1


CHECKS = (
    Check(
        "security-groups",
        "Do security groups allow HTTPS?",
        blocked,
        ("security-groups", "vm"),
        about=("registry", "network", "caller"),
    ),
    Check(
        "routes",
        "Do routes leave the endpoint alone?",
        dropped_by_route,
        ("route-tables",),
        about=("endpoint", "caller"),
    ),
)

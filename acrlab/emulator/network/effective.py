"""What Azure tells of an interface that is in use: the routes and the security rules that count for it.

Both are worked out from what delivery goes by, so that what is shown is what happens.
Source: https://learn.microsoft.com/azure/virtual-network/diagnose-network-routing-problem and
https://learn.microsoft.com/azure/virtual-network/diagnose-network-traffic-filter-problem
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import public_dns, reachability, routes
from acrlab.emulator.network.security_rules import all_of, group_of
from acrlab.emulator.types.compute.vm_place import primary_configuration
from acrlab.emulator.types.network.application_security_group import addresses_of
from acrlab.emulator.types.network.network_interface import RULES_SHOWN, TABLE_SHOWN
from acrlab.emulator.types.network.security_group import rules_of

HOST = "168.63.129.16/32"  # Azure's own services, as a VM sees them
ANYWHERE = "0.0.0.0/0"
WHOLE = "0-65535"


def capabilities(world: World) -> dict[str, Callable[..., Any]]:
    """Name what an interface is asked for."""
    return {
        TABLE_SHOWN: lambda interface: route_table(world, interface),
        RULES_SHOWN: lambda interface: security_groups(world, interface),
    }


def route_table(world: World, interface: Resource) -> JSON:
    """Return every route of an interface, in the form of `az network nic show-effective-route-table`."""
    return {"value": [_route(route) for route in routes.effective(world, _subnet(world, interface))]}


def _route(route: routes.Route) -> JSON:
    return {
        **({"name": route.name} if route.name else {}),
        "disableBgpRoutePropagation": False,
        "source": route.source,
        "state": route.state,
        "hasBgpOverride": False,
        "addressPrefix": list(route.prefixes),
        "nextHopType": route.hop,
        "nextHopIpAddress": [route.at] if route.at else [],
        "destinationServiceTags": [],
        "tagMap": {},
    }


def security_groups(world: World, interface: Resource) -> JSON:
    """Return the rules of the groups of an interface and of its subnet, spelled out."""
    subnet = _subnet(world, interface)
    space = reachability.space_around(world, reachability.network_of(world, subnet))
    shown = []
    for name, part in (("networkInterface", interface), ("subnet", subnet)):
        if group := group_of(world, part):
            shown.append(
                {
                    "networkSecurityGroup": {"id": str(group.id)},
                    "association": {name: {"id": str(part.id)}},
                    "effectiveSecurityRules": [_rule(world, rule, space) for rule in _rules(world, group)],
                    "tagMap": {},
                }
            )
    return {"value": shown}


def _rules(world: World, group: Resource) -> Iterator[JSON]:
    own = {rule.id.name for rule in world.children(group.id, "securityRules")}
    for direction in ("Inbound", "Outbound"):
        for rule in rules_of(world, group, direction):
            kind = "securityRules" if rule["name"] in own else "defaultSecurityRules"
            yield {**rule, "name": f"{kind}/{rule['name']}"}


def _rule(world: World, rule: JSON, space: tuple[str, ...]) -> JSON:
    shown: JSON = {"name": rule["name"], "protocol": "All" if rule["protocol"] == "*" else rule["protocol"]}
    for end in ("source", "destination"):
        ports = [_ports(text) for text in all_of(rule, f"{end}PortRange")] or [WHOLE]
        places = [_place(text) for text in all_of(rule, f"{end}AddressPrefix")] + _members(world, rule, end)
        expanded = [prefix for place in places for prefix in _expanded(place, space)]
        whole = end.capitalize()
        shown |= {
            f"{end}PortRange": ports[0],
            f"{end}PortRanges": ports,
            f"{end}AddressPrefix": places[0] if places else "",
            f"{end}AddressPrefixes": places,
            **({f"expanded{whole}AddressPrefix": expanded} if expanded else {}),
        }
    return shown | {name: rule[name] for name in ("access", "priority", "direction")}


def _ports(text: str) -> str:
    low, dash, high = text.partition("-")
    return WHOLE if text == "*" else f"{low}-{high if dash else low}"


def _place(text: str) -> str:
    return ANYWHERE if text == "*" else text


def _members(world: World, rule: JSON, end: str) -> list[str]:
    groups = rule.get(f"{end}ApplicationSecurityGroups", ())
    return [f"{address}/32" for group in groups for address in addresses_of(world, group["id"])]


def _expanded(place: str, space: tuple[str, ...]) -> list[str]:
    """The prefixes that a service tag stands for; none: it is a prefix itself."""
    tag = place.lower()
    if tag == "virtualnetwork":
        return [*space, HOST]
    if tag == "internet":
        return _without(space)
    if tag == "azureloadbalancer":
        return [HOST]
    sites = public_dns.sites().items()
    return [f"{at}/32" for at, site in sites if tag in (known.lower() for known in site.tags)]


def _without(space: tuple[str, ...]) -> list[str]:
    """Every address but those of a network and its peers."""
    left = [ipaddress.IPv4Network(ANYWHERE)]
    for prefix in map(ipaddress.IPv4Network, space):
        parts = [(whole, whole.overlaps(prefix)) for whole in left]
        left = [part for whole, hit in parts for part in (_cut(whole, prefix) if hit else [whole])]
    return [str(part) for part in sorted(left)]


def _cut(whole: ipaddress.IPv4Network, prefix: ipaddress.IPv4Network) -> list[ipaddress.IPv4Network]:
    return [] if whole.subnet_of(prefix) else list(whole.address_exclude(prefix))


def _subnet(world: World, interface: Resource) -> Resource:
    return world.get(ArmId.parse(primary_configuration(interface)["subnet"]["id"]))

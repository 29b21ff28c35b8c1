"""What the rules of security groups say of a connection: the first that fits decides, by its number.

Return traffic is never asked about: security groups remember what they let out.
Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import public_dns
from acrlab.emulator.types.network.application_security_group import addresses_of
from acrlab.emulator.types.network.network_space import holds
from acrlab.emulator.types.network.security_group import rules_of


@dataclass(frozen=True)
class Flow:
    """A connection that is about to be made, as one network's security rules look at it.

    Attributes:
        space: the prefixes that the network calls `VirtualNetwork`: its own, and those of its peers.
        protocol: `Tcp` or `Udp`.
    """

    source: str
    destination: str
    port: int
    space: tuple[str, ...]
    protocol: str


def group_of(world: World, part: Resource | None) -> Resource | None:
    """Return the security group of an interface or a subnet; None: it has none."""
    reference = part.properties.get("networkSecurityGroup") if part else None
    return world.find(reference["id"]) if reference else None


def passes(world: World, part: Resource | None, flow: Flow, direction: str) -> bool:
    """Tell whether the group of an interface or a subnet lets a connection pass; without one everything passes."""
    group = group_of(world, part)
    if group is None:
        return True
    # By priority, the first match decides; the default rules come last and match everything.
    rule = next(r for r in rules_of(world, group, direction) if _matches(world, r, flow))
    return bool(rule["access"] == "Allow")


def all_of(rule: JSON, name: str) -> list[str]:
    """A property of a rule that is written alone or, in the plural, as a list."""
    plural = f"{name}es" if name.endswith("x") else f"{name}s"
    return [*([rule[name]] if rule.get(name) else []), *rule.get(plural, [])]


def _matches(world: World, rule: JSON, flow: Flow) -> bool:
    return (
        rule["protocol"] in ("*", flow.protocol)
        and any(_is_port(text, flow.port) for text in all_of(rule, "destinationPortRange"))
        and _is_end(world, rule, "source", flow.source, flow.space)
        and _is_end(world, rule, "destination", flow.destination, flow.space)
    )


def _is_end(world: World, rule: JSON, end: str, address: str, space: tuple[str, ...]) -> bool:
    """Tell whether an address is what a rule names at one end: prefixes and tags, or application security groups."""
    groups: Iterable[JSON] = rule.get(f"{end}ApplicationSecurityGroups", ())
    if any(address in addresses_of(world, group["id"]) for group in groups):
        return True
    return any(_is_place(text, address, space) for text in all_of(rule, f"{end}AddressPrefix"))


def _is_port(text: str, port: int) -> bool:
    low, _, high = text.partition("-")
    return text == "*" or (low.isdigit() and int(low) <= port <= int(high or low))


def _is_place(text: str, address: str, space: tuple[str, ...]) -> bool:
    """Tell whether an address is what a prefix or service tag names; an unknown tag names nothing."""
    if text == "*":
        return True
    tag = text.lower()
    if tag == "virtualnetwork":
        return holds(space, address)
    if tag == "internet":
        return not holds(space, address)
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_interface(text).network  # bits beyond the mask do no harm
    except ValueError:
        return is_tagged(address, text)


def is_tagged(address: str, tag: str) -> bool:
    """Tell whether a public address belongs to a service tag."""
    site = public_dns.sites().get(address)
    return site is not None and tag.lower() in (t.lower() for t in site.tags)

"""Places in a network: where a VM stands, who holds an address, and whether peerings and security rules let it pass.

Return traffic is never asked about: security groups remember what they let out.
Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, Vantage
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import public_dns
from acrlab.emulator.types.network_interface import VM_TYPE
from acrlab.emulator.types.network_space import holds, peered_spaces, space_of
from acrlab.emulator.types.security_group import rules_of
from acrlab.emulator.types.subnet import INTERFACE_TYPE, prefix_of, serves_registries
from acrlab.emulator.types.vm_place import interface_of, primary_configuration


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


def vantage_of(world: World, vm: Resource) -> Vantage:
    """Tell where a VM stands: its private address, its network, and the address that the internet sees.

    A VM without a public address has no way out: new networks have no default outbound access since 2026.
    Source: https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access
    """
    interface = interface_of(world, vm)
    if interface is None:
        return Vantage(address="", vm=str(vm.id))
    configuration = primary_configuration(interface)
    subnet = ArmId.parse(configuration["subnet"]["id"])
    return Vantage(
        address=configuration["privateIPAddress"],
        network=str(subnet.parent),
        vm=str(vm.id),
        egress=_public_address(world, configuration),
        subnet=str(subnet),
    )


def holder_of(world: World, network: str, address: str) -> tuple[Resource, JSON] | None:
    """Return the interface in a network that holds an address, and the ip configuration that has it."""
    at = ipaddress.ip_address(address)
    for subnet in world.children(ArmId.parse(network), "subnets"):
        if at not in prefix_of(subnet):
            continue
        for interface in world.referrers(subnet.id, INTERFACE_TYPE):
            for configuration in interface.properties["ipConfigurations"]:
                held = configuration["properties"]
                if held.get("privateIPAddress") == address and held["subnet"]["id"].lower() == subnet.id.key:
                    return interface, configuration
    return None


def vm_at(world: World, network: str, address: str) -> Resource | None:
    """Return the VM that has an address in a network; None: nothing has it, or not a VM."""
    held = holder_of(world, network, address)
    vms = world.referrers(held[0].id, VM_TYPE) if held else []
    return vms[0] if vms else None


def network_with(world: World, network: str, address: str) -> str:
    """Return the id of the network that an address lies in: this one, or one that it is peered with; empty: neither.

    Source: https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview
    """
    own = world.find(network) if network else None
    if own is None or holds(space_of(own), address):
        return network if own else ""
    peers = peered_spaces(world, own.id)
    return next((peer for peer, space in peers.items() if holds(space, address)), "")


def lets_out(world: World, vantage: Vantage, address: str, port: int, protocol: str = "Tcp") -> bool:
    """Tell whether the security groups of an interface, where a VM has one, and of the subnet let out a connection."""
    vm, network = world.find(vantage.vm), world.find(vantage.network)
    if network is None:
        return True
    interface, subnet = interface_of(world, vm) if vm else None, world.find(vantage.subnet)
    flow = Flow(vantage.address, address, port, _space(world, network), protocol)
    # Both groups have to allow it: outbound, the interface's is asked first. Answers pass, as the groups are stateful.
    return all(_passes(world, part, flow, "Outbound") for part in (interface, subnet))


def service_endpoint_of(world: World, vantage: Vantage) -> str:
    """Return the id of the subnet by whose service endpoint a place reaches registries; empty: there is none."""
    subnet = world.find(vantage.subnet) if vantage.subnet else None
    return str(subnet.id) if subnet is not None and serves_registries(subnet) else ""


def lets_in(world: World, vantage: Vantage, subnet: Resource, address: str, port: int) -> bool:
    """Tell whether a subnet's security group lets a connection reach a private endpoint in it.

    It has no say unless the subnet's network policies for private endpoints are on.
    Source: https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy
    """
    policies = subnet.properties.get("privateEndpointNetworkPolicies", "Disabled")
    network = world.find(subnet.id.parent) if subnet.id.parent else None
    if policies not in ("Enabled", "NetworkSecurityGroupEnabled") or network is None:
        return True
    return _passes(world, subnet, Flow(vantage.address, address, port, _space(world, network), "Tcp"), "Inbound")


def lets_in_to_vm(world: World, vantage: Vantage, vm: Resource, port: int, protocol: str) -> bool:
    """Tell whether the security groups of a VM's subnet and interface let a connection reach it."""
    place, interface = vantage_of(world, vm), interface_of(world, vm)
    network = world.find(place.network) if place.network else None
    if network is None or interface is None:
        return False
    flow = Flow(vantage.address, place.address, port, _space(world, network), protocol)
    subnet = world.find(primary_configuration(interface)["subnet"]["id"])
    return all(_passes(world, part, flow, "Inbound") for part in (subnet, interface))


def lets_in_to_subnet(world: World, source: str, subnet: Resource, address: str, port: int, protocol: str) -> bool:
    """Tell whether a subnet's security group lets what a service runs in it be reached."""
    return _passes_at(world, subnet, (source, address, port, protocol), "Inbound")


def lets_out_of_subnet(world: World, source: str, subnet: Resource, address: str, port: int, protocol: str) -> bool:
    """Tell whether a subnet's security group lets what a service runs in it reach an address."""
    return _passes_at(world, subnet, (source, address, port, protocol), "Outbound")


def _passes_at(world: World, subnet: Resource, way: tuple[str, str, int, str], direction: str) -> bool:
    source, address, port, protocol = way
    network = world.get(subnet.id.parent) if subnet.id.parent else None
    if network is None:
        return False
    return _passes(world, subnet, Flow(source, address, port, _space(world, network), protocol), direction)


def _space(world: World, network: Resource) -> tuple[str, ...]:
    """What the tag `VirtualNetwork` stands for in a network's security rules."""
    peers = peered_spaces(world, network.id).values()
    return (*space_of(network), *(prefix for space in peers for prefix in space))


def _public_address(world: World, configuration: JSON) -> str:
    reference = configuration.get("publicIPAddress")
    found = world.find(reference["id"]) if reference else None
    return str(found.state.get("ipAddress", "")) if found else ""


def _passes(world: World, part: Resource | None, flow: Flow, direction: str) -> bool:
    reference = part.properties.get("networkSecurityGroup") if part else None
    group = world.find(reference["id"]) if reference else None
    if group is None:
        return True
    # By priority, the first match decides; the default rules come last and match everything.
    rule = next((r for r in rules_of(world, group, direction) if _matches(r, flow)), None)
    return rule is not None and rule["access"] == "Allow"


def _matches(rule: JSON, flow: Flow) -> bool:
    return (
        rule["protocol"] in ("*", flow.protocol)
        and any(_is_port(text, flow.port) for text in _all(rule, "destinationPortRange"))
        and any(_is_place(text, flow.source, flow.space) for text in _all(rule, "sourceAddressPrefix"))
        and any(_is_place(text, flow.destination, flow.space) for text in _all(rule, "destinationAddressPrefix"))
    )


def _all(rule: JSON, name: str) -> Iterable[str]:
    """A property of a rule that is written alone or, in the plural, as a list."""
    plural = f"{name}es" if name.endswith("x") else f"{name}s"
    return [*([rule[name]] if rule.get(name) else []), *rule.get(plural, [])]


def _is_port(text: str, port: int) -> bool:
    low, _, high = text.partition("-")
    return text == "*" or (low.isdigit() and int(low) <= port <= int(high or low))


def _is_place(text: str, address: str, space: tuple[str, ...]) -> bool:
    """Tell whether an address is what a prefix or service tag names; an unknown tag names nothing."""
    if text in ("*", "0.0.0.0/0"):
        return True
    tag = text.lower()
    if tag == "virtualnetwork":
        return holds(space, address)
    if tag == "internet":
        return not holds(space, address)
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(text, strict=False)
    except ValueError:
        site = public_dns.sites().get(address)
        return site is not None and tag in (t.lower() for t in site.tags)

"""Places in a network: where a VM stands, who holds an address, and whether peerings, rules and routes let it pass."""

from __future__ import annotations

import ipaddress

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, Vantage
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import routes
from acrlab.emulator.network.security_rules import Flow, passes
from acrlab.emulator.types.compute.vm_place import interface_of, primary_configuration
from acrlab.emulator.types.network.nat_gateway import addresses_of, gateway_of
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.network.network_space import holds, peered_spaces, space_of
from acrlab.emulator.types.network.subnet import INTERFACE_TYPE, prefix_of, serves_registries

DEFAULT_WAY_OUT = "198.51.100.9"  # an address of Azure's own, which may change. Source: RFC 5737, TEST-NET-2


def vantage_of(world: World, vm: Resource) -> Vantage:
    """Tell where a VM stands: its private address, its network, and the address that the internet sees.

    Out it goes by the subnet's NAT gateway, else by its own public address, else by the default way out where the
    subnet asks for it: new networks have none since 2026.
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
        egress=_egress(world, world.find(subnet), configuration),
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
    own = world.find(network)
    if own is None or holds(space_of(own), address):
        return network if own else ""
    peers = peered_spaces(world, own.id)
    return next((peer for peer, space in peers.items() if holds(space, address)), "")


def lets_out(world: World, vantage: Vantage, address: str, port: int, protocol: str = "Tcp") -> bool:
    """Tell whether security groups let out a new connection, and the subnet's routes lead to its address."""
    return rules_let_out(world, vantage, address, port, protocol) and routes_lead_to(world, vantage, address)


def routes_lead_to(world: World, vantage: Vantage, address: str) -> bool:
    """Tell whether the routes of a place's subnet bring a packet to an address."""
    return routes.leads_there(world, world.find(vantage.subnet), address)


def rules_let_out(world: World, vantage: Vantage, address: str, port: int, protocol: str) -> bool:
    """Tell whether the security groups of an interface, where a VM has one, and of the subnet let out a connection."""
    vm, network = world.find(vantage.vm), world.find(vantage.network)
    if network is None:
        return True
    interface, subnet = interface_of(world, vm) if vm else None, world.find(vantage.subnet)
    flow = Flow(vantage.address, address, port, space_around(world, network), protocol)
    # Both groups have to allow it: outbound, the interface's is asked first. Answers pass, as the groups are stateful.
    return all(passes(world, part, flow, "Outbound") for part in (interface, subnet))


def admits(world: World, vantage: Vantage, address: str, port: int) -> bool:
    """Tell whether security groups let a new connection pass: the caller's, and those at the address that it goes to.

    Connections that are open are not asked about: a group that changes counts for new ones.
    Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
    """
    if not rules_let_out(world, vantage, address, port, "Tcp"):
        return False
    network = network_with(world, vantage.network, address)
    held = holder_of(world, network, address) if network else None
    if held is None:
        return True  # no group stands before it
    interface, configuration = held
    vm = next(iter(world.referrers(interface.id, VM_TYPE)), None)
    if vm is not None:
        return lets_in_to_vm(world, vantage, vm, port, "Tcp")
    subnet = world.get(ArmId.parse(configuration["properties"]["subnet"]["id"]))
    return lets_in(world, vantage, subnet, address, port)


def service_endpoint_of(world: World, vantage: Vantage) -> str:
    """Return the id of the subnet by whose service endpoint a place reaches registries; empty: there is none."""
    subnet = world.find(vantage.subnet)
    return str(subnet.id) if subnet is not None and serves_registries(subnet) else ""


def lets_in(world: World, vantage: Vantage, subnet: Resource, address: str, port: int) -> bool:
    """Tell whether a subnet's security group lets a connection reach a private endpoint in it.

    It has no say unless the subnet's network policies for private endpoints are on.
    Source: https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy
    """
    policies = subnet.properties.get("privateEndpointNetworkPolicies")
    guarded = policies in ("Enabled", "NetworkSecurityGroupEnabled")
    return not guarded or lets_in_to_subnet(world, vantage.address, subnet, address, port, "Tcp")


def lets_in_to_vm(world: World, vantage: Vantage, vm: Resource, port: int, protocol: str) -> bool:
    """Tell whether the security groups of a VM's subnet and interface let a connection reach it."""
    place, interface = vantage_of(world, vm), interface_of(world, vm)
    network = world.find(place.network)
    if network is None or interface is None:
        return False
    flow = Flow(vantage.address, place.address, port, space_around(world, network), protocol)
    subnet = world.find(primary_configuration(interface)["subnet"]["id"])
    return all(passes(world, part, flow, "Inbound") for part in (subnet, interface))


def lets_in_to_subnet(world: World, source: str, subnet: Resource, address: str, port: int, protocol: str) -> bool:
    """Tell whether a subnet's security group lets what a service runs in it be reached."""
    return _passes_at(world, subnet, (source, address, port, protocol), "Inbound")


def lets_out_of_subnet(world: World, source: str, subnet: Resource, address: str, port: int, protocol: str) -> bool:
    """Tell whether a subnet's security group lets what a service runs in it reach an address."""
    return _passes_at(world, subnet, (source, address, port, protocol), "Outbound")


def _passes_at(world: World, subnet: Resource, way: tuple[str, str, int, str], direction: str) -> bool:
    source, address, port, protocol = way
    space = space_around(world, network_of(world, subnet))
    return passes(world, subnet, Flow(source, address, port, space, protocol), direction)


def network_of(world: World, subnet: Resource) -> Resource:
    """Return the network that a subnet is part of."""
    assert subnet.id.parent is not None  # a subnet is a network's child
    return world.get(subnet.id.parent)


def space_around(world: World, network: Resource) -> tuple[str, ...]:
    """What the tag `VirtualNetwork` stands for in a network's security rules."""
    peers = peered_spaces(world, network.id).values()
    return (*space_of(network), *(prefix for space in peers for prefix in space))


def _egress(world: World, subnet: Resource | None, configuration: JSON) -> str:
    gateway = gateway_of(world, subnet) if subnet else None
    shared = addresses_of(world, gateway) if gateway else []
    own = _public_address(world, configuration)
    default = DEFAULT_WAY_OUT if subnet and subnet.properties.get("defaultOutboundAccess") is True else ""
    return shared[0] if shared else own or default


def _public_address(world: World, configuration: JSON) -> str:
    reference = configuration.get("publicIPAddress")
    found = world.find(reference["id"]) if reference else None
    return str(found.state.get("ipAddress", "")) if found else ""

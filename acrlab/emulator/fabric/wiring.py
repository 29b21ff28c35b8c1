"""What has to be where for packets to flow as a world says: read from the world, compared, nothing done."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from acrlab.emulator.core.world import World
from acrlab.emulator.network import reachability, resolver
from acrlab.emulator.types.compute.vm_place import interface_of, primary_configuration
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.network.network_space import NETWORK_TYPE, peered_spaces
from acrlab.emulator.types.network.subnet import INTERFACE_TYPE, prefix_of


@dataclass(frozen=True)
class WiredVm:
    """A VM in a network.

    Attributes:
        id: its ARM id.
        name: its name, which is its namespace's, too.
        network: ARM id of its network, lower case.
        address: with the length of its subnet's prefix, e.g. `10.0.0.4/24`.
        servers: the name servers that it is set up with.
    """

    id: str
    name: str
    network: str
    address: str
    servers: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Its address alone."""
        return self.address.partition("/")[0]


@dataclass(frozen=True)
class Wiring:
    """Every network, VM and private address of a world.

    Attributes:
        networks: ARM ids, lower case, with the gateway of each of their subnets, e.g. `10.0.0.1/24`.
        endpoints: (ARM id of a network in lower case, address) of every private endpoint that it reaches.
    """

    networks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    vms: tuple[WiredVm, ...] = ()
    endpoints: frozenset[tuple[str, str]] = frozenset()


def wiring_of(world: World) -> Wiring:
    """Read a world. VMs of one name in several groups: the first keeps the name."""
    networks = {n.id.key: _gateways(world, n.id.key) for n in world.of_type(NETWORK_TYPE)}
    return Wiring(networks, _vms(world), _endpoints(world))


def _gateways(world: World, network: str) -> tuple[str, ...]:
    subnets = world.of_type(f"{NETWORK_TYPE}/subnets", under=network)
    ranges = [prefix_of(subnet) for subnet in subnets]
    return tuple(f"{prefix[1]}/{prefix.prefixlen}" for prefix in ranges)


def _vms(world: World) -> tuple[WiredVm, ...]:
    found: dict[str, WiredVm] = {}
    for vm in world.of_type(VM_TYPE):
        vantage = reachability.vantage_of(world, vm)
        if not vantage.network or vm.id.name in found:
            continue
        interface = interface_of(world, vm)
        assert interface is not None
        subnet = world.find(primary_configuration(interface)["subnet"]["id"])
        length = prefix_of(subnet).prefixlen if subnet else 24
        address = f"{vantage.address}/{length}"
        found[vm.id.name] = WiredVm(
            str(vm.id),
            vm.id.name,
            vantage.network.lower(),
            address,
            resolver.servers_of(world, vantage),
        )
    return tuple(found.values())


def _endpoints(world: World) -> frozenset[tuple[str, str]]:
    """Addresses of private endpoints in their networks, and in those that are peered with them.

    Who answers there, and whether, is decided for each connection.
    """
    found: set[tuple[str, str]] = set()
    peers = _peers(world)
    for interface in world.of_type(INTERFACE_TYPE):
        if "endpoint" not in interface.state:
            continue
        for configuration in interface.properties["ipConfigurations"]:
            properties = configuration["properties"]
            network = properties["subnet"]["id"].lower().partition("/subnets/")[0]
            address = str(ipaddress.ip_address(properties["privateIPAddress"]))
            found |= {(network, address), *((peer, address) for peer in peers.get(network, ()))}
    return frozenset(found)


def _peers(world: World) -> dict[str, list[str]]:
    """Map each network to those that reach it by a peering; ids in lower case."""
    found: dict[str, list[str]] = {}
    for network in world.of_type(NETWORK_TYPE):
        for peer in peered_spaces(world, network.id):
            found.setdefault(peer.lower(), []).append(network.id.key)
    return found

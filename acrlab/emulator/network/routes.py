"""Routes: which way a packet takes that leaves an interface, by the longest prefix that fits.

Every subnet has Azure's own routes: its network, the peers, one /32 for each address of a private endpoint in them, and
the internet. A route table adds the caller's, which win over Azure's of the same prefix.
Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview and, for private endpoints,
https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import public_dns
from acrlab.emulator.network.security_rules import is_tagged
from acrlab.emulator.types.network.network_space import holds, peered_spaces, space_of
from acrlab.emulator.types.network.route_table import ROUTES
from acrlab.emulator.types.network.subnet import ENDPOINT_TYPE, serves_registries

LOCAL, PEER, FAR_PEER, ENDPOINT = "VnetLocal", "VNetPeering", "VNetGlobalPeering", "InterfaceEndpoint"
INTERNET, SERVICE, NONE = "Internet", "VirtualNetworkServiceEndpoint", "None"
INSIDE = (LOCAL, PEER, FAR_PEER, ENDPOINT)
USER, DEFAULT = "User", "Default"
ACTIVE, INVALID = "Active", "Invalid"
REGISTRIES = "AzureContainerRegistry"  # service tag of what a subnet's service endpoint for registries leads to
DROPPED = ("10.0.0.0/8", "127.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
POLICIES = ("Enabled", "RouteTableEnabled")  # of an endpoint's subnet, under which a caller's routes count for it


@dataclass(frozen=True)
class Route:
    """One route of a subnet. `prefixes`: ranges, or one service tag; `at`: the appliance's address."""

    prefixes: tuple[str, ...]
    hop: str
    source: str = DEFAULT
    state: str = ACTIVE
    name: str = ""
    at: str = ""


def effective(world: World, subnet: Resource) -> list[Route]:
    """Return every route of a subnet: Azure's own, and the caller's; those that do not count are `Invalid`."""
    own = list(_of_callers(world, subnet))
    system = [*_of_azure(world, subnet), *_of_endpoints(world, subnet, own)]
    taken = {prefix for route in own for prefix in route.prefixes}
    return [*(replace(r, state=INVALID) if taken.intersection(r.prefixes) else r for r in system), *own]


def leads_there(world: World, subnet: Resource | None, address: str) -> bool:
    """Tell whether the routes of a subnet bring a packet to an address. Without a route table they always do."""
    if subnet is None or not subnet.properties.get("routeTable"):
        return True
    route = chosen(effective(world, subnet), address)
    if route is None or route.hop == NONE:
        return False
    if route.hop == INTERNET:
        network = world.get(_network(subnet))
        return not holds(space_of(network), address)
    return route.hop in (*INSIDE, SERVICE)


def chosen(routes: list[Route], address: str) -> Route | None:
    """Pick the route that a packet takes: of those that count the longest prefix, and the caller's before Azure's."""
    fitting = [(length, r.source == USER, r) for r in routes if r.state == ACTIVE if (length := _fit(r, address)) >= 0]
    return max(fitting, key=lambda one: one[:2])[2] if fitting else None


def _fit(route: Route, address: str) -> int:
    """Length of the longest prefix of a route that an address lies in; -1: in none."""
    return max((_length(prefix, address) for prefix in route.prefixes), default=-1)


def _length(prefix: str, address: str) -> int:
    try:
        network = ipaddress.ip_network(prefix)
    except ValueError:
        return 32 if is_tagged(address, prefix) else -1
    return network.prefixlen if holds((prefix,), address) else -1


def _network(subnet: Resource) -> ArmId:
    parent = subnet.id.parent
    assert parent is not None  # a subnet is a network's child
    return parent


def _of_callers(world: World, subnet: Resource) -> Iterator[Route]:
    reference = subnet.properties.get("routeTable")
    table = world.find(reference["id"]) if reference else None
    for route in world.children(table.id, ROUTES) if table else ():
        said = route.properties
        yield Route(
            (said["addressPrefix"],), said["nextHopType"], USER, ACTIVE, route.id.name, said.get("nextHopIpAddress", "")
        )


def _of_azure(world: World, subnet: Resource) -> Iterator[Route]:
    network = world.get(_network(subnet))
    space = tuple(space_of(network))
    yield Route(space, LOCAL)
    for peer, known in peered_spaces(world, network.id).items():
        far = world.find(peer)
        near = far is not None and far.location == network.location
        yield Route(tuple(known), PEER if near else FAR_PEER)
    yield Route(("0.0.0.0/0",), INTERNET)
    whole = [ipaddress.ip_network(prefix) for prefix in space]
    # A private range that the network itself uses is not dropped.
    for prefix in DROPPED:
        if not any(own.overlaps(ipaddress.ip_network(prefix)) for own in whole):
            yield Route((prefix,), NONE)
    if serves_registries(subnet):
        sites = public_dns.sites().items()
        yield Route(tuple(f"{at}/32" for at, site in sites if REGISTRIES in site.tags), SERVICE)


def _of_endpoints(world: World, subnet: Resource, own: list[Route]) -> Iterator[Route]:
    """One route for each address of an endpoint in this network and in those that it is peered with."""
    network = _network(subnet)
    for reached in (str(network), *peered_spaces(world, network)):
        for place in world.children(ArmId.parse(reached), "subnets"):
            for endpoint in world.referrers(place.id, ENDPOINT_TYPE):
                for address in _addresses(world, endpoint):
                    state = INVALID if _is_overruled(world, place, address, own) else ACTIVE
                    yield Route((f"{address}/32",), ENDPOINT, state=state)


def _addresses(world: World, endpoint: Resource) -> list[str]:
    interface = world.find(endpoint.state["interface"])
    held = interface.properties["ipConfigurations"] if interface else ()
    return [configuration["properties"]["privateIPAddress"] for configuration in held]


def _is_overruled(world: World, place: Resource, address: str, own: list[Route]) -> bool:
    """Tell whether a caller's route takes an endpoint's place: its subnet has to say so, and 0.0.0.0/0 never does."""
    if place.properties.get("privateEndpointNetworkPolicies") not in POLICIES:
        return False
    space = [ipaddress.ip_network(prefix) for prefix in space_of(world.get(_network(place)))]
    least = max((whole.prefixlen for whole in space if ipaddress.ip_address(address) in whole), default=0)
    return any(_fit(route, address) >= least for route in own)

"""What has to hold in every world, whatever was asked of it."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.types.dns.private_dns_zone import RECORD_KINDS
from acrlab.emulator.types.network.subnet import held_addresses, prefix_of

NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
INTERFACE = "Microsoft.Network/networkInterfaces"
ENDPOINT = "Microsoft.Network/privateEndpoints"
CONNECTION = "Microsoft.ContainerRegistry/registries/privateEndpointConnections"
ZONE = "Microsoft.Network/privateDnsZones"
# What Azure itself leaves behind: an endpoint outlives the registry that it led to, an assignment the one who had it.
MAY_DANGLE = {(ENDPOINT, "Microsoft.ContainerRegistry/registries"), (ENDPOINT, CONNECTION)}


def broken(world: World) -> list[str]:
    """Every law that does not hold, with what breaks it."""
    laws = (references, addresses, subnets, endpoints, zones, operations, parents)
    return [f"{law.__name__}: {problem}" for law in laws for problem in law(world)]


def references(world: World) -> Iterator[str]:
    """Whatever names a resource names one that is there."""
    for resource in _all(world):
        for text in _ids({"body": resource.body, "state": resource.state}):
            try:
                id = ArmId.parse(text)
            except ValueError:
                continue
            kind = world.types.get(id.type.lower())
            if kind is None or (resource.id.type, kind.type) in MAY_DANGLE or resource.id.type.endswith("deployments"):
                continue
            if world.find(id) is None:
                yield f"{resource.id} names {text}, which is not there"


def addresses(world: World) -> Iterator[str]:
    """No address is used twice in a network; each lies in its subnet, and is none of those that Azure keeps."""
    for subnet in world.of_type(SUBNET):
        prefix = prefix_of(subnet)
        held = Counter(address for address, _ in held_addresses(world, subnet))
        for address, count in held.items():
            at = int(ipaddress.IPv4Address(address)) - int(prefix.network_address)
            if count > 1:
                yield f"{address} is used {count} times in {subnet.id}"
            if not 4 <= at < prefix.num_addresses - 1:
                yield f"{address} is not one of {prefix} to give away"


def subnets(world: World) -> Iterator[str]:
    """A network's subnets lie in it, and apart."""
    for network in world.of_type(NETWORK):
        space = [ipaddress.IPv4Network(p) for p in network.properties["addressSpace"]["addressPrefixes"]]
        ranges = [prefix_of(s) for s in world.children(network.id, "subnets")]
        for index, one in enumerate(ranges):
            if not any(one.subnet_of(s) for s in space):
                yield f"{one} is outside {network.id}"
            if any(one.overlaps(other) for other in ranges[:index]):
                yield f"{one} overlaps another subnet of {network.id}"


def endpoints(world: World) -> Iterator[str]:
    """An endpoint, its interface and the registry's connection belong together, both ways."""
    for endpoint in world.of_type(ENDPOINT):
        interface = world.find(endpoint.state["interface"])
        if interface is None or interface.state["endpoint"].lower() != endpoint.id.key:
            yield f"{endpoint.id} has no interface of its own"
        connection = world.find(endpoint.state["connection"])
        if connection is not None and connection.state["endpoint"].lower() != endpoint.id.key:
            yield f"{endpoint.id} has the connection of another"
    for kind in (INTERFACE, CONNECTION):
        for one in world.of_type(kind):
            if "endpoint" in one.state and world.find(one.state["endpoint"]) is None:
                yield f"{one.id} belongs to an endpoint that is gone"


def zones(world: World) -> Iterator[str]:
    """A zone's counters say what is in it."""
    for zone in world.of_type(ZONE):
        shown = world.show(zone)["properties"]
        links = world.children(zone.id, "virtualNetworkLinks")
        sets = sum(len(world.children(zone.id, kind)) for kind in RECORD_KINDS)
        registered = shown["numberOfRecordSets"] - sets
        if shown["numberOfVirtualNetworkLinks"] != len(links):
            yield f"{zone.id} counts {shown['numberOfVirtualNetworkLinks']} links and has {len(links)}"
        if registered < 0:
            yield f"{zone.id} counts {shown['numberOfRecordSets']} record sets and has {sets}"


def operations(world: World) -> Iterator[str]:
    """Nothing runs beyond its time."""
    with world.transaction():
        rows = world.db.rows("SELECT name, due FROM operation WHERE status = 'running' AND due <= ?", (world.now,))
        yield from (f"operation {name} was due at {due}" for name, due in rows)


def parents(world: World) -> Iterator[str]:
    """A child has a parent, and what is in a group has a group."""
    for resource in _all(world):
        if resource.id.parent is not None and world.find(resource.id.parent) is None:
            yield f"{resource.id} has no parent"
        if resource.id.group_id is not None and world.find(resource.id.group_id) is None:
            yield f"{resource.id} has no group"


def _all(world: World) -> Iterator[Resource]:
    for kind in world.types.values():
        yield from world.of_type(kind.type)


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.lower().startswith("/subscriptions/"):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _ids(item)
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item)

"""Let Azure choose for an endpoint the addresses that it had, while those that it would choose before are held.

An endpoint that is told its addresses keeps them for good, and then gets none for another region.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import INTERFACE
from acrlab.doctor.observe.reader import version_of
from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.networks import location_at
from acrlab.snapshot import Snapshot, same

FIRST = 4  # of a subnet that Azure gives away; it keeps those below, and gives the lowest that is free
MOST = 1000  # addresses that are held at once
# Azure allows 256 on an interface: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
EACH = 250


@contextmanager
def holding(builder: Builder, seen: Snapshot, wanted: Mapping[str, Collection[str]]) -> Iterator[None]:
    """Hold every free address that Azure would choose before those that are wanted.

    Args:
        wanted: id of a subnet -> addresses.
    """
    subnets = enumerate(wanted.items())
    held = [id for number, (subnet, them) in subnets for id in _hold(builder, seen, subnet, them, f"held-{number}")]
    try:
        yield
    finally:
        for id in held:
            builder.delete(id)


def can_be_held(seen: Snapshot, subnet: str, addresses: Collection[str]) -> bool:
    """Say whether few enough addresses come before these."""
    return sum(last - first for first, last in _ranges(seen, subnet, addresses)) <= MOST


def _hold(builder: Builder, seen: Snapshot, subnet: str, addresses: Collection[str], name: str) -> Iterator[str]:
    """Make interfaces that have what is free before these addresses, with names that begin so. Yields: their ids."""
    taken = _taken(builder, subnet)
    ranges = _ranges(seen, subnet, addresses)
    before = (str(ipaddress.IPv4Address(number)) for first, last in ranges for number in range(first, last))
    free = [address for address in before if address not in taken and address not in addresses]
    location = location_at(seen, subnet)
    for start in range(0, len(free), EACH):
        id = str(ArmId(str(ArmId.parse(subnet).group_id), INTERFACE, (f"{name}-{start}",)))
        configurations = [_at(subnet, address, first=address == free[start]) for address in free[start : start + EACH]]
        if builder.put(id, {"location": location, "properties": {"ipConfigurations": configurations}}) is not None:
            yield id


def _ranges(seen: Snapshot, subnet: str, addresses: Collection[str]) -> list[tuple[int, int]]:
    """Tell from which address of a subnet to which, exclusively, what comes before the last of these lies."""
    found = seen.subnet(subnet)
    wanted = [*map(ipaddress.ip_address, addresses)]
    ranges = []
    for prefix in map(ipaddress.ip_network, found.prefixes if found else ()):
        inside = [int(address) for address in wanted if address in prefix]
        if inside:
            ranges.append((int(prefix.network_address) + FIRST, max(inside)))
    return ranges


def _taken(builder: Builder, subnet: str) -> set[str]:
    path = f"/subscriptions/{ArmId.parse(subnet).subscription}/providers/{INTERFACE}"
    listed = builder.tried(path, lambda: builder.lab.arm.get_all(path, version_of(path))) or []
    parts = [c["properties"] for interface in listed for c in interface["properties"].get("ipConfigurations") or []]
    return {str(part["privateIPAddress"]) for part in parts if same(str((part.get("subnet") or {}).get("id")), subnet)}


def _at(subnet: str, address: str, *, first: bool) -> dict[str, Any]:
    how = {"privateIPAllocationMethod": "Static", "privateIPAddress": address, "primary": first}
    return {"name": address.replace(".", "-"), "properties": {"subnet": {"id": subnet}, **how}}

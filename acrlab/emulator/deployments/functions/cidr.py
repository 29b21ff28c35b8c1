"""Template functions of address ranges.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-cidr
"""

from __future__ import annotations

import ipaddress
from typing import Any

from acrlab.emulator.deployments.functions.arguments import exactly

Range = ipaddress.IPv4Network | ipaddress.IPv6Network


@exactly
def parsed(network: str) -> dict[str, Any]:
    """Tell the parts of a range. Only IPv4 has a broadcast, and addresses at both ends that no host has."""
    whole: Range = ipaddress.ip_network(network, strict=False)
    ends = (whole[0], whole[-1])
    told: dict[str, Any] = {"network": str(whole.network_address), "netmask": str(whole.netmask)}
    if isinstance(whole, ipaddress.IPv4Network):
        told["broadcast"] = str(whole.broadcast_address)
        ends = (whole[1], whole[-2]) if whole.num_addresses > 2 else ends
    return {**told, "firstUsable": str(ends[0]), "lastUsable": str(ends[1]), "cidr": whole.prefixlen}


@exactly
def subnet_of(network: str, length: int, index: int) -> str:
    """Return the subnet of a number and a size.

    Source: cidrSubnet()
    """
    whole = ipaddress.ip_network(network, strict=False)
    size = 2 ** (whole.max_prefixlen - length)
    made = ipaddress.ip_network((int(whole.network_address) + index * size, length))
    if index < 0 or length < whole.prefixlen or made.network_address not in whole:
        raise ValueError("there is no such subnet")
    return str(made)


@exactly
def host_of(network: str, index: int) -> str:
    """Return a host's address: the first usable one is number 0, the last is before the broadcast.

    Source: cidrHost()
    """
    whole: Range = ipaddress.ip_network(network, strict=False)
    reserved = isinstance(whole, ipaddress.IPv4Network) and whole.num_addresses > 2
    if not 0 <= index < whole.num_addresses - 1 - reserved:
        raise ValueError("there is no such host")
    return str(whole[index + 1])

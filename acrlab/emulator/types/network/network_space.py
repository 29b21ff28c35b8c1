"""What networks and peerings say of each other: address spaces, who is peered with whom, and which addresses pass.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.resource import Resource, State

NETWORK_TYPE = "Microsoft.Network/virtualNetworks"
PEERINGS = "virtualNetworkPeerings"
PEERING_TYPE = f"{NETWORK_TYPE}/{PEERINGS}"
INITIATED, CONNECTED, DISCONNECTED = "Initiated", "Connected", "Disconnected"


def space_of(network: Resource) -> list[str]:
    """Return a network's address prefixes."""
    prefixes: list[str] = network.properties["addressSpace"]["addressPrefixes"]
    return prefixes


def common(some: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return the prefixes of `some` that have an address in common with `others`."""
    known = [ipaddress.ip_network(other) for other in others]
    return [one for one in some if any(ipaddress.ip_network(one).overlaps(other) for other in known)]


def holds(prefixes: Iterable[str], address: str) -> bool:
    """Tell whether an address lies in one of the prefixes. What is not an address, such as 999.0.0.1, lies in none."""
    try:
        at = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(at in ipaddress.ip_network(prefix) for prefix in prefixes)


def local_of(peering: Resource) -> ArmId:
    """Return the id of the network that a peering belongs to."""
    return ArmId(peering.id.scope, NETWORK_TYPE, peering.id.names[:1])


def remote_of(peering: Resource) -> str:
    """Return the id of the network at a peering's other end."""
    return str(peering.properties["remoteVirtualNetwork"]["id"])


def counterpart(state: State, peering: Resource) -> Resource | None:
    """Return the other network's peering with this one's; None: that half does not exist."""
    local = local_of(peering).key
    halves = state.children(ArmId.parse(remote_of(peering)), PEERINGS)
    return next((half for half in halves if remote_of(half).lower() == local), None)


def is_open(state: State, peering: Resource) -> bool:
    """Tell whether addresses reach each other through a peering: both halves connected and made, and both let them."""
    other = counterpart(state, peering)
    return other is not None and all(_lets(half) for half in (peering, other))


def _lets(half: Resource) -> bool:
    connected = half.state["peering"] == CONNECTED and not half.is_new
    return bool(connected and half.properties["allowVirtualNetworkAccess"])


def peered_spaces(state: State, network: ArmId) -> dict[str, list[str]]:
    """Map each network that this one reaches through its own peerings to the prefixes that it knows of it.

    Peering is not transitive: what is peered with a peer is not here.
    """
    halves = state.children(network, PEERINGS)
    return {remote_of(half): half.state["synced"] for half in halves if is_open(state, half)}

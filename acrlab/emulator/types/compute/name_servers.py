"""The name servers that a VM has: its interface's, its network's, or Azure's, as DHCP told it when it last asked.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances
"""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.compute.vm_place import interface_of, network_of


def renew(state: State, vm: Resource) -> None:
    """Let DHCP tell a VM its name servers, as when it starts; until then it keeps those that it has."""
    vm.state["servers"] = list(configured_servers(state, vm, network_of(state, vm)))


def configured_servers(state: State, vm: Resource | None, network: Resource | None) -> tuple[str, ...]:
    """Return what is set up now: the interface's servers go before the network's."""
    interface = interface_of(state, vm) if vm else None
    own = interface.properties.get("dnsSettings", {}).get("dnsServers") if interface else None
    common = network.properties.get("dhcpOptions", {}).get("dnsServers") if network else None
    return tuple(own or common or (AZURE_RESOLVER,))

"""Where a VM stands: its primary interface, and the ip configuration that outgoing traffic uses."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State


def interface_of(state: State, vm: Resource) -> Resource | None:
    """Return a VM's primary interface; None: it is gone."""
    references = vm.properties.get("networkProfile", {}).get("networkInterfaces", [])
    first = sorted(references, key=lambda r: not r.get("properties", {}).get("primary", False))[:1]
    return state.find(first[0]["id"]) if first else None


def primary_configuration(interface: Resource) -> JSON:
    """Return the ip configuration that outgoing traffic uses."""
    configurations: list[JSON] = [c["properties"] for c in interface.properties["ipConfigurations"]]
    return next((c for c in configurations if c.get("primary")), configurations[0])


def network_of(state: State, vm: Resource) -> Resource | None:
    """Return the network that a VM stands in; None: its interface or the network is gone."""
    interface = interface_of(state, vm)
    network = ArmId.parse(primary_configuration(interface)["subnet"]["id"]).parent if interface else None
    return state.find(network) if network else None

"""Records that no one wrote: the VMs of a network, in the zone that its link registers them in.

They follow from what is there and are never stored. A record that a caller wrote under the name comes first.
Source: https://learn.microsoft.com/azure/dns/private-dns-autoregistration
"""

from __future__ import annotations

from collections.abc import Iterator

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.resource import CREATING, Resource, State
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.network.subnet import INTERFACE_TYPE

TTL = 10  # seconds


def registered(state: State, zone: ArmId) -> Iterator[Resource]:
    """The A record sets that a zone has because of VMs, and that no one wrote."""
    for link in state.children(zone, "virtualNetworkLinks"):
        if link.properties["registrationEnabled"] and link.phase != CREATING:
            network = ArmId.parse(link.properties["virtualNetwork"]["id"])
            for vm, address in _vms(state, network):
                id = zone.child("A", vm.id.name.lower())
                if state.find(id) is None:
                    yield _record(state, id, vm, address)


def find_registered(state: State, id: ArmId) -> Resource | None:
    zone = id.parent
    return next((r for r in registered(state, zone) if r.id.key == id.key), None) if zone else None


def _vms(state: State, network: ArmId) -> Iterator[tuple[Resource, str]]:
    """VMs whose first interface stands in a network, and its address there."""
    for subnet in state.children(network, "subnets"):
        for interface in state.referrers(subnet.id, INTERFACE_TYPE):
            parts = [c["properties"] for c in interface.properties["ipConfigurations"]]
            own = next((p for p in parts if p.get("primary")), parts[0])
            for vm in state.referrers(interface.id, VM_TYPE):
                if _first_interface(vm) == interface.id.key and own["subnet"]["id"].lower() == subnet.id.key:
                    yield vm, own["privateIPAddress"]


def _first_interface(vm: Resource) -> str:
    references = vm.properties["networkProfile"]["networkInterfaces"]
    primary = next((r for r in references if r.get("properties", {}).get("primary")), references[0])
    return str(primary["id"]).lower()


def _record(state: State, id: ArmId, vm: Resource, address: str) -> Resource:
    body = {"properties": {"ttl": TTL, "aRecords": [{"ipv4Address": address}]}}
    record = state.new(id, body, {"vm": str(vm.id)})
    record.revision = vm.revision
    return record

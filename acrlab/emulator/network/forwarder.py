"""VMs that forward questions for names: who is reached at an address, and whom it asks in turn.

What a forwarder does is kept in its VM's state under `forwarder`, as it read its configuration when it started:

    {"upstream": ["168.63.129.16"], "domains": {"azurecr.io": ["10.1.0.4"]}, "resolv": true, "to": "all"}

`resolv`: it also asks the servers of the VM itself; `to`: whom it answers, `all`, its own `subnet`, or `itself`.
Source: dnsmasq(8)
"""

from __future__ import annotations

import ipaddress

from acrlab.emulator.core.http import JSON, Vantage
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import reachability
from acrlab.emulator.types.compute.vm_place import interface_of, primary_configuration
from acrlab.emulator.types.compute.vm_power import RUNNING
from acrlab.emulator.types.network.subnet import prefix_of

DNS = 53


def forwarder_at(world: World, vantage: Vantage, address: str) -> Resource | None:
    """Return the VM that answers questions at an address, if one does and is reached from here."""
    network = reachability.network_with(world, vantage.network, address)
    vm = reachability.vm_at(world, network, address) if network else None
    if vm is None or vm.state.get("power") != RUNNING or "forwarder" not in vm.state:
        return None
    if str(vm.id).lower() == vantage.vm.lower():
        return vm  # what does not leave the VM meets no rule
    to = vm.state["forwarder"]["to"]
    if to == "itself" or (to == "subnet" and not _is_near(world, vm, vantage.address)):
        return None
    passes = reachability.lets_out(world, vantage, address, DNS, "Udp")
    return vm if passes and reachability.lets_in_to_vm(world, vantage, vm, DNS, "Udp") else None


def upstreams_of(vm: Resource, name: str, own: tuple[str, ...]) -> tuple[str, ...]:
    """Return the servers that a forwarder asks for a name: those of the longest domain that it lies in, or any.

    A name at the end of an alias is not asked for again: who is asked for the first name tells the whole chain.

    Args:
        own: the servers of the VM that it runs on.
    """
    forwarder: JSON = vm.state["forwarder"]
    labels = name.split(".")
    for domain in (".".join(labels[i:]) for i in range(len(labels))):
        if domain in forwarder["domains"]:
            return tuple(forwarder["domains"][domain])
    return (*forwarder["upstream"], *(own if forwarder["resolv"] else ()))


def _is_near(world: World, vm: Resource, address: str) -> bool:
    interface = interface_of(world, vm)
    subnet = world.find(primary_configuration(interface)["subnet"]["id"]) if interface else None
    return subnet is not None and ipaddress.ip_address(address) in prefix_of(subnet)

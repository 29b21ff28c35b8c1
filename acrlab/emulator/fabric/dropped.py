"""Which new connections of a world's VMs get no answer: read from the world, nothing done."""

from __future__ import annotations

from collections.abc import Iterator

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.fabric.wiring import WiredVm, Wiring
from acrlab.emulator.network import public_dns, reachability
from acrlab.emulator.network.routing import Delivery

Listener = tuple[str, int]  # ARM id of a network in lower case, and a port
Pairs = frozenset[tuple[str, str]]  # the address that a connection comes from, and the one that it is made to


def dropped_connections(delivery: Delivery, wiring: Wiring, ports: tuple[int, ...]) -> dict[Listener, Pairs]:
    """Ask of each VM and each address that is served in its network whether a connection would time out.

    Each is asked for itself, so that requests go on meanwhile.
    """
    found: dict[Listener, set[tuple[str, str]]] = {(n, port): set() for n in wiring.networks for port in ports}
    for vm in wiring.vms:
        for address in _served(delivery, wiring, vm):
            for port in ports:
                if _times_out(delivery, vm, address, port):
                    found[vm.network, port].add((vm.host, address))
    return {listener: frozenset(pairs) for listener, pairs in found.items()}


def _served(delivery: Delivery, wiring: Wiring, vm: WiredVm) -> Iterator[str]:
    """Addresses that the fabric answers at in a VM's network, without those of regions that have no registry."""
    yield AZURE_RESOLVER
    yield from (gateway.partition("/")[0] for gateway in wiring.networks[vm.network])
    yield from (address for network, address in wiring.endpoints if network == vm.network)
    yield from public_dns.addresses_in_use(delivery.world)


def _times_out(delivery: Delivery, vm: WiredVm, address: str, port: int) -> bool:
    world = delivery.world
    with world.transaction():
        found = world.find(vm.id)
        try:
            if found is not None:
                delivery.destination(address, reachability.vantage_of(world, found), address, port)
        except Unreachable as problem:
            return problem.reason == "timeout"
    return False


DEVIATIONS = (
    Deviation(
        of="real packets",
        what="Programs that run where two VMs are reach each other whatever security groups say.",
        impact="A port that a rule closes between two VMs is open; to all that the emulated Azure serves it is closed.",
        reason="Rules are held at what is served; between VMs that would take a firewall that remembers connections.",
        workaround="Ask in the VM's own shell, by `az vm run-command`: there the rules hold between VMs, too.",
    ),
    Deviation(
        of="real packets",
        what="Port 80 of an address that speaks TLS alone, such as a registry's, accepts a connection and resets it.",
        impact="The port looks open to `nc -z`, and a request on it finds the connection closed.",
        reason="One listener serves all addresses of a network.",
        workaround="Ask with a client that speaks, such as curl.",
    ),
)

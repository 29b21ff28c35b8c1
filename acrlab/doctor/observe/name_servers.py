"""Read who stands at the addresses of name servers that are not Azure's."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.doctor.observe.reader import Reader
from acrlab.snapshot.network import NameServer, Network
from acrlab.snapshot.vm import VM

INTERFACE_TYPE = "Microsoft.Network/networkInterfaces"


def name_servers(reader: Reader, vm: VM | None, network: Network | None, near: Iterable[Network]) -> list[NameServer]:
    """Read the VMs behind the servers that a VM, or else its network, is set up with; without any nothing is read.

    Args:
        near: networks that a server may stand in; the clients' own goes first.
    """
    given = (vm.dns_servers if vm else ()) or (network.dns_servers if network else ())
    own = [s for s in given if s != AZURE_RESOLVER]
    if not own:
        return []
    places = [n for n in (network, *near) if n is not None]
    interfaces = reader.everywhere("name-servers", INTERFACE_TYPE)
    return [_server(reader, address, places, interfaces) for address in own]


def _server(reader: Reader, address: str, places: list[Network], interfaces: list[Any]) -> NameServer:
    network = next((n.id for n in places if _holds(n, address)), "")
    held = (i["properties"].get("virtualMachine") for i in interfaces if network and _has(i, address, network))
    vm = next((str(reference["id"]) for reference in held if reference), "")
    return NameServer(address, network, vm, _power(reader, vm) if vm else "")


def _holds(network: Network, address: str) -> bool:
    at = ipaddress.ip_address(address)
    return any(at in ipaddress.ip_network(prefix) for prefix in network.prefixes)


def _has(interface: dict[str, Any], address: str, network: str) -> bool:
    """Say whether an interface has an address in a network: the same address may stand in others, too."""
    held = [c["properties"] for c in interface["properties"].get("ipConfigurations") or []]
    return any(
        c.get("privateIPAddress") == address
        and ((c.get("subnet") or {}).get("id") or "").lower().startswith(f"{network.lower()}/subnets/")
        for c in held
    )


def _power(reader: Reader, vm: str) -> str:
    found = reader.at("name-servers", vm, **{"$expand": "instanceView"})
    view = (found["properties"].get("instanceView") or {}) if found else {}
    states = [s["code"] for s in view.get("statuses") or []]
    return next((s.partition("/")[2] for s in states if s.startswith("PowerState/")), "unknown")

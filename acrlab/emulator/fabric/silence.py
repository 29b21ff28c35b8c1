"""Batches of iproute2 that let a namespace's addresses answer where they are served, and be silent else.

A kernel refuses what it does not listen on: with a reset, or with an ICMP message. Azure's front ends, its private
endpoints and gateways do not, and neither does an address that does not exist: packets for them vanish. Here a routing
table of black holes does that, which is asked about all that comes in but the ports that are served.
Source: ip-rule(8); https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq (ping of gateways)
"""

from __future__ import annotations

from collections.abc import Iterable

TABLE = 100
_SERVED, _ELSE, _LOCAL = 10, 11, 20  # the order of rules


def begin(device: str, resolver: str, ports: Iterable[int]) -> list[str]:
    """Set up the rules of a namespace for what comes in by a device, and let nothing answer for unknown addresses."""
    served = [f"ipproto tcp dport {port}" for port in ports]
    served += [f"to {resolver} ipproto {protocol} dport 53" for protocol in ("tcp", "udp")]
    return [
        *(f"rule add pref {_SERVED} {what} lookup local" for what in served),
        *(f"rule add pref {_ELSE} iif {device} ipproto {p} lookup {TABLE}" for p in ("tcp", "udp", "icmp")),
        f"rule add pref {_LOCAL} lookup local",
        "rule del pref 0",  # where Linux has the table of local addresses
        "route add blackhole default",
    ]


def keep_silent(addresses: Iterable[str]) -> list[str]:
    """Make addresses silent but for what is served there."""
    return [f"route add blackhole {_host(address)} table {TABLE}" for address in addresses]


def forget(addresses: Iterable[str]) -> list[str]:
    """Undo `keep_silent`, for addresses that are removed."""
    return [f"route del blackhole {_host(address)} table {TABLE}" for address in addresses]


def _host(address: str) -> str:
    return f"{address.partition('/')[0]}/32"

"""`resolvectl`: what systemd-resolved was told of name servers, what it finds for a name, and how it forgets.

Source: systemd 249, as Ubuntu 22.04 has it.
"""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.emulator.network.resolver import forget_names, servers_of
from acrlab.emulator.shell.process import Process, programs

PROTOCOLS = "-LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported"
CUSTOM_SUFFIX = "reddog.microsoft.com"  # what Azure's DHCP gives a network with name servers of its own


def resolvectl(process: Process) -> int:
    """`resolvectl status`, `query NAME`, `flush-caches`."""
    verb, words = (process.args or ["status"])[0], process.args[1:]
    if verb == "flush-caches" and not words:
        forget_names(process.vm.world, process.vm.vantage)  # the VM's own; what Azure's resolver keeps stays
        return 0
    if verb == "status" and not words:
        return _status(process)
    names = [word for word in words if word not in ("-4", "--legend=no", "--cache=no")]
    if verb == "query" and len(names) == 1 and not names[0].startswith("-") and names == words:
        return _query(process, names[0])
    process.complain(f"not emulated: {' '.join(process.args)}; supported: status, query NAME, flush-caches")
    return 1


def _status(process: Process) -> int:
    vm = process.vm
    servers = servers_of(vm.world, vm.vantage)
    suffix = vm.suffix if servers == (AZURE_RESOLVER,) else CUSTOM_SUFFIX
    process.print(f"Global\n       Protocols: {PROTOCOLS}\nresolv.conf mode: stub\n")
    process.print(f"Link 2 (eth0)\n    Current Scopes: DNS\n         Protocols: +DefaultRoute {PROTOCOLS}")
    process.print(f"Current DNS Server: {servers[0]}\n       DNS Servers: {' '.join(servers)}")
    process.print(f"        DNS Domain: {suffix}")
    if "docker.io" in process.disk.packages:
        process.print(f"\nLink 3 (docker0)\nCurrent Scopes: none\n     Protocols: -DefaultRoute {PROTOCOLS}")
    return 0


def _query(process: Process, name: str) -> int:
    answer = process.vm.resolve(name)
    if not answer.addresses:
        last = (answer.aliases or (name,))[-1]
        failed = f"Could not resolve '{last}', server or network returned error SERVFAIL"
        told = failed if answer.status == "SERVFAIL" else f"'{last}' not found"
        process.warn(f"{name}: resolve call failed: {told}")
        return 1
    for at, address in enumerate(answer.addresses):
        label = f"{name}: " if at == 0 else " " * (len(name) + 2)
        process.print(f"{label + address:<48} -- link: eth0")
    if answer.aliases:
        process.print(f"{' ' * (len(name) + 2)}({answer.aliases[-1]})")
    process.print("\n-- Information acquired via protocol DNS in 1.0ms.")
    process.print("-- Data is authenticated: no; Data was acquired via local or encrypted transport: no")
    process.print("-- Data from: network")
    return 0


RESOLVECTL = programs(resolvectl=resolvectl)

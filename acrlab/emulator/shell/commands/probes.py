"""`nc` and `ping`: whether something is there, without asking it for anything.

Source: netcat-openbsd 1.218 and iputils 20211215, as Ubuntu 22.04 has them.
"""

from __future__ import annotations

import ipaddress
import re

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.network import reachability
from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import ADDRESS, HTTP, HTTPS

DNS = 53
SERVICES = {DNS: "domain", HTTP: "http", HTTPS: "https"}
UNKNOWN, FAILING = "Name or service not known", "Temporary failure in name resolution"
REASONS = {"timeout": "Connection timed out", "connection refused": "Connection refused"}
APART_MS = 1023  # between two questions of ping that get no answer
ANSWERED_MS = 1001


def why_unknown(problem: Unreachable) -> str:
    """What the C library says of a name without an address."""
    return FAILING if problem.reason == "server misbehaving" else UNKNOWN


# -- nc --------------------------------------------------------------------------------------------------------------


@refusing
def nc(process: Process) -> int:
    """`nc -z`: whether a port takes a connection."""
    given = take(process.args, "-v -z -n -4", "-w")
    if not given.has("-z"):
        process.complain("not emulated without -z: it would send what you type")
        return 1
    if len(given.words) != 2 or not re.fullmatch(r"\d{1,5}", given.words[1]):
        process.complain("not emulated but with a host and one port")
        return 1
    host, port = given.words[0], int(given.words[1])
    if port not in SERVICES:
        process.complain(f"not emulated: port {port}; supported: {', '.join(map(str, SERVICES))}")
        return 1
    try:
        address = process.vm.find_address(host.lower())
    except Unreachable as problem:
        process.complain(f'getaddrinfo for host "{host}" port {port}: {why_unknown(problem)}')
        return 1
    failed = _failed(process, host, address, port, limited=bool(given.value("-w")))
    if given.has("-v"):
        shown = host if ADDRESS.fullmatch(host) else f"{host} ({address})"
        if failed:
            process.complain(f"connect to {shown} port {port} (tcp) {failed}")
        else:
            process.warn(f"Connection to {shown} {port} port [tcp/{SERVICES[port]}] succeeded!")
    return int(bool(failed))


def _failed(process: Process, host: str, address: str, port: int, *, limited: bool) -> str:
    """Why there is no connection; empty: there is one."""
    try:
        if not (port == DNS and _answers_for_names(process, address)):
            process.vm.reach(host, address, port)
    except Unreachable as problem:
        if problem.reason == "timeout" and limited:
            return "timed out: Operation now in progress"
        return f"failed: {REASONS[problem.reason]}"
    return ""


def _answers_for_names(process: Process, address: str) -> bool:
    return address == AZURE_RESOLVER or process.vm.ask(process.vm.hostname, address) is not None


# -- ping ------------------------------------------------------------------------------------------------------------


@refusing
def ping(process: Process) -> int:
    """`ping -c COUNT`. A private endpoint carries TCP alone, and Azure's public addresses do not answer either."""
    given = take(process.args, "-n -q -4", "-c -W -w -i")
    count = given.value("-c")
    if not re.fullmatch(r"[1-9]\d{0,3}", count) or len(given.words) != 1:
        process.complain("not emulated but with one host and -c COUNT: without it, ping goes on until it is stopped")
        return 2
    host = given.words[0]
    try:
        address = process.vm.find_address(host.lower())
    except Unreachable as problem:
        process.complain(f"{host}: {why_unknown(problem)}")
        return 2
    name = host if ADDRESS.fullmatch(host) else _canonical(process, host)
    process.print(f"PING {name} ({address}) 56(84) bytes of data.")
    return _answered(process, name, address, int(count)) if _echoes(process, address) else _lost(process, name, count)


def _canonical(process: Process, host: str) -> str:
    """The name at the end of the aliases; of a name in `/etc/hosts`, itself."""
    aliases = process.vm.resolve(host).aliases
    return aliases[-1] if aliases else host


def _echoes(process: Process, address: str) -> bool:
    """Whether a VM is at an address, and rules let the question through."""
    vm = process.vm
    if address == vm.vantage.address or ipaddress.ip_address(address).is_loopback:
        return True
    network = reachability.network_with(vm.world, vm.vantage.network, address)
    other = reachability.vm_at(vm.world, network, address) if network else None
    if other is None or other.state.get("power") != "running":
        return False
    out = reachability.lets_out(vm.world, vm.vantage, address, 0, "Icmp")
    return out and reachability.lets_in_to_vm(vm.world, vm.vantage, other, 0, "Icmp")


def _lost(process: Process, name: str, count: str) -> int:
    spent = (int(count) - 1) * APART_MS
    process.print(f"\n--- {name} ping statistics ---")
    process.print(f"{count} packets transmitted, 0 received, 100% packet loss, time {spent}ms\n")
    return 1


def _answered(process: Process, name: str, address: str, count: int) -> int:
    for number in range(1, count + 1):
        process.print(f"64 bytes from {address}: icmp_seq={number} ttl=64 time=1.00 ms")
    process.print(f"\n--- {name} ping statistics ---")
    spent = (count - 1) * ANSWERED_MS
    process.print(f"{count} packets transmitted, {count} received, 0% packet loss, time {spent}ms")
    process.print("rtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms")
    return 0


PROBES = programs(nc=nc, netcat=nc, ping=ping)

"""`nslookup`, `dig`, `host` and `getent` ask the VM's resolver, or the server named."""

from __future__ import annotations

import re

from acrlab.azure.dns_answer import Answer
from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.network.resolver import linked_zones
from acrlab.emulator.shell.commands.options import UnknownOption, refusing
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import ADDRESS, STUB

NAME = re.compile(r"[A-Za-z0-9_*-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
PRIVATE_AUTHORITY = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10"
PUBLIC_AUTHORITY = "ns1-01.azure-dns.com. azuredns-hostmaster.microsoft.com. 1 3600 300 2419200 300"
PARTS = ("comments", "question", "answer", "authority", "stats", "cmd", "additional")


class NoServer(Exception):
    """The name server that was named has no address."""


def _ask(process: Process, name: str, server: str) -> Answer | None:
    """None: the server doesn't answer. Raises: NoServer."""
    if server in ("", STUB):
        return process.vm.resolve(name)
    try:
        return process.vm.ask(name, process.vm.find_address(server.lower()))
    except Unreachable as problem:
        raise NoServer(f"couldn't get address for '{server}': not found") from problem


def nslookup(process: Process) -> int:
    words = [a for a in process.args if not a.startswith("-")]
    if not words or len(words) > 2:
        process.warn("nslookup: not emulated without a name")
        return 1
    name, server = words[0], words[1] if words[1:] else ""
    if ADDRESS.fullmatch(name):
        process.warn(f"nslookup: not emulated: the name of an address ({name})")
        return 1
    try:
        answer = _ask(process, name, server)
    except NoServer as problem:
        process.complain(str(problem))
        return 1
    if answer is None:
        process.print(";; connection timed out; no servers could be reached\n")
        return 1
    shown = server or STUB
    process.print(f"Server:\t\t{shown}\nAddress:\t{shown}#53\n")
    if answer.status != "NOERROR" or not answer.addresses:
        reason = answer.status if answer.status != "NOERROR" else "No answer"
        if reason == "No answer":
            process.print(f"Non-authoritative answer:\n*** Can't find {name}: No answer\n")
        else:
            process.print(f"** server can't find {_last(answer)}: {reason}\n")
        return 1
    process.print("Non-authoritative answer:")
    for record in answer.records:
        if record.type == "CNAME":
            process.print(f"{record.name}\tcanonical name = {record.value}.")
    for record in answer.records:
        if record.type == "A":
            process.print(f"Name:\t{record.name}\nAddress: {record.value}")
    process.print("")
    return 0


def _last(answer: Answer) -> str:
    return answer.aliases[-1] if answer.aliases else answer.name


# -- dig -------------------------------------------------------------------------------------------------------------


@refusing
def dig(process: Process) -> int:
    parts, name, server, short = set(PARTS), "", "", False
    for word in process.args:
        if word.startswith("@"):
            server = word[1:]
        elif word.startswith("+"):
            short, parts = _toggle(word[1:], short, parts)
        elif word.upper() in ("A", "IN", "ANY"):
            continue
        elif NAME.fullmatch(word) and not name and word.upper() not in ("AAAA", "CNAME", "TXT", "SOA", "NS", "MX"):
            name = word
        else:
            process.warn(
                f"dig: not emulated: {word}; supported: A records, @server, +short, +noall, +answer, +comments"
            )
            return 1
    try:
        answer = _ask(process, name, server) if name else Answer("")
    except NoServer as problem:
        process.complain(str(problem))
        return 10
    if answer is None:
        process.print(f";; communications error to {server}#53: timed out\n" * 3, end="")
        process.print("\n; <<>> DiG 9.18.30 <<>> " + " ".join(process.args))
        process.print(";; global options: +cmd\n;; no servers could be reached")
        return 9
    if short:
        for record in answer.records:
            process.print(f"{record.value}." if record.type == "CNAME" else record.value)
        return 0
    _show(process, name, server, parts, answer)
    return 0


def _toggle(word: str, short: bool, parts: set[str]) -> tuple[bool, set[str]]:
    """Raises: UnknownOption."""
    if word == "short":
        return True, parts
    if word in ("all", "noall"):
        return short, set(PARTS) if word == "all" else set()
    name = word.removeprefix("no")
    if name in PARTS:
        return short, parts - {name} if word.startswith("no") else parts | {name}
    if not re.fullmatch(r"(time|tries|timeout|retry)=\d{1,3}|(no)?(recurse|edns|search|tcp)", word):
        raise UnknownOption(f"+{word}")
    return short, parts


def _show(process: Process, name: str, server: str, parts: set[str], answer: Answer) -> None:
    negative = not answer.addresses and answer.status in ("NOERROR", "NXDOMAIN") and answer.zone
    if "cmd" in parts:
        process.print(f"\n; <<>> DiG 9.18.30-0ubuntu0.22.04.2-Ubuntu <<>> {' '.join(process.args)}")
        process.print(";; global options: +cmd")
    if "comments" in parts:
        number = int(process.vm.world.derive("question", name)[:4], 16)
        process.print(f";; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {answer.status}, id: {number}")
        process.print(
            f";; flags: qr rd ra; QUERY: 1, ANSWER: {len(answer.records)}, AUTHORITY: {int(bool(negative))}, "
            "ADDITIONAL: 1\n"
        )
        process.print(";; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 65494")
    if "question" in parts:
        process.print(f";; QUESTION SECTION:\n;{name.rstrip('.')}.\t\tIN\tA\n")
    if "answer" in parts and answer.records:
        if "comments" in parts:
            process.print(";; ANSWER SECTION:")
        for record in answer.records:
            value = f"{record.value}." if record.type == "CNAME" else record.value
            process.print(f"{record.name}.\t{record.ttl}\tIN\t{record.type}\t{value}")
        process.print("")
    if "authority" in parts and negative:
        if "comments" in parts:
            process.print(";; AUTHORITY SECTION:")
        authority = _authority(process, answer.zone)
        process.print(f"{answer.zone}.\t{answer.negative_s}\tIN\tSOA\t{authority}\n")
    if "stats" in parts:
        shown = server or STUB
        process.print(f";; Query time: 0 msec\n;; SERVER: {shown}#53({shown}) (UDP)")
        process.print(f";; WHEN: {process.vm.now():%a %b %d %H:%M:%S UTC %Y}\n")


def _authority(process: Process, zone: str) -> str:
    vantage = process.vm.vantage
    private = vantage.network and zone in linked_zones(process.vm.world, vantage.network)
    return PRIVATE_AUTHORITY if private else PUBLIC_AUTHORITY


# -- others ----------------------------------------------------------------------------------------------------------


def host(process: Process) -> int:
    if len(process.args) != 1:
        process.warn("host: not emulated but with one name")
        return 1
    answer = process.vm.resolve(process.args[0])
    for record in answer.records:
        shown = f"is an alias for {record.value}." if record.type == "CNAME" else f"has address {record.value}"
        process.print(f"{record.name} {shown}")
    if not answer.addresses:
        process.print(
            f"Host {process.args[0]} not found: {'3(NXDOMAIN)' if answer.status == 'NXDOMAIN' else '2(SERVFAIL)'}"
        )
    return int(not answer.addresses)


def getent(process: Process) -> int:
    """`getent hosts name`: what programs get, `/etc/hosts` included."""
    if len(process.args) != 2 or process.args[0] not in ("hosts", "ahosts", "ahostsv4"):
        process.warn("getent: not emulated but for hosts")
        return 1
    try:
        address = process.vm.find_address(process.args[1].lower())
    except Unreachable:
        return 2
    process.print(f"{address:<15} {process.args[1]}")
    return 0


DNS = programs(nslookup=nslookup, dig=dig, host=host, getent=getent)

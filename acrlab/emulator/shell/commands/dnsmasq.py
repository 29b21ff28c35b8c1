"""dnsmasq's configuration, as far as a forwarder of names needs it: whom it answers, and whom it asks.

Source: dnsmasq(8), and Debian's package: it reads `/etc/dnsmasq.d` as well, and without an address or interface to
listen on it answers the VM's own subnet alone (`--local-service`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from acrlab.emulator.core.http import JSON
from acrlab.emulator.shell.disk import Disk

FILE, FOLDER = "/etc/dnsmasq.conf", "/etc/dnsmasq.d"
GIVEN = "# Configuration of dnsmasq: one option a line, see dnsmasq(8). What stands in /etc/dnsmasq.d counts, too.\n"
BIND = ("bind-interfaces", "bind-dynamic")
WITHOUT_EFFECT = (
    "all-servers", "bogus-priv", "cache-size", "dns-forward-max", "domain-needed", "edns-packet-max", "group",
    "local-service", "log-facility", "log-queries", "neg-ttl", "no-hosts", "no-negcache", "no-poll", "strict-order",
    "user",
)  # fmt: skip
KNOWN = (*BIND, "interface", "listen-address", "no-resolv", "server", *WITHOUT_EFFECT)
PORT = "53"
COMMENT = re.compile(r"(?:^|\s)#")


class CannotStart(Exception):
    """Why dnsmasq does not start, in its own words."""


@dataclass
class Options:
    """What a configuration says.

    Attributes:
        domains: name -> the servers that are asked for it and what lies below; `server` holds those for the rest.
    """

    listen: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    server: list[str] = field(default_factory=list)
    domains: dict[str, list[str]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)


def forwarding(disk: Disk, address: str) -> JSON:
    """Read a disk's configuration and return what the VM with this address forwards, in the form of `forwarder`.

    Raises: CannotStart.
    """
    options = Options()
    for file, number, line in _lines(disk):
        _take(options, line, f"line {number} of {file}")
    _require_port(options, address)
    return {
        "upstream": options.server,
        "domains": options.domains,
        "resolv": "no-resolv" not in options.flags,
        "to": _answered(options, address),
    }


def _lines(disk: Disk) -> Iterable[tuple[str, int, str]]:
    files = [FILE, *(f"{FOLDER}/{name}" for name in disk.names_in(FOLDER))]
    for file in (f for f in files if disk.is_file(f)):
        for number, line in enumerate(disk.text(file).splitlines(), 1):
            if text := COMMENT.split(line, maxsplit=1)[0].strip():
                yield file, number, text


def _take(options: Options, line: str, place: str) -> None:
    name, _, value = (part.strip() for part in line.partition("="))
    if name not in KNOWN:
        raise CannotStart(f"not emulated: {name} at {place}; supported: {', '.join(KNOWN)}")
    match name:
        case "server":
            _take_server(options, value, place)
        case "listen-address":
            options.listen += [part.strip() for part in value.split(",")]
        case "interface":
            options.interfaces += [part.strip() for part in value.split(",")]
        case _:
            options.flags.add(name)


def _take_server(options: Options, value: str, place: str) -> None:
    """`server=ADDRESS`, or `server=/DOMAIN/…/ADDRESS`."""
    *domains, server = value.split("/")
    if domains and not server:
        raise CannotStart(f"not emulated: a domain without a server at {place}")
    address, _, port = server.partition("#")
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        raise CannotStart(f"bad option at {place}") from None
    if port not in ("", PORT):
        raise CannotStart(f"not emulated: a server's port {port} at {place}")
    for domain in (d.lower().strip(".") for d in domains if d):
        options.domains.setdefault(domain, []).append(address)
    if not domains:
        options.server.append(address)


def _require_port(options: Options, address: str) -> None:
    """Port 53 of one address is taken: systemd-resolved has 127.0.0.53, so that all addresses together are not free."""
    if not options.flags & set(BIND):
        raise CannotStart("failed to create listening socket for port 53: Address already in use")
    foreign = [a for a in options.listen if a != address and not a.startswith("127.")]
    if foreign and "bind-dynamic" not in options.flags:
        raise CannotStart(f"failed to create listening socket for {foreign[0]}: Cannot assign requested address")


def _answered(options: Options, address: str) -> str:
    """Tell whose questions it takes: `all`, `subnet` or `itself`."""
    if not options.listen and not options.interfaces:
        return "subnet"
    return "all" if address in options.listen or "eth0" in options.interfaces else "itself"

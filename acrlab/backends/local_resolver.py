"""The names that this computer gets: of its system's resolver, or of the server that ACRLAB_DNS names."""

from __future__ import annotations

import os
import socket

from acrlab.azure.dns_answer import Answer, Record
from acrlab.errors import ConfigurationError

__all__ = ["RESOLVER", "resolve"]

RESOLVER = "ACRLAB_DNS"  # address:port of a name server, asked over UDP; a served emulated Azure has one
PATIENCE_S = 5
# What a system's resolver says where it knows that there is no such name, or none with an address. All else, such as a
# computer that is offline, tells nothing of the name. Not every system has all of these numbers.
NO_NAME = {getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA") if hasattr(socket, name)}


def resolve(name: str) -> Answer:
    """Ask for a name's IPv4 addresses. Where no server could be asked the answer is SERVFAIL.

    Raises: ConfigurationError: ACRLAB_DNS names no server.
    """
    server = os.environ.get(RESOLVER, "")
    return _of_server(name, server) if server else _of_system(name)


def _of_system(name: str) -> Answer:
    try:
        real, aliases, addresses = socket.gethostbyname_ex(name)
    except socket.gaierror as problem:
        return Answer(name, (), "NXDOMAIN" if problem.errno in NO_NAME else "SERVFAIL")
    except OSError:
        return Answer(name, (), "SERVFAIL")
    # The system's resolver tells no chain in order, only every name that it met on the way.
    chain = [n for n in dict.fromkeys((*aliases, real)) if n != name]
    owners = [name, *chain]
    records = [Record(a, "CNAME", b, 0) for a, b in zip(owners, chain, strict=False)]
    return Answer(name, (*records, *(Record(owners[-1], "A", a, 0) for a in addresses)))


def _of_server(name: str, server: str) -> Answer:
    import dns.exception
    import dns.message
    import dns.query
    import dns.rcode

    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigurationError(RESOLVER, f"{server!r} is not address:port of a name server, such as 127.0.0.1:5353.")
    try:
        reply = dns.query.udp(dns.message.make_query(name, "A"), host, timeout=PATIENCE_S, port=int(port))
    except (dns.exception.DNSException, OSError):
        return Answer(name, (), "SERVFAIL")
    records = tuple(
        Record(_plain(found.name.to_text()), found.rdtype.name, _plain(value.to_text()), found.ttl)
        for found in reply.answer
        for value in found
    )
    zone = next((_plain(found.name.to_text()) for found in reply.authority), "")
    return Answer(name, records, dns.rcode.to_text(reply.rcode()), zone)


def _plain(name: str) -> str:
    return name.removesuffix(".").lower()

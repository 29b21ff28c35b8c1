"""The names that this computer gets: of its system's resolver, or of the server that ACRLAB_DNS names."""

from __future__ import annotations

import os
import socket

from acrlab.azure.dns_answer import Answer, Record

__all__ = ["RESOLVER", "resolve"]

RESOLVER = "ACRLAB_DNS"  # address:port of a name server, asked over UDP; a served emulated Azure has one
PATIENCE_S = 5


def resolve(name: str) -> Answer:
    """Ask for a name's IPv4 addresses. A server that does not answer counts as SERVFAIL."""
    server = os.environ.get(RESOLVER, "")
    return _of_server(name, server) if server else _of_system(name)


def _of_system(name: str) -> Answer:
    try:
        real, aliases, addresses = socket.gethostbyname_ex(name)
    except socket.gaierror:
        return Answer(name, (), "NXDOMAIN")
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

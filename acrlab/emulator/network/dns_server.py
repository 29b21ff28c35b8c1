"""The names over real DNS: one server for each network and one for the internet, over UDP and TCP.

It answers from what is emulated and asks no other server: any other name does not exist.
Source: RFC 1035, RFC 2308 (negative answers), RFC 7766 (TCP)
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.azure.dns_answer import Answer
from acrlab.emulator.core.http import Vantage
from acrlab.emulator.core.world import World
from acrlab.emulator.network.resolver import resolve

LARGEST_DATAGRAM = 1232  # Source: DNS flag day 2020
SILENCE_S = 10
# What stands in the SOA of Azure's private zones: serial, refresh, retry, expire, and how long a "no" may be kept.
AUTHORITY = "azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10"

Placed = Callable[[str], Vantage]  # the caller's address -> where it stands


def answer(world: World, question: bytes, vantage: Vantage) -> bytes:
    """Answer one message. Raises: dns.exception.DNSException: it is not a DNS message."""
    asked = dns.message.from_wire(question)
    reply = dns.message.make_response(asked, recursion_available=True)
    if asked.opcode() != dns.opcode.QUERY or len(asked.question) != 1:
        reply.set_rcode(dns.rcode.NOTIMP)
        return reply.to_wire()
    if asked.question[0].name == dns.name.root:
        return reply.to_wire()  # the root exists, and has no record that a client of the lab asks for
    name, kind = asked.question[0].name, asked.question[0].rdtype
    with world.transaction():
        # This is the resolver of the network itself, behind whatever a caller keeps.
        server = AZURE_RESOLVER if vantage.network else ""
        found = resolve(world, name.to_text(omit_final_dot=True), vantage, server=server)
    reply.set_rcode(dns.rcode.from_text(found.status))
    for record in found.records:
        if record.type == "CNAME" or kind in (dns.rdatatype.A, dns.rdatatype.ANY):
            value = f"{record.value}." if record.type == "CNAME" else record.value
            reply.answer.append(dns.rrset.from_text(f"{record.name}.", record.ttl, "IN", record.type, value))
    if not _answers(reply, kind):
        reply.authority += _authority(found, name)
    return reply.to_wire(max_size=65535)


def _answers(reply: dns.message.Message, kind: dns.rdatatype.RdataType) -> bool:
    return any(found.rdtype == kind or kind == dns.rdatatype.ANY for found in reply.answer)


def _authority(found: Answer, name: dns.name.Name) -> list[dns.rrset.RRset]:
    """The SOA of the zone that has nothing."""
    if found.status == "SERVFAIL":
        return []
    return [dns.rrset.from_text(_zone(found, name), found.negative_s, "IN", "SOA", AUTHORITY)]


def _zone(found: Answer, name: dns.name.Name) -> dns.name.Name:
    """The zone that an answer names; else, and where a dot in a label misled it, the name's last two labels."""
    last = dns.name.Name(name.labels[-3:])  # with the root's
    return last if "\\" in last.to_text() or not found.zone else dns.name.from_text(found.zone)


class Datagrams(asyncio.DatagramProtocol):
    """Answers over UDP; what does not fit is cut off, and asked for again over TCP."""

    def __init__(self, world: World, placed: Placed) -> None:
        self._world, self._placed = world, placed
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            whole = await asyncio.to_thread(answer, self._world, data, self._placed(addr[0]))
        except dns.exception.DNSException:
            return  # not DNS: there is no one to answer
        if len(whole) > LARGEST_DATAGRAM:
            cut = dns.message.make_response(dns.message.from_wire(data))
            cut.flags |= dns.flags.TC
            whole = cut.to_wire()
        self._transport.sendto(whole, addr)


async def serve_stream(
    world: World, placed: Placed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer one client over TCP until it is silent."""
    peer = writer.get_extra_info("peername")[0]
    try:
        while True:
            (size,) = struct.unpack("!H", await asyncio.wait_for(reader.readexactly(2), SILENCE_S))
            question = await asyncio.wait_for(reader.readexactly(size), SILENCE_S)
            whole = await asyncio.to_thread(answer, world, question, placed(peer))
            writer.write(struct.pack("!H", len(whole)) + whole)
            await writer.drain()
    except (TimeoutError, OSError, asyncio.IncompleteReadError, dns.exception.DNSException):
        return
    finally:
        writer.close()

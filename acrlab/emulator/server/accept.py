"""Takes a connection that arrived at an address of the emulated Azure to what answers there, or lets it hang.

Which address it was, and where the caller stands, is known from the way that the connection came in; what stands there,
and whether anything lets it through, is asked of the world for each connection and each request.

The rules, as a network keeps them:

1. A connection is accepted before it is known whether anything answers it; no listener can do otherwise. What is known
   to be dropped does not come this far: see `fabric.syn_filter`.
2. What is dropped all the same, as the world has just changed, hangs; what nothing listens on is reset. The caller sees
   a timeout or a refusal, as it would on Azure.
3. Nothing is read before the destination is known, because the destination decides on the certificate.
4. The certificate is the destination's and not the one that the client's SNI asks for: a record that leads to a wrong
   address is met by a certificate for another name.
5. The destination is asked for again with each request, as the world may have changed since the connection was made.
   Security groups alone are not: they count for new connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ssl import SSLContext
from typing import Any

from acrlab.emulator.core.http import Unreachable, Vantage
from acrlab.emulator.core.world import World
from acrlab.emulator.network.reachability import vantage_of, vm_at
from acrlab.emulator.network.routing import OPEN_WITHOUT_TLS, Delivery, Destination
from acrlab.emulator.server.http_connection import FAREWELL_S

HANDSHAKE_S = 10
HANGING_S = 120  # what a client of a closed port would wait for, were it patient
TLS = 443


@dataclass(frozen=True)
class Ingress:
    """How a connection came in.

    Attributes:
        network: ARM id of the virtual network that it was made in; empty: the internet.
        peer: the address that it came from.
        address, port: what it was made to.
    """

    network: str
    peer: str
    address: str
    port: int = TLS

    def vantage(self, world: World) -> Vantage:
        """Tell where its caller stands now."""
        return place_of(world, self.network, self.peer)


def place_of(world: World, network: str, peer: str) -> Vantage:
    """Tell who has an address in a network; on the internet a caller is just an address."""
    if not network:
        return Vantage(address=peer, egress=peer)
    vm = vm_at(world, network, peer)
    return vantage_of(world, vm) if vm else Vantage(address=peer, network=network)


class Acceptor:
    """Receives connections for one served Azure."""

    def __init__(
        self,
        delivery: Delivery,
        *,
        certified: Callable[[tuple[str, ...]], SSLContext],
        protocol: Callable[[dict[str, Any]], asyncio.Protocol],
    ) -> None:
        """Both make something when it is needed.

        Args:
            certified: TLS settings with a certificate for names.
            protocol: what speaks HTTP on a connection, given the state that its requests find.
        """
        self._delivery, self._certified, self._protocol = delivery, certified, protocol
        self._tasks: set[asyncio.Task[None]] = set()

    def waiting(self, network: str, port: int) -> Callable[[], asyncio.Protocol]:
        """Make what a listener in a network starts with each connection."""
        return partial(_Waiting, self, network, port)

    def receive(self, transport: asyncio.Transport, ingress: Ingress) -> None:
        """Look after a connection, which is not read from before its destination is known."""
        loop = asyncio.get_running_loop()
        # Not at once: in Debian 12's Python 3.11.2 a new transport begins to read after this, even a paused one.
        loop.call_soon(transport.pause_reading)
        task = loop.create_task(self._take_on(transport, ingress))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def receive_outside(self, transport: asyncio.Transport, settings: SSLContext) -> None:
        """Look after a connection of a client outside, as if it had come in at this computer's own listener."""
        await _speak_tls(transport, settings, self._protocol({}))

    async def _take_on(self, transport: asyncio.Transport, ingress: Ingress) -> None:
        try:
            destination = await asyncio.to_thread(self._destination, ingress)
        except Unreachable as problem:
            if problem.reason == "timeout":
                await asyncio.sleep(HANGING_S)  # in real time: the client has a clock of its own
            transport.abort()
            return
        protocol = self._protocol({"ingress": ingress})
        if ingress.port == TLS:
            await _speak_tls(transport, self._certified(destination.certificate), protocol)
            return
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        transport.resume_reading()

    def _destination(self, ingress: Ingress) -> Destination:
        world = self._delivery.world
        with world.transaction():
            vantage, address = ingress.vantage(world), ingress.address
            destination = self._delivery.destination(address, vantage, address, ingress.port)
        if not (destination.certificate if ingress.port == TLS else destination.plane in OPEN_WITHOUT_TLS):
            raise Unreachable(ingress.address, "connection refused", ingress.address)
        return destination

    def close(self) -> None:
        """Stop looking after connections that nothing answers."""
        for task in self._tasks:
            task.cancel()


async def _speak_tls(transport: asyncio.Transport, settings: SSLContext, protocol: asyncio.Protocol) -> None:
    """Shake hands with a client that was not heard so far, and let a protocol take over what it says then."""
    # `start_tls` needs a protocol for the time until it returns, and a client may already speak then.
    early = _Early()
    try:
        secured = await asyncio.get_running_loop().start_tls(
            transport,
            early,
            settings,
            server_side=True,
            ssl_handshake_timeout=HANDSHAKE_S,
            ssl_shutdown_timeout=FAREWELL_S,
        )
    except OSError:
        return  # the client does not trust the certificate, or speaks no TLS
    if secured is not None:
        early.hand_over(secured, protocol)


class _Early(asyncio.Protocol):
    """Keeps what a client says between its handshake and the moment that a protocol takes over."""

    def __init__(self) -> None:
        self._said: list[bytes] = []
        self._lost = False

    def data_received(self, data: bytes) -> None:
        self._said.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True

    def hand_over(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        if self._lost:
            return
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        for data in self._said:
            protocol.data_received(data)


class _Waiting(asyncio.Protocol):
    """A connection that was just made."""

    def __init__(self, acceptor: Acceptor, network: str, port: int) -> None:
        self._acceptor, self._network, self._port = acceptor, network, port

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        (peer, _), (address, _) = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self._acceptor.receive(transport, Ingress(self._network, peer, address, self._port))

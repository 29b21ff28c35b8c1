"""Serves every address of a world in network namespaces, and keeps them as the world is.

Where addresses are is followed, and which connections security rules and routes drop: those get no answer at all. All
else is asked when a connection is made.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core import lateness
from acrlab.emulator.core.http import Vantage
from acrlab.emulator.fabric import syn_filter
from acrlab.emulator.fabric.dropped import Listener, Pairs, dropped_connections
from acrlab.emulator.fabric.fabric import DNS_PORT, PORTS, Fabric, FabricError, Opened
from acrlab.emulator.fabric.wiring import Wiring, wiring_of
from acrlab.emulator.network.dns_server import Datagrams, serve_stream
from acrlab.emulator.server.accept import Acceptor, place_of

_LOG = logging.getLogger("acrlab.emulator")
LOOK_S = 0.05  # between two looks at whether the world has changed
DECIDING = ("Microsoft.Network", "Microsoft.Compute", "Microsoft.ContainerRegistry")  # where packets go


class RealNetwork:
    """The namespaces of a served world, with what listens in them."""

    def __init__(self, azure: EmulatedAzure, acceptor: Acceptor, folder: Path, ca: Path) -> None:
        """`folder`: for what VMs see instead of this computer's files."""
        self._world, self._delivery, self._acceptor = azure.world, azure.delivery, acceptor
        self._folder, self._ca = folder, ca
        self._listening: dict[str, list[Callable[[], None]]] = {}  # network -> how to stop listening in it
        self._filtered: dict[Listener, tuple[socket.socket, Pairs]] = {}
        self._laid_out = 0  # digest of what was laid out last
        self._fabric: Fabric | None = None
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> Path:
        """Make the namespaces. Returns: the file that tells how to enter a VM.

        Raises: FabricError: the kernel, or a policy of this computer, does not allow it.
        """
        fabric = self._fabric = await asyncio.to_thread(Fabric, self._folder, self._ca)
        await self._open(fabric.opened)
        seen = await asyncio.to_thread(self._world.db.version)  # before the first look, so that nothing is missed
        await self._follow_once(fabric)
        self._following = asyncio.create_task(self._follow(fabric, seen))
        return fabric.file

    async def close(self) -> None:
        """Take everything away."""
        if self._following:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        self._stop_listening(list(self._listening))
        if self._fabric:
            await asyncio.to_thread(self._fabric.close)

    async def _follow(self, fabric: Fabric, seen: tuple[int, int]) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            now = await asyncio.to_thread(self._world.db.version)  # a long transaction may hold it off
            if now != seen:
                seen = now
                try:
                    await self._follow_once(fabric)
                except FabricError:
                    _LOG.exception("a change of the world could not be laid out")

    async def _follow_once(self, fabric: Fabric) -> None:
        digest = await asyncio.to_thread(self._digest)
        if digest == self._laid_out:
            return
        wiring, opened = await asyncio.to_thread(self._brought_up_to_date, fabric)
        self._stop_listening([n for n in self._listening if n and n not in wiring.networks])
        await self._open(opened)
        await asyncio.to_thread(self._drop, wiring)
        self._laid_out = digest  # only now: a look that failed is repeated

    def _digest(self) -> int:
        """Sum up what decides where packets go. Where it counts late, the time decides, too."""
        with self._world.transaction():
            moment = self._world.now if lateness.is_late(self._world) else 0
            return hash((self._world.digest(*DECIDING), moment))

    def _brought_up_to_date(self, fabric: Fabric) -> tuple[Wiring, list[Opened]]:
        with self._world.transaction():
            wiring = wiring_of(self._world)
        return wiring, fabric.follow(wiring)

    def _drop(self, wiring: Wiring) -> None:
        """Let listeners leave unanswered what is dropped now; where the kernel takes no more, connections hang."""
        for listener, pairs in dropped_connections(self._delivery, wiring, PORTS).items():
            filtered, before = self._filtered[listener]
            if pairs != before:
                with suppress(OSError):
                    syn_filter.attach(filtered, pairs)
                    self._filtered[listener] = filtered, pairs

    def _stop_listening(self, networks: Iterable[str]) -> None:
        for network in networks:
            for stop in self._listening.pop(network):
                stop()
            for port in PORTS:
                self._filtered.pop((network, port), None)

    async def _open(self, opened: Iterable[Opened]) -> None:
        loop = asyncio.get_running_loop()
        for one in opened:
            stops = self._listening.setdefault(one.network, [])
            placed = partial(self._placed, one.network)
            if one.protocol == "udp":
                made = partial(Datagrams, self._world, placed)
                transport, _ = await loop.create_datagram_endpoint(made, sock=one.socket)
                stops.append(transport.abort)
            elif one.port == DNS_PORT:
                serve = partial(serve_stream, self._world, placed)
                stops.append((await asyncio.start_server(serve, sock=one.socket)).close)
            else:
                self._filtered[one.network, one.port] = one.socket, frozenset()
                waiting = self._acceptor.waiting(one.network, one.port)
                stops.append((await loop.create_server(waiting, sock=one.socket)).close)

    def _placed(self, network: str, peer: str) -> Vantage:
        with self._world.transaction():
            return place_of(self._world, network, peer)

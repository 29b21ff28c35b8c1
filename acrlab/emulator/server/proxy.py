"""A CONNECT proxy on loopback: the way to the emulated names, on their own port, for every tool that knows HTTPS_PROXY.

Who gives no user name stands outside, on the internet of the emulated Azure; the name of a VM as user name makes
the proxy resolve and connect as that VM would. It opens connections to the lab's own server only: whatever is not
served there has no such host. How long a tunnel may be idle is the listener's business; when its end is closed, so is
the other.
"""

from __future__ import annotations

import asyncio
import base64
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from acrlab.emulator.core.http import INTERNET, Unreachable
from acrlab.emulator.network.public_dns import is_named
from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.server.accept import Acceptor, Ingress
from acrlab.emulator.types.network_interface import VM_TYPE

HEAD_S = 10
MOST_HEAD = 2**14
MOST_TUNNELS = 200
TAKING_S = 60  # for a client that does not read
CHUNK = 2**18
TLS_PORT = "443"


class _Refused(Exception):
    """Status and reason of a refusal."""


@dataclass(frozen=True)
class _Asked:
    """`CONNECT host:443`, for a client outside or for a VM.

    Attributes:
        vm: its name, which clients give as the proxy's user name; empty: outside.
    """

    host: str
    vm: str


class Proxy:
    """Takes `CONNECT name:443` to the address that the name has, seen from outside or from a VM."""

    def __init__(self, delivery: Delivery, acceptor: Acceptor, names: Sequence[str], listener: tuple[str, int]) -> None:
        """For a client outside, the listener answers.

        Args:
            acceptor: takes on the connections of VMs.
            names: what the listener's certificate is valid for; `*` stands for one label.
        """
        self._delivery, self._acceptor = delivery, acceptor
        self._names, self._listener = tuple(names), listener
        self._clients: set[StreamWriter] = set()

    async def handle(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection, from its first line to its end."""
        self._clients.add(writer)
        try:
            there, back = await self._dial(await self._asked(reader))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _tunnel(reader, writer, there, back)
        except _Refused as refusal:
            writer.write(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            with suppress(OSError):
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # the client went away, or never spoke HTTP
        finally:
            self._clients.discard(writer)
            writer.close()

    def close(self) -> None:
        """End every tunnel."""
        for writer in self._clients:
            writer.transport.abort()

    async def _asked(self, reader: StreamReader) -> _Asked:
        """Read what a client wants. Raises: _Refused."""
        if len(self._clients) > MOST_TUNNELS:
            raise _Refused("503 Too many connections")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split()
        if len(words) != 3 or words[0] != "CONNECT":
            raise _Refused("405 Method Not Allowed")
        host, _, port = words[1].lower().rpartition(":")
        if port != TLS_PORT:
            raise _Refused("403 Only port 443 is emulated")
        return _Asked(host, _user(lines))

    async def _dial(self, asked: _Asked) -> tuple[StreamReader, StreamWriter]:
        """Open the other end of a tunnel. Raises: _Refused: there is none."""
        try:
            if not asked.vm:
                await asyncio.to_thread(self._resolve, asked.host)
                return await asyncio.open_connection(*self._listener, limit=CHUNK)
            ingress = await asyncio.to_thread(self._ingress, asked)
        except Unreachable as problem:
            status = 504 if problem.reason == "timeout" else 502
            raise _Refused(f"{status} {problem.reason}") from problem
        return await asyncio.open_connection(sock=await self._acceptor.dial(ingress), limit=CHUNK)

    def _resolve(self, host: str) -> None:
        """Raises: Unreachable: there is no such name in the emulated internet, or it is not served to the outside."""
        if not is_named(self._names, host):
            raise Unreachable(host, "no such host")
        with self._delivery.world.transaction():
            self._delivery.find_address(host, INTERNET)

    def _ingress(self, asked: _Asked) -> Ingress:
        """Tell where a VM's connection would come in. Raises: Unreachable; _Refused: there is no such VM."""
        world = self._delivery.world
        with world.transaction():
            vms = list(world.named(VM_TYPE, asked.vm))
            if len(vms) != 1:
                problem = "Several VMs are" if vms else "There is no VM"
                raise _Refused(f"407 {problem} called {asked.vm}")
            vantage = vantage_of(world, vms[0])
            address = self._delivery.find_address(asked.host, vantage)
            self._delivery.destination(asked.host, vantage, address, int(TLS_PORT))
            return Ingress(vantage.network, vantage.address, address)


def _user(lines: Sequence[str]) -> str:
    """The user name that a client gave the proxy; empty: none, or none that can be read."""
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "proxy-authorization":
            try:
                text = base64.b64decode(value.strip().partition(" ")[2], validate=True).decode()
            except ValueError:
                return ""
            return unquote(text.partition(":")[0])
    return ""


async def _tunnel(reader: StreamReader, writer: StreamWriter, there: StreamReader, back: StreamWriter) -> None:
    asking = asyncio.create_task(_pump(reader, back))
    try:
        await _pump(there, writer)
    finally:
        asking.cancel()
        back.close()


async def _pump(source: StreamReader, target: StreamWriter) -> None:
    """Carry bytes until one side ends or goes away."""
    try:
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            async with asyncio.timeout(TAKING_S):
                await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except (TimeoutError, OSError):
        target.transport.abort()

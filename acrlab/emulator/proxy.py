"""A CONNECT proxy on loopback: the way to the emulated names, on their own port, for every tool that knows HTTPS_PROXY.

It answers for the internet of the emulated Azure and opens connections to the lab's own listener only: whatever is not
served there has no such host. How long a tunnel may be idle is the listener's business; when its end is closed, so is
the other.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence

from acrlab.emulator.delivery import Delivery
from acrlab.emulator.public_names import is_named
from acrlab.emulator.wire import INTERNET, Unreachable

HEAD_S = 10
MOST_HEAD = 2**14
MOST_TUNNELS = 200
TAKING_S = 60  # for a client that does not read
CHUNK = 2**16
TLS_PORT = "443"


class Proxy:
    """Takes `CONNECT name:443` to the listener that has the name's certificate."""

    def __init__(self, delivery: Delivery, names: Sequence[str], listener: tuple[str, int]) -> None:
        """`names`: what the listener's certificate is valid for; `*` stands for one label."""
        self._delivery, self._names, self._listener = delivery, tuple(names), listener
        self._clients: set[StreamWriter] = set()

    async def handle(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection, from its first line to its end."""
        self._clients.add(writer)
        try:
            refusal = await self._refusal(reader)
            if refusal:
                writer.write(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
            else:
                await self._tunnel(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # the client went away, or never spoke HTTP
        finally:
            self._clients.discard(writer)
            writer.close()

    def close(self) -> None:
        """End every tunnel."""
        for writer in self._clients:
            writer.transport.abort()

    async def _refusal(self, reader: StreamReader) -> str:
        """Status and reason of a refusal; empty: the name is one of the lab's."""
        if len(self._clients) > MOST_TUNNELS:
            return "503 Too many connections"
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
        words = head.partition(b"\r\n")[0].decode("latin-1").split()
        if len(words) != 3 or words[0] != "CONNECT":
            return "405 Method Not Allowed"
        host, _, port = words[1].lower().rpartition(":")
        if port != TLS_PORT:
            return "403 Only port 443 is emulated"
        try:
            await asyncio.to_thread(self._resolve, host)
        except Unreachable as problem:
            return f"502 {problem.reason}"
        return ""

    def _resolve(self, host: str) -> None:
        """Raises: Unreachable: there is no such name in the emulated internet, or it is not served to the outside."""
        if not is_named(self._names, host):
            raise Unreachable(host, "no such host")
        with self._delivery.world.transaction():
            self._delivery.find_address(host, INTERNET)

    async def _tunnel(self, reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._listener)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
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
            await asyncio.wait_for(target.drain(), TAKING_S)
        if target.can_write_eof():
            target.write_eof()
    except (TimeoutError, OSError):
        target.transport.abort()


__all__ = ["MOST_HEAD", "Proxy"]

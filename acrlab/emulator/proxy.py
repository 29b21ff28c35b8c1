"""A CONNECT proxy on loopback: the way to the emulated names, on their own port, for every tool that knows HTTPS_PROXY.

It answers for the internet of the emulated Azure and opens connections to the lab's own listener only: whatever is not
emulated has no such host.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter

from acrlab.emulator.delivery import Delivery
from acrlab.emulator.wire import INTERNET, Unreachable

HEAD_S = 10
CHUNK = 2**16
TLS_PORT = "443"


class Proxy:
    """Takes `CONNECT name:443` to the listener that has the name's certificate."""

    def __init__(self, delivery: Delivery, listener: tuple[str, int]) -> None:
        self._delivery, self._listener = delivery, listener

    async def handle(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection, from its first line to its end."""
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
            writer.close()

    async def _refusal(self, reader: StreamReader) -> str:
        """Status and reason of a refusal; empty: the name is one of the lab's."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
        words = head.partition(b"\r\n")[0].decode("latin-1").split()
        if len(words) != 3 or words[0] != "CONNECT":
            return "405 Method Not Allowed"
        host, _, port = words[1].rpartition(":")
        if port != TLS_PORT:
            return "403 Only port 443 is emulated"
        try:
            await asyncio.to_thread(self._resolve, host.lower())
        except Unreachable as problem:
            return f"502 {problem.reason}"
        return ""

    def _resolve(self, host: str) -> None:
        with self._delivery.world.transaction():
            self._delivery.find_address(host, INTERNET)

    async def _tunnel(self, reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._listener)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            back.close()


async def _pump(source: StreamReader, target: StreamWriter) -> None:
    while chunk := await source.read(CHUNK):
        target.write(chunk)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


__all__ = ["Proxy"]

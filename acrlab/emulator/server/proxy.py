"""A CONNECT proxy on loopback: the way to the emulated names, on their own port, for every tool that knows HTTPS_PROXY.

Who gives no user name stands outside, on the internet of the emulated Azure; the name of a VM as user name makes
the proxy resolve and connect as that VM would. It opens no connection of its own: the client's is handed over to the
lab's server. A host that is not served there does not exist, and how long a client may be idle is up to that server.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from ssl import SSLContext
from urllib.parse import unquote

from acrlab.emulator.core.http import INTERNET, Unreachable
from acrlab.emulator.network.public_dns import is_named
from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.server.accept import Acceptor, Ingress
from acrlab.emulator.types.network.network_interface import VM_TYPE

HEAD_S = 10
MOST_HEAD = 2**14
MOST_TUNNELS = 200
END = b"\r\n\r\n"
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
    """Takes a connection that asks for `CONNECT name:443` to what answers at the address that the name has."""

    def __init__(
        self,
        delivery: Delivery,
        acceptor: Acceptor,
        names: Sequence[str],
        settings: SSLContext,
    ) -> None:
        """The connection itself is handed on: nothing stands between a client and the server that it asked for.

        Args:
            acceptor: takes connections on.
            names: what the certificate for clients outside is valid for; `*` stands for one label.
            settings: of TLS with those.
        """
        self._delivery, self._acceptor, self._settings = delivery, acceptor, settings
        self._names = tuple(names)
        self._clients: set[asyncio.Transport] = set()  # that ask, and those that were handed on
        self._tasks: set[asyncio.Task[None]] = set()

    def client(self) -> asyncio.Protocol:
        """Make what a listener starts with each connection."""
        return _Asking(self)

    def greet(self, transport: asyncio.Transport) -> None:
        """Count a client, and stop counting those that have gone."""
        self._clients = {client for client in self._clients if not client.is_closing()} | {transport}

    def answer(self, transport: asyncio.Transport, head: bytes) -> None:
        """Hand a client on to where it wants to go, or tell it why not; nothing is read from it meanwhile."""
        task = asyncio.get_running_loop().create_task(self._hand_on(transport, head))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_on(self, transport: asyncio.Transport, head: bytes) -> None:
        try:
            ingress = await self._led(head)
        except _Refused as refusal:
            transport.write(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            transport.close()
            return
        except BaseException:  # the world's file cannot be read, or the server ends
            transport.abort()
            raise
        transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if ingress is None:
            await self._acceptor.receive_outside(transport, self._settings)
        else:
            self._acceptor.receive(transport, ingress)

    def close(self) -> None:
        """End every connection."""
        for client in self._clients:
            client.abort()

    async def _led(self, head: bytes) -> Ingress | None:
        """Tell where a connection would come in; None: from outside. Raises: _Refused."""
        asked = self._asked(head)
        try:
            return await asyncio.to_thread(self._ingress, asked)
        except Unreachable as problem:
            status = 504 if problem.reason == "timeout" else 502
            raise _Refused(f"{status} {problem.reason}") from problem

    def _asked(self, head: bytes) -> _Asked:
        """Read what a client wants. Raises: _Refused."""
        if len(self._clients) > MOST_TUNNELS:
            raise _Refused("503 Too many connections")
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split()
        if len(words) != 3 or words[0] != "CONNECT":
            raise _Refused("405 Method Not Allowed")
        host, _, port = words[1].lower().rpartition(":")
        if port != TLS_PORT:
            raise _Refused("403 Only port 443 is emulated")
        return _Asked(host, _user(lines))

    def _ingress(self, asked: _Asked) -> Ingress | None:
        """Raises: Unreachable: the name does not resolve, or leads nowhere; _Refused: the VM does not exist."""
        if asked.vm:
            return self._of_vm(asked)
        self._resolve(asked.host)
        return None

    def _resolve(self, host: str) -> None:
        """Raises: Unreachable: there is no such name in the emulated internet, or it is not served to the outside."""
        if not is_named(self._names, host):
            raise Unreachable(host, "no such host")
        with self._delivery.world.transaction():
            self._delivery.find_address(host, INTERNET)

    def _of_vm(self, asked: _Asked) -> Ingress:
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


class _Asking(asyncio.Protocol):
    """A client that has yet to say where it wants to go."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy, self._head = proxy, b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._proxy.greet(transport)
        self._timer = asyncio.get_running_loop().call_later(HEAD_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._head += data
        head, end, early = self._head.partition(END)
        if not end and len(self._head) <= MOST_HEAD:
            return
        self._timer.cancel()
        self._transport.pause_reading()
        if not end or early:  # TLS begins behind the answer: what was said before it can't be handed on
            self._transport.abort()
            return
        self._proxy.answer(self._transport, head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()


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

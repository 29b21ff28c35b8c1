"""The emulated Azure over HTTPS: listeners, certificate, clock, and what a client has to know.

It listens on loopback unless it is told another address in so many words.

uvicorn runs the event loop and parses HTTP. Its own listeners do not suit: they take one protocol with one certificate,
give a handshake a minute, and wait for every client's farewell. So `startup`, `shutdown` and `capture_signals` of
`uvicorn.Server` are overridden, and `servers`, `server_state` and `should_exit` used; `http_connection` says what it
takes of `H11Protocol`. None of it is promised by uvicorn's documentation, so `pyproject.toml` caps the version at the
one that was read (0.54). Read both classes again before the cap is raised.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from acrlab.azure.cloud import LOGIN_HOST, MANAGEMENT_HOST, REGISTRY_SUFFIX
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import INTERNET
from acrlab.emulator.entra.credentials import client_id, client_secret
from acrlab.emulator.fabric.fabric import FabricError
from acrlab.emulator.network import public_dns
from acrlab.emulator.network.dns_server import Datagrams
from acrlab.emulator.network.package_archives import CLI_SITE
from acrlab.emulator.network.registry_hosts import STORAGE_SUFFIX
from acrlab.emulator.server.accept import Acceptor
from acrlab.emulator.server.asgi import LOCAL, AsgiApp
from acrlab.emulator.server.certificates import LOOPBACK, open_authority, server_context, write_private
from acrlab.emulator.server.clock import INSTANT, NOW, pace_of
from acrlab.emulator.server.http_connection import FAREWELL_S, HEAD_S, IDLE_S, ClientConnection
from acrlab.emulator.server.namespaces import RealNetwork
from acrlab.emulator.server.proxy import Proxy
from acrlab.emulator.server.sockets import bound, bound_datagrams, called

HUBS = ("docker.io", "mcr.microsoft.com")
DOMAINS = ("localhost", REGISTRY_SUFFIX, MANAGEMENT_HOST, LOGIN_HOST, STORAGE_SUFFIX, *HUBS)
STOP_S = 1  # for requests that are being answered when it is told to stop
MOST_CONNECTIONS, BACKLOG = 500, 1024


@dataclass(frozen=True)
class Connection:
    """What a client has to know to use a served Azure.

    Attributes:
        arm: address of Resource Manager, and of Entra ID beside it.
        ca: file of the authority to trust.
        proxy: address of the proxy that leads to the registries' own names.
        dns: address and port of a name server that answers as the internet's do, over UDP.
        client_secret: password of the lab's service principal.
        pid, begun: the process that serves it, and when it began, as the one that started it counts.
        world: file of the world; empty: in memory.
        vms: file that tells how to enter a VM's network namespace; empty: there are none.
        vms_problem: why there are none.
    """

    arm: str
    ca: str
    proxy: str
    dns: str
    tenant: str
    subscription: str
    client_id: str
    client_secret: str
    pid: int
    begun: float
    world: str
    vms: str
    vms_problem: str


class Server(uvicorn.Server):
    """Serves one emulated Azure until it is told to stop."""

    def __init__(
        self,
        azure: EmulatedAzure,
        *,
        folder: Path,
        listen: str = "127.0.0.1",
        port: int = 0,
        speed: str = INSTANT,
        clock: str = NOW,
        files: Sequence[Path] = (),
        namespaces: Path | None = None,
        begun: float = 0.0,
    ) -> None:
        """Take the port and make ready; nothing is answered yet.

        Args:
            folder: keeps the lab's authority.
            listen: address of this computer to listen on.
            port: 0: any that is free.
            speed, clock: how fast the world's time passes, and by which clock it goes: see `pace_of`.
            files: where to tell clients how to connect, for as long as it is served.
            namespaces: folder for what VMs see in network namespaces; None: no namespaces.
            begun: when this process began, for clients that tell it from a later one of the same number.

        Raises: ConfigurationError: the port is taken, or the speed or the clock is not valid.
        """
        self._name = called(listen)
        own, names = tuple(dict.fromkeys((*LOCAL, self._name))), _public_names()
        self._azure, self._files, self._begun = azure, files, begun
        self._authority = open_authority(folder, DOMAINS, (*LOOPBACK, *own[len(LOCAL) :]))
        self._tls = server_context(self._authority, folder, (*own, *names))
        alone = ipaddress.ip_address(listen).is_loopback
        self._pace = pace_of(azure.world, speed, clock)
        app = AsgiApp(azure, tick=self._pace.tick, rate=self._pace.rate, names=own, alone=alone)
        super().__init__(_configuration(app))
        # Ports are bound here and not in `startup`: one that is taken is refused before there is a thread or a loop,
        # and clients can be told the address before it is served.
        self._listener, self._proxy_listener = bound(listen, port), bound("127.0.0.1", 0)
        self._names = bound_datagrams()
        self._folder = folder
        self._acceptor = Acceptor(azure.delivery, certified=cache(self._certified), protocol=self._spoken)
        self._proxy = Proxy(azure.delivery, self._acceptor, names, self._tls)
        self._network = RealNetwork(azure, self._acceptor, namespaces, self._authority.file) if namespaces else None
        self._vms, self._vms_problem = "", "the server was not asked for them"
        self.ready = threading.Event()
        self._withdraw()  # what a killed server left

    @property
    def connection(self) -> Connection:
        """What to tell clients."""
        world = self._azure.world
        host = f"[{self._name}]" if ":" in self._name else self._name
        return Connection(
            arm=f"https://{host}:{self._port}",
            ca=str(self._authority.file.resolve()),
            proxy=f"http://127.0.0.1:{self._proxy_listener.getsockname()[1]}",
            dns=":".join(map(str, self._names.getsockname())),
            tenant=world.setting("tenant"),
            subscription=world.setting("subscription"),
            client_id=client_id(world),
            client_secret=client_secret(world),
            pid=os.getpid(),
            begun=self._begun,
            world=str(world.path.resolve()) if world.path else "",
            vms=self._vms,
            vms_problem=self._vms_problem,
        )

    @property
    def ahead_s(self) -> float:
        """By how many seconds the world's clock was ahead of the one that it should go by."""
        return self._pace.ahead_s

    @property
    def _port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # An empty list of sockets: uvicorn starts its lifespan and state, and makes no listener of its own.
        await super().startup([])
        accept = partial(ClientConnection, self.config, self.server_state, {})
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                accept,
                sock=self._listener,
                ssl=self._tls,
                backlog=BACKLOG,
                ssl_handshake_timeout=HEAD_S,
                ssl_shutdown_timeout=FAREWELL_S,
            ),
            await loop.create_server(self._proxy.client, sock=self._proxy_listener),
        ]
        if self._network:
            await self._lay_out(self._network)
        # Announced only now: a client that finds the file may connect at once.
        for file in self._files:
            _announce(self.connection, file)
        # Last, as nothing would close it if anything before failed; what was asked since waits in the socket.
        asked = partial(Datagrams, self._azure.world, lambda _: INTERNET)
        self._asked, _ = await loop.create_datagram_endpoint(asked, sock=self._names)
        self.ready.set()

    async def _lay_out(self, network: RealNetwork) -> None:
        """Make network namespaces where this computer allows it, and else keep its reason."""
        try:
            self._vms, self._vms_problem = str(await network.start()), ""
        except FabricError as problem:
            self._vms_problem = str(problem)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # In the order in which clients meet it: it is no longer announced, accepts nothing new, and ends what runs.
        self._withdraw()
        self._asked.abort()
        self._proxy.close()
        self._acceptor.close()
        if self._network:
            await self._network.close()
        await super().shutdown([])
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # TLS would wait for each client's farewell
        await asyncio.sleep(0)  # one turn of the loop, in which the aborted transports close their sockets

    def _certified(self, names: tuple[str, ...]) -> ssl.SSLContext:
        return server_context(self._authority, self._folder, names)

    def _spoken(self, state: dict[str, Any]) -> ClientConnection:
        return ClientConnection(self.config, self.server_state, state)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop when asked to, and then go on behind `run`; uvicorn's own way would kill the process there."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # uvicorn raises the signal again when it has stopped, which ends the process before the caller can clean up.
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.should_exit = True

    def run_until_stopped(self) -> None:
        """Serve, in this thread."""
        try:
            self.run()
        finally:
            self._withdraw()
            self.close()

    def close(self) -> None:
        """Let go of the ports; for a server that was never run."""
        for listener in (self._listener, self._proxy_listener, self._names):
            listener.close()

    def _withdraw(self) -> None:
        for file in self._files:
            file.unlink(missing_ok=True)


@contextmanager
def running(server: Server) -> Iterator[Connection]:
    """Serve in a thread of this process while something else is done here. Raises: whatever keeps it from serving."""
    with ThreadPoolExecutor(1, "acrlab server") as threads:
        serving = threads.submit(server.run_until_stopped)
        serving.add_done_callback(lambda _: server.ready.set())  # the caller must not wait for one that never began
        server.ready.wait()
        if serving.done():
            serving.result()
        try:
            yield server.connection
        finally:
            server.should_exit = True
            serving.result()


def _announce(connection: Connection, file: Path) -> None:
    """Write what clients have to know to a file that only its owner can read."""
    new = file.with_name(f".{file.name}.new")
    write_private(new, json.dumps(asdict(connection), indent=1).encode())
    new.replace(file)  # so that no one reads half of it


def _configuration(app: AsgiApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        access_log=False,
        loop="asyncio",
        ws="none",
        log_level="critical",  # the application logs its own faults
        server_header=False,
        date_header=False,  # the application writes the world's time
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_S,
        limit_concurrency=MOST_CONNECTIONS,
    )


def _public_names() -> list[str]:
    """Every name of the emulated Azure that is served."""
    planes = ("management", "login", "registry")
    public = [n for site in public_dns.sites().values() if site.plane in planes for n in site.certificate]
    return list(dict.fromkeys((*public, CLI_SITE)))

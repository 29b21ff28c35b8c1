"""The emulated Azure as an ASGI application: what comes in goes to the plane that it is for.

It answers under this computer's own name, where Resource Manager and Entra ID share a host as tools for other clouds
expect, and under every name that it emulates, such as `myregistry.azurecr.io`.

The emulator is synchronous, so each request runs in a thread. Layers have a pool of their own: they wait for their
clients, and other requests would queue behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import ceil
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from acrlab.emulator.arm import cloud_metadata
from acrlab.emulator.arm.authorization import handle_authorized
from acrlab.emulator.arm.response_headers import dated
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import ArmError, Dropped, FileRegion, Request, Response, Unreachable
from acrlab.emulator.entra import endpoints
from acrlab.emulator.server import metadata_tunnel, read_request
from acrlab.emulator.server.accept import Ingress
from acrlab.emulator.server.body_stream import BodyStream
from acrlab.emulator.server.fault_log import FaultLog

LOCAL = ("localhost", "127.0.0.1", "::1")
WITHOUT_BODY = (204, 304)
MOST_LAYERS = 500  # on their way in at a time, as many as connections: a slow client may hold its thread for hours
CHUNK = 2**18  # of an answer: who sends more at once can't tell how fast it is taken


class AsgiApp:
    """Answers HTTP for one emulated Azure."""

    def __init__(
        self,
        azure: EmulatedAzure,
        *,
        tick: Callable[[], None],
        rate: float = 1.0,
        names: tuple[str, ...] = LOCAL,
        alone: bool = True,
    ) -> None:
        """`tick` lets time pass in the world.

        Args:
            rate: virtual seconds a real one: clients wait by their own clocks.
            names: how clients call this computer.
            alone: no other computer can reach it, so a caller sits here.
        """
        self._azure, self._tick, self._rate, self._names, self._alone = azure, tick, rate, names, alone
        self._faults = FaultLog()
        self._layers = ThreadPoolExecutor(MOST_LAYERS, "acrlab layer")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpRequest(scope, receive)
        try:
            request, ingress = await read_request.read(http), scope["state"].get("ingress")
            if read_request.is_of_an_upload(request.path):
                answer = await self._answer_layer(request, ingress)
            else:
                answer = await asyncio.to_thread(self.answer, request, ingress)
        except ArmError as refusal:
            answer = await asyncio.to_thread(self._timed, refusal.response())
        except ClientDisconnect:
            return
        except Dropped:
            # uvicorn answers 500 for an application that returns without one; only the transport can break off.
            scope["state"]["break_off"]()
            while (await receive())["type"] != "http.disconnect":
                pass  # what is left of the request
            return
        except Exception as problem:
            told = self._faults.answer(problem, scope["method"], scope["path"])
            answer = await asyncio.to_thread(self._timed, told.response())
        await _send(http, answer, send)

    async def _answer_layer(self, request: Request, ingress: Ingress | None) -> Response:
        """Answer in a thread that may wait: for its body, or for the digest of an upload that has to be read again."""
        answering = asyncio.get_running_loop().run_in_executor(self._layers, self.answer, request, ingress)
        if not isinstance(request.rest, BodyStream):
            return await answering
        filling = asyncio.create_task(request.rest.fill())
        try:
            return await answering
        finally:
            filling.cancel()

    def answer(self, request: Request, ingress: Ingress | None = None) -> Response:
        """Answer a request.

        Args:
            ingress: how it came in, where it came in at an emulated address; None: on this computer's own listener.

        Raises: Dropped: there is no answer.
        """
        self._tick()
        return self._timed(self._answered(request, ingress))

    def _timed(self, answer: Response) -> Response:
        """Whichever part answers, it is the same time in this world, and its clients wait by their own clocks."""
        headers = dict(answer.headers)
        if "Date" not in headers:
            headers = dated(int(self._azure.world.now)) | headers
        if self._rate != 1 and "Retry-After" in headers:
            headers["Retry-After"] = str(max(1, ceil(int(headers["Retry-After"]) / self._rate)))
        return replace(answer, headers=headers)

    def _answered(self, request: Request, ingress: Ingress | None) -> Response:
        if ingress is not None:
            return self._inside(request, ingress)
        if not self._alone and (refusal := endpoints.without_codes(self._azure.world, request)):
            return refusal
        if request.host in self._names:
            return self._local(request)
        try:
            return self._azure.delivery.deliver(request)
        except Dropped:
            raise
        except Unreachable as problem:
            return ArmError(421, "MisdirectedRequest", f"Nothing answers here for {problem}.").response()

    def _inside(self, request: Request, ingress: Ingress) -> Response:
        """What its address answers now: the world may have changed since security groups let the connection pass."""
        placed = replace(request, vantage=ingress.vantage(self._azure.world))
        try:
            return self._azure.delivery.connected(placed, ingress.address)
        except Unreachable as problem:
            raise Dropped(request.host, done=False) from problem

    def _local(self, request: Request) -> Response:
        world = self._azure.world
        for open_to_all in (cloud_metadata.answer, metadata_tunnel.answer):
            found = open_to_all(world, request)
            if found is not None:
                return found
        if endpoints.is_for(request.path):
            return endpoints.answer(world, request)
        return handle_authorized(world, self._azure.manager, request)


async def _send(http: HttpRequest, answer: Response, send: Send) -> None:
    headers = [(name.lower().encode(), _printable(value)) for name, value in _headers(answer).items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    last = b""  # goes with the end: a small answer is one message
    if http.method != "HEAD" and answer.status not in WITHOUT_BODY:
        async for piece in _pieces(answer):
            if last:
                await send({"type": "http.response.body", "body": last, "more_body": True})
            last = piece
    await send({"type": "http.response.body", "body": last})


async def _pieces(answer: Response) -> AsyncIterator[bytes]:
    if isinstance(answer.body, FileRegion):
        pieces = answer.body.pieces(CHUNK)
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece
        return
    raw = answer.raw
    for at in range(0, len(raw), CHUNK):
        yield raw[at : at + CHUNK]


def _headers(answer: Response) -> dict[str, str]:
    about: dict[str, str] = {}
    if isinstance(answer.body, FileRegion):
        about = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(answer.body.stop - answer.body.start),
        }
    elif answer.status not in WITHOUT_BODY:
        kind = "application/octet-stream" if isinstance(answer.body, bytes) else "application/json; charset=utf-8"
        raw = answer.raw
        about = {**({"Content-Type": kind} if raw else {}), "Content-Length": str(len(raw))}
    return {**about, **answer.headers}


def _printable(value: str) -> bytes:
    """A header's value, with whatever a client wrote that no header may hold made harmless."""
    fits = value.isascii() and value.isprintable() and value == value.strip()
    return (value if fits else quote(value, safe="!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~")).encode()

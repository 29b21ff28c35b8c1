"""The emulated Azure as an ASGI application: HTTP comes in, is held to some bounds, and goes to the plane it is for.

It answers under this computer's own name, where Resource Manager and Entra ID share a host as tools for other clouds
expect, and under every name that it emulates, such as `myregistry.azurecr.io`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

from acrlab.emulator import authority, clouds
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.front_desk import front_desk
from acrlab.emulator.hosts import is_registry_host
from acrlab.emulator.wire import INTERNET, ArmError, Dropped, Request, Response, Unreachable

LOCAL = ("localhost", "127.0.0.1", "::1")
BODY_S = 30  # without a single byte of a body
MOST_BODY = 4 * 2**20  # Source: request limits of Azure Resource Manager
MOST_BLOB = 512 * 2**20  # one layer in one request
MOST_FIELDS = 100  # of a query
_LOG = logging.getLogger("acrlab.emulator")


class Front:
    """Answers HTTP for one emulated Azure."""

    def __init__(self, azure: EmulatedAzure, *, tick: Callable[[], None], names: tuple[str, ...] = LOCAL) -> None:
        """`tick` lets time pass in the world; `names`: how clients call this computer."""
        self._azure, self._tick, self._names = azure, tick, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        http = HttpRequest(scope, receive)
        try:
            request = _wire_request(http, await _body(http))
            answer = await asyncio.to_thread(self.answer, request)
        except ArmError as refusal:
            answer = refusal.response()
        except ClientDisconnect:
            return
        except Dropped:
            await _hang_up(receive, send)
            return
        except Exception:
            _LOG.exception("%s %s", scope["method"], scope["path"])
            text = "The server encountered an internal error. This is a fault of acrlab: please report it."
            answer = ArmError(500, "InternalServerError", text).response()
        await _http_response(http, answer)(scope, receive, send)

    def answer(self, request: Request) -> Response:
        """Answer a request that arrived on the listener."""
        self._tick()
        if request.host in self._names:
            return self._local(request)
        try:
            return self._azure.delivery.deliver(request)
        except Dropped:
            raise
        except Unreachable as problem:
            return ArmError(421, "MisdirectedRequest", f"Nothing answers here for {problem}.").response()

    def _local(self, request: Request) -> Response:
        world = self._azure.world
        about = clouds.answer(world, request)
        if about is not None:
            return about
        if authority.is_for(request.path):
            return authority.answer(world, request)
        return front_desk(world, self._azure.manager, request)


async def _body(http: HttpRequest) -> bytes:
    """Read a body. Raises: ArmError: it is too large, or comes too slowly."""
    most = MOST_BLOB if is_registry_host(_host(http)) else MOST_BODY
    chunks: list[bytes] = []
    size = 0
    stream = aiter(http.stream())
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream, None), BODY_S)
        except TimeoutError as problem:
            raise ArmError(408, "RequestTimeout", f"No byte of the body came in {BODY_S} seconds.") from problem
        if chunk is None:
            return b"".join(chunks)
        size += len(chunk)
        if size > most:
            message = f"The request content size exceeds the maximum size of {most // 2**20} MB."
            raise ArmError(413, "RequestContentTooLarge", message, gateway=True, headers={"Connection": "close"})
        chunks.append(chunk)


def _host(http: HttpRequest) -> str:
    """The host that a client asks for, without port."""
    name, _, port = http.headers.get("host", "").rpartition(":")
    whole = name if name and port.isdigit() else http.headers.get("host", "")
    return whole.strip("[]").lower()


def _wire_request(http: HttpRequest, body: bytes) -> Request:
    try:
        fields = parse_qsl(http.url.query, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as problem:
        raise ArmError(400, "InvalidRequestUri", f"The query cannot be read: {problem}.", gateway=True) from problem
    query: dict[str, str] = {}
    for name, value in fields:
        # `scope` may be there several times, and means all of them; of everything else the first counts.
        key = name.lower()
        query[key] = f"{query[key]} {value}" if key == "scope" and key in query else query.get(key, value)
    return Request(
        method=http.method.upper(),
        host=_host(http),
        path=http.scope["path"],
        query=query,
        headers=dict(http.headers.items()),
        body=body,
        origin=f"https://{http.headers.get('host', '')}",
        vantage=INTERNET,
    )


async def _hang_up(receive: Receive, send: Send) -> None:
    """Break the connection without a word. ASGI knows no message for that; `send` belongs to who holds it."""
    getattr(send, "__self__").transport.abort()  # noqa: B009
    while (await receive())["type"] != "http.disconnect":
        pass


def _http_response(http: HttpRequest, answer: Response) -> HttpResponse:
    raw = b"" if http.method == "HEAD" else answer.raw
    kind = "application/octet-stream" if isinstance(answer.body, bytes) else "application/json; charset=utf-8"
    headers = {"Date": formatdate(usegmt=True), **({"Content-Type": kind} if answer.raw else {}), **answer.headers}
    return HttpResponse(raw, answer.status, headers)


__all__ = ["LOCAL", "Front"]

"""An HTTP request off the wire: held to bounds of size, time and form, and read into the emulator's own vocabulary."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.requests import Request as HttpRequest

from acrlab.emulator.hosts import is_registry_host
from acrlab.emulator.wire import INTERNET, ArmError, Request

SILENCE_S = 30  # without a single byte of a body
BODY_S = 600  # for all of it
MOST_BODY = 4 * 2**20  # Source: request limits of Azure Resource Manager
MOST_BLOB = 512 * 2**20  # one layer in one request
MOST_FIELDS = 100  # of a query
HANG_UP = {"Connection": "close"}


async def read(http: HttpRequest) -> Request:
    """Read a request. Raises: ArmError: it is malformed, too large, or comes too slowly."""
    if "transfer-encoding" in http.headers and "content-length" in http.headers:  # RFC 9112, section 6.1
        raise ArmError(400, "BadRequest", "A body has one length.", gateway=True, headers=HANG_UP)
    authority, path = _target(http)
    query = _query(http)
    host = _host(authority)
    return Request(
        method=http.method.upper(),
        host=host,
        path=path,
        query=query,
        headers=dict(http.headers.items()),
        body=await _body(http, MOST_BLOB if is_registry_host(host) else MOST_BODY),
        origin=f"https://{authority}",
        vantage=INTERNET,
    )


def _target(http: HttpRequest) -> tuple[str, str]:
    """The authority that is asked, and the path. Source: RFC 9112, section 3.2.2: a target may be a whole address."""
    raw = http.scope["raw_path"].decode("ascii")
    authority = http.headers.get("host", "")
    if not raw.startswith("/") and raw != "*":
        try:
            address = urlsplit(raw)
        except ValueError as problem:
            raise _malformed(f"{raw} is no address") from problem
        authority, raw = address.netloc, address.path or "/"
    try:
        path = unquote(raw, errors="strict")
    except UnicodeDecodeError as problem:
        raise _malformed("The path is not UTF-8") from problem
    if not path.isprintable():
        raise _malformed("The path has characters that cannot be printed")
    return authority.lower(), path


def _query(http: HttpRequest) -> dict[str, str]:
    text = http.scope["query_string"].decode("ascii")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as problem:
        raise _malformed(f"The query cannot be read: {problem}") from problem
    query: dict[str, str] = {}
    for name, value in fields:
        # `scope` may be there several times, and means all of them; of everything else the first counts.
        key = name.lower()
        query[key] = f"{query[key]} {value}" if key == "scope" and key in query else query.get(key, value)
    return query


def _malformed(problem: str) -> ArmError:
    return ArmError(400, "InvalidRequestUri", f"{problem}.", gateway=True)


def _host(authority: str) -> str:
    """The host of an authority, without its port."""
    name, _, port = authority.rpartition(":")
    return (name if name and port.isdigit() else authority).strip("[]")


async def _body(http: HttpRequest, most: int) -> bytes:
    announced = http.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    chunks: list[bytes] = []
    size = 0
    stream = aiter(http.stream())
    try:
        async with asyncio.timeout(BODY_S):
            while chunk := await asyncio.wait_for(anext(stream, None), SILENCE_S):
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
                chunks.append(chunk)
    except TimeoutError as problem:
        raise ArmError(408, "RequestTimeout", "The body came too slowly.", headers=HANG_UP) from problem
    return b"".join(chunks)


def _too_large(most: int) -> ArmError:
    message = f"The request content size exceeds the maximum size of {most // 2**20} MB."
    return ArmError(413, "RequestContentTooLarge", message, gateway=True, headers=HANG_UP)


__all__ = ["read"]

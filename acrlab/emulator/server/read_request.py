"""An HTTP request off the wire: held to bounds of size, time and form, and read into the emulator's own vocabulary.

Everything behind this module may take a path for text, a query for a mapping and a body for bytes. What is refused here
closes the connection (`HANG_UP`) where the rest of the request could not be told from the next one.
"""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.requests import Request as HttpRequest

from acrlab.emulator.core.http import INTERNET, OUTSIDE, ArmError, Request, whole_number
from acrlab.emulator.network.registry_hosts import is_registry_host
from acrlab.emulator.server.body_stream import BodyStream

SILENCE_S = 30  # without a single byte of a body
BODY_S = 600  # for all of it
MOST_HEAD = 2**16
MOST_BODY = 4 * 2**20  # Source: request limits of Azure Resource Manager
SMALL = 2**18  # a piece of a layer that is not worth a thread
MOST_FIELDS = 100  # of a query
HANG_UP = {"Connection": "close"}


async def read(http: HttpRequest) -> Request:
    """Read a request, but for the bytes of a layer, which the registry takes as they come.

    Raises: ArmError: it is malformed, too large, or comes too slowly.
    """
    if sum(len(name) + len(value) for name, value in http.headers.raw) + len(http.scope["raw_path"]) > MOST_HEAD:
        raise ArmError(431, "RequestHeaderFieldsTooLarge", "The headers are too long.", gateway=True, headers=HANG_UP)
    # RFC 9112, section 6.1: two lengths are how requests are smuggled past a proxy, so neither is believed.
    if "transfer-encoding" in http.headers and "content-length" in http.headers:
        raise ArmError(400, "BadRequest", "A body has one length.", gateway=True, headers=HANG_UP)
    authority, path = _target(http)
    query = _query(http)
    host = _host(authority)
    streams = _is_layer(http, host, path)
    return Request(
        method=http.method.upper(),
        host=host,
        path=path,
        query=query,
        headers=_headers(http),
        body=b"" if streams else await _body(http),
        rest=BodyStream(aiter(http.stream())) if streams else (),
        origin=f"{http.scope['scheme']}://{authority}",
        vantage=INTERNET,
        clock=OUTSIDE,
    )


def _headers(http: HttpRequest) -> dict[str, str]:
    """Read the headers; lines of one name are one list, as of media types. Source: RFC 9110, section 5.3."""
    found: dict[str, str] = {}
    for name, value in http.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _target(http: HttpRequest) -> tuple[str, str]:
    """The authority that is asked, and the path. Source: RFC 9112, section 3.2.2: a target may be a whole address."""
    raw = http.scope["raw_path"].decode("ascii")
    authority = http.headers.get("host", "")
    if not raw.startswith("/") and raw != "*":
        try:
            address = urlsplit(raw)
        except ValueError as problem:
            raise _malformed(f"{raw} is not an address") from problem
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


def is_of_an_upload(path: str) -> bool:
    """Tell whether a path is a registry's, of a blob on its way in."""
    return "/blobs/uploads/" in path


def _is_layer(http: HttpRequest, host: str, path: str) -> bool:
    """Tell whether a body may be too large to hold: it goes to an upload, and its length is unknown or great."""
    if http.method not in ("POST", "PUT", "PATCH") or not is_of_an_upload(path) or not is_registry_host(host):
        return False
    length = whole_number(http.headers.get("content-length", ""))
    return "transfer-encoding" in http.headers if length is None else length > SMALL


async def _body(http: HttpRequest) -> bytes:
    announced = whole_number(http.headers.get("content-length", "0"))
    if announced is not None and announced > MOST_BODY:
        raise _too_large(MOST_BODY)
    if http.method in ("GET", "HEAD") and not {"content-length", "transfer-encoding"} & set(http.headers):
        return b""  # most requests: nothing has to be waited for
    body, stream = bytearray(), aiter(http.stream())
    try:
        async with asyncio.timeout(BODY_S):
            while len(body) <= MOST_BODY and (chunk := await asyncio.wait_for(anext(stream, b""), SILENCE_S)):
                body += chunk
    except TimeoutError as problem:
        raise ArmError(408, "RequestTimeout", "The body came too slowly.", headers=HANG_UP) from problem
    if len(body) > MOST_BODY:
        raise _too_large(MOST_BODY)
    return bytes(body)


def _too_large(most: int) -> ArmError:
    message = f"The request content size exceeds the maximum size of {most // 2**20} MB."
    return ArmError(413, "RequestContentTooLarge", message, gateway=True, headers=HANG_UP)

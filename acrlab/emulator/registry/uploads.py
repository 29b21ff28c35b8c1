"""`/v2/{name}/blobs/uploads/…`: blobs on their way in, whole, in chunks, or mounted from another repository.

Bytes are stored as they arrive, before the world hears of them, and no blob is there before all of it is. An upload
in which a request breaks off is over: Azure's documentation says to begin again. A client that only missed an answer
asks at the address that it has, which the specification's conformance tests do, and goes on from there.
Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push, and BLOB_UPLOAD_INVALID in
https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/containerregistry/Azure.Containers.ContainerRegistry/TROUBLESHOOTING.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from urllib.parse import quote, urlencode

from acrlab.emulator.core.http import JSON, Request, Response
from acrlab.emulator.registry import sign_in, upload_state
from acrlab.emulator.registry.abandoned import is_over
from acrlab.emulator.registry.blob_files import DIGEST, SHA256
from acrlab.emulator.registry.calls import Call, Later, require
from acrlab.emulator.registry.content import UPLOAD, Entry
from acrlab.emulator.registry.growing_files import Busy, GrowingFiles, Growth
from acrlab.emulator.registry.refusals import (
    Refusal,
    digest_invalid,
    no_space,
    range_invalid,
    size_invalid,
    upload_invalid,
    upload_unknown,
)
from acrlab.emulator.registry.tokens import Scope

COUNTER = "uploads"
BROKEN = "broken"  # in an upload's entry: a request broke off in it
LARGEST = 200 * 2**30  # Source: service limits of Azure Container Registry, size of a layer
GONE = Response(499)  # no one is there to read it


def begin(call: Call) -> Response | Later:
    """Open an upload; or have the blob at once, from another repository (`mount`) or in this request (`digest`)."""
    content, query = call.content, call.request.query
    require("writeEnabled", content.repository(call.name))
    digest = query.get("mount")
    if digest and _is_mountable(call, digest):
        content.allow_blob(call.name, digest)
        return _made(call, digest)
    upload = Entry(UPLOAD, call.name, _next_upload(call), {"size": 0})
    if "digest" in query:
        return _completed(call, upload)
    return _progress(call, content.put(upload), 202)


def _of_an_upload(perform: Callable[[Call, Entry], Response | Later]) -> Callable[[Call], Response | Later]:
    """Make an operation of what is done to an upload: it has to come to an address that the upload was given."""

    @wraps(perform)
    def performed(call: Call) -> Response | Later:
        _state(call)
        upload = _upload(call)
        return _broken_off(call, upload) if upload.value.get(BROKEN) else perform(call, upload)

    return performed


@_of_an_upload
def status(call: Call, upload: Entry) -> Response:
    """Say how much of an upload is there, and where it goes on: at any of its addresses."""
    return _progress(call, upload, 204)


@_of_an_upload
def append(call: Call, upload: Entry) -> Later:
    """Add a chunk, which has to begin where the last one ended."""
    _hold_against_range(call, upload)
    _hold_against_address(call, upload)
    return Later(lambda: _grown(call, upload, SHA256), lambda growth: _extended(call, upload, growth))


@_of_an_upload
def complete(call: Call, upload: Entry) -> Later:
    """End an upload: with the last bytes, if any, and the digest that all of them have."""
    _hold_against_range(call, upload)
    _hold_against_address(call, upload)
    return _completed(call, upload)


@_of_an_upload
def cancel(call: Call, upload: Entry) -> Response:
    """Give an upload up."""
    _hold_against_address(call, upload)
    with _claimed(call, upload):
        _forget(call, upload)
    return Response(204)


# -- bytes -------------------------------------------------------------------------------------------------------------


@contextmanager
def _claimed(call: Call, upload: Entry) -> Iterator[None]:
    """Keep other requests from an upload. Raises: Refusal: one of them is writing to it."""
    try:
        with GrowingFiles(call.world).claimed(upload.reference):
            yield
    except Busy as problem:
        raise range_invalid() from problem


@contextmanager
def _grown(call: Call, upload: Entry, algorithm: str) -> Iterator[Growth]:
    """Store what the request brings; the upload is this request's until the world knows of it."""
    files, size = GrowingFiles(call.world), _size(upload)
    with _claimed(call, upload):
        if not _is_new(upload):
            with call.world.transaction():
                _hold_against_others(call, upload)
        if not files.holds(upload.reference, size):
            raise upload_unknown(call.reference)  # it was ended, and the world was not told
        try:
            yield files.grow(upload.reference, size, _bounded(call.request.pieces()), algorithm)
        except OSError as problem:
            raise no_space() from problem


def _bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise Refusal(413, "SIZE_INVALID", "layer too large")
        yield piece


def _extended(call: Call, upload: Entry, growth: Growth) -> Response:
    """Keep what came; or that it broke off, unless nothing had come by then."""
    _hold_against_others(call, upload)
    if not growth.whole and growth.size > _size(upload):
        upload.value[BROKEN] = True
    upload.value["size"] = growth.size
    answer = _progress(call, call.content.put(upload), 202)
    return answer if growth.whole else GONE


def _completed(call: Call, upload: Entry) -> Later:
    """Make a blob of an upload and what this request brings."""
    digest, growing, name = call.request.query.get("digest", ""), GrowingFiles(call.world), upload.reference
    if not DIGEST.fullmatch(digest):  # the upload stays, and can be ended with another
        raise digest_invalid("digest parsing failed" if digest else "digest missing")
    algorithm, came = digest.partition(":")[0], ""

    @contextmanager
    def store() -> Iterator[Growth]:
        nonlocal came
        with _grown(call, upload, algorithm) as growth:
            if growth.whole:
                came = growing.digest(name, growth.size, algorithm)
            elif _is_new(upload):
                growing.discard(name)  # its client was never told its name
            yield growth

    def conclude(growth: Growth) -> Response:
        if not growth.whole:
            return GONE if _is_new(upload) else _extended(call, upload, growth)
        if not _is_new(upload):
            _hold_against_others(call, upload)
        if came != digest:
            _forget(call, upload)  # for good: so the refusal is returned and not raised
            return digest_invalid({"Digest": digest, "Reason": {}}).response()
        call.content.files.adopt(growing.path(name), digest)
        call.content.remove(upload)
        call.content.allow_blob(call.name, digest)
        return _made(call, digest)

    return Later(store, conclude)


# -- what an upload is and how far -------------------------------------------------------------------------------------


def _state(call: Call) -> JSON:
    """Read how far the upload was at its address. Raises: Refusal: the address is of another upload, or of none."""
    state = upload_state.read(call.world, call.request.query.get("_state", ""))
    if state is None or (state["Name"], state["UUID"]) != (call.name, call.reference):
        raise upload_invalid()
    return state


def _broken_off(call: Call, upload: Entry) -> Response:
    """End an upload in which a request broke off. The refusal is returned and not raised: what it ended stays so."""
    with suppress(Busy), GrowingFiles(call.world).claimed(upload.reference):  # else another request is at it
        _forget(call, upload)
    return upload_invalid().response()


def _forget(call: Call, upload: Entry) -> None:
    GrowingFiles(call.world).discard(upload.reference)
    call.content.remove(upload)


def _upload(call: Call) -> Entry:
    found = call.content.find(UPLOAD, call.name, call.reference)
    if found is None or is_over(call.world, found) or "size" not in found.value:  # of before uploads grew in one file
        raise upload_unknown(call.reference)
    return found


def _size(upload: Entry) -> int:
    return int(upload.value["size"])


def _is_new(upload: Entry) -> bool:
    """Tell whether an upload began with this request, so that the world does not know it."""
    return "created" not in upload.value


def _hold_against_range(call: Call, upload: Entry) -> None:
    """Raises: Refusal: the request says that it brings other bytes than the next, or not as many as it says."""
    headers = call.request.headers
    if (given := headers.get("content-range")) is None:
        return
    match = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", given)  # no `bytes` before it, as elsewhere in HTTP
    if match is None:
        raise range_invalid(given, "the Content-Range header format is invalid")
    if int(match[1]) != _size(upload):
        raise range_invalid(given, f"out of order chunk: content range should start at {_size(upload)}")
    if headers.get("content-length", "") not in ("", str(int(match[2]) - int(match[1]) + 1)):
        raise size_invalid()


def _hold_against_address(call: Call, upload: Entry) -> None:
    """Raises: Refusal: the upload came further since it was given this address. Source: acr#866."""
    if _state(call)["Offset"] != _size(upload):
        raise range_invalid()


def _hold_against_others(call: Call, upload: Entry) -> None:
    """Raises: Refusal: another request changed the upload meanwhile; what this one brings belongs nowhere."""
    now = call.content.find(UPLOAD, call.name, call.reference)
    if now is None or now.value != upload.value:
        raise range_invalid() if now else upload_unknown(call.reference)


def source_of(request: Request) -> tuple[Scope, ...]:
    """Return what a mount needs besides, so that the first challenge names it and one token is good for both."""
    source = request.query.get("from")
    return (Scope("repository", source, ("pull",)),) if source and "mount" in request.query else ()


def _is_mountable(call: Call, digest: str) -> bool:
    """Only from a repository that has it and that the caller may pull from: a digest alone proves no right to bytes.

    Where it can't be mounted, the blob may still be uploaded. Source: distribution-spec, "Mounting a blob".
    """
    source = source_of(call.request)
    if not source or not sign_in.is_allowed(call.world, call.registry, call.request, source[0]):
        return False
    return call.content.blob(source[0].name, digest) is not None


def _next_upload(call: Call) -> str:
    """Uploads are counted, so that a world that is repeated repeats their ids."""
    content = call.content
    counter = content.find(COUNTER, "", "") or Entry(COUNTER, "", "", {"count": 0})
    counter.value["count"] += 1
    content.put(counter)
    return call.world.derive("upload", call.registry.id.key, str(counter.value["count"]))


def _progress(call: Call, upload: Entry, status: int) -> Response:
    """Say where an upload goes on, and how much of it is there."""
    state = {"Name": call.name, "UUID": upload.reference, "Offset": _size(upload)}
    query = {
        "_nouploadcache": "false",
        "_state": upload_state.written(call.world, {**state, "StartedAt": upload.value["created"]}),
    }
    headers = {
        "Location": f"/v2/{quote(call.name)}/blobs/uploads/{upload.reference}?{urlencode(query)}",
        "Range": f"0-{max(_size(upload) - 1, 0)}",
        "Docker-Upload-UUID": upload.reference,
    }
    return Response(status, None, headers)


def _made(call: Call, digest: str) -> Response:
    headers = {"Location": f"/v2/{quote(call.name)}/blobs/{digest}", "Docker-Content-Digest": digest}
    return Response(201, None, headers)

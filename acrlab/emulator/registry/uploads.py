"""`/v2/{name}/blobs/uploads/…`: blobs on their way in, whole, in chunks, or mounted from another repository.

Bytes are stored as they arrive, before the world hears of them: what breaks off can be continued where it broke, and no
blob is there before all of it is.
Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from urllib.parse import quote

from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.registry import sign_in
from acrlab.emulator.registry.abandoned import is_over
from acrlab.emulator.registry.blob_files import DIGEST, SHA256, BlobFile, Part
from acrlab.emulator.registry.calls import Call, Later, require
from acrlab.emulator.registry.content import UPLOAD, Entry
from acrlab.emulator.registry.refusals import (
    Refusal,
    digest_invalid,
    no_space,
    range_invalid,
    size_invalid,
    upload_unknown,
)
from acrlab.emulator.registry.tokens import Scope

COUNTER = "uploads"
LARGEST = 200 * 2**30  # Source: service limits of Azure Container Registry, size of a layer
GONE = Response(499)  # no one is there to read it


def begin(call: Call) -> Response | Later:
    """Open an upload; or have the blob at once, from another repository (`mount`) or in this request (`digest`)."""
    content, query = call.content, call.request.query
    require("writeEnabled", content.repository(call.name))
    digest = query.get("mount", "")
    if digest and _is_mountable(call, digest):
        content.allow_blob(call.name, digest)
        return _made(call, digest)
    upload = Entry(UPLOAD, call.name, _next_upload(call), {"parts": []})
    if "digest" in query:
        return _completed(call, upload)
    return _progress(call, content.put(upload), 202)


def status(call: Call) -> Response:
    """Say how much of an upload is there."""
    return _progress(call, _upload(call), 204)


def append(call: Call) -> Later:
    """Add a chunk, which has to begin where the last one ended."""
    upload = _upload(call)
    _hold_against_range(call, upload)

    def conclude(part: Part | None) -> Response:
        _hold_against_others(call, upload, part)
        return _extended(call, upload, part)

    return Later(lambda: _take(call, SHA256), conclude)


def complete(call: Call) -> Later:
    """End an upload: with the last bytes, if any, and the digest that all of them have."""
    upload = _upload(call)
    _hold_against_range(call, upload)
    later = _completed(call, upload)

    def conclude(stored: tuple[Part | None, BlobFile | None]) -> Response:
        part, _ = stored
        _hold_against_others(call, upload, part)
        return _extended(call, upload, part) if part and not part.whole else later.conclude(stored)

    return Later(later.store, conclude)


def cancel(call: Call) -> Response:
    """Give an upload up."""
    upload = _upload(call)
    call.content.files.discard(*_parts(upload))
    call.content.remove(upload)
    return Response(204)


# -- bytes -------------------------------------------------------------------------------------------------------------


def _take(call: Call, algorithm: str) -> Part | None:
    """Store what the request brings; None: it has no body."""
    if not call.request.body and not call.request.rest:
        return None
    try:
        return call.content.files.take(_bounded(call.request.pieces()), algorithm)
    except OSError as problem:
        raise no_space() from problem


def _bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise Refusal(413, "SIZE_INVALID", "layer too large")
        yield piece


def _extended(call: Call, upload: Entry, part: Part | None) -> Response:
    """Keep a part, as far as it came."""
    if part is not None:
        upload.value["parts"] = [asdict(p) for p in (*_parts(upload), part)]
    answer = _progress(call, call.content.put(upload), 202)
    return answer if part is None or part.whole else GONE


def _completed(call: Call, upload: Entry) -> Later:
    """Make a blob of an upload and what this request brings."""
    digest, files, before = call.request.query.get("digest", ""), call.content.files, _parts(upload)
    if not DIGEST.fullmatch(digest):
        raise digest_invalid(digest)

    def store() -> tuple[Part | None, BlobFile | None]:
        part = _take(call, SHA256 if before else digest.partition(":")[0])
        parts = [*before, part] if part else before
        try:
            return part, files.complete(parts, digest) if part is None or part.whole else None
        except OSError as problem:
            files.discard(*parts[len(before) :])
            raise no_space() from problem

    def conclude(stored: tuple[Part | None, BlobFile | None]) -> Response:
        part, blob = stored
        files.discard(*([part] if part else []))
        if blob is None:
            raise digest_invalid(digest)
        files.discard(*before)
        call.content.remove(upload)
        call.content.allow_blob(call.name, digest)
        return _made(call, digest)

    return Later(store, conclude)


# -- what an upload is and how far -------------------------------------------------------------------------------------


def _upload(call: Call) -> Entry:
    found = call.content.find(UPLOAD, call.name, call.reference)
    if found is None or is_over(call.world, found):
        raise upload_unknown(call.reference)
    return found


def _parts(upload: Entry) -> list[Part]:
    return [Part(**value) for value in upload.value.get("parts", [])]


def _size(upload: Entry) -> int:
    return sum(part.size for part in _parts(upload))


def _hold_against_range(call: Call, upload: Entry) -> None:
    """Raises: Refusal: the request says that it brings other bytes than the next, or not as many as it says."""
    headers = call.request.headers
    if "content-range" not in headers:
        return
    match = re.fullmatch(r"(?:bytes )?([0-9]{1,18})-([0-9]{1,18})(?:/.*)?", headers["content-range"])
    if match is None or int(match[1]) != _size(upload):
        raise range_invalid(_progress(call, upload, 416).headers)
    if headers.get("content-length", "") not in ("", str(int(match[2]) - int(match[1]) + 1)):
        raise size_invalid()


def _hold_against_others(call: Call, upload: Entry, part: Part | None) -> None:
    """Raises: Refusal: while these bytes arrived, another request changed the upload; they belong nowhere."""
    now = call.content.find(UPLOAD, call.name, call.reference)
    if now is None or now.value != upload.value:
        call.content.files.discard(*([part] if part else []))
        raise range_invalid(_progress(call, now, 416).headers) if now else upload_unknown(call.reference)


def source_of(request: Request) -> tuple[Scope, ...]:
    """Return what a mount needs besides, so that the first challenge names it and one token is good for both."""
    source = request.query.get("from", "")
    return (Scope("repository", source, ("pull",)),) if source and "mount" in request.query else ()


def _is_mountable(call: Call, digest: str) -> bool:
    """Only from a repository that has it and that the caller may pull from: a digest alone proves no right to bytes.

    Where it can't be mounted, the blob may still be uploaded. Source: distribution-spec, "Mounting a blob".
    """
    source = source_of(call.request)
    if not source or not sign_in.is_allowed(call.world, call.registry, call.request, source):
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
    headers = {
        "Location": f"/v2/{quote(call.name)}/blobs/uploads/{upload.reference}",
        "Range": f"0-{max(_size(upload) - 1, 0)}",
        "Docker-Upload-UUID": upload.reference,
    }
    return Response(status, None, headers)


def _made(call: Call, digest: str) -> Response:
    headers = {"Location": f"/v2/{quote(call.name)}/blobs/{digest}", "Docker-Content-Digest": digest}
    return Response(201, None, headers)

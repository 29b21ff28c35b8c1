"""`/v2/{name}/blobs/uploads/…`: blobs on their way in, whole, in chunks, or mounted from another repository.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
"""

from __future__ import annotations

import re
from urllib.parse import quote

from acrlab.emulator.registry.blob_files import DIGEST
from acrlab.emulator.registry.calls import Call, require
from acrlab.emulator.registry.content import UPLOAD, Entry
from acrlab.emulator.registry.refusals import Refusal, digest_invalid, upload_unknown
from acrlab.emulator.wire import Response

COUNTER = "uploads"


def begin(call: Call) -> Response:
    """Open an upload; or have the blob at once, from another repository (`mount`) or in this request (`digest`)."""
    content, query = call.content, call.request.query
    require("writeEnabled", content.repository(call.name))
    if (digest := query.get("mount", "")) and _is_mountable(call, digest):
        content.allow_blob(call.name, digest)
        return _made(call, digest)
    upload = Entry(UPLOAD, call.name, _next_upload(call), {"size": 0})
    if "digest" in query:
        return _completed(call, upload)
    return _progress(call, content.put(upload), 202)


def status(call: Call) -> Response:
    """Say how much of an upload is there."""
    return _progress(call, _upload(call), 204)


def append(call: Call) -> Response:
    """Add a chunk, which has to begin where the last one ended."""
    upload = _upload(call)
    _add(call, upload)
    return _progress(call, call.content.put(upload), 202)


def complete(call: Call) -> Response:
    """End an upload: with the last bytes, if any, and the digest that all of them have."""
    return _completed(call, _upload(call))


def cancel(call: Call) -> Response:
    """Give an upload up."""
    upload = _upload(call)
    call.content.files.discard(upload.reference)
    call.content.remove(upload)
    return Response(204)


def _upload(call: Call) -> Entry:
    found = call.content.find(UPLOAD, call.name, call.reference)
    if found is None:
        raise upload_unknown(call.reference)
    return found


def _add(call: Call, upload: Entry) -> None:
    size = upload.value["size"]
    given = call.request.headers.get("content-range", "")
    match = re.fullmatch(r"(?:bytes )?(\d+)-(\d+)(?:/.*)?", given)
    if given and (match is None or int(match[1]) != size):
        headers = _progress(call, upload, 416).headers
        raise Refusal(416, "BLOB_UPLOAD_INVALID", "blob upload invalid", detail={}, headers=headers)
    call.content.files.append(upload.reference, size, call.request.body)
    upload.value["size"] = size + len(call.request.body)


def _completed(call: Call, upload: Entry) -> Response:
    digest = call.request.query.get("digest", "")
    _add(call, upload)
    if not DIGEST.fullmatch(digest) or call.content.files.complete(upload.reference, digest) is None:
        raise digest_invalid(digest)
    call.content.remove(upload)
    call.content.allow_blob(call.name, digest)
    return _made(call, digest)


def _is_mountable(call: Call, digest: str) -> bool:
    """Only from a repository that is named and has it: a digest alone proves no right to the bytes."""
    return call.content.blob(call.request.query.get("from", ""), digest) is not None


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
        "Range": f"0-{max(upload.value['size'] - 1, 0)}",
        "Docker-Upload-UUID": upload.reference,
    }
    return Response(status, None, headers)


def _made(call: Call, digest: str) -> Response:
    headers = {"Location": f"/v2/{quote(call.name)}/blobs/{digest}", "Docker-Content-Digest": digest}
    return Response(201, None, headers)

"""`/v2/{name}/blobs/{digest}`: layers and configs of a repository. How they get there is `uploads`' business."""

from __future__ import annotations

from acrlab.emulator.core.http import Response
from acrlab.emulator.registry import layers
from acrlab.emulator.registry.blob_files import DIGEST, BlobFile
from acrlab.emulator.registry.calls import Call, require
from acrlab.emulator.registry.content import BLOB, Entry
from acrlab.emulator.registry.refusals import blob_unknown, digest_invalid, nothing_to_delete


def get(call: Call) -> Response:
    """Send the client on to the data endpoint, or to storage."""
    file = _blob(call)
    return layers.redirect(call.world, call.registry, call.name, file.digest, call.request)


def head(call: Call) -> Response:
    """Say how large a blob is, without a redirect."""
    file = _blob(call)
    headers = {"Content-Length": str(file.size), "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
    return Response(200, None, {**headers, "Docker-Content-Digest": file.digest, "ETag": f'"{file.digest}"'})


def delete(call: Call) -> Response:
    """Forbid a repository to use a blob; others keep it."""
    file = _find(call)
    if file is None:
        raise nothing_to_delete(blob_unknown(call.reference))
    require("deleteEnabled", call.content.repository(call.name))
    call.content.remove(Entry(BLOB, call.name, file.digest))
    return Response(202, None, {"Docker-Content-Digest": file.digest})


def _blob(call: Call) -> BlobFile:
    found = _find(call)
    if found is None:
        raise blob_unknown(call.reference)
    return found


def _find(call: Call) -> BlobFile | None:
    if not DIGEST.fullmatch(call.reference):
        raise digest_invalid({"digest": call.reference})
    return call.content.blob(call.name, call.reference)

"""The storage that runs read their source from and write their logs to, behind addresses that are signed.

It is Azure's own, as that of layers is: a registry's rules have no say there.
Source: https://learn.microsoft.com/rest/api/storageservices/put-blob and .../get-blob
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import quote, urlencode

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import ArmError, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra.credentials import signing_key
from acrlab.emulator.network import registry_hosts
from acrlab.emulator.registry.blob_files import BlobFiles
from acrlab.emulator.registry.content import BLOB, Content, Entry
from acrlab.emulator.registry.refusals import Refusal
from acrlab.emulator.tasks.source import Source, unpack
from acrlab.emulator.types.container_registry.acr_run import FINAL, log_of, status_of

SOURCES = "~sources"  # where a registry's content keeps them: no repository can be called so
LIFETIME_S = 3600
_PATH = re.compile(r"/acr-tasks-[0-9a-f]{8}/(?P<what>source|logs)/(?P<rest>[\w./-]+)")
WORDS = {
    "Succeeded": "successful",
    "Failed": "failed",
    "Canceled": "canceled",
    "Timeout": "timedout",
    "Error": "internalerror",
}


def is_ours(path: str) -> bool:
    """Tell whether a path of a registry's storage account is one of runs, and not of layers."""
    return _PATH.fullmatch(path) is not None


def source_address(world: World, registry: Resource) -> tuple[str, str]:
    """Return where to bring a source, and what a run calls it."""
    number = int(registry.state.get("uploads", 0)) + 1
    registry.state["uploads"] = number
    world.put(registry)
    month = (BEGINNING + timedelta(seconds=world.now)).strftime("%Y%m%d0000")
    path = f"source/{month}/{world.derive('source', registry.id.key, str(number)).replace('-', '')}.tar.gz"
    return _signed(world, registry, path, "cw"), path


def log_address(world: World, registry: Resource, run: Resource) -> str:
    """Return where a run's log is."""
    return _signed(world, registry, f"logs/{run.id.name}/rawtext.log", "r")


def source_of(world: World, registry: Resource, path: str) -> Source:
    """Read a source that was brought. Raises: ArmError: there is none of this name."""
    digest = registry.state.get("sources", {}).get(path, "")
    file = BlobFiles(world.blobs).find(digest) if digest else None
    if file is None:
        raise ArmError(400, "InvalidRunRequest", f"The source location '{path}' of the run was not found.")
    return unpack(file.read())


def forget(world: World, registry: Resource, path: str) -> None:
    """Drop a source that has been used."""
    digest = registry.state.get("sources", {}).pop(path, "")
    if digest and digest not in registry.state["sources"].values():
        Content(world, registry).remove(Entry(BLOB, SOURCES, digest))
    world.put(registry)


def serve(world: World, registry: Resource, request: Request) -> Response:
    """Answer about a source or a log as storage does. Raises: Refusal: it was not signed, or is too old."""
    match = _PATH.fullmatch(request.path)
    assert match is not None
    _require_signature(world, registry, request)
    if match["what"] == "source":
        return _take(world, registry, request, f"source/{match['rest']}")
    run = world.find(registry.id.child("runs", match["rest"].partition("/")[0]))
    if run is None or status_of(world, run) == "Queued":
        return Response(404, None, {"x-ms-error-code": "BlobNotFound"})
    return _tell(world, run, request)


def _take(world: World, registry: Resource, request: Request, path: str) -> Response:
    if request.method != "PUT" or request.query.get("comp"):
        raise Refusal(405, "UnsupportedHttpVerb", "The resource doesn't support the specified HTTP verb.")
    content = Content(world, registry)
    file = content.files.write(b"".join(request.pieces()))
    content.allow_blob(SOURCES, file.digest)
    registry.state.setdefault("sources", {})[path] = file.digest
    world.put(registry)
    return Response(201, None, {"ETag": f'"{file.digest[7:23]}"', "Last-Modified": _date(world)})


def _tell(world: World, run: Resource, request: Request) -> Response:
    text, status = log_of(world, run).encode(), status_of(world, run)
    headers = {
        "x-ms-blob-type": "AppendBlob",
        "Content-Type": "text/plain; charset=utf-8",
        "Last-Modified": _date(world),
        "ETag": f'"{len(text)}"',
        "Accept-Ranges": "bytes",
        **({"x-ms-meta-Complete": WORDS[status]} if status in FINAL else {}),
    }
    if request.method == "HEAD":
        return Response(200, None, {**headers, "Content-Length": str(len(text))})
    wanted = re.fullmatch(
        r"bytes=(\d{1,18})-(\d{0,18})", request.headers.get("x-ms-range", request.headers.get("range", ""))
    )
    if wanted is None:
        return Response(200, text, headers)
    start = int(wanted[1])
    stop = min(int(wanted[2] or len(text)) + 1, len(text))
    if start >= len(text):
        return Response(416, None, {"x-ms-error-code": "InvalidRange", "Content-Range": f"bytes */{len(text)}"})
    return Response(206, text[start:stop], {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{len(text)}"})


def _date(world: World) -> str:
    return format_datetime(BEGINNING + timedelta(seconds=world.now), usegmt=True)


def _signed(world: World, registry: Resource, path: str, permission: str) -> str:
    whole = f"/acr-tasks-{world.guid(registry, 'tasks')[:8]}/{path}"
    expiry = (BEGINNING + timedelta(seconds=world.now + LIFETIME_S)).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {
        "sv": "2018-03-28",
        "sr": "b",
        "sp": permission,
        "se": expiry,
        "sig": _signature(world, registry, whole, permission, expiry),
    }
    return f"https://{registry_hosts.storage_host(world, registry)}{quote(whole)}?{urlencode(query)}"


def _require_signature(world: World, registry: Resource, request: Request) -> None:
    permission, expiry = request.query.get("sp", ""), request.query.get("se", "")
    expected = _signature(world, registry, request.path, permission, expiry)
    now = (BEGINNING + timedelta(seconds=world.now)).strftime("%Y-%m-%dT%H:%M:%SZ")
    writes = request.method not in ("GET", "HEAD")
    good = hmac.compare_digest(expected.encode(), request.query.get("sig", "").encode())
    if not good or now >= expiry or writes != ("w" in permission):
        text = "Server failed to authenticate the request. Make sure the value of Authorization header is formed "
        raise Refusal(403, "AuthenticationFailed", f"{text}correctly including the signature.")


def _signature(world: World, registry: Resource, path: str, permission: str, expiry: str) -> str:
    key = f"{signing_key(world)} {world.guid(registry, 'tasks')}".encode()
    return base64.b64encode(hmac.new(key, f"{path}\n{permission}\n{expiry}".encode(), "sha256").digest()).decode()

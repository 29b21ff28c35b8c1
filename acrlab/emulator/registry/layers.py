"""Where bytes leave the registry: the redirect to a signed address, that address itself, and parts of a blob.

The login server never sends a layer. It names another host, good for some minutes and for one blob, and asks no token
there: so the way to that host has to be open too, and its name has to resolve.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from urllib.parse import quote, urlencode

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing
from acrlab.emulator.entra.credentials import signing_key
from acrlab.emulator.network import registry_hosts
from acrlab.emulator.registry.blob_files import BlobFile, BlobFiles
from acrlab.emulator.registry.refusals import Refusal, blob_unknown
from acrlab.emulator.types.container_registry.registry_rules import server_of

LIFETIME_S = 20 * 60
ISSUER = "Azure Container Registry data endpoint"
STORED = re.compile(r"/[0-9a-f-]+//docker/registry/v2/blobs/(?P<algorithm>\w+)/[0-9a-f]{2}/(?P<name>[0-9a-f]+)/data")


def redirect(world: World, registry: Resource, repository: str, digest: str, request: Request) -> Response:
    """Send a client on to where the layer is, the nearest place first."""
    host = registry_hosts.layer_host(world, registry, request.vantage, asked=request.host)
    signed = _storage_address if registry_hosts.is_storage_host(host) else _data_address
    headers = {"Location": f"https://{host}{request.port}{signed(world, registry, repository, digest)}"}
    return Response(307, None, {**headers, "Docker-Content-Digest": digest})


def serve(world: World, registry: Resource, request: Request) -> Response:
    """Answer on a data endpoint or storage account: the blob that the address was signed for.

    Raises: Refusal: it was not signed here, is for something else, or is too old.
    """
    if request.method not in ("GET", "HEAD"):
        raise Refusal(405, "UNSUPPORTED", "The operation is unsupported.")
    read = _stored_digest if registry_hosts.is_storage_host(request.host) else _data_digest
    digest = read(world, registry, request)
    file = BlobFiles(world.blobs).find(digest)
    if file is None:
        raise blob_unknown(digest)
    return send(file, request)


def send(file: BlobFile, request: Request) -> Response:
    """Answer with a blob, or with the part of it that `Range` asks for. Source: RFC 9110, sections 13.1.5 and 14."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Docker-Content-Digest": file.digest,
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.digest}"',
    }
    size = file.size
    # A client that has a part of something else wants the whole of this. No date is given here that could match.
    same = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    wanted = _range(request.headers.get("range", ""), size) if same else None
    if wanted is None:
        start, stop, status = 0, size, 200
    elif not 0 <= wanted[0] < wanted[1]:
        return Response(416, None, {"Content-Range": f"bytes */{size}"})
    else:
        (start, stop), status = wanted, 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    headers["Content-Length"] = str(stop - start)
    return Response(status, None if request.method == "HEAD" else file.region(start, stop), headers)


def _range(header: str, size: int) -> tuple[int, int] | None:
    """The first of the wanted bytes and the one behind the last, in this order where there are any.

    None: all of them, as for several ranges at a time, which a server need not know.
    """
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header)
    if not match or match[1] == match[2] == "":
        return None
    if not match[1]:
        return max(size - int(match[2]), 0), size
    return int(match[1]), min(int(match[2]) + 1, size) if match[2] else size


# -- data endpoint ---------------------------------------------------------------------------------------------------


def _data_address(world: World, registry: Resource, repository: str, digest: str) -> str:
    """Source: addresses quoted in issues; what `t` and `p` hold is not known outside, here `p` is a token."""
    claims = {"d": digest, "rid": world.guid(registry, "registry")}
    query = {
        "t": hashlib.sha256(repr(world.now).encode()).hexdigest()[:16],
        "h": server_of(registry),
        "c": world.derive("layer", registry.id.key, repository, digest, repr(world.now)),
        "r": repository,
        "d": digest,
        "p": signing.sign(world, ISSUER, claims, lifetime_s=LIFETIME_S),
    }
    return f"/?{urlencode(query, safe=':/')}"


def _data_digest(world: World, registry: Resource, request: Request) -> str:
    claims = signing.verify(world, ISSUER, request.query.get("p", ""))
    if not claims or claims["rid"] != world.guid(registry, "registry") or claims["d"] != request.query.get("d"):
        raise Refusal(403, "DENIED", "the signature of this address is not valid, or has expired")
    return str(claims["d"])


# -- storage account -------------------------------------------------------------------------------------------------


def _storage_address(world: World, registry: Resource, repository: str, digest: str) -> str:
    algorithm, _, name = digest.partition(":")
    container = world.guid(registry, "storage container").replace("-", "")
    folder = f"/{container[:16]}-{container}-{container[:10]}//docker/registry/v2/blobs"
    path = f"{folder}/{algorithm}/{name[:2]}/{name}/data"
    expiry = (BEGINNING + timedelta(seconds=world.now + LIFETIME_S)).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {
        "se": expiry,
        "sig": _signature(world, registry, path, expiry),
        "sp": "r",
        "spr": "https",
        "sr": "b",
        "sv": "2018-03-28",
        "regid": world.guid(registry, "registry").replace("-", ""),
    }
    return f"{quote(path)}?{urlencode(query)}"


def _stored_digest(world: World, registry: Resource, request: Request) -> str:
    """Storage has its own words for a bad signature. Source: shared access signatures, Azure Storage documentation"""
    expiry, given = request.query.get("se", ""), request.query.get("sig", "")
    match = STORED.fullmatch(request.path)
    now = (BEGINNING + timedelta(seconds=world.now)).strftime("%Y-%m-%dT%H:%M:%SZ")
    expected = _signature(world, registry, request.path, expiry)
    if match is None or now >= expiry or not hmac.compare_digest(expected.encode(), given.encode()):
        text = "Server failed to authenticate the request. Make sure the value of Authorization header is formed "
        raise Refusal(403, "AuthenticationFailed", f"{text}correctly including the signature.")
    return f"{match['algorithm']}:{match['name']}"


def _signature(world: World, registry: Resource, path: str, expiry: str) -> str:
    key = f"{signing_key(world)} {world.guid(registry, 'storage account')}".encode()
    return base64.b64encode(hmac.new(key, f"{path}\n{expiry}".encode(), "sha256").digest()).decode()


DEVIATIONS = (
    Deviation(
        of="Registry",
        what="The token in a layer's address is the emulator's own.",
        impact="Only the emulator can read it.",
        reason="What Azure's holds is not known.",
        workaround="Follow the redirect as it is.",
    ),
)

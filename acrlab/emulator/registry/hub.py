"""The public registries that images come from: Docker Hub and Microsoft's. They serve what the kit ships, no more.

Both are read-only and open to everyone. Docker Hub still wants a token, which everyone gets; Microsoft's wants none.
Layers are answered directly, where the real ones send a client on to a content network.
"""

from __future__ import annotations

import re
from datetime import timedelta

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import NotEmulated, Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing
from acrlab.emulator.registry import layers
from acrlab.emulator.registry.layout import Layout, shipped
from acrlab.emulator.registry.refusals import Refusal, blob_unknown, manifest_unknown, name_unknown

DOCKER_HUB, DOCKER_TOKENS, MICROSOFT = "registry-1.docker.io", "auth.docker.io", "mcr.microsoft.com"
HOSTS = (DOCKER_HUB, DOCKER_TOKENS, MICROSOFT)
SERVICE = "registry.docker.io"
TOKEN_S = 300
# What people call Docker Hub -> the host that answers.
ALIASES = dict.fromkeys(("docker.io", "index.docker.io", "registry.hub.docker.com", "hub.docker.com"), DOCKER_HUB)
# Host -> repository -> the shipped image.
REPOSITORIES = {
    DOCKER_HUB: {"library/hello-world": "hello-world"},
    MICROSOFT: {"hello-world": "hello-world", "mcr/hello-world": "hello-world", "oss/kubernetes/pause": "pause"},
}
_PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>manifests|blobs|tags)/(?P<reference>[^/]+)")


def repository(host: str, name: str) -> Layout | None:
    """Find what a public registry has under a name; Docker Hub's official images go by their short name, too."""
    host = ALIASES.get(host, host)
    full = f"library/{name}" if host == DOCKER_HUB and "/" not in name else name
    found = REPOSITORIES.get(host, {}).get(full)
    return shipped(found) if found else None


def answer(world: World, request: Request) -> Response:
    """Answer a request to one of HOSTS."""
    try:
        if request.host == DOCKER_TOKENS:
            return _give_token(world, request)
        found = _serve(world, request)
    except Refusal as refusal:
        found = refusal.response()
    return Response(found.status, found.body, {"Docker-Distribution-Api-Version": "registry/2.0", **found.headers})


def _serve(world: World, request: Request) -> Response:
    match = _PATH.fullmatch(request.path)
    if request.host == DOCKER_HUB:
        _want_token(world, request, match["name"] if match else "")
    if request.path.rstrip("/") == "/v2":
        return Response(200, {})
    if match is None or request.method not in ("GET", "HEAD"):
        raise NotEmulated(f"{request.method} {request.path} of {request.host}", supported="pulls of what the kit ships")
    layout = repository(request.host, match["name"])
    if layout is None:
        raise name_unknown(match["name"])
    reference = match["reference"]
    if match["kind"] == "manifests":
        return _manifest(layout, match["name"], reference, request)
    if match["kind"] == "tags":
        return Response(200, {"name": match["name"], "tags": layout.tags})
    file = layout.blob(reference)
    if file is None:
        raise blob_unknown(reference)
    return layers.send(file, request)


def _manifest(layout: Layout, name: str, reference: str, request: Request) -> Response:
    image = layout.find(reference)
    if image is None:
        raise manifest_unknown(name, reference)
    headers = {
        "Content-Type": image.media_type,
        "Content-Length": str(len(image.raw)),
        "Docker-Content-Digest": image.digest,
    }
    return Response(200, None if request.method == "HEAD" else image.raw, headers)


# -- Docker Hub's tokens ---------------------------------------------------------------------------------------------


def _want_token(world: World, request: Request, name: str) -> None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and signing.verify(world, DOCKER_TOKENS, token, audience=SERVICE):
        return
    scope = f',scope="repository:{name}:pull"' if name else ""
    challenge = f'Bearer realm="https://{DOCKER_TOKENS}/token",service="{SERVICE}"{scope}'
    raise Refusal(401, "UNAUTHORIZED", "authentication required", detail=None, headers={"Www-Authenticate": challenge})


def _give_token(world: World, request: Request) -> Response:
    if (request.method, request.path) != ("GET", "/token"):
        raise NotEmulated(f"{request.method} {request.path} of {request.host}", supported="GET /token")
    claims = {"aud": SERVICE, "scope": request.query.get("scope", "")}
    token = signing.sign(world, DOCKER_TOKENS, claims, lifetime_s=TOKEN_S)
    issued = (BEGINNING + timedelta(seconds=world.now)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Response(200, {"token": token, "access_token": token, "expires_in": TOKEN_S, "issued_at": issued})

"""Which manifest a client gets by what it accepts: the one that it names, or what a list of docker's stands for.

Manifests of OCI go to clients that name their media type, and to no others: `*/*`, which curl sends, does not name it.
Manifests of docker are older than such clients. A tag of theirs is converted for a client that does not know its kind;
by its digest a manifest is sent as it is, since nothing else has that digest.
Source: acr#764, azure-cli#24976 and azure-cli#25280; recordings of azure-sdk-for-java of 2023
(`downloadManifestDifferentType`, `downloadManifestIncompatibleType`).
"""

from __future__ import annotations

from acrlab.emulator.core import json_depth
from acrlab.emulator.core.http import NotEmulated, Request
from acrlab.emulator.registry.calls import Call
from acrlab.emulator.registry.content import MANIFEST, Entry
from acrlab.emulator.registry.refusals import manifest_unknown, not_accepted

DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
# Media type -> what the refusal calls one of it, and many.
OCI = {
    "application/vnd.oci.image.manifest.v1+json": ("OCI manifest", "OCI manifests"),
    "application/vnd.oci.image.index.v1+json": ("OCI index", "OCI indexes"),
    "application/vnd.oci.artifact.manifest.v1+json": ("OCI artifact", "OCI artifacts"),
}
DEFAULT_PLATFORM = {"architecture": "amd64", "os": "linux"}


def taken(call: Call, found: Entry) -> Entry:
    """Return the manifest that the client takes for the one that it asked for.

    Raises: Refusal: it does not accept what is there. NotEmulated: it would be converted to schema 1.
    """
    accepted, kind = _accepted(call.request), found.value["mediaType"]
    if kind in accepted:
        return found
    if kind in OCI:
        raise not_accepted(*OCI[kind])
    if ":" in call.reference or kind not in (DOCKER_IMAGE, DOCKER_LIST):
        return found
    if DOCKER_IMAGE not in accepted:
        raise NotEmulated("a manifest of docker's schema 1", supported=f"Accept: {DOCKER_IMAGE}, {DOCKER_LIST}")
    return _of_the_default_platform(call, found)


def _accepted(request: Request) -> set[str]:
    return {one.partition(";")[0].strip() for one in request.headers.get("accept", "").split(",")}


def _of_the_default_platform(call: Call, listed: Entry) -> Entry:
    """Return the image of a list that clients get who know no lists."""
    file = call.content.files.find(listed.reference)
    for image in json_depth.loads(file.read())["manifests"] if file else ():
        found = call.content.find(MANIFEST, call.name, image["digest"])
        if found and DEFAULT_PLATFORM.items() <= image.get("platform", {}).items():
            return found
    raise manifest_unknown(call.name, call.reference)

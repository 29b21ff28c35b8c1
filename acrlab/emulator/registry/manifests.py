"""`/v2/{name}/manifests/{reference}` and `/v2/{name}/tags/list`: images by tag and by digest.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from acrlab.emulator.core import json_depth
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, Response
from acrlab.emulator.registry import referrers
from acrlab.emulator.registry.blob_files import DIGEST, SHA256, digest_of
from acrlab.emulator.registry.calls import Call, page, require, require_deletable
from acrlab.emulator.registry.content import BLOB, MANIFEST, TAG, Entry
from acrlab.emulator.registry.negotiation import taken
from acrlab.emulator.registry.refusals import (
    Refusal,
    digest_invalid,
    manifest_blob_unknown,
    manifest_invalid,
    manifest_unknown,
    nothing_to_delete,
    tag_invalid,
)

TAG_FORM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
LARGEST = 4 << 20  # bytes; Azure and its clients take no larger manifest
ELSEWHERE = ("nondistributable", "foreign")  # layers of these media types are fetched from where they came


def get(call: Call) -> Response:
    """Answer with a manifest as it was pushed, byte for byte; which one, the client has a say in."""
    entry = taken(call, _visible(call))
    file = call.content.files.find(entry.reference)
    if file is None:
        raise manifest_unknown(call.name, call.reference)
    headers = {
        "Content-Type": entry.value["mediaType"],
        "Content-Length": str(file.size),
        "Docker-Content-Digest": file.digest,
        "ETag": f'"{file.digest}"',
    }
    return Response(200, None if call.request.method == "HEAD" else file.read(), headers)


def put(call: Call) -> Response:
    """Keep a manifest under its digest and, if the path names one, a tag. What it is made of has to be there."""
    raw, content = call.request.body, call.content
    tag = "" if ":" in call.reference else call.reference
    if tag and not TAG_FORM.fullmatch(tag):
        raise tag_invalid(tag)
    algorithm = call.reference.partition(":")[0] if DIGEST.fullmatch(call.reference) else SHA256
    if not tag and call.reference != digest_of(raw, algorithm):
        raise digest_invalid({"digest": call.reference})
    document = _document(raw)
    old = content.manifest(call.name, call.reference)
    require("writeEnabled", content.repository(call.name), old, content.find(TAG, call.name, tag))
    _parts_are_there(call, document)
    value = {"mediaType": _media_type(call, document), **referrers.of(document)}
    kept = content.keep_manifest(call.name, raw, value, tag=tag, algorithm=algorithm)
    location = f"/v2/{quote(call.name)}/manifests/{kept.reference}"
    subject = {"OCI-Subject": value["subject"]} if "subject" in value else {}
    return Response(201, None, {"Location": location, "Docker-Content-Digest": kept.reference, **subject})


def delete(call: Call) -> Response:
    """Remove a manifest with all its tags."""
    if not DIGEST.fullmatch(call.reference):
        # A tag alone goes by /acr/v1. Source: a recording of azure-sdk-for-go (`TestClient_DeleteManifest_wrongDigest`)
        raise Refusal(405, "UNSUPPORTED", "A manifest can only be deleted by digest.")
    content = call.content
    repository = call.repository()
    entry = content.manifest(call.name, call.reference)
    if entry is None:
        raise nothing_to_delete(manifest_unknown(call.name, call.reference))
    tags = [t for t in content.every(TAG, call.name) if t.value["digest"] == entry.reference]
    require_deletable(repository, entry, *tags)
    content.remove_manifest(entry)
    return Response(202)


def tags(call: Call) -> Response:
    """List a repository's tags, in order."""
    call.repository()
    shown = [t.reference for t in call.content.every(TAG, call.name) if t.is_listed]
    answer = page(call.request, "tags", shown, least=0)
    return Response(200, {"name": call.name, **answer.body}, answer.headers)


def _visible(call: Call) -> Entry:
    repository = call.repository()
    entry = call.content.manifest(call.name, call.reference)
    if entry is None:
        raise manifest_unknown(call.name, call.reference)
    tag = None if ":" in call.reference else call.content.find(TAG, call.name, call.reference)
    require("readEnabled", repository, entry, tag)
    return entry


def _document(raw: bytes) -> JSON:
    if len(raw) > LARGEST:
        raise Refusal(413, "SIZE_INVALID", "manifest too large")
    try:
        document = json_depth.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise manifest_invalid(str(problem)) from problem
    if not isinstance(document, dict) or document.get("schemaVersion") != 2:
        raise manifest_invalid("schemaVersion must be 2")
    if not all(map(_is_descriptor, _descriptors(document))):
        raise manifest_invalid("a descriptor has no valid mediaType, digest or size")
    return document


def _descriptors(document: JSON) -> Iterator[Any]:
    """Everything that a manifest names. Raises: Refusal: a list of them is not a list, or its config is null."""
    for name in ("layers", "manifests"):
        # `null`, which Go writes for a list that was never set, is not a list: readers would fail at it ever after.
        listed = document.get(name, [])
        if not isinstance(listed, list):
            raise manifest_invalid(f"{name} must be a list")
        yield from listed
    if "config" in document and document["config"] is None:
        raise manifest_invalid("config must be a descriptor")
    yield from (document[name] for name in ("config", "subject") if document.get(name))


def _is_descriptor(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    kind, digest, size = (part.get(name) for name in ("mediaType", "digest", "size"))
    named = isinstance(digest, str) and DIGEST.fullmatch(digest) is not None
    sized = isinstance(size, int) and not isinstance(size, bool) and size >= 0
    return named and isinstance(kind, str) and sized and isinstance(part.get("platform", {}), dict)


def _media_type(call: Call, document: JSON) -> str:
    """What a manifest is served as. Raises: Refusal: its sender and itself do not agree what it is."""
    sent, own = call.request.headers.get("content-type", "").partition(";")[0].strip(), document.get("mediaType", "")
    if sent and own and sent != own:
        # Source: a recording of azure-sdk-for-js (`recording_must_specify_media_type_when_uploading_docker_manifest`)
        raise manifest_invalid({"Reason": {}})
    return sent or str(own)


def _parts_are_there(call: Call, document: JSON) -> None:
    """Raises: Refusal: something that a manifest is made of is not in its repository.

    An index may list blobs, too: BuildKit's cache is an index of layers, and Azure takes it. Source: buildkit#2251
    """
    for part in (document.get("config"), *(document.get("layers") or [])):
        if part and not _is_elsewhere(part) and call.content.find(BLOB, call.name, part["digest"]) is None:
            raise manifest_blob_unknown(part["digest"])
    for image in document.get("manifests") or []:
        if not any(call.content.find(kind, call.name, image["digest"]) for kind in (MANIFEST, BLOB)):
            raise manifest_blob_unknown(image["digest"])


def _is_elsewhere(part: dict[str, Any]) -> bool:
    return any(word in part.get("mediaType", "") for word in ELSEWHERE)


DEVIATIONS = (
    Deviation(
        of="Microsoft.ContainerRegistry/registries",
        what=f"A manifest that is nested deeper than {json_depth.DEEPEST} is refused as invalid.",
        impact="A registry of Azure's may take it; no known client writes one.",
        reason="Resource Manager's reader has that bound; what a registry's reader has is not documented.",
        workaround="Write it flatter.",
    ),
)

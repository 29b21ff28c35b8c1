"""`/v2/{name}/manifests/{reference}` and `/v2/{name}/tags/list`: images by tag and by digest.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from acrlab.emulator.registry.blob_files import DIGEST, digest_of
from acrlab.emulator.registry.calls import Call, page, require, require_deletable
from acrlab.emulator.registry.content import BLOB, MANIFEST, TAG, Entry
from acrlab.emulator.registry.refusals import (
    Refusal,
    digest_invalid,
    manifest_blob_unknown,
    manifest_invalid,
    manifest_unknown,
    tag_invalid,
)
from acrlab.emulator.wire import JSON, Response

TAG_FORM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
LARGEST = 4 << 20  # bytes; Azure and its clients take no larger manifest
ELSEWHERE = ("nondistributable", "foreign")  # layers of these media types are fetched from where they came


def get(call: Call) -> Response:
    """Answer with a manifest as it was pushed, byte for byte."""
    entry = _visible(call)
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
    if not tag and call.reference != digest_of(raw):
        raise digest_invalid(call.reference)
    document = _document(raw)
    old = content.manifest(call.name, call.reference)
    require("writeEnabled", content.repository(call.name), old, content.find(TAG, call.name, tag))
    _parts_are_there(call, document)
    media_type = call.request.headers.get("content-type") or document.get("mediaType", "")
    kept = content.keep_manifest(call.name, raw, media_type, tag)
    location = f"/v2/{quote(call.name)}/manifests/{kept.reference}"
    return Response(201, None, {"Location": location, "Docker-Content-Digest": kept.reference})


def delete(call: Call) -> Response:
    """Remove a manifest with all its tags."""
    if not DIGEST.fullmatch(call.reference):
        raise Refusal(405, "UNSUPPORTED", "The operation is unsupported.")  # a tag alone goes by /acr/v1
    content = call.content
    repository = call.repository()
    entry = content.manifest(call.name, call.reference)
    if entry is None:
        raise manifest_unknown(call.name, call.reference)
    tags = [t for t in content.every(TAG, call.name) if t.value["digest"] == entry.reference]
    require_deletable(repository, entry, *tags)
    content.remove_manifest(entry)
    return Response(202)


def tags(call: Call) -> Response:
    """List a repository's tags, in order."""
    call.repository()
    answer = page(call.request, "tags", [t.reference for t in call.content.every(TAG, call.name)])
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
        document = json.loads(raw)
    except ValueError as problem:
        raise manifest_invalid(str(problem)) from problem
    if not isinstance(document, dict) or document.get("schemaVersion") != 2:
        raise manifest_invalid("schemaVersion must be 2")
    return document


def _parts_are_there(call: Call, document: JSON) -> None:
    for part in (document.get("config"), *document.get("layers", [])):
        if part and not _is_elsewhere(part) and call.content.find(BLOB, call.name, part["digest"]) is None:
            raise manifest_blob_unknown(part["digest"])
    for image in document.get("manifests", []):
        if call.content.find(MANIFEST, call.name, image["digest"]) is None:
            raise manifest_blob_unknown(image["digest"])


def _is_elsewhere(part: dict[str, Any]) -> bool:
    return any(word in part.get("mediaType", "") for word in ELSEWHERE)

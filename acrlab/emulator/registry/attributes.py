"""`/acr/v1/…`: the registry's own view of repositories, tags and manifests, and what may be done to each.

Source: https://learn.microsoft.com/rest/api/containerregistry/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from acrlab.emulator.core import json_depth
from acrlab.emulator.core.http import JSON, Response
from acrlab.emulator.registry.calls import Call, page, require_deletable
from acrlab.emulator.registry.content import IMPORTED, MANIFEST, TAG, UNLOCKED, Entry
from acrlab.emulator.registry.refusals import Refusal, manifest_unknown, tag_unknown

LATEST = 2**63 - 1  # ticks; times before it count down
IMAGE_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")


def catalog(call: Call) -> Response:
    """List the names of all repositories; `/v2/_catalog` answers the same."""
    return page(call.request, "repositories", call.content.repositories())


# -- a repository ----------------------------------------------------------------------------------------------------


def repository(call: Call) -> Response:
    return Response(200, _repository(call, call.repository()))


def update_repository(call: Call) -> Response:
    return Response(200, _repository(call, _updated(call, call.repository())))


def delete_repository(call: Call) -> Response:
    """Remove a repository with everything in it."""
    entry, content = call.repository(), call.content
    manifests, tags = list(content.every(MANIFEST, call.name)), list(content.every(TAG, call.name))
    require_deletable(entry, *manifests, *tags)
    content.remove_repository(call.name)
    gone = {"manifestsDeleted": [m.reference for m in manifests], "tagsDeleted": [t.reference for t in tags]}
    return Response(202, gone)


def _repository(call: Call, entry: Entry) -> JSON:
    return {
        **_head(call),
        **_dated(entry),
        "manifestCount": sum(1 for _ in call.content.every(MANIFEST, call.name)),
        "tagCount": sum(1 for _ in call.content.every(TAG, call.name)),
        "changeableAttributes": {**entry.attributes, "teleportEnabled": False},
    }


# -- tags ------------------------------------------------------------------------------------------------------------


def tags(call: Call) -> Response:
    """List tags; of one manifest, if the query has its `digest`."""
    call.repository()
    digest = call.request.query.get("digest", "")
    found = [t for t in call.content.every(TAG, call.name) if t.is_listed and digest in ("", t.value["digest"])]
    return _listed(call, "tags", found, {t.reference: _tag(t) for t in found})


def tag(call: Call) -> Response:
    return Response(200, {**_head(call), "tag": _tag(_find_tag(call))})


def update_tag(call: Call) -> Response:
    return Response(200, {**_head(call), "tag": _tag(_updated(call, _find_tag(call)))})


def delete_tag(call: Call) -> Response:
    """Remove a tag; its manifest stays."""
    entry = _find_tag(call)
    require_deletable(call.repository(), entry)
    call.content.remove_tag(entry)
    return Response(202)


def _find_tag(call: Call) -> Entry:
    call.repository()
    found = call.content.find(TAG, call.name, call.reference)
    if found is None:
        raise tag_unknown()
    return found


def _tag(entry: Entry) -> JSON:
    return {
        "name": entry.reference,
        "digest": entry.value["digest"],
        **_dated(entry),
        "signed": False,
        "changeableAttributes": entry.attributes,
    }


# -- manifests -------------------------------------------------------------------------------------------------------


def manifests(call: Call) -> Response:
    call.repository()
    found = [m for m in call.content.every(MANIFEST, call.name) if m.is_listed]
    return _listed(call, "manifests", found, {m.reference: _manifest(call, m) for m in found})


def manifest(call: Call) -> Response:
    return Response(200, {**_head(call), "manifest": _manifest(call, _find_manifest(call))})


def update_manifest(call: Call) -> Response:
    return Response(200, {**_head(call), "manifest": _manifest(call, _updated(call, _find_manifest(call)))})


def _find_manifest(call: Call) -> Entry:
    call.repository()
    found = call.content.find(MANIFEST, call.name, call.reference)
    if found is None:
        raise manifest_unknown(call.name, call.reference)
    return found


def _manifest(call: Call, entry: Entry) -> JSON:
    document = _json(call, entry.reference)
    config = document.get("config", {})
    tags = [t.reference for t in call.content.every(TAG, call.name) if t.value["digest"] == entry.reference]
    image = _json(call, config["digest"]) if config.get("mediaType") in IMAGE_CONFIGS else {}
    shown: JSON = {
        "digest": entry.reference,
        "imageSize": _image_size(call, entry),
        **_dated(entry),
        "mediaType": entry.value["mediaType"],
        **({"tags": tags} if tags else {}),
        "changeableAttributes": entry.attributes,
    }
    if config and IMPORTED not in entry.value:
        shown["configMediaType"] = config["mediaType"]
    if image.get("os"):
        shown |= {"architecture": image.get("architecture"), "os": image["os"]}
    if document.get("manifests"):
        shown["references"] = [_reference(image) for image in document["manifests"]]
    return shown


def _reference(image: JSON) -> JSON:
    platform = image.get("platform", {})
    return {"digest": image["digest"], **{name: platform[name] for name in ("architecture", "os") if name in platform}}


def _image_size(call: Call, entry: Entry) -> int:
    """Count what Azure counts: the layers, and where it imported the image everything that came with them.

    Source: a recording of azure-sdk-for-js of 2023 (`recording_should_list_registry_manifests`), with both kinds
    """
    document = _json(call, entry.reference)
    size = sum(int(layer["size"]) for layer in document.get("layers", []))
    if IMPORTED not in entry.value:
        return size
    file = call.content.files.find(entry.reference)
    images = (call.content.find(MANIFEST, call.name, image["digest"]) for image in document.get("manifests", []))
    whole = sum(_image_size(call, image) for image in images if image)
    return size + int(document.get("config", {}).get("size", 0)) + (file.size if file else 0) + whole


# -- all of them -----------------------------------------------------------------------------------------------------


def _json(call: Call, digest: str) -> JSON:
    """Read a blob that should be JSON; a config may be anything that was pushed."""
    file = call.content.files.find(digest)
    try:
        found = json_depth.loads(file.read()) if file else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _head(call: Call) -> JSON:
    return {"registry": call.server, "imageName": call.name}


def _dated(entry: Entry) -> JSON:
    return {"createdTime": entry.value["created"], "lastUpdateTime": entry.value["updated"]}


def _listed(call: Call, key: str, entries: Sequence[Entry], shown: JSON) -> Response:
    """A page of entries, by reference or, where `orderby` says so, by the time of their last change."""
    order = call.request.query.get("orderby", "")
    places = {_place(order, entry): shown[entry.reference] for entry in entries}
    answer = page(call.request, key, sorted(places), places)
    return Response(200, {**_head(call), **answer.body}, answer.headers)


def _place(order: str, entry: Entry) -> str:
    """Return what an entry's place in a list goes by, and `last` of the next page tells: of a time, its ticks first.

    So a page is found again whose last entry was deleted, as `acr purge` does. Source: acr-cli#72
    """
    if order not in ("timeasc", "timedesc"):
        return entry.reference
    ticks = _ticks(str(entry.value["updated"]))
    return f"{LATEST - ticks if order == 'timedesc' else ticks}&{entry.reference}"


def _ticks(stamp: str) -> int:
    """Count the tenths of microseconds since the year 1, as .NET does."""
    seconds, _, fraction = stamp.removesuffix("Z").partition(".")
    return (datetime.fromisoformat(seconds) - datetime.min) // timedelta(seconds=1) * 10**7 + int(fraction)


def _updated(call: Call, entry: Entry) -> Entry:
    """Set what the body sets; `changeableAttributes` are the only thing that a client may change."""
    try:
        sent = json_depth.loads(call.request.body or b"{}")
    except (ValueError, RecursionError) as problem:
        raise Refusal(400, "BAD_REQUEST", f"the body is not JSON: {problem}") from problem
    if not isinstance(sent, dict):
        raise Refusal(400, "BAD_REQUEST", f"the body is not a JSON object: {json.dumps(sent)[:80]}")
    known = {name: value for name, value in sent.items() if name in UNLOCKED and value is not None}
    for name, value in known.items():
        if not isinstance(value, bool):
            raise Refusal(400, "BAD_REQUEST", f"{name} must be true or false, and is {json.dumps(value)[:80]}")
    entry.value["attributes"] = entry.attributes | known
    call.content.write(entry)  # `lastUpdateTime` stays: what may be done to it is not its content
    return entry

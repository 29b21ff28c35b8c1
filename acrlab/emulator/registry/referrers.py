"""`/v2/{name}/referrers/{digest}`: which manifests name another one as their subject, such as its signatures.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
"""

from __future__ import annotations

from acrlab.emulator.core.http import JSON, Response
from acrlab.emulator.registry.blob_files import DIGEST
from acrlab.emulator.registry.calls import Call
from acrlab.emulator.registry.content import Entry
from acrlab.emulator.registry.refusals import digest_invalid

INDEX = "application/vnd.oci.image.index.v1+json"
FILTER = "artifactType"


def of(document: JSON) -> JSON:
    """Return what is kept of a manifest, so that its subject finds it; nothing where it has none."""
    subject = document.get("subject")
    if not subject:
        return {}
    config = document.get("config") or {}
    about = {FILTER: document.get(FILTER) or config.get("mediaType"), "annotations": document.get("annotations")}
    return {"subject": subject["digest"], "referrer": {name: value for name, value in about.items() if value}}


def find(call: Call) -> Response:
    """List the referrers of a digest, which itself need not be there."""
    if not DIGEST.fullmatch(call.reference):
        raise digest_invalid({"digest": call.reference})
    found = [_descriptor(call, entry) for entry in call.content.referrers(call.name, call.reference)]
    headers = {"Content-Type": INDEX}
    if wanted := call.request.query.get(FILTER.lower(), ""):
        found = [descriptor for descriptor in found if descriptor.get(FILTER) == wanted]
        headers["OCI-Filters-Applied"] = FILTER
    return Response(200, {"schemaVersion": 2, "mediaType": INDEX, "manifests": found}, headers)


def _descriptor(call: Call, entry: Entry) -> JSON:
    file = call.content.files.find(entry.reference)
    size = file.size if file else 0
    return {"mediaType": entry.value["mediaType"], "digest": entry.reference, "size": size, **entry.value["referrer"]}

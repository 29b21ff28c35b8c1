"""How the registry says no: an `errors` array, in the words of the real service.

Source: recorded answers, and for the rest
https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrlab.emulator.core.http import JSON, Response

LONGEST_NAME = 255  # characters of a repository's name; what docker's registry takes, too
ABSENT: Any = object()  # the key is left out, which is not the same as null
DISALLOWED = (
    "The operation is disallowed on this registry, repository or image. View troubleshooting steps at "
    "https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation"
)


class Refusal(Exception):
    """A request that the registry answers with an error.

    Attributes:
        detail: what goes under `detail`; ABSENT leaves the key out.
    """

    def __init__(
        self, status: int, code: str, message: str, *, detail: Any = ABSENT, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message, self.detail = status, code, message, detail
        self.headers = dict(headers or {})

    @property
    def body(self) -> JSON:
        error: JSON = {"code": self.code, "message": self.message}
        if self.detail is not ABSENT:
            error["detail"] = self.detail
        return {"errors": [error]}

    def response(self) -> Response:
        return Response(self.status, self.body, self.headers)


def denied(source: str) -> Refusal:
    """Refuse the caller's address; the same for every path, and instead of the challenge."""
    text = f"client with IP '{source}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."
    return Refusal(403, "DENIED", text)


class PageNotFound(Refusal):
    """A path, or a method for it, that no part of the service knows: its front door answers, in plain text.

    Source: a recording of azure-sdk-for-go of 2023 (`TestClient_GetManifestProperties_wrongDigest`), acr#166
    """

    def __init__(self) -> None:
        super().__init__(404, "", "404 page not found")

    def response(self) -> Response:
        return Response(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})


def unauthorized(challenge: str = "", detail: Any = None) -> Refusal:
    """Refuse a caller that did not say who it is, or may not do what it asks for."""
    headers = {"Www-Authenticate": challenge} if challenge else {}
    text = "authentication required, visit https://aka.ms/acr/authorization for more information."
    return Refusal(401, "UNAUTHORIZED", text, detail=detail, headers=headers)


def name_invalid(repository: str) -> Refusal:
    return Refusal(400, "NAME_INVALID", "invalid repository name", detail={"name": repository[:LONGEST_NAME]})


def not_admitted(correlation: str) -> Refusal:
    """Refuse an identity that has no right here, or whose role is too young, where it exchanges its token."""
    text = "authentication required, visit https://aka.ms/acr/authorization for more information."
    return Refusal(401, "UNAUTHORIZED", f"{text} CorrelationId: {correlation}")


def name_unknown(repository: str) -> Refusal:
    return Refusal(404, "NAME_UNKNOWN", "repository name not known to registry", detail={"name": repository})


def manifest_unknown(repository: str, reference: str) -> Refusal:
    if ":" in reference:
        detail = {"Name": repository, "Revision": reference}
        return Refusal(404, "MANIFEST_UNKNOWN", f"manifest {reference} is not found", detail=detail)
    return Refusal(404, "MANIFEST_UNKNOWN", f'manifest tagged by "{reference}" is not found', detail={"Tag": reference})


def not_accepted(one: str, many: str) -> Refusal:
    """Refuse a client that does not accept what is there, as if nothing were. Source: acr#764."""
    return Refusal(404, "MANIFEST_UNKNOWN", f"{one} found, but accept header does not support {many}")


def tag_unknown() -> Refusal:
    return Refusal(404, "TAG_UNKNOWN", "the specified tag does not exist")


def blob_unknown(digest: str) -> Refusal:
    return Refusal(404, "BLOB_UNKNOWN", "blob unknown to registry", detail=digest)


def nothing_to_delete(refusal: Refusal) -> Refusal:
    """Refuse to delete what is not there: as when it is read, without a detail.

    Source: a recording of azure-sdk-for-java of 2023 (`downloadManifestIncompatibleType`), which cleans up
    """
    return Refusal(refusal.status, refusal.code, refusal.message)


def upload_unknown(upload: str) -> Refusal:
    return Refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", detail=upload)


def upload_invalid() -> Refusal:
    """Refuse an address that no upload was given, and an upload that broke off. Source: azure-sdk-for-python#29738."""
    return Refusal(404, "BLOB_UPLOAD_INVALID", "blob upload invalid")


def range_invalid(given: str = "", reason: str = "") -> Refusal:
    """Refuse bytes that do not begin where the last ones ended. Where that is, a request for the upload tells.

    Args:
        given: the range that the request names.
        reason: what is wrong with it.

    Source: the report of the specification's conformance tests of 2022 in
    https://github.com/opencontainers/oci-conformance, distribution-spec/v1.0/azurecontainerregistry; and of the reason
    for a form that is none, what https://github.com/dotnet/sdk-container-builds/pull/258 met with
    """
    detail = {"Range": given, "Reason": reason} if reason else {}
    return Refusal(416, "BLOB_UPLOAD_RANGE_INVALID", "blob upload range invalid", detail=detail)


def size_invalid() -> Refusal:
    return Refusal(400, "SIZE_INVALID", "provided length did not match content length", detail={})


def digest_invalid(detail: Any) -> Refusal:
    """Refuse a digest that is none, or not of what came. `detail`: what is wrong with it.

    Source: a recording of azure-sdk-for-go of 2023 (`TestBlobClient_completeUpload_wrongDigest`), whose words are those
    of https://github.com/distribution/distribution/blob/v2.8.3/registry/handlers/blobupload.go
    """
    return Refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content", detail=detail)


def tag_invalid(tag: str) -> Refusal:
    return Refusal(400, "TAG_INVALID", "manifest tag did not match URI", detail={"tag": tag})


def manifest_invalid(problem: Any) -> Refusal:
    return Refusal(400, "MANIFEST_INVALID", "manifest invalid", detail=problem)


def manifest_blob_unknown(digest: str) -> Refusal:
    return Refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", detail={"digest": digest})


def disallowed() -> Refusal:
    """Refuse to change what is locked: `changeableAttributes` of the repository, the manifest or the tag say so."""
    return Refusal(405, "REGISTRY_DISALLOWED_OPERATION", DISALLOWED, detail={})


def no_space() -> Refusal:
    """Say that the computer that the emulated Azure runs on has no room for it; Azure's own storage is never full."""
    return Refusal(507, "UNAVAILABLE", "the disk of the emulated Azure is full, or cannot be written to", detail=None)

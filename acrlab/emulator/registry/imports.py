"""`importImage`: the emulated Azure itself copies an image into a registry, without any client in between.

No connection of a client arrives at the target, but the service that copies has to get in: a registry that is closed to
the internet takes an image only where it lets trusted services pass. What is refused ends the operation.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-import-images
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import registry_hosts
from acrlab.emulator.registry import access, hub, referrers, tokens
from acrlab.emulator.registry.blob_files import BlobFile
from acrlab.emulator.registry.content import BLOB, IMPORTED, TAG, Content
from acrlab.emulator.registry.layout import SourceImage
from acrlab.emulator.registry.refusals import Refusal, denied, manifest_unknown, name_unknown, unauthorized
from acrlab.emulator.types.container_registry.export_policy import require_exports
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE

NO_FORCE = "NoForce"
# An address that is in no registry's rules: Azure's own, fetching from a registry over its public endpoint.
FETCHER = "192.0.2.1"
MOST_MANIFESTS = 50  # Source: the page above, "Limitations"
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9._/-]*")
_IMAGE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._/-]*?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True)
class ImportSource:
    """Where an image comes from.

    Attributes:
        find: gives an image by repository and reference, or None.
        blob: gives a blob by repository and digest, or None.
        has: whether there is such a repository.
    """

    find: Callable[[str, str], SourceImage | None]
    blob: Callable[[str, str], BlobFile | None]
    has: Callable[[str], bool]


def import_image(
    world: World, registry: Resource, source: JSON, tags: list[str], mode: str, untagged: Sequence[str] = ()
) -> None:
    """Copy an image and tag it.

    Args:
        source: `sourceImage`, and `registryUri` or `resourceId` of where it is; `credentials` for a closed one.
        tags: `repository[:tag]` each; none, and none of `untagged`: as it is called there.
        mode: `NoForce` keeps tags that exist.
        untagged: repositories that get the image without any tag.

    Raises: ArmError: it cannot be read there, a tag exists, or the service is not let in.
    """
    name, reference = _read(str(source.get("sourceImage", "")), "sourceImage")
    content = Content(world, registry)
    targets = [_read(text, "targetTags") for text in tags] + [(_read_repository(text), "") for text in untagged]
    targets = targets or [(name, reference)]
    for repository, tag in targets:
        if mode == NO_FORCE and content.find(TAG, repository, tag):
            raise _failed(registry, "Conflict", f"Tag {repository}:{tag} already exists in target registry.")
    try:
        _require_entry(world, registry)
        origin = _source(world, source)
        image = _found(origin, name, reference)
        _require_few_manifests(image)
    except Refusal as refusal:
        raise _failed(registry, "InvalidParameters", _invalid_message(refusal)) from refusal
    except ArmError as problem:
        raise problem if problem.gateway else _failed(registry, problem.code, problem.message) from problem
    for repository, tag in targets:
        _copy(content, origin, name, image, repository)
        _keep(content, repository, image, "" if ":" in tag else tag)


def _failed(target: Resource, code: str, reason: str) -> ArmError:
    """Word the end of the operation; the resource in it is always the target, whichever side refused."""
    return ArmError(400, code, f"Operation {{operation}} failed. Resource {target.id} {reason}")


def _invalid_message(refusal: Refusal) -> str:
    """Word what a registry answered to the service that copies. Source: azure-docs#115975, acr#668."""
    phrase = HTTPStatus(refusal.status).phrase.replace(" ", "")
    said = json.dumps(refusal.body, separators=(",", ":")).replace("'", r"\u0027")
    return f"Invalid message {phrase} {phrase} {said}"


def _require_entry(world: World, registry: Resource) -> None:
    """Refuse the service that copies where it comes to a closed door. Raises: Refusal."""
    if not access.passes_as_trusted(registry) and not access.admits_public(world, registry, FETCHER):
        raise denied(FETCHER)


def _read(text: str, field: str) -> tuple[str, str]:
    match = _IMAGE.fullmatch(text)
    if match is None:
        message = f"The value '{text}' of {field} is invalid. Use repository[:tag] or repository@digest."
        raise ArmError(400, "InvalidParameters", message, gateway=True)
    return match["name"], match["digest"] or match["tag"] or "latest"


def _read_repository(text: str) -> str:
    if not _REPOSITORY.fullmatch(text):
        message = f"The value '{text}' of untaggedTargetRepositories is invalid. Use the name of a repository."
        raise ArmError(400, "InvalidParameters", message, gateway=True)
    return text


def _require_few_manifests(image: SourceImage) -> None:
    """Hold an index to the documented limit; the sentence is the documentation's. Raises: ArmError."""
    if len(image.document.get("manifests", [])) > MOST_MANIFESTS:
        message = f"The maximum number of manifests for an imported image is {MOST_MANIFESTS}."
        raise ArmError(400, "InvalidParameters", message)


def _found(origin: ImportSource, name: str, reference: str) -> SourceImage:
    image = origin.find(name, reference)
    if image is None:
        raise manifest_unknown(name, reference) if origin.has(name) else name_unknown(name)
    return image


def _copy(content: Content, origin: ImportSource, name: str, image: SourceImage, repository: str) -> None:
    """Bring in what a manifest is made of: blobs, and for an index the images and blobs that it lists."""
    document = image.document
    listed = {one["digest"]: origin.find(name, one["digest"]) for one in document.get("manifests", [])}
    blobs = (one for one in document.get("manifests", []) if listed[one["digest"]] is None)
    for part in (document.get("config"), *document.get("layers", []), *blobs):
        if part and content.find(BLOB, repository, part["digest"]) is None:
            file = origin.blob(name, part["digest"])
            if file is not None:  # else a layer that is fetched from elsewhere
                if content.files.find(part["digest"]) is None:
                    content.files.write(file.read(), part["digest"].partition(":")[0])
                content.allow_blob(repository, part["digest"])
    for inner in listed.values():
        if inner is not None:
            _copy(content, origin, name, inner, repository)
            _keep(content, repository, inner)


def _keep(content: Content, repository: str, image: SourceImage, tag: str = "") -> None:
    value = {"mediaType": image.media_type, IMPORTED: True, **referrers.of(image.document)}
    content.keep_manifest(repository, image.raw, value, tag=tag)


# -- sources ---------------------------------------------------------------------------------------------------------


def _source(world: World, source: JSON) -> ImportSource:
    host = str(source.get("registryUri") or "").lower().removeprefix("https://")
    if source.get("resourceId"):
        return _registry_by_id(world, str(source["resourceId"]))
    if hub.ALIASES.get(host, host) in hub.REPOSITORIES:
        _require_full_name(hub.ALIASES.get(host, host), str(source["sourceImage"]))
        return _public(host)
    registry = registry_hosts.owner_of_host(world, host)
    if registry is None:
        message = f"The source registry '{host}' can not be found. Please provide a valid address and try again."
        raise ArmError(400, "InvalidParameters", message)
    return _registry_by_address(world, registry, source)


def _require_full_name(host: str, image: str) -> None:
    """Docker Hub's official images go by their short name in docker alone. Source: acr#457. Raises: Refusal."""
    name = image.partition("@")[0].partition(":")[0]
    if host == hub.DOCKER_HUB and "/" not in name:
        detail = [{"Type": "repository", "Class": "", "Name": name, "Action": "pull"}]
        raise Refusal(401, "UNAUTHORIZED", "authentication required", detail=detail)


def _public(host: str) -> ImportSource:
    def find(name: str, reference: str) -> SourceImage | None:
        layout = hub.repository(host, name)
        return layout.find(reference) if layout else None

    def blob(name: str, digest: str) -> BlobFile | None:
        layout = hub.repository(host, name)
        return layout.blob(digest) if layout else None

    return ImportSource(find, blob, lambda name: hub.repository(host, name) is not None)


def _registry_by_id(world: World, text: str) -> ImportSource:
    """A registry that the caller may read as a resource; one that is closed lets trusted services in."""
    try:
        id = ArmId.parse(text)
    except ValueError as problem:
        message = f"The resourceId '{text}' of source is invalid."
        raise ArmError(400, "InvalidParameters", message, gateway=True) from problem
    registry = world.find(id) if id.type.lower() == REGISTRY_TYPE.lower() else None
    if registry is None:
        raise ArmError(404, "ResourceNotFound", f"The source registry '{text}' could not be found.")
    _require_entry(world, registry)
    require_exports(registry)
    return _content(world, registry)


def _registry_by_address(world: World, registry: Resource, source: JSON) -> ImportSource:
    """A registry that is only known by its login server: it is read as any client reads it."""
    if not access.admits_public(world, registry, FETCHER):
        raise denied(FETCHER)
    credentials = source.get("credentials") or {}
    user, password = str(credentials.get("username", "")), str(credentials.get("password", ""))
    caller = tokens.caller_of(world, registry, user, password) if password else tokens.anonymous(registry)
    repository, _ = _read(str(source["sourceImage"]), "sourceImage")
    if caller is None or "pull" not in caller.may(repository):  # a repository token may pull from some alone
        raise unauthorized()
    return _content(world, registry)


def _content(world: World, registry: Resource) -> ImportSource:
    content = Content(world, registry)

    def find(name: str, reference: str) -> SourceImage | None:
        entry = content.manifest(name, reference)
        file = content.files.find(entry.reference) if entry else None
        return SourceImage(file.digest, entry.value["mediaType"], file.read()) if entry and file else None

    return ImportSource(find, content.blob, lambda name: content.repository(name) is not None)

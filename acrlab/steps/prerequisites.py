"""The article's prerequisites, step by step: registered providers, a group, a Premium registry, an image in it.

Every step reads first, and changes nothing where all is as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from acrlab.azure.cloud import REGISTRY, RESOURCES_VERSION
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, find, required
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.ensure import made, names_of
from acrlab.lab.lab import Lab
from acrlab.lab.memory import IMAGE, forget, forget_registry, image_note, put
from acrlab.lab.ownership import NOT_OURS, is_ours, is_the_learner_s, require_location, require_ours, tags_of
from acrlab.lab.waiting import follow, look_until
from acrlab.steps.public_access import find_registry, when_let_in

if TYPE_CHECKING:
    from azure.containerregistry import ArtifactTagProperties
    from azure.mgmt.containerregistry.models import Registry
    from azure.mgmt.resource.resources.models import Provider, ResourceGroup

OWN_REPOSITORIES = "acrlab/"  # before the image's name, where the registry belongs to someone else
IMPORT_TAKES = timedelta(hours=1)  # at most, until a tag that the lab asked for is there
PROVIDERS = ("Microsoft.Compute", "Microsoft.ContainerRegistry", "Microsoft.DevTestLab", "Microsoft.Network")


_providers: WeakKeyDictionary[Lab, dict[str, Provider]] = WeakKeyDictionary()
_asking = Lock()


def provider(lab: Lab, namespace: str) -> Provider:
    """Read what Azure says of a namespace; a lab asks once."""
    id = f"/subscriptions/{lab.subscription}/providers/{namespace}"
    with _asking, asking("Reading a provider", id):
        told = _providers.setdefault(lab, {})
        if namespace not in told:
            told[namespace] = lab.resources.providers.get(namespace)
        return told[namespace]


def register_providers(lab: Lab, *namespaces: str) -> None:
    """Let the subscription use the services that the lab needs, and wait until it may.

    Args:
        namespaces: none: those of the article's chapters.

    Raises: NotReadyError: Azure has not registered one of them after ten minutes.
    """
    states = {namespace: provider_registration(lab, namespace) for namespace in namespaces or PROVIDERS}
    for namespace, state in states.items():
        if state not in ("Registered", "Registering"):
            with asking("Registering a provider", f"/subscriptions/{lab.subscription}/providers/{namespace}"):
                lab.resources.providers.register(namespace)
    for namespace, state in states.items():
        if state != "Registered":  # what is asked of it meanwhile may be refused: MissingSubscriptionRegistration
            look_until(
                "Registered".__eq__,
                lambda namespace=namespace: provider_registration(lab, namespace),  # type: ignore[misc]
                what=f"The subscription may use {namespace}",
                resource_id=f"/subscriptions/{lab.subscription}/providers/{namespace}",
                pause=lab.backend.pause,
            )


def provider_registration(lab: Lab, namespace: str, subscription: str = "") -> str:
    """Read whether a subscription may use a service: `Registered`, `NotRegistered`, `Unregistered`, or on the way.

    Args:
        subscription: the id of another one than the lab's.
    """
    # By path: the SDK makes objects of every type and version that the service has.
    path = f"/subscriptions/{subscription or lab.subscription}/providers/{namespace}"
    return str(lab.arm.get(path, RESOURCES_VERSION)["registrationState"])


def ensure_group(lab: Lab, name: str = "") -> ResourceGroup:
    """Create the lab's resource group, or another one.

    Raises: ConfigurationError: on a real subscription, the cost is not confirmed.
    """
    require_confirmation(lab)
    groups, name = lab.resources.resource_groups, name or lab.settings.resource_group
    with asking("Creating the resource group", lab.group_id(name)):
        found = made(lab, lambda: groups.get(name))
        if found is None:
            found = groups.create_or_update(name, {"location": lab.settings.location, "tags": tags_of(lab)})
    return found


def find_group(lab: Lab, name: str = "") -> ResourceGroup | None:
    """Read the lab's resource group, or another one; None: it is not there."""
    return find(lambda: lab.resources.resource_groups.get(name or lab.settings.resource_group))


def group_exists(lab: Lab) -> bool:
    """Say whether the lab's resource group is there."""
    return bool(lab.resources.resource_groups.check_existence(lab.settings.resource_group))


def name_is_available(lab: Lab) -> bool:
    """Say whether the registry's name is still free in the whole world."""
    question = {"name": lab.settings.registry_name, "type": REGISTRY}
    return bool(lab.registry.registries.check_name_availability(question).name_available)


def ensure_registry(lab: Lab) -> Registry:
    """Create the registry: Premium, and open to the public for now.

    Raises: ConfigurationError: the lab made it in another location.
    """
    settings, id, operations = lab.settings, lab.registry_id, lab.registry.registries
    with asking("Creating the registry", id):
        found = made(lab, lambda: operations.get(*names_of(id)))
        if found is not None:
            require_location(lab, settings.registry_name, found.location, found.tags)
        if found is not None and found.sku.name == settings.registry_sku:
            return found
        if found is not None:  # one that was there before is not raised to a dearer tier unasked
            require_ours(lab, found.tags, id)
        else:
            forget_registry(lab)
        require_confirmation(lab)
        body = {
            "location": settings.location,
            "tags": tags_of(lab),
            "sku": {"name": settings.registry_sku},
            "properties": {"adminUserEnabled": False},
        }
        poller = operations.begin_create(settings.resource_group, settings.registry_name, body)
        created = follow(poller, f"Creating the registry {settings.registry_name}")
    del lab.content  # what was proved to another registry of this name
    return created


def import_sample_image(lab: Lab) -> None:
    """Copy the sample image into the registry, inside Azure; nothing when it is there.

    In a registry that is someone else's it gets a name of the lab's own, and replaces nothing.

    Raises: RefusedError: Azure refused, or another image has that name since the lab put its own there.
    """
    settings, id = lab.settings, lab.registry_id
    with asking("Looking for the image", id):
        registry = lab.registry.registries.get(*names_of(id))
    own, image = is_ours(lab, registry.tags), _name_for(lab, registry.tags)
    if _is_there(lab, image, own=own):
        return
    host, _, source = settings.image_source.partition("/")
    body = {"source": {"registryUri": host, "sourceImage": source}, "targetTags": [image], "mode": "NoForce"}
    with _noted(lab, image, own=own), asking("Importing the image", id):
        poller = lab.registry.registries.begin_import_image(settings.resource_group, settings.registry_name, body)
        follow(poller, f"Importing {settings.image_source}")


@contextmanager
def _noted(lab: Lab, image: str, *, own: bool) -> Iterator[None]:
    """Note what the lab brings into someone else's registry, before and after; what is there already stays."""
    before = None if own else image_note(lab)
    note = {} if own else {"image": image, "digest": "", "asked": _now(lab)}
    if note:
        put(lab, IMAGE, {**note, "brought": True})
    try:
        yield
    except RefusedError as problem:
        if problem.code != "Conflict":
            raise
        # A registry that is closed to this computer did not tell that the tag is there.
        if note:
            put(lab, IMAGE, before or {**note, "brought": False})
    else:
        if note:
            found = _tag(lab, image)
            put(lab, IMAGE, {**note, "digest": found.digest if found else "", "brought": True})


def _now(lab: Lab) -> str:
    """Ask what time it is by Azure's clock, whose times a tag has, too; empty: the answer does not say."""

    def date(response: Any, found: Registry, headers: Any) -> str:
        return str(response.http_response.headers.get("Date") or "")

    with asking("Looking for the registry", lab.registry_id):
        told: Any = lab.registry.registries.get(*names_of(lab.registry_id), cls=date)
    return str(told)


def _name_for(lab: Lab, tags: Mapping[str, str] | None) -> str:
    """Choose the image's name in a registry with these tags."""
    image = lab.settings.image
    own = is_the_learner_s(lab, tags) or image.startswith(OWN_REPOSITORIES)
    return image if own else f"{OWN_REPOSITORIES}{image}"


def _is_there(lab: Lab, image: str, *, own: bool) -> bool:
    """Ask for the image, and note it, so that later steps use it. Raises: RefusedError: the lab put another there."""
    found = _tag(lab, image)
    if own or found is None:
        return found is not None
    note = image_note(lab)
    brought = bool(note and note["image"] == image and note["brought"])
    if brought and note["digest"] not in ("", found.digest):
        raise _replaced(lab, image, note["digest"], found.digest)
    put(lab, IMAGE, {"image": image, "digest": found.digest, "brought": brought and _is_what_came(note, found)})
    return True


def _is_what_came(note: Mapping[str, str], found: ArtifactTagProperties) -> bool:
    """Tell whether a tag is what the lab brought; it may have been stopped before it could ask for the digest."""
    if note["digest"]:
        return bool(found.digest == note["digest"])
    asked = note.get("asked")
    if not asked or found.last_updated_on != found.created_on:
        return False
    return timedelta() <= found.created_on - parsedate_to_datetime(asked) < IMPORT_TAKES


def _replaced(lab: Lab, image: str, noted: str, seen: str) -> RefusedError:
    message = (
        f"{image} in {lab.settings.registry_name} is left as it is: it is not the image that the lab put there "
        f"(expected {noted or 'an unknown digest'}, seen {seen}). Choose another `image`, or delete the tag yourself."
    )
    return RefusedError(message, status=0, code=NOT_OURS, resource_id=lab.registry_id)


def take_image_back(lab: Lab) -> None:
    """Delete the sample image's tag from someone else's registry, if the lab put it there and it is still the same.

    Raises: RefusedError: the tag now has another digest, or the registry does not let this computer delete it.
    """
    note = image_note(lab)
    if note is None:
        return
    image, id = note["image"], lab.registry_id
    repository, _, tag = image.partition(":")
    with asking(f"Deleting {image}", id):
        there = find_registry(lab) is not None

    def delete() -> None:
        with asking(f"Deleting {image}", id):
            seen = find(lambda: lab.content.get_tag_properties(repository, tag))
            if seen is not None and not _is_what_came(note, seen):
                raise _replaced(lab, image, note["digest"], seen.digest)
            delete_tag(lab, repository, tag)

    if note["brought"] and there:
        when_let_in(lab, delete)
    forget(lab, IMAGE)


def delete_tag(lab: Lab, repository: str, tag: str) -> None:
    """Delete a tag, if it is there, with the manifest that it alone points at; all else in the repository stays."""
    content = lab.content
    found = find(lambda: content.get_tag_properties(repository, tag))
    if found is None:
        return
    there = {m.digest: m.tags or [] for m in content.list_manifest_properties(repository)}
    if there[found.digest] != [tag]:
        content.delete_tag(repository, tag)
        return
    parts = _parts(lab, repository, found.digest)
    alone = set(there) <= {found.digest, *parts}
    content.delete_manifest(repository, found.digest)
    # By digest, never the repository as a whole: someone may have put another tag into it this moment.
    for digest in parts if alone else ():
        if not there.get(digest):
            content.delete_manifest(repository, digest)


def _parts(lab: Lab, repository: str, digest: str) -> list[str]:
    """Digests of the manifests for the platforms of an image, which have no tag; none where it is for one alone."""
    manifest = required(lab.content.get_manifest(repository, digest).manifest, f"manifest in {repository}")
    return [part["digest"] for part in manifest.get("manifests") or []]


def _tag(lab: Lab, image: str) -> ArtifactTagProperties | None:
    """Ask the registry for a tag; None: it is not there, or the registry is closed to this computer."""
    repository, _, tag = image.partition(":")

    def ask() -> ArtifactTagProperties:
        with asking("Looking for the image", lab.registry_id):
            found: ArtifactTagProperties = lab.content.get_tag_properties(repository, tag)
            return found

    try:
        return when_let_in(lab, ask)
    except RefusedError as problem:
        if problem.status in (403, 404):
            return None
        raise

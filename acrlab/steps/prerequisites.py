"""The article's prerequisites, step by step: registered providers, a group, a Premium registry, an image in it.

Every step reads first, and changes nothing where all is as it should be.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from acrlab.azure.cloud import REGISTRY
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.ensure import made, names_of
from acrlab.lab.lab import Lab
from acrlab.lab.memory import IMAGE, forget, forget_registry, keep, kept
from acrlab.lab.ownership import is_ours, require_ours, tags_of
from acrlab.lab.waiting import look_until
from acrlab.steps.public_access import when_let_in

if TYPE_CHECKING:
    from azure.mgmt.containerregistry.models import Registry
    from azure.mgmt.resource.resources.models import Provider, ResourceGroup


PROVIDERS = ("Microsoft.Compute", "Microsoft.ContainerRegistry", "Microsoft.Network")


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


def register_providers(lab: Lab) -> None:
    """Let the subscription use the services that the lab needs, and wait until it may.

    Raises: NotReadyError: Azure has not registered one of them after ten minutes.
    """
    states = {namespace: _registration(lab, namespace) for namespace in PROVIDERS}
    for namespace, state in states.items():
        if state not in ("Registered", "Registering"):
            with asking("Registering a provider", f"/subscriptions/{lab.subscription}/providers/{namespace}"):
                lab.resources.providers.register(namespace)
    for namespace, state in states.items():
        if state != "Registered":  # what is asked of it meanwhile may be refused: MissingSubscriptionRegistration
            look_until(
                "Registered".__eq__,
                lambda namespace=namespace: _registration(lab, namespace),  # type: ignore[misc]
                what=f"The subscription may use {namespace}",
                resource_id=f"/subscriptions/{lab.subscription}/providers/{namespace}",
                pause=lab.backend.pause,
            )


def _registration(lab: Lab, namespace: str) -> str:
    with asking("Reading a provider", f"/subscriptions/{lab.subscription}/providers/{namespace}"):
        return str(lab.resources.providers.get(namespace).registration_state)


def ensure_group(lab: Lab, name: str = "") -> ResourceGroup:
    """Create the lab's resource group, or another one.

    Raises: ConfigurationError: on a real subscription, the cost is not confirmed.
    """
    require_confirmation(lab)
    groups, name = lab.resources.resource_groups, name or lab.settings.resource_group
    with asking("Making the resource group", str(lab.group_id(name))):
        found: ResourceGroup | None = made(lab, lambda: groups.get(name))
        if found is None:
            found = groups.create_or_update(name, {"location": lab.settings.location, "tags": tags_of(lab)})
    return found


def group_exists(lab: Lab) -> bool:
    """Say whether the lab's resource group is there."""
    return bool(lab.resources.resource_groups.check_existence(lab.settings.resource_group))


def name_is_available(lab: Lab) -> bool:
    """Say whether the registry's name is still free in the whole world."""
    question = {"name": lab.settings.registry_name, "type": REGISTRY}
    return bool(lab.registry.registries.check_name_availability(question).name_available)


def ensure_registry(lab: Lab) -> Registry:
    """Create the registry: Premium, and open to the public for now."""
    settings, id, operations = lab.settings, lab.registry_id, lab.registry.registries
    with asking("Making the registry", id):
        found: Registry | None = made(lab, lambda: operations.get(*names_of(id)))
        if found is not None and found.sku.name == settings.registry_sku:
            return found
        if found is not None:  # one that was there before is not raised to a dearer tier unasked
            require_ours(lab, found.tags, id)
        else:
            forget_registry(lab)
        body = {
            "location": settings.location,
            "tags": tags_of(lab),
            "sku": {"name": settings.registry_sku},
            "properties": {"adminUserEnabled": False},
        }
        poller = operations.begin_create(*names_of(id), body)
    created: Registry = lab.wait(poller, f"Making the registry {settings.registry_name}", id)
    del lab.content  # what was proved to another registry of this name
    return created


def import_sample_image(lab: Lab) -> None:
    """Copy the sample image into the registry, inside Azure; nothing when it is there."""
    settings = lab.settings
    id = lab.registry_id
    with asking("Looking for the image", id):
        if _has_image(lab):
            return
        registry = lab.registry.registries.get(settings.resource_group, settings.registry_name)
    if not is_ours(lab, registry.tags):
        keep(lab, IMAGE, settings.image)
    host, _, image = settings.image_source.partition("/")
    body = {"source": {"registryUri": host, "sourceImage": image}, "targetTags": [settings.image], "mode": "Force"}
    with asking("Importing the image", id):
        poller = lab.registry.registries.begin_import_image(settings.resource_group, settings.registry_name, body)
    lab.wait(poller, f"Importing {settings.image_source}", id)


def take_image_back(lab: Lab) -> None:
    """Delete the sample image from someone else's registry, if the lab put it there, and it alone."""
    image = kept(lab, IMAGE)
    if image is None:
        return
    settings = lab.settings
    id = lab.registry_id
    with asking(f"Deleting {image}", id):
        there = find(lambda: lab.registry.registries.get(settings.resource_group, settings.registry_name)) is not None

    def delete() -> None:
        with asking(f"Deleting {image}", id):
            delete_tag(lab, *image.split(":"))

    if there:
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
    elif set(there) <= {found.digest, *_parts(lab, repository, found.digest)}:
        content.delete_repository(repository)
    else:
        content.delete_manifest(repository, found.digest)


def _parts(lab: Lab, repository: str, digest: str) -> list[str]:
    """Digests of the manifests for the platforms of an image, which have no tag; none where it is for one alone."""
    manifest: dict[str, Any] = lab.content.get_manifest(repository, digest).manifest
    return [part["digest"] for part in manifest.get("manifests") or []]


def _has_image(lab: Lab) -> bool:
    """Ask the registry. One that is closed to this computer tells nothing: importing the same again does no harm."""
    try:
        when_let_in(lab, lambda: _read_tag(lab))
    except RefusedError as problem:
        if problem.status in (403, 404):
            return False
        raise
    return True


def _read_tag(lab: Lab) -> Any:
    repository, _, tag = lab.settings.image.partition(":")
    with asking("Looking for the image", lab.registry_id):
        return lab.content.get_tag_properties(repository, tag)

"""Chapter 01: a tag on the group, a second tag on the image, and what is left when that tag is deleted."""

from __future__ import annotations

from azure.core.exceptions import HttpResponseError

from acrlab.course.section import Seen
from acrlab.course.tasks.task import Task, group_of_others
from acrlab.lab.azure_errors import find
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import LAB, is_ours
from acrlab.steps.prerequisites import find_group
from acrlab.steps.public_access import find_registry

PURPOSE = "private-link"
RESOURCES, REGISTRY = "Microsoft.Resources/subscriptions/resourceGroups", "Microsoft.ContainerRegistry/registries"


def tag_the_group(lab: Lab) -> None:
    """The tags that are sent replace all that are there, so that the old ones have to be sent along."""
    group = lab.resources.resource_groups.get(lab.settings.resource_group)
    tags = {**(group.tags or {}), "purpose": "private-link"}
    lab.resources.resource_groups.update(lab.settings.resource_group, {"tags": tags})


def import_second_tag(lab: Lab) -> None:
    """The registry fetches the image itself; it has its layers already, so that only the new tag is stored."""
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    body = {"source": source, "targetTags": ["hello-world:v2"]}
    registries = lab.registry.registries
    registries.begin_import_image(lab.settings.resource_group, lab.settings.registry_name, body).result()


def delete_second_tag(lab: Lab) -> None:
    """An image is not a resource of Azure Resource Manager: its tags are deleted by the registry's own client."""
    lab.content.delete_tag("hello-world", "v2")


def _group_s_tag(lab: Lab) -> Seen:
    group = find_group(lab)
    if group is None:
        return Seen(False, f"no group {lab.settings.resource_group}", "the chapter was not run from its top")
    tags = group.tags or {}
    shown = ", ".join(f"{name}={value}" for name, value in sorted(tags.items())) or "no tags"
    if LAB not in tags and group_of_others(lab) and "purpose" in tags:
        lost = "the update sent only the new tag, and Azure replaced all of them"
        back = f"if the lab created this group, put {LAB}={lab.settings.registry_name.lower()} back beside yours"
        return Seen(False, shown, lost, back)
    if tags.get("purpose") != PURPOSE:
        return Seen(False, shown, "the tag has another name or value, or was not sent", "compare letter by letter")
    return Seen(True, f"the group's tags are {shown}")


def _untag_the_group(lab: Lab) -> None:
    group = find_group(lab)
    tags = dict(group.tags or {}) if group else {}
    if tags.pop("purpose", None) is not None:
        lab.resources.resource_groups.update(lab.settings.resource_group, {"tags": tags})


def _tags(lab: Lab) -> dict[str, str]:
    """Tag -> digest, of the sample image's repository; nothing where this computer may not ask."""
    try:
        listed = find(lambda: list(lab.content.list_tag_properties("hello-world"))) or []
    except HttpResponseError as problem:
        if problem.status_code != 403:
            raise
        return {}
    return {tag.name: tag.digest for tag in listed}


def _second_tag(lab: Lab) -> Seen:
    tags = _tags(lab) if registry_is_there(lab) else {}
    shown = f"hello-world has {', '.join(sorted(tags)) or 'no tag'}"
    if "v2" not in tags:
        return Seen(False, shown, "the import was not sent, or went to another name", "look at targetTags, or --image")
    if tags["v2"] != tags.get("v1"):
        return Seen(False, f"{shown}, with two digests", "v2 is another image", "import hello-world:latest, as for v1")
    return Seen(True, f"{shown}, both with the digest {tags['v2'][:19]}…")


def _without_second_tag(lab: Lab) -> Seen:
    tags = _tags(lab) if registry_is_there(lab) else {}
    shown = f"hello-world has {', '.join(sorted(tags)) or 'no tag'}"
    if "v1" not in tags:
        return Seen(False, shown, "the manifest was deleted, and all its tags with it", "run the import's cell again")
    if "v2" in tags:
        return Seen(False, shown, "nothing was deleted yet", "delete the tag, not the image")
    return Seen(True, f"{shown}; v1 still leads to {tags['v1'][:19]}…")


def registry_is_there(lab: Lab) -> bool:
    """Say whether the lab's registry is there."""
    return find_registry(lab) is not None


def registry_of_others(lab: Lab) -> str | None:
    """Name the registry where the lab did not make it: its images are its owner's."""
    s = lab.settings
    return (
        None if is_ours(lab, lab.registry.registries.get(s.resource_group, s.registry_name).tags) else s.registry_name
    )


def _untag(lab: Lab) -> None:
    if "v2" in _tags(lab):
        delete_second_tag(lab)


TASKS = (
    Task(
        name="group-tag",
        chapter="01",
        goal="Give the resource group a tag of your own, `purpose` with the value `private-link`, and keep its others.",
        expected="the tag purpose=private-link on {resource_group}, beside the tag acrlab",
        look=_group_s_tag,
        hints=(
            "Every change in Azure follows the same pattern: get what is there, change it, send it back.",
            "`lab.resources.resource_groups` has `get` and `update`; what `update` gets is `{'tags': …}`.",
        ),
        solution=tag_the_group,
        az="az group update --name {resource_group} --set tags.purpose=private-link",
        rights=(f"{RESOURCES}/write",),
        undo=_untag_the_group,
        undone="the tag purpose of {resource_group}",
        foreign=group_of_others,
    ),
    Task(
        name="second-tag",
        chapter="01",
        goal="Import the same image once more, as `hello-world:v2`.",
        expected="hello-world:v2 in {registry_name}, with the digest of v1",
        look=_second_tag,
        hints=(
            "The source is the same as before: `mcr.microsoft.com`, and in it `hello-world:latest`.",
            (
                "`lab.registry.registries.begin_import_image(group, registry, body).result()`, where the body has "
                "`source` (with `registryUri` and `sourceImage`) and `targetTags`."
            ),
        ),
        solution=import_second_tag,
        az="az acr import --name {registry_name} --source mcr.microsoft.com/hello-world:latest --image hello-world:v2",
        rights=(f"{REGISTRY}/importImage/action",),
        undo=_untag,
        undone="the tag hello-world:v2",
        foreign=registry_of_others,
    ),
    Task(
        name="deleted-tag",
        chapter="01",
        goal="Delete the tag `v2` again, and nothing else.",
        expected="hello-world in {registry_name} with v1 and without v2",
        look=_without_second_tag,
        hints=(
            "Delete the tag, not the manifest that it points at: that would delete v1, too.",
            "`lab.content` is the client of the registry itself, and has `delete_tag`.",
        ),
        solution=delete_second_tag,
        az="az acr repository untag --name {registry_name} --image hello-world:v2",
        after="second-tag",
        foreign=registry_of_others,
    ),
)

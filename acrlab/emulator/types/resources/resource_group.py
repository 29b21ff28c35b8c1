"""Microsoft.Resources/resourceGroups: what a lab lives in, and what it is thrown away with."""

from __future__ import annotations

from acrlab.azure.arm_id import GROUP_TYPE
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import LOCATED, Action, ResourceType
from acrlab.emulator.core.values import Field, Text
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.odata_filter import asked
from acrlab.emulator.types.polling import GROUP_DELETE, GROUP_EXPORT


def stays_where_it_is(state: State, group: Resource, old: Resource | None) -> None:
    """A group's location holds its metadata and can't be changed."""
    if old is not None and old.location != group.location:
        message = (
            f"Invalid resource group location '{group.location}'. "
            f"The Resource group already exists in location '{old.location}'."
        )
        raise ArmError(409, "InvalidResourceGroupLocation", message, gateway=True)


def empty_it(state: State, group: Resource) -> None:
    """Everything in a group goes with it, each as soon as nothing in the group needs it any more."""
    left, refusal = state.below(group.id), None
    while left:
        kept = []
        for resource in left:
            try:
                if state.find(resource.id) is not None:  # a child may have gone with its parent
                    state.remove(resource)
            except ArmError as problem:
                refusal = problem
                kept.append(resource)
        if len(kept) == len(left) and refusal:
            message = f"Deletion of resource group '{group.id.name}' failed: {refusal.message}"
            raise ArmError(409, "ResourceGroupDeletionBlocked", message)
        left = kept


def is_asked_for(group: Resource, question: str) -> bool:
    """Groups are looked for by a tag: its name, and its value where one is asked for."""
    wanted = asked(question, ("tagname", "tagvalue"))
    tags = {name.lower(): value.lower() for name, value in group.body.get("tags", {}).items()}
    name, value = wanted.get("tagname"), wanted.get("tagvalue")
    return (name is None or name in tags) and (value is None or value in ([tags[name]] if name else tags.values()))


def export_template(state: State, group: Resource, request: Request) -> JSON:
    """Capture what is in a group as a template."""
    captured: JSON = state.perform("export_group", group, request)
    return captured


RESOURCE_GROUP = ResourceType(
    type=GROUP_TYPE,
    source="https://learn.microsoft.com/rest/api/resources/resource-groups/create-or-update",
    versions=api_versions.RESOURCES,
    name=r"[\w.()-]{0,89}[\w()-]",
    envelope={**LOCATED, "managedBy": Field(Text(), inert=True)},
    rules=(stays_where_it_is,),
    on_delete=empty_it,
    polling={"DELETE": GROUP_DELETE},
    seconds={"DELETE": 60},
    in_group=False,
    missing_delete=404,
    matches=is_asked_for,
    actions={"exportTemplate": Action(export_template, polling=GROUP_EXPORT, seconds=10)},
    shows_existence=True,
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Resources/resourceGroups",
        what="A deletion always takes a minute of the world's time.",
        impact="It is neither faster for an empty group nor slower for a full one.",
        reason="Measured times depend on what is in a group; the emulator has one figure.",
        workaround="Wait for the operation, never for a time.",
    ),
    Deviation(
        of="Microsoft.Resources/resourceGroups",
        what="An export names the newest api-version of a type that is not a preview.",
        impact="Azure names one that its schemas know: often an older one, of some providers a preview.",
        reason="Azure tells nowhere which one its exports choose.",
        workaround="Do not compare api-versions of an exported template.",
    ),
    Deviation(
        of="Microsoft.Resources/resourceGroups",
        what="Every export with a registry tells that its connected registries could not be got.",
        impact="Azure tells it of some registries; on which it depends is not known.",
        reason="Its users quote the message, without the registry's settings.",
        workaround="Use the template, whatever `error` tells beside it.",
    ),
    Deviation(
        of="Microsoft.Resources/resourceGroups",
        what="In an export a resource's own name becomes its parameter where it stands as a word in a text.",
        impact="Azure may find it inside words, too, or not everywhere.",
        reason="Its rule is not documented; this one gives what published exports show.",
        workaround="Deploy under another name and look for the old one.",
    ),
    Deviation(
        of="Microsoft.Resources/resourceGroups",
        what="Networks of a group that are peered with each other are exported as depending on each other.",
        impact="Such a template is refused for its circle; Azure's export may leave one of the two out.",
        reason="Its exports name all that a resource's body names; one with both halves was not found.",
        workaround="Take `dependsOn` and the inline peerings out of one of the networks.",
    ),
    Deviation(
        of="Microsoft.Resources/resourceGroups",
        what="A storage account is exported without its blob, file, queue and table services.",
        impact="Azure exports each as a child named `default`.",
        reason="The emulated account has no such children.",
        workaround="None needed: every account has them.",
    ),
)

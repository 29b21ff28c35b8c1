"""Taking the lab away: what would go, what goes, and the proof that it is gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from acrlab.clients import Lab
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.refusals import asking, find
from acrlab.registry_steps import tag_of

__all__ = ["CleanUpPlan", "Item", "delete_lab", "plan_clean_up", "prove_absence"]


@dataclass(frozen=True)
class Item:
    """A resource: its name, its type without the namespace, its ARM id."""

    name: str
    kind: str
    id: str


@dataclass(frozen=True)
class CleanUpPlan:
    """What a clean-up deletes.

    Attributes:
        groups: names of the groups that go, with all in them.
        resources: what lies in them now.
        kept: groups of the lab's names that stay, because they do not carry its tag.
    """

    groups: tuple[str, ...]
    resources: tuple[Item, ...]
    kept: tuple[str, ...] = ()


def plan_clean_up(lab: Lab) -> CleanUpPlan:
    """List what a clean-up would delete. Nothing is changed."""
    ours: list[str] = []
    foreign: list[str] = []
    for name in (lab.settings.resource_group, lab.settings.portal_resource_group):
        with asking("Reading the group", str(lab.group_id(name))):
            group = find(lambda name=name: lab.resources.resource_groups.get(name))  # type: ignore[misc]
        if group is not None:
            carries = (group.tags or {}).items() >= tag_of(lab).items()
            (ours if carries else foreign).append(name)
    items = [item for name in ours for item in _resources_of(lab, name)]
    return CleanUpPlan(tuple(ours), tuple(items), tuple(foreign))


def delete_lab(lab: Lab) -> CleanUpPlan:
    """Delete the lab's groups and wait until they are gone. Returns: what was planned.

    Raises:
        ConfigurationError: a group of the lab's name is not the lab's own; nothing was deleted.
        RefusedError: Azure refused one of them, and the others are gone; `prove_absence` tells what is left.
    """
    plan = plan_clean_up(lab)
    if plan.kept:
        message = f"group {plan.kept[0]} does not carry the tag {tag_of(lab)}; it was not made by this lab and stays."
        raise ConfigurationError("resource_group", message)
    # Together, and none waits for another's failure.
    with ThreadPoolExecutor(len(plan.groups) or 1) as pool:
        refusals = [*filter(None, pool.map(lambda name: _refused(lab, name), plan.groups))]
    if refusals:
        raise refusals[0]
    return plan


def _refused(lab: Lab, group: str) -> RefusedError | None:
    """Delete a group and wait until it is gone. Returns: why that failed."""
    id = str(lab.group_id(group))
    try:
        with asking("Deleting the group", id):
            poller = lab.resources.resource_groups.begin_delete(group)
        lab.wait(poller, f"Deleting {group}", id)
    except RefusedError as problem:
        return problem
    return None


def prove_absence(lab: Lab) -> tuple[Item, ...]:
    """List what is left of the lab. Returns: an empty tuple when all is gone."""
    return plan_clean_up(lab).resources


def _resources_of(lab: Lab, group: str) -> list[Item]:
    with asking("Listing the group", str(lab.group_id(group))):
        found = lab.resources.resources.list_by_resource_group(group)
        return sorted(
            (Item(r.name, r.type.partition("/")[2], r.id) for r in found), key=lambda item: (item.kind, item.name)
        )

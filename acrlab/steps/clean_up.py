"""Clean-up: the lab's groups as a whole, or resource by resource beside what belongs to someone else; and the proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from acrlab.capabilities import executor
from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import NOT_OURS
from acrlab.lab.waiting import follow
from acrlab.steps.approval import Connection, connections
from acrlab.steps.clean_up_plan import CleanUpPlan, Item, Kept, look_again, plan_clean_up
from acrlab.steps.prerequisites import provider, take_image_back
from acrlab.steps.private_link import give_policies_back
from acrlab.steps.public_access import reopen

TOGETHER = 8
Failure = RefusedError | NotVisibleError
FAILURES = (RefusedError, NotVisibleError)  # what keeps one thing and nothing else
Refusals = dict[str, Failure]  # what is left, by its id or in words -> why
# What holds on to others goes before them. What is not named goes in between.
FIRST = (
    "roleAssignments",
    "privateDnsZones/A",
    "managedClusters",
    "virtualMachines",
    "privateEndpoints",
    "privateDnsZones/virtualNetworkLinks",
    "dnsForwardingRulesets/virtualNetworkLinks",
    "dnsForwardingRulesets",
    "dnsResolvers/inboundEndpoints",
    "dnsResolvers/outboundEndpoints",
    "dnsResolvers",
)
LAST = ("networkInterfaces", "disks", "publicIPAddresses", "networkSecurityGroups", "virtualNetworks")


def delete_lab(lab: Lab) -> CleanUpPlan:
    """Delete all that this lab made, and wait until it is gone. What it did not make stays. Returns: what was planned.

    Raises: RefusedError, NotVisibleError: Azure refused a part, or this identity may not delete it, and all others are
        gone; `prove_absence` tells what is left.
    """
    plan = plan_clean_up(lab)
    _raise_first({**give_back(lab, plan), **carry_out(lab, plan)})
    return plan


def delete_group(lab: Lab, name: str) -> None:
    """Delete what the lab has in one group, and the group with it where all is the lab's. Raises: as `delete_lab`."""
    _raise_first(carry_out(lab, plan_clean_up(lab, name)))


def empty_group(lab: Lab, name: str) -> None:
    """Do the same as `delete_group` where the group itself may stay, because this identity may not delete it."""
    refused = carry_out(lab, plan_clean_up(lab, name))
    if isinstance(refused.get(lab.group_id(name)), NotVisibleError):
        del refused[lab.group_id(name)]
    _raise_first(refused)


def remove_portal_endpoint(lab: Lab) -> tuple[Connection, ...]:
    """Delete all that the lab has in the portal's group, and the group where it is the lab's and may be deleted.

    Returns: the registry's connections that stay.
    """
    empty_group(lab, lab.settings.portal_resource_group)
    return connections(lab)


def carry_out(lab: Lab, plan: CleanUpPlan) -> Refusals:
    """Delete what a plan names, as far as it is still what it was; one refusal keeps nothing else.

    What is in a group that this identity may not delete goes without the group.

    Returns: id of what is left -> why.
    """
    now = look_again(lab, plan)
    with executor(TOGETHER) as pool:
        groups = list(pool.map(lambda name: (name, _group_refused(lab, name)), now.groups))
        whole = {name.lower() for name, problem in groups if not isinstance(problem, NotVisibleError)}
        alone = [item for item in now.resources if lab.group_of(item.id).lower() not in whole]
        refused = {lab.group_id(name): problem for name, problem in groups if problem is not None}
        return _changed(lab, plan, now) | refused | _one_by_one(lab, alone, pool)


def _changed(lab: Lab, plan: CleanUpPlan, now: CleanUpPlan) -> Refusals:
    """Say of each group that was to go as a whole, and is still there, what keeps it since the plan was shown."""
    found: Refusals = {}
    for name in plan.groups:
        id = lab.group_id(name)
        stays = [one for one in now.kept if f"{one.id}/".lower().startswith(f"{id}/".lower())]
        if stays:
            things = ", ".join(one.name for one in stays if one.kind != "group")
            why = f"{things} came or changed after the plan was shown" if things else stays[0].reason
            message = f"{name} is not deleted as a whole: {why}."
            found[id] = RefusedError(message, status=0, code=NOT_OURS, resource_id=id)
    return found


def give_back(lab: Lab, plan: CleanUpPlan) -> Refusals:
    """Put back what the lab changed in a registry and a network that stay, because they were there before.

    Returns: what is not as it was -> why.
    """
    name = lab.settings.registry_name
    ways: dict[str, Callable[[Lab], object]] = {
        f"network policies of {lab.settings.subnet_name}": give_policies_back,
    }
    if not any(item.kind == "registries" and item.name == name for item in plan.resources):
        # In this order: a registry that is closed to this computer does not let it delete an image.
        ways |= {f"access settings of {name}": reopen, f"an image in {name}": take_image_back}
        ways |= {f"regions of {name}": _one_region_again}
    refused: Refusals = {}
    for what, way in ways.items():
        try:
            way(lab)
        except FAILURES as problem:
            refused[what] = problem
    return refused


def _one_region_again(lab: Lab) -> None:
    from acrlab.steps.beyond.replicas import take_back  # which most labs never need

    take_back(lab)


def prove_absence(lab: Lab) -> tuple[Item | Kept, ...]:
    """List what is left of the lab. Returns: an empty tuple when all is gone."""
    return plan_clean_up(lab).left


def _raise_first(refusals: Refusals) -> None:
    for problem in refusals.values():
        raise problem


def _one_by_one(lab: Lab, items: Sequence[Item], pool: Executor) -> Refusals:
    """Round after round, as long as one helps: what was refused because something held it may go once that is gone."""
    refused: Refusals = {}
    left = list(items)
    while left:
        refused = {}
        for rank in sorted({_rank(item) for item in left}):
            batch = [item for item in left if _rank(item) == rank]
            told = pool.map(lambda item: (item.id, _refused(lab, item)), batch)
            refused |= {id: problem for id, problem in told if problem is not None}
        if len(refused) == len(left):
            break
        left = [item for item in left if item.id in refused]
    return refused


def _rank(item: Item) -> int:
    if item.kind in FIRST:
        return FIRST.index(item.kind)
    return len(FIRST) + 1 + LAST.index(item.kind) if item.kind in LAST else len(FIRST)


def _group_refused(lab: Lab, name: str) -> Failure | None:
    """Delete a group and wait until it is gone. Returns: why that failed."""
    there = lab.at_group(name)
    try:
        with asking("Deleting the group", there.group_id()):
            groups = there.resources.resource_groups
            follow(groups.begin_delete(there.settings.resource_group), f"Deleting {name}")
    except FAILURES as problem:
        return problem
    return None


def _refused(lab: Lab, item: Item) -> Failure | None:
    """Delete one thing; nothing where it went with another. Returns: why that failed."""
    # Nothing is asked first: Azure answers most HEADs 405. DELETE of what is gone is 204, or 404 with its parent.
    what = f"Deleting {item.name}"
    try:
        with asking(what, item.id):
            version = _version(lab, item.type)
            follow(lab.resources.resources.begin_delete_by_id(item.id, api_version=version), what)
    except FAILURES as problem:
        return None if isinstance(problem, RefusedError) and problem.status == 404 else problem
    return None


def _version(lab: Lab, type: str) -> str:
    """The newest api-version that Azure itself names for a type, previews last."""
    namespace, _, kind = type.partition("/")
    found = next(
        t for t in provider(lab, namespace).resource_types or [] if str(t.resource_type).lower() == kind.lower()
    )
    versions = found.api_versions or []
    return max(versions, key=lambda version: ("preview" not in version, version))

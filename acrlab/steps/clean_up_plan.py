"""What a clean-up would delete, and what it leaves alone and why. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from acrlab.azure import cloud
from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.azure_errors import asking, required
from acrlab.lab.group_contents import Held, contents_of
from acrlab.lab.lab import Lab
from acrlab.lab.memory import groups_elsewhere, other_groups
from acrlab.lab.ownership import LAB, expired, is_given_by_lab, is_ours, role_name
from acrlab.steps.prerequisites import find_group
from acrlab.steps.run_command import own_rights_on, rights_of

ROLE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
NOT_SHOWN = "it was not there when the plan was shown"
FOREIGN = "it does not carry the lab's tag"
Ours = Callable[[Mapping[str, str] | None], bool]


@dataclass(frozen=True)
class Item:
    """A resource: its name, its type without the namespace, its ARM id, its whole type."""

    name: str
    kind: str
    id: str
    type: str = ""


@dataclass(frozen=True)
class Kept:
    """Something that stays where the lab was, and why.

    Attributes:
        ours: whether the lab made it: a lock holds it, or something that belongs to someone else.
    """

    name: str
    kind: str
    id: str
    reason: str
    ours: bool = False


@dataclass(frozen=True)
class CleanUpPlan:
    """What a clean-up deletes.

    Attributes:
        groups: names of the groups that go as a whole, with all in them; of those in other subscriptions the ids.
        resources: what goes, in those groups and in others.
        kept: what stays, of those groups that can't go as a whole.
        ours: tells by its tags what goes, when the groups are listed again.
    """

    groups: tuple[str, ...]
    resources: tuple[Item, ...]
    kept: tuple[Kept, ...] = ()
    ours: Ours = field(default=lambda tags: False, repr=False, compare=False)

    @property
    def empty(self) -> bool:
        return not (self.groups or self.resources)

    @property
    def left(self) -> tuple[Item | Kept, ...]:
        """What of the lab is there: what would go, and what is the lab's own and can't."""
        return (*self.resources, *(one for one in self.kept if one.ours))


def plan_clean_up(lab: Lab, *groups: str) -> CleanUpPlan:
    """List what a clean-up of this lab would delete. Nothing is changed.

    Args:
        groups: to look in; none: all that a lab may have.
    """
    s, elsewhere = lab.settings, map(lab.group_of, groups_elsewhere(lab))
    names = groups or (s.resource_group, s.portal_resource_group, *other_groups(lab), *elsewhere)
    return _planned(lab, names, lambda tags: is_ours(lab, tags))


def labs_of(lab: Lab) -> tuple[str, ...]:
    """Name the labs, by their registries, that have something in the groups of these settings."""
    found: set[str] = set()
    for name in (lab.settings.resource_group, lab.settings.portal_resource_group):
        with asking("Reading the group", lab.group_id(name)):
            group = find_group(lab, name)
            tags = [group.tags, *(one.tags for one in contents_of(lab, name))] if group else []
        found |= {told[LAB] for told in tags if told and LAB in told}
    return tuple(sorted(found))


def plan_expired(lab: Lab) -> CleanUpPlan:
    """List what labs of this subscription have left behind, and were meant to be gone by now. Nothing is changed."""
    with asking("Listing the subscription", f"/subscriptions/{lab.subscription}"):
        groups = [required(g.name, "name of a group") for g in lab.resources.resource_groups.list() if expired(g.tags)]
        things = [required(one.id, "id of a resource") for one in lab.resources.resources.list() if expired(one.tags)]
    names = {name.lower(): name for name in (*map(lab.group_of, things), *groups)}  # ids spell a group as they like
    return _planned(lab, [names[name] for name in sorted(names)], expired)


def _planned(lab: Lab, groups: Iterable[str], ours: Ours) -> CleanUpPlan:
    parts = [part for name in groups if (part := _as_far_as_seen(lab, name, ours)) is not None]
    return CleanUpPlan(
        groups=tuple(group for part in parts for group in part.groups),
        resources=tuple(item for part in parts for item in part.resources),
        kept=tuple(one for part in parts for one in part.kept),
        ours=ours,
    )


def look_again(lab: Lab, plan: CleanUpPlan) -> CleanUpPlan:
    """Read the groups of a plan right before it is carried out. Returns: what of it may still go.

    What became someone else's since stays, and so does what was not shown: its group then does not go as a whole.
    """
    names = {name.lower(): name for name in plan.groups}
    for group in (lab.group_of(item.id) for item in plan.resources):
        names.setdefault(group.lower(), group)
    now = _planned(lab, names.values(), plan.ours)
    shown = {item.id.lower() for item in plan.resources}
    unseen = [item for item in now.resources if item.id.lower() not in shown]
    touched = {lab.group_of(item.id).lower() for item in unseen}
    whole = {name.lower() for name in plan.groups} - touched
    news = [Kept(one.name, one.kind, one.id, NOT_SHOWN, ours=True) for one in unseen]
    groups = tuple(name for name in now.groups if name.lower() in whole)
    resources = tuple(item for item in now.resources if item.id.lower() in shown)
    return replace(now, groups=groups, resources=resources, kept=(*now.kept, *news))


def _as_far_as_seen(lab: Lab, name: str, ours: Ours) -> CleanUpPlan | None:
    """Plan for one group; one of another subscription keeps no other from going where it may not be read."""
    try:
        return _of_group(lab, name, ours)
    except NotVisibleError:
        if not name.startswith("/"):
            raise
        return CleanUpPlan((), (), (Kept(name, "group", name, "this identity may not read it", ours=True),))


def _of_group(lab: Lab, name: str, ours: Ours) -> CleanUpPlan | None:
    """What goes of one group; None: there is no such group."""
    id, there = lab.group_id(name), lab.at_group(name)
    with asking("Reading the group", id):
        group = find_group(there)
        if group is None:
            return None
        listed = sorted(contents_of(there, there.settings.resource_group), key=lambda r: (r.type, r.name))
    mine, locks = _owned(listed, ours), _locks(lab, id)
    kept, going = [], []
    for found in listed:
        lock = _lock_on(found.id, locks)
        if found.id.lower() not in mine:
            kept.append(_kept(found, FOREIGN))
        elif lock:
            kept.append(_kept(found, f"it is locked by {lock}", ours=True))
        else:
            going.append(Item(found.name, found.type.partition("/")[2], found.id, found.type))
    lock = _lock_on(id, locks)
    if ours(group.tags) and not kept and not lock:
        return CleanUpPlan((name,), tuple(going))
    parts = (*_rights_on(lab, id, going), *_parts(lab, [r for r in listed if r.id.lower() not in mine], going, ours))
    reason = f"it is locked by {lock}" if lock else f"it holds {kept[0].name}, which stays" if kept else ""
    reason = reason if ours(group.tags) else FOREIGN
    return CleanUpPlan((), (*parts, *going), (Kept(name, "group", id, reason, ours(group.tags)), *kept))


def _owned(listed: list[Held], ours: Ours) -> set[str]:
    """Ids, in lower case, of what is ours: by tag, or because something that is ours brought it along."""
    mine = {r.id.lower() for r in listed if ours(r.tags)}
    for r in listed:
        if r.managed_by.lower() in mine or r.parent in mine:
            mine.add(r.id.lower())
    return mine


def _locks(lab: Lab, group: str) -> dict[str, str]:
    """Id of what is locked, in lower case -> name of the lock; none where this identity may not read locks."""
    try:
        found = lab.arm.get_all(f"{group}/providers/Microsoft.Authorization/locks", cloud.LOCKS_VERSION)
    except NotVisibleError:
        return {}  # then a deletion is refused with the lock's name
    except RefusedError as problem:
        if problem.status != 404:
            raise
        return {}  # the group has just gone
    return {one["id"].lower().partition("/providers/microsoft.authorization/locks/")[0]: one["name"] for one in found}


def _lock_on(id: str, locks: Mapping[str, str]) -> str:
    return next((name for scope, name in locks.items() if f"{id.lower()}/".startswith(f"{scope}/")), "")


def _rights_on(lab: Lab, group: str, going: Iterable[Item]) -> Iterator[Item]:
    """What VMs that go may do in a group that stays: a right would outlive the identity that it is given to."""
    for vm in (item for item in going if item.type.lower() == cloud.VM.lower()):
        try:
            held = own_rights_on(lab, vm.id, group)
        except NotVisibleError:
            continue  # who may not read rights gave none
        yield from (Item(role_name(one), "roleAssignments", one["id"], ROLE_ASSIGNMENT) for one in held)


def _parts(lab: Lab, foreign: Iterable[Held], going: Iterable[Item], ours: Ours) -> Iterator[Item]:
    """What the lab put into things that were there before: records in a zone, a role on a registry."""
    vms = [item for item in going if item.kind == "virtualMachines"]
    for one in foreign:
        if one.type.lower() == cloud.ZONE.lower():
            for record in lab.arm.get_all(f"{one.id}/A", cloud.RECORDS_VERSION):
                if ours(record["properties"].get("metadata")):
                    yield Item(record["name"], "privateDnsZones/A", record["id"], f"{cloud.ZONE}/A")
        if one.type.lower() == cloud.REGISTRY.lower():
            for right in (right for vm in vms for right in rights_of(lab, vm.id, one.id)):
                if is_given_by_lab(lab, right, one.id):
                    yield Item(role_name(right), "roleAssignments", right["id"], ROLE_ASSIGNMENT)


def _kept(found: Held, reason: str, *, ours: bool = False) -> Kept:
    return Kept(found.name, found.type.partition("/")[2], found.id, reason, ours)

"""Who may do what to a registry's content: built-in roles, assigned at a scope or above it.

The learner owns the subscription without an assignment, as its creator does.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-roles
"""

from __future__ import annotations

from collections.abc import Iterator

from acrlab.arm_id import ArmId
from acrlab.emulator import entra
from acrlab.emulator.schema import Resource
from acrlab.emulator.world import World

ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"

# GUID of the role definition -> name. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
}

EVERYTHING = frozenset({"pull", "push", "delete", "metadata_read", "metadata_write"})

# Name of a role -> what it may do to content, in the words of a registry's access token.
# Reader's `*/read` covers `registries/pull/read`.
ACTIONS = {
    "Owner": EVERYTHING,
    "Contributor": EVERYTHING,
    "Reader": frozenset({"pull", "metadata_read"}),
    "AcrPull": frozenset({"pull", "metadata_read"}),
    "AcrPush": frozenset({"pull", "push", "metadata_read", "metadata_write"}),
    "AcrDelete": frozenset({"delete"}),
}


def roles_at(world: World, principal: str, scope: ArmId) -> set[str]:
    """Names of the built-in roles that a principal has at a scope, assigned there or above."""
    owned = {"Owner"} if _owns(world, principal, scope) else set()
    return owned | {role for level in _levels(scope) for role in _assigned(world, principal, level)}


def actions(world: World, principal: str, registry: Resource) -> frozenset[str]:
    """All that a principal may do to a registry's content."""
    return frozenset().union(*(ACTIONS[role] for role in roles_at(world, principal, registry.id)))


def may(world: World, principal: str, action: str, registry: Resource) -> bool:
    """Whether a principal may `pull`, `push`, `delete`, `metadata_read` or `metadata_write`."""
    return action in actions(world, principal, registry)


def _owns(world: World, principal: str, scope: ArmId) -> bool:
    return principal == entra.learner(world) and scope.subscription.lower() == world.setting("subscription").lower()


def _levels(scope: ArmId) -> set[str]:
    """A scope and all above it: the resource, its parents, its group, its subscription."""
    steps = [scope]
    while steps[-1].parent is not None:
        steps.append(steps[-1].parent)
    around = [scope.group_id] if scope.group_id else []
    return {id.key for id in (*steps, *around)} | {f"/subscriptions/{scope.subscription}".lower()}


def _assigned(world: World, principal: str, level: str) -> Iterator[str]:
    for assignment in world.of_type(ASSIGNMENT_TYPE, under=f"{level}/providers/{ASSIGNMENT_TYPE}"):
        role = ROLES.get(assignment.properties["roleDefinitionId"].rpartition("/")[2].lower())
        if role and assignment.properties["principalId"].lower() == principal.lower():
            yield role

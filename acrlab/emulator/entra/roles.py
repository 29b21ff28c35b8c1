"""Who may do what to a registry's content: roles, assigned at a scope or above it.

The learner owns the subscription without an assignment, as its creator does.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-roles
"""

from __future__ import annotations

from collections.abc import Iterator

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import fault_injection, lateness, subscriptions
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import applications, tokens
from acrlab.emulator.types.authorization.role_assignment import ASSIGNMENT_TYPE, role_of
from acrlab.emulator.types.authorization.roles import BUILT_IN, Role

_REGISTRIES = "Microsoft.ContainerRegistry/registries"

# What may be done to content, in the words of a registry's tokens -> the action of Resource Manager that allows it.
NEEDED = {
    "pull": f"{_REGISTRIES}/pull/read",
    "push": f"{_REGISTRIES}/push/write",
    "delete": f"{_REGISTRIES}/artifacts/delete",
    "metadata_read": f"{_REGISTRIES}/pull/read",
    "metadata_write": f"{_REGISTRIES}/push/write",
}
EVERYTHING = frozenset(NEEDED)


def roles_at(world: World, principal: str, scope: ArmId, *, late_s: float = lateness.ROLE_S) -> set[Role]:
    """Return the roles that a principal has at a scope, assigned there or above.

    Args:
        late_s: virtual seconds until an assignment counts for who asks, where anything is late.
    """
    owned = _own(world, principal, scope.subscription)
    assigned = (role_of(world, one) for one in assignments_at(world, principal, scope, late_s=late_s))
    return owned | {role for role in assigned if role is not None}


def assignments_at(world: World, principal: str, scope: ArmId, *, late_s: float = lateness.ROLE_S) -> list[Resource]:
    """Return what assigns a role to a principal at a scope or above it, as far as it counts by now."""
    return [assignment for level in _levels(scope) for assignment in _assigned(world, principal, level, late_s)]


def actions(world: World, principal: str, registry: Resource) -> frozenset[str]:
    """Return all that a principal may do to a registry's content."""
    found = roles_at(world, principal, registry.id, late_s=lateness.REGISTRY_ROLE_S)
    return frozenset(a for a, needed in NEEDED.items() if any(role.allows(needed) for role in found))


def may(world: World, principal: str, action: str, registry: Resource) -> bool:
    """Tell whether a principal may `pull`, `push`, `delete`, `metadata_read` or `metadata_write`."""
    return action in actions(world, principal, registry)


def _own(world: World, principal: str, subscription: str) -> set[Role]:
    """The role that the learner, or an application, has in a subscription without an assignment."""
    found = subscriptions.find(world, subscription)
    if found is None:
        return set()
    mine = principal in tokens.owners(world, found.tenant)
    role = found.role if mine else applications.role_in(world, principal, found)
    return set() if role == subscriptions.NONE else {BUILT_IN[role]}


def _levels(scope: ArmId) -> set[str]:
    """A scope and all above it: its parents, what it extends, its group, its subscription."""
    above = scope.parent or (ArmId.parse(scope.scope) if scope.scope else None)
    return {scope.key} | (_levels(above) if above else set())


def counts(world: World, assignment: Resource, *, late_s: float = lateness.ROLE_S) -> bool:
    """Tell whether a role assignment is visible to authorization by now."""
    arrived = lateness.has_arrived(world, assignment, seconds=late_s)
    return arrived and fault_injection.counts(world, assignment.id)


def _assigned(world: World, principal: str, level: str, late_s: float) -> Iterator[Resource]:
    for assignment in world.of_type(ASSIGNMENT_TYPE, under=f"{level}/providers/{ASSIGNMENT_TYPE}"):
        mine = assignment.properties["principalId"].lower() == principal.lower()
        if mine and counts(world, assignment, late_s=late_s):
            yield assignment

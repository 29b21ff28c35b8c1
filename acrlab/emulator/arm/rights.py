"""May a principal do an action at a scope? Its roles there and above decide.

Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles
from acrlab.emulator.types.role_definition import NOT_ACTIONS, ROLES


def may(world: World, principal: str, scope: str, action: str) -> bool:
    """Tell whether a role allows an action. `scope`: an id, or a path in a subscription that belongs to no resource."""
    try:
        id = ArmId.parse(scope)
    except ValueError:
        if not subscription_in(scope):
            return False
        id = ArmId.parse(f"/subscriptions/{subscription_in(scope)}")  # the list of a subscription's regions, say
    return any(_allows(role, action.lower()) for role in roles.roles_at(world, principal, id))


def subscription_in(path: str) -> str:
    """Name the subscription that a path lies in; empty: in none."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else ""


def _allows(role: str, action: str) -> bool:
    def matches(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(action, pattern.lower()) for pattern in patterns)

    return matches(ROLES[role][1]) and not matches(NOT_ACTIONS.get(role, ()))

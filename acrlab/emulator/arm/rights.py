"""May a principal do an action at a scope? Its roles there and above decide.

Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles


def may(world: World, principal: str, scope: str, action: str) -> bool:
    """Tell whether a role allows an action. `scope`: an id, or a path in a subscription that belongs to no resource."""
    try:
        id = ArmId.parse(scope)
    except ValueError:
        if not subscription_in(scope):
            return False
        id = ArmId.parse(f"/subscriptions/{subscription_in(scope)}")  # the list of a subscription's regions, say
    return any(role.allows(action) for role in roles.roles_at(world, principal, id))


def subscription_in(path: str) -> str:
    """Name the subscription that a path lies in; empty: in none."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else ""

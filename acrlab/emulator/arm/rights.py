"""May a principal do an action at a scope? Its roles there and above decide.

Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

from acrlab.azure.arm_id import GROUP_TYPE, ArmId
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles

# What a role calls otherwise than the path does.
_CALLED = {
    GROUP_TYPE.lower(): "Microsoft.Resources/subscriptions/resourceGroups",
    "microsoft.containerregistry/checknameavailability/action": (
        "Microsoft.ContainerRegistry/checkNameAvailability/read"
    ),
    # Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles#reader, who may export
    "microsoft.resources/subscriptions/resourcegroups/exporttemplate/action": (
        "Microsoft.Resources/subscriptions/resourceGroups/read"
    ),
}


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


def forbidden(principal: str, scope: str, action: str) -> ArmError:
    """Return the front door's refusal of an action that no role of a principal allows."""
    message = (
        f"The client '{principal}' with object id '{principal}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials."
    )
    return ArmError(403, "AuthorizationFailed", message, gateway=True)


def called(text: str) -> str:
    """Return a type or an action in the words of role definitions."""
    return _CALLED.get(text.lower(), text)

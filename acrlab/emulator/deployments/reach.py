"""What a template may reach: other subscriptions, where its caller may deploy as well, and providers that are new.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types,
https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-to-resource-group and
https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.linked_access import caller_of
from acrlab.emulator.arm.rights import may
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.registration import is_registered, register
from acrlab.emulator.core.world import World
from acrlab.emulator.types.subscription import require_subscription

WRITE = "Microsoft.Resources/deployments/write"


def require_reach(world: World, scope: ArmId, nested: ArmId) -> None:
    """Refuse a nested deployment where there is no subscription, or where the caller may not deploy.

    Args:
        scope: where the template around is deployed, for which rights were asked before.

    Raises: ArmError.
    """
    if nested.subscription.lower() == scope.subscription.lower():
        return
    require_subscription(world, nested.subscription)
    caller = caller_of(world)
    if caller and not may(world, caller.principal, nested.scope, WRITE):
        message = (
            f"Authorization failed for template resource '{nested.name}' of type '{nested.type}'. The client "
            f"'{caller.principal}' with object id '{caller.principal}' does not have permission to perform action "
            f"'{WRITE}' at scope '{nested}'."
        )
        raise ArmError(403, "AuthorizationFailed", message)


def register_provider(world: World, id: ArmId) -> None:
    """Register the provider of a template's resource with its subscription, where the caller has the right to."""
    caller = caller_of(world)
    subscription = f"/subscriptions/{id.subscription}"
    if is_registered(world, id.namespace, id.subscription):
        return
    if caller is None or may(world, caller.principal, subscription, f"{id.namespace}/register/action"):
        register(world, id.namespace, id.subscription)

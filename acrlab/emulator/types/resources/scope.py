"""Scopes: what rights, locks and tags can be put on."""

from __future__ import annotations

from acrlab.azure.arm_id import SUBSCRIPTION_TYPE, ArmId
from acrlab.emulator.core.http import NotEmulated
from acrlab.emulator.core.resource import State
from acrlab.emulator.types.resources.subscription import require_subscription


def require_scope(state: State, scope: str) -> ArmId:
    """The id of a scope. Raises: ArmError: nothing is there; NotEmulated: above a subscription."""
    try:
        id = ArmId.parse(scope)
    except ValueError as problem:
        raise NotEmulated(f"the scope {scope}", supported="a subscription, a group, a resource") from problem
    require_subscription(state, id.subscription)
    if id.type != SUBSCRIPTION_TYPE:
        state.get(id)
    return id

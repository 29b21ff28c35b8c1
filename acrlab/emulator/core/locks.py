"""Management locks, held against every request that would change or delete something.

A lock binds what it stands on and everything below. It binds Resource Manager alone: a locked registry takes pushes.
Source: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import ArmError, Request
from acrlab.emulator.core.resource import Resource, State

LOCK_TYPE = "Microsoft.Authorization/locks"
CAN_NOT_DELETE, READ_ONLY = "CanNotDelete", "ReadOnly"
_CHANGES = {"PUT": "write", "PATCH": "write", "POST": "write", "DELETE": "delete"}
_QUESTIONS = ("validate", "whatif", "exporttemplate", "checknameavailability")  # POSTs that change nothing


def hold(state: State, request: Request) -> None:
    """Refuse a request that a lock forbids; a lock itself can always be made and taken away.

    Raises: ArmError: 409 that names what is locked.
    """
    operation = _CHANGES.get(request.method)
    scope = request.path.rstrip("/")
    if request.method == "POST":
        scope, _, action = scope.rpartition("/")
        operation = None if action.lower() in _QUESTIONS else operation
    if operation and _names_a_resource(scope):
        require_open(state, scope, operation)


def require_open(state: State, scope: str, operation: str) -> None:
    """Refuse to `write` or `delete` at a scope where a lock forbids it. Raises: ArmError."""
    key = scope.lower()
    locks = state.of_type(LOCK_TYPE, under=f"/subscriptions/{key.split('/')[2]}")
    locked = dict.fromkeys(lock.id.scope for lock in locks if _binds(lock, key, operation))
    if locked:
        message = (
            f"The scope '{scope}' cannot perform {operation} operation because following scope(s) are locked: "
            f"'{','.join(locked)}'. Please remove the lock and try again."
        )
        raise ArmError(409, "ScopeLocked", message, gateway=True)


def require_open_behind(state: State, id: ArmId, operation: str) -> None:
    """Require the same of what one service does to another's resource for a caller; it passes the refusal on."""
    try:
        require_open(state, str(id), operation)
    except ArmError as refusal:
        service = "/".join(id.type.split("/")[:2])
        message = f"Call to {service} failed. Error message: {refusal.message}"
        raise ArmError(refusal.status, refusal.code, message, details=[]) from refusal


def lies_at_or_below(key: str, scope: str) -> bool:
    """Tell whether an id, in its key's spelling, is a scope or lies in it."""
    return f"{key}/".startswith(f"{scope.lower()}/")


def _binds(lock: Resource, key: str, operation: str) -> bool:
    """What is deleted takes all below it along, so a lock there counts, too."""
    if operation == "write":
        return bool(lock.properties["level"] == READ_ONLY) and lies_at_or_below(key, lock.id.scope)
    return lies_at_or_below(key, lock.id.scope) or lies_at_or_below(lock.id.scope.lower(), key)


def _names_a_resource(scope: str) -> bool:
    try:
        return ArmId.parse(scope).type.lower() != LOCK_TYPE.lower()
    except ValueError:
        return False

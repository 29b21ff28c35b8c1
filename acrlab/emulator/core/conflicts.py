"""What a service does not take while an operation is at work on the same thing, in the words in which it says so.

A write to what is still being written is taken: it comes to the same in the end, as it does in Azure, where the newer
operation supersedes the older.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import ArmError

# Source: https://learn.microsoft.com/azure/virtual-machines/error-messages
VERBS_OF_COMPUTE = {"PUT": "Update VM", "PATCH": "Update VM"}


@dataclass(frozen=True)
class Running:
    """An operation that has not ended.

    Attributes:
        key: of the resource that it works on.
        verb: what began it: an HTTP verb or the name of an action.
        address: where to ask for its status.
    """

    key: str
    verb: str
    address: str


def require_idle(running: Iterable[Running], id: ArmId, verb: str, *, wrapped: bool = True) -> None:
    """Refuse what an operation in the same tree of resources stands in the way of.

    Args:
        verb: as in `Running`.
        wrapped: as in `ArmError`.
    """
    for one in running:
        holds = id.key == one.key or id.key.startswith(f"{one.key}/")
        if one.verb == "DELETE" and verb != "DELETE" and holds:
            raise _being_deleted(one, id, verb, wrapped)
        if one.key != id.key and _is_network(id):
            raise _another_operation(one)
        if one.verb.lower() == verb.lower() == "runcommand":
            raise one_script_at_a_time()


def _is_network(id: ArmId) -> bool:
    service = id.type.lower().removeprefix("microsoft.network/")
    return service != id.type.lower() and not service.startswith(("privatednszones", "dnsresolvers", "dnsforwarding"))


def _another_operation(one: Running) -> ArmError:
    message = (
        "Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: "
        f"{one.address}."
    )
    return ArmError(409, "AnotherOperationInProgress", message, details=[])


def one_script_at_a_time() -> ArmError:
    """Refuse a script while the agent on the VM runs another."""
    message = (
        "Run command extension execution is in progress. Please wait for completion before invoking a run command."
    )
    return ArmError(409, "Conflict", message)


def _being_deleted(one: Running, id: ArmId, verb: str, wrapped: bool) -> ArmError:
    if _is_network(id):
        return _another_operation(one)
    if id.namespace.lower() == "microsoft.compute":
        message = (
            f"Operation '{VERBS_OF_COMPUTE.get(verb, verb)}' is not allowed on VM '{id.names[0]}' since the VM is "
            "marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)."
        )
        return ArmError(409, "OperationNotAllowed", message)
    message = f"The resource '{one.key}' is being deleted; nothing in it can be changed until that has ended."
    return ArmError(409, "Conflict", message, wrapped=wrapped)

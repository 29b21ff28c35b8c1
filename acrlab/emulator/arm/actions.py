"""What a resource is asked to do beside the verbs: at once, or as an operation that tells how it ended."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.operations import Operations
from acrlab.emulator.core.conflicts import require_idle
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.schema import Action
from acrlab.emulator.core.world import World


def carry_out(world: World, operations: Operations, id: ArmId, name: str, action: Action, request: Request) -> Response:
    """Do what a resource is asked to do. Raises: ArmError: it is refused at once."""
    resource = world.get(id)
    if action.method == "POST":
        require_idle(operations.around(id), id, name)
    polling = action.wait_for(request.api_version)
    if action.allowed:
        action.allowed(world, resource)
    doomed = bool(request.doom and polling)  # an operation that will fail does nothing
    result, error = (None, None) if doomed else _performed(world, resource, action, request)
    if isinstance(result, Response):
        return result
    if polling is None:
        return Response(action.status, result)
    headers = operations.begin(
        request, resource, name, polling=polling, seconds=action.seconds, result=result, error=error
    )
    return Response(polling.status or 202, None, headers)


def _performed(
    world: World, resource: Resource, action: Action, request: Request
) -> tuple[JSON | Response | None, JSON | None]:
    """The result, and the error with which the operation is to end. Raises: ArmError: there will be no operation."""
    try:
        with world.savepoint():
            return action.perform(world, resource, request), None
    except NotEmulated:
        raise
    except ArmError as refused:
        if not action.accepts_first or refused.gateway:
            raise
        return None, {"code": refused.code, "message": refused.message}

"""What a resource is asked to do beside the verbs: at once, or as an operation that tells how it ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.operations import Operations
from acrlab.emulator.core.conflicts import require_idle
from acrlab.emulator.core.error_texts import in_service_words
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.schema import Action
from acrlab.emulator.core.values import Scene
from acrlab.emulator.core.world import World


def carry_out(world: World, operations: Operations, id: ArmId, name: str, action: Action, request: Request) -> Response:
    """Do what a resource is asked to do. Raises: ArmError: it is refused at once."""
    resource = world.get(id)
    require_modelled(request, action.unmodelled_query, f"{name} of {id.type}")
    if action.method == "POST":
        require_idle(operations.around(id), id, name)
    polling = action.wait_for(request.api_version)
    if action.allowed:
        action.allowed(world, resource)
    request = _admitted(world, resource, name, action, request)
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


def require_modelled(request: Request, names: Sequence[str], what: str) -> None:
    """Refuse query parameters that would change what comes of a request. Raises: NotEmulated."""
    for name in names:
        if (value := request.query.get(name, "")).lower() not in ("", "false"):
            raise NotEmulated(f"{name}={value} on {what}")


def _admitted(world: World, resource: Resource, name: str, action: Action, request: Request) -> Request:
    """Return the request with its body as it is admitted. Raises: ArmError, in the service's words."""
    if action.body is None:
        return request
    what = f"{resource.id.type}/{name}"
    try:
        body = action.body.admit("", request.json(), Scene(world, resource, what, request.api_version))
    except ArmError as problem:
        raise in_service_words(what, problem) from problem
    return replace(request, body=json.dumps(body).encode())


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

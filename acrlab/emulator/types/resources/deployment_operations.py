"""What became of each resource of a deployment, and of its outputs: `…/deployments/{name}/operations`."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.lro import guid_of_operation, number_of
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.paging import next_link, size_of
from acrlab.emulator.types.resources.deployment import DEPLOYMENT_TYPE, duration, ended

SOURCE = "https://learn.microsoft.com/rest/api/resources/deployment-operations"
PAGE = 100


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """All operations, in the order in which resources were made, that of the outputs last."""
    all = _operations(state, _deployment(state, words))
    known = [operation["operationId"] for operation in all]
    after = request.query.get("$skiptoken", "")
    start, size = known.index(after) + 1 if after in known else 0, size_of(request, PAGE)
    shown = all[start : start + size]
    more = {"nextLink": next_link(request, shown[-1]["operationId"])} if start + size < len(all) else {}
    return {"value": shown, **more}


def one(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    wanted = words["operation"]
    for operation in _operations(state, _deployment(state, words)):
        if operation["operationId"].lower() == wanted.lower():
            return operation
    message = f"The deployment operation '{wanted}' could not be found."
    raise ArmError(404, "DeploymentOperationNotFound", message, gateway=True)


def _deployment(state: State, words: Mapping[str, str]) -> Resource:
    scope, group = f"/subscriptions/{words['subscription']}", words.get("group")
    home = str(ArmId.of_group(words["subscription"], group)) if group else scope
    return state.get(ArmId(home, DEPLOYMENT_TYPE, (words["deployment"],)))


def _operations(state: State, deployment: Resource) -> list[JSON]:
    done = deployment.state.get("operations", [])
    all = [_of_resource(state, deployment, index, operation) for index, operation in enumerate(done)]
    return [*all, _of_outputs(state, deployment)] if deployment.phase == SUCCEEDED else all


def _of_resource(state: State, deployment: Resource, index: int, operation: JSON) -> JSON:
    target, error = ArmId.parse(operation["id"]), operation["error"]
    name = state.guid(deployment, f"operation {index}").replace("-", "")[:16].upper()
    properties = {
        "serviceRequestId": state.guid(deployment, f"service request {index}"),
        "statusCode": operation.get("status", "Conflict" if error else "OK"),  # worlds of before kept none
        **({"statusMessage": {"error": error}} if error else {}),
        "targetResource": {
            "id": str(target),
            "resourceType": target.type,
            "resourceName": "/".join(target.names),
        },
    }
    does = operation.get("does", "Create")
    return _operation(state, deployment, name, does, "Failed" if error else SUCCEEDED, properties)


def _of_outputs(state: State, deployment: Resource) -> JSON:
    """What comes last has the number of the whole deployment's operation, and is about no resource."""
    number = number_of(guid_of_operation(state, deployment, "PUT", deployment.state["began"]))
    return _operation(state, deployment, number, "EvaluateDeploymentOutput", SUCCEEDED, {"statusCode": "OK"})


def _operation(state: State, deployment: Resource, name: str, does: str, ending: str, more: JSON) -> JSON:
    return {
        "id": f"{deployment.id}/operations/{name}",
        "operationId": name,
        "properties": {
            "provisioningOperation": does,
            "provisioningState": ending,
            "timestamp": state.timestamp(ended(state, deployment)),
            "duration": duration(state, deployment),
            "trackingId": state.guid(deployment, f"tracking {name}"),
            **more,
        },
    }


_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_DEPLOYMENTS = (
    f"{_GROUP}/providers/{DEPLOYMENT_TYPE}/{{deployment}}",
    f"/subscriptions/{{subscription}}/providers/{DEPLOYMENT_TYPE}/{{deployment}}",
    f"{_GROUP}/deployments/{{deployment}}",  # as older clients write it
)
ROUTES = (
    *(Route("GET", f"{path}/operations", listed, f"{SOURCE}/list") for path in _DEPLOYMENTS),
    *(Route("GET", f"{path}/operations/{{operation}}", one, f"{SOURCE}/get") for path in _DEPLOYMENTS),
)

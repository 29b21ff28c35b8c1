"""Microsoft.Resources/deployments: a template carried out. What a template means is `acrlab.emulator.deployments`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError, Request, malformed
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Action, ResourceType, Route
from acrlab.emulator.core.values import Anything, Field, Hidden, Region, Tags, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.polling import DEPLOYMENT_DELETE, DEPLOYMENT_PUT
from acrlab.emulator.types.subscription import require_subscription

DEPLOYMENT_TYPE = "Microsoft.Resources/deployments"
SOURCE = "https://learn.microsoft.com/rest/api/resources/deployments"
NEVER = "0001-01-01T00:00:00Z"


def read_template(state: State, deployment: Resource, old: Resource | None) -> None:
    """A template that makes no sense, or that a service would refuse, is not even begun."""
    deployment.state = {"began": state.now}
    state.perform("rehearse_deployment", deployment)


def deploy(state: State, deployment: Resource) -> JSON | None:
    """The resources come about when the time that they take has passed, each after those that it needs."""
    error: JSON | None = state.perform("carry_out_deployment", deployment)
    return error


def template_hash(state: State, deployment: Resource) -> str:
    text = json.dumps(deployment.properties.get("template"), sort_keys=True)
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def _ended(state: State, deployment: Resource) -> float:
    return float(deployment.state.get("ended") or deployment.state["began"])


def duration(state: State, deployment: Resource) -> str:
    return f"PT{_ended(state, deployment) - deployment.state['began']:.7g}S"


def output_resources(state: State, deployment: Resource) -> list[JSON] | None:
    """Told once it is done."""
    return [{"id": id} for id in deployment.state["resources"]] if deployment.phase == SUCCEEDED else None


def operations(state: State, deployment: Resource, request: Request) -> JSON:
    """What became of each resource, in the order in which they were made."""
    done = enumerate(deployment.state.get("operations", []))
    return {"value": [_operation(state, deployment, index, operation) for index, operation in done]}


def operations_by_name(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """The same under the path that older clients use."""
    scope = request.path.partition("/deployments/")[0]
    return operations(state, state.get(ArmId(scope, DEPLOYMENT_TYPE, (words["deployment"],))), request)


def _operation(state: State, deployment: Resource, index: int, operation: JSON) -> JSON:
    target, error = ArmId.parse(operation["id"]), operation["error"]
    name = state.guid(deployment, f"operation {index}").replace("-", "")[:16].upper()
    status = {"statusCode": "Conflict", "statusMessage": {"error": error}} if error else {"statusCode": "OK"}
    return {
        "id": f"{deployment.id}/operations/{name}",
        "operationId": name,
        "properties": {
            "provisioningOperation": operation.get("does", "Create"),
            "provisioningState": "Failed" if error else "Succeeded",
            "timestamp": state.timestamp(_ended(state, deployment)),
            "duration": "PT0S",
            "trackingId": state.guid(deployment, "tracking"),
            **status,
            "targetResource": {
                "id": str(target),
                "resourceType": target.type,
                "resourceName": "/".join(target.names),
            },
        },
    }


def export_template(state: State, deployment: Resource, request: Request) -> JSON:
    return {"template": deployment.properties["template"]}


def cancel(state: State, deployment: Resource, request: Request) -> None:
    """Only what still runs can be stopped; the emulated service can't stop it either."""
    message = f"The deployment '{deployment.id.name}' cannot be canceled because it is in '{deployment.phase}' state."
    raise ArmError(409, "DeploymentCannotBeCancelled", message, gateway=True)


def what_if(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Tell what a deployment would change. A template that would be refused is an answer, too."""
    shown: JSON = state.perform("predict_deployment", _draft(state, request, words))
    return shown


def _draft(state: State, request: Request, words: Mapping[str, str]) -> Resource:
    """A deployment that is only asked about."""
    require_subscription(state, words["subscription"])
    scope, group = f"/subscriptions/{words['subscription']}", words.get("group")
    if group:
        scope = str(state.get(ArmId.of_group(words["subscription"], group)).id)
    body = request.json()
    if not isinstance(body.get("properties"), dict):
        raise malformed("properties is required: an object with the template.")
    if not group and not body.get("location"):
        message = "The location property is required for this definition."
        raise ArmError(400, "LocationRequired", message, gateway=True)
    return state.new(ArmId(scope, DEPLOYMENT_TYPE, (words["deployment"],)), body)


def validate(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Rehearse a deployment that is only to be validated."""
    draft = _draft(state, request, words)
    state.perform("rehearse_deployment", draft)
    made = draft.state["resources"]
    return {
        "id": str(draft.id),
        "name": draft.id.name,
        "type": DEPLOYMENT_TYPE,
        "properties": {
            "templateHash": template_hash(state, draft),
            "mode": "Incremental",
            "provisioningState": SUCCEEDED,
            "timestamp": NEVER,
            "duration": "PT0S",
            "correlationId": state.guid(draft, "correlation"),
            **{name: draft.state[name] for name in ("providers", "dependencies")},
            **({"parameters": draft.state["parameters"]} if draft.state["parameters"] else {}),
            "validatedResources": [{"id": id} for id in made],
        },
    }


DEPLOYMENT = ResourceType(
    type=DEPLOYMENT_TYPE,
    source=f"{SOURCE}/create-or-update",
    versions=api_versions.RESOURCES,
    name=r"[\w.()-]{1,64}",
    envelope={"location": Field(Region()), "tags": Field(Tags(), inert=True)},
    properties={
        "template": Field(Hidden()),
        "parameters": Field(Anything(), default={}),
        "mode": Field(choice("Incremental", unmodelled=("Complete",)), default="Incremental"),
        "expressionEvaluationOptions": Field(Shape({"scope": Field(Text())})),
        "debugSetting": Field(Anything(), inert=True),
        "validationLevel": Field(Text(), inert=True),
    },
    computed={
        "templateHash": template_hash,
        "parameters": lambda state, deployment: deployment.state["parameters"],
        "timestamp": lambda state, deployment: state.timestamp(_ended(state, deployment)),
        "duration": duration,
        "correlationId": lambda state, deployment: state.guid(deployment, "correlation"),
        "providers": lambda state, deployment: deployment.state["providers"],
        "dependencies": lambda state, deployment: deployment.state["dependencies"],
        "outputs": lambda state, deployment: deployment.state.get("outputs") or None,
        "outputResources": output_resources,
        "error": lambda state, deployment: deployment.state.get("error"),
    },
    on_put=read_template,
    on_ready=deploy,
    polling={"PUT": DEPLOYMENT_PUT, "DELETE": DEPLOYMENT_DELETE},
    seconds={"PUT": 59, "DELETE": 15},
    verbs=("GET", "PUT", "DELETE", "LIST"),
    actions={
        "operations": Action(operations, method="GET"),
        "exportTemplate": Action(export_template),
        "cancel": Action(cancel),
    },
    missing=lambda id: ArmError(404, "DeploymentNotFound", f"Deployment '{id.name}' could not be found.", gateway=True),
)
_TAIL = f"/providers/{DEPLOYMENT_TYPE}/{{deployment}}/validate"
_WHAT_IF = f"/providers/{DEPLOYMENT_TYPE}/{{deployment}}/whatIf"

ROUTES = (
    Route("POST", f"/subscriptions/{{subscription}}/resourceGroups/{{group}}{_TAIL}", validate, f"{SOURCE}/validate"),
    Route(
        "GET",
        "/subscriptions/{subscription}/resourceGroups/{group}/deployments/{deployment}/operations",
        operations_by_name,
        "https://learn.microsoft.com/rest/api/resources/deployment-operations/list",
    ),
    Route("POST", f"/subscriptions/{{subscription}}{_TAIL}", validate, f"{SOURCE}/validate-at-subscription-scope"),
    Route("POST", f"/subscriptions/{{subscription}}/resourceGroups/{{group}}{_WHAT_IF}", what_if, f"{SOURCE}/what-if"),
    Route("POST", f"/subscriptions/{{subscription}}{_WHAT_IF}", what_if, f"{SOURCE}/what-if-at-subscription-scope"),
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Resources/deployments",
        what="All resources appear when the deployment ends.",
        impact="On Azure each appears when it is made.",
        reason="The emulator carries a template out in one step, in order.",
        workaround="Wait for the deployment.",
    ),
    Deviation(
        of="Microsoft.Resources/deployments",
        what="A template is rehearsed in full before it is accepted.",
        impact="What Azure may find half-way (DeploymentFailed) is found at once (InvalidTemplateDeployment).",
        reason="Azure's services check in advance only part of what they refuse.",
        workaround="Handle both.",
    ),
    Deviation(
        of="Microsoft.Resources/deployments",
        what="What-if answers at once, and compares with defaults as a deployment would set them.",
        impact="Azure answers 202 first, and may tell changes that will not come, which are not told here.",
        reason="The template is carried out and undone, so what is told is what would happen.",
        workaround="Follow the operation as for Azure; compare change types, not the order of properties.",
    ),
    Deviation(
        of="Microsoft.Resources/deployments",
        what="`uniqueString()` gives other letters.",
        impact="Names made with it differ from those on Azure; they are as long and as stable.",
        reason="Azure's hash is not documented.",
        workaround="None needed as long as no name is written down twice.",
    ),
    Deviation(
        of="Microsoft.Resources/deployments",
        what="Rights are checked for the deployment, not for each resource in it.",
        impact="A caller who may deploy may deploy everything.",
        reason="The lab has no custom roles that would tell them apart.",
        workaround="None.",
    ),
)

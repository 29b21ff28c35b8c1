"""What a deployment is only asked about: whether it is valid, what it would change, which hash its template has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, Request, Response, malformed
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.polling import WHAT_IF
from acrlab.emulator.types.resources.deployment import DEPLOYMENT_TYPE, SOURCE, hash_of, minified, template_hash
from acrlab.emulator.types.resources.subscription import require_subscription

NEVER = "0001-01-01T00:00:00Z"
WHAT_IF_S = 15.0


def what_if(state: State, request: Request, words: Mapping[str, str]) -> Response:
    """Tell what a deployment would change. A template that would be refused is an answer, too."""
    id, body = _asked(state, request, words)
    properties = dict(body["properties"])
    settings, mode = properties.pop("whatIfSettings", None), properties.get("mode")
    if str(mode).lower() == "complete":  # which what-if tells, though no deployment carries it out
        properties["mode"] = "Incremental"
    draft: Resource = state.perform("draft_deployment", id, {**body, "properties": properties}, request.api_version)
    draft.properties.update({"whatIfSettings": settings, "mode": mode})
    told: JSON = state.perform("predict_deployment", draft)
    # Who asks something else at the same moment gets another answer.
    verb = f"whatIf {hashlib.sha256(json.dumps(body).encode()).hexdigest()[:16]}"
    answer: Response = state.perform("begin_asking", request, draft, verb, WHAT_IF, WHAT_IF_S, told)
    return answer


def validate(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Rehearse a deployment that is only to be validated."""
    draft: Resource = state.perform("draft_deployment", *_asked(state, request, words), request.api_version)
    state.perform("rehearse_deployment", draft)
    return {
        "id": str(draft.id),
        "name": draft.id.name,
        "type": DEPLOYMENT_TYPE,
        **({"location": draft.location} if draft.location else {}),
        "properties": {
            "templateHash": template_hash(state, draft),
            **({} if draft.state["parameters"] is None else {"parameters": draft.state["parameters"]}),
            "mode": "Incremental",
            "provisioningState": SUCCEEDED,
            "timestamp": NEVER,
            "duration": "PT0S",
            "correlationId": state.guid(draft, "correlation"),
            **{name: draft.state[name] for name in ("providers", "dependencies")},
            "validatedResources": [{"id": id} for id in draft.state["validated"]],
        },
    }


def calculate_template_hash(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Tell the hash that deployments of a template show."""
    template = request.json()
    return {"minifiedTemplate": minified(template), "templateHash": hash_of(template)}


def _asked(state: State, request: Request, words: Mapping[str, str]) -> tuple[ArmId, JSON]:
    """Read which deployment is asked about, and what it would be sent."""
    require_subscription(state, words["subscription"])
    scope, group = f"/subscriptions/{words['subscription']}", words.get("group")
    if group:
        scope = str(state.get(ArmId.of_group(words["subscription"], group)).id)
    body = request.json()
    if not isinstance(body.get("properties"), dict):
        raise malformed("properties is required: an object with the template.")
    return ArmId(scope, DEPLOYMENT_TYPE, (words["deployment"],)), body


_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{DEPLOYMENT_TYPE}/{{deployment}}"
_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{DEPLOYMENT_TYPE}/{{deployment}}"
ROUTES = (
    Route("POST", f"{_GROUP}/validate", validate, f"{SOURCE}/validate"),
    Route("POST", f"{_SUBSCRIPTION}/validate", validate, f"{SOURCE}/validate-at-subscription-scope"),
    Route("POST", f"{_GROUP}/whatIf", what_if, f"{SOURCE}/what-if"),
    Route("POST", f"{_SUBSCRIPTION}/whatIf", what_if, f"{SOURCE}/what-if-at-subscription-scope"),
    Route(
        "POST",
        "/providers/Microsoft.Resources/calculateTemplateHash",
        calculate_template_hash,
        f"{SOURCE}/calculate-template-hash",
    ),
)

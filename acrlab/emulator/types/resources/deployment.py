"""Microsoft.Resources/deployments: a template carried out. What a template means is `acrlab.emulator.deployments`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import hash64
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError, Request, Response, malformed
from acrlab.emulator.core.resource import CANCELED, SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Anything, Field, Hidden, Region, Scene, Tags, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.odata_filter import asked
from acrlab.emulator.types.polling import DEPLOYMENT_DELETE, DEPLOYMENT_PUT

DEPLOYMENT_TYPE = "Microsoft.Resources/deployments"
SOURCE = "https://learn.microsoft.com/rest/api/resources/deployments"


def read_template(state: State, deployment: Resource, old: Resource | None) -> None:
    """A template that makes no sense, or that a service would refuse, is not even begun."""
    deployment.state = {"began": state.now}
    state.perform("rehearse_deployment", deployment)


def deploy(state: State, deployment: Resource) -> JSON | None:
    """The resources come about when the time that they take has passed, each after those that it needs."""
    error: JSON | None = state.perform("carry_out_deployment", deployment)
    return error


def template_hash(state: State, deployment: Resource) -> str:
    return hash_of(deployment.properties.get("template"))


def minified(template: Any) -> str:
    """Write a template as it is hashed: in one line, and in capitals.

    Source: https://learn.microsoft.com/rest/api/resources/deployments/calculate-template-hash
    """
    return json.dumps(template, separators=(",", ":"), ensure_ascii=False).upper()


def hash_of(template: Any) -> str:
    return str(hash64.hash_of(minified(template).encode("utf-8", "surrogatepass")))


def ended(state: State, deployment: Resource) -> float:
    return float(deployment.state.get("ended") or deployment.state["began"])


def duration(state: State, deployment: Resource) -> str:
    return f"PT{ended(state, deployment) - deployment.state['began']:.7g}S"


def output_resources(state: State, deployment: Resource) -> list[JSON] | None:
    """Told once it is done."""
    return [{"id": id} for id in deployment.state["resources"]] if deployment.phase == SUCCEEDED else None


def export_template(state: State, deployment: Resource, request: Request) -> JSON:
    return {"template": deployment.properties["template"]}


def cancel(state: State, deployment: Resource, request: Request) -> Response:
    """Stop what still runs: nothing of it comes about, as everything here comes at the end."""
    if deployment.phase != DEPLOYMENT_PUT.phase:
        message = (
            f"The deployment '{deployment.id.name}' cannot be canceled because it is in '{deployment.phase}' state."
        )
        raise ArmError(409, "DeploymentCannotBeCancelled", message, gateway=True)
    state.perform("cancel", deployment.id)
    deployment.state["ended"] = state.now
    state.settle(deployment, CANCELED)
    return Response(204)


def has_a_template(state: State, deployment: Resource, old: Resource | None) -> None:
    """There is nothing to deploy without one; what a link leads to was refused before as not emulated."""
    if "template" not in deployment.properties:
        raise malformed("properties.template is required: an object with the template.")


def lies_where_its_scope_allows(state: State, deployment: Resource, old: Resource | None) -> None:
    """A subscription's deployment says where its data are kept; a group's are kept with the group."""
    if bool(deployment.location) == bool(deployment.id.group):
        raise _misplaced(deployment.id)


def elsewhere(old: Resource, location: str) -> ArmError:
    """Refuse to keep the data of a deployment somewhere else than before."""
    if old.id.group or not location:
        return _misplaced(old.id)
    message = (
        f"Invalid deployment location '{location}'. The deployment '{old.id.name}' already exists in location "
        f"'{old.location}'."
    )
    return ArmError(409, "InvalidDeploymentLocation", message, gateway=True)


def _misplaced(id: ArmId) -> ArmError:
    problem = "is not allowed for '{}' at resource group scope" if id.group else "must be specified for '{}'"
    usage = "Please see https://aka.ms/arm-deployment-subscription for usage details."
    message = f"The 'location' property {problem.format(id.name)}. {usage}"
    return ArmError(400, "InvalidDeployment", message, gateway=True)


@dataclass(frozen=True)
class DataRegion(Region):
    """A region that keeps the data of deployments. Source: https://github.com/Azure/azure-cli/issues/32973"""

    def refusal(self, value: str, scene: Scene) -> ArmError:
        message = (
            f"The provided location '{value}' is not available for deployment. "
            f"List of available regions is '{','.join(self.names)}'."
        )
        return ArmError(400, "LocationNotAvailableForDeployment", message, gateway=True)


def in_state(deployment: Resource, question: str) -> bool:
    """`provisioningState eq 'Succeeded'`, the one question that a list takes."""
    return deployment.phase.lower() == asked(question, ("provisioningstate",)).get("provisioningstate")


DEPLOYMENT = ResourceType(
    type=DEPLOYMENT_TYPE,
    source=f"{SOURCE}/create-or-update",
    versions=api_versions.RESOURCES,
    name=r"[\w.()-]{1,64}",
    envelope={"location": Field(DataRegion()), "tags": Field(Tags(), inert=True)},
    properties={
        "template": Field(Hidden()),
        "parameters": Field(Hidden()),  # shown by name with their types, as the template has them
        "mode": Field(choice("Incremental", unmodelled=("Complete",)), default="Incremental"),
        "expressionEvaluationOptions": Field(Shape({"scope": Field(Text())})),
        "debugSetting": Field(Anything(), inert=True),
        "validationLevel": Field(choice("Provider", unmodelled=("ProviderNoRbac", "Template"))),
    },
    computed={
        "templateHash": template_hash,
        "parameters": lambda state, deployment: deployment.state["parameters"],
        "timestamp": lambda state, deployment: state.timestamp(ended(state, deployment)),
        "duration": duration,
        "correlationId": lambda state, deployment: state.guid(deployment, "correlation"),
        "providers": lambda state, deployment: deployment.state["providers"],
        "dependencies": lambda state, deployment: deployment.state["dependencies"],
        "outputs": lambda state, deployment: deployment.state.get("outputs"),
        "outputResources": output_resources,
        "error": lambda state, deployment: deployment.state.get("error"),
    },
    rules=(has_a_template, lies_where_its_scope_allows),
    elsewhere=elsewhere,
    on_put=read_template,
    on_ready=deploy,
    polling={"PUT": DEPLOYMENT_PUT, "DELETE": DEPLOYMENT_DELETE},
    seconds={"PUT": 59, "DELETE": 15},
    verbs=("GET", "PUT", "DELETE", "LIST"),
    actions={
        "exportTemplate": Action(export_template),
        "cancel": Action(cancel),
    },
    shows_existence=True,
    matches=in_state,
    missing=lambda id: ArmError(404, "DeploymentNotFound", f"Deployment '{id.name}' could not be found.", gateway=True),
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
        what="What-if compares with defaults as a deployment would set them.",
        impact="Azure may tell changes that will not come, which are not told here.",
        reason="The template is carried out and undone, so what is told is what would happen.",
        workaround="Compare change types, not the order of properties.",
    ),
    Deviation(
        of="Microsoft.Resources/deployments",
        what="`templateHash` is that of a template as it was sent, its parts in that order.",
        impact="Azure's is the same for the documented example; for others it may be another number.",
        reason="Whether Azure puts a template's parts into an order of its own is not documented.",
        workaround="Compare hashes of one Azure with each other.",
    ),
)

"""`az aks command invoke`: a command that runs in a pod of the cluster, and what it wrote.

Source: https://learn.microsoft.com/azure/aks/access-private-cluster
"""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError, Request, Response
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Action, Route
from acrlab.emulator.core.values import Field, Text
from acrlab.emulator.types.aks.names import CLUSTER_TYPE

START_S = 3.0  # until the command's pod runs
LONGEST = 512 * 1024
KEPT = 16  # results that can still be asked for
SOURCE = "https://learn.microsoft.com/rest/api/aks/managed-clusters/run-command"


def run(state: State, cluster: Resource, request: Request) -> Response:
    """Run a command, and tell where its result will be."""
    sent = request.json()
    if cluster.properties.get("apiServerAccessProfile", {}).get("disableRunCommand"):
        raise ArmError(400, "RunCommandDisabled", "Run command is disabled for this managed cluster.")
    if cluster.phase != SUCCEEDED:
        message = f"Operation is not allowed because the cluster's provisioning state is {cluster.phase}."
        raise ArmError(409, "OperationNotAllowed", message)
    if not sent.get("command"):
        raise ArmError(400, "InvalidParameter", "The value of parameter command is invalid: it is empty.")
    serial = cluster.state.get("commands made", 0) + 1
    id = state.derive("command", cluster.id.key, str(cluster.generation), str(serial)).replace("-", "")
    begun = state.now + START_S
    outcome = state.perform("run_in_cluster", cluster, sent["command"], sent.get("context") or "")
    kept = cluster.state.setdefault("commands", {})
    kept[id] = {**outcome, "begun": begun, "ended": max(begun, state.now) + 1}
    cluster.state["commands made"] = serial
    cluster.state["commands"] = dict(list(kept.items())[-KEPT:])
    state.settle(cluster, cluster.phase)
    path = f"{cluster.id}/commandResults/{id}?api-version={request.api_version}"
    return Response(202, None, {"Location": f"{request.origin}{path}"})


def result(state: State, request: Request, words: Mapping[str, str]) -> Response:
    """How a command is doing, and what it wrote."""
    group = ArmId.of_group(words["subscription"], words["group"])
    cluster = state.get(ArmId(str(group), CLUSTER_TYPE, (words["cluster"],)))
    kept = cluster.state.get("commands", {}).get(words["command"])
    if kept is None:
        raise ArmError(404, "NotFound", f"The command result '{words['command']}' was not found.")
    running = state.now < kept["ended"]
    shown: JSON = {"startedAt": _second(state, kept["begun"])}
    if running:
        return Response(202, {"id": words["command"], "properties": {"provisioningState": "Running", **shown}})
    if kept.get("reason"):
        return Response(200, {"id": words["command"], "properties": {"provisioningState": "Failed", **_why(kept)}})
    shown |= {"finishedAt": _second(state, kept["ended"]), "exitCode": kept["exit"], "logs": kept["logs"][-LONGEST:]}
    return Response(200, {"id": words["command"], "properties": {"provisioningState": "Succeeded", **shown}})


def _why(kept: JSON) -> JSON:
    return {"reason": kept["reason"]}


def _second(state: State, at: float) -> str:
    return f"{state.timestamp(at)[:19]}Z"


BODY = Shape({name: Field(Text()) for name in ("command", "context", "clusterToken")})
RUN_COMMAND = Action(run, body=BODY)
ROUTES = (
    Route(
        "GET",
        f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{CLUSTER_TYPE}/{{cluster}}"
        "/commandResults/{command}",
        result,
        SOURCE,
    ),
)

DEVIATIONS = (
    Deviation(
        of=f"{CLUSTER_TYPE}/runCommand",
        what="A command has run when it is accepted, and shows its result some seconds later; the last 16 are kept.",
        impact="A command that takes long is over sooner than its result says.",
        reason="Nothing runs in the background of an emulated Azure.",
        workaround="None needed.",
    ),
)

"""Microsoft.Compute/virtualMachines/runCommands: a script that a VM keeps, with how its last run ended.

The operation succeeds as soon as the script has run; whether the script itself succeeded is in the instance view.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.calendar import whole_second
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape, Unsaid
from acrlab.emulator.core.http import JSON, NotEmulated, Request
from acrlab.emulator.core.resource import FAILED, Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Field, Flag, Region, Scene, Tags, Text, Whole
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.compute.vm_actions import end_of
from acrlab.emulator.types.compute.vm_power import require_running
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.polling import COMPUTE, COMPUTE_ACTION

# What Azure answers, `Running` too. Source: azure-cli's recording of `test_run_command_v2`
NO_SCRIPT = (
    "Execution failed: failed to get configuration: invalid configuration: Either 'source.script' or "
    "'source.scriptUri' has to be specified"
)
NOT_RUNNING = "Cannot modify extensions in the VM when the VM is not running."


def vm_of(state: State, command: Resource) -> Resource:
    return state.get(ArmId(command.id.scope, VM_TYPE, command.id.names[:1]))


def vm_runs(state: State, command: Resource, old: Resource | None) -> None:
    """The agent on the VM runs scripts, and it runs only while the VM does."""
    require_running(vm_of(state, command), NOT_RUNNING)


def runs_as_root(state: State, command: Resource, old: Resource | None) -> None:
    """The VM's scripts run as root. Another user is not modelled."""
    if command.properties.get("runAsUser", "root") not in ("", "root"):
        raise NotEmulated(f"runAsUser {command.properties['runAsUser']} of {command.id.type}", supported="root")


def failure_is_modelled(state: State, command: Resource, old: Resource | None) -> None:
    """How a deployment ends that no script, or a bad one, was to fail is known for a script alone."""
    if _failure_counts(command) and not command.properties["source"].get("script"):
        raise NotEmulated(f"treatFailureAsDeploymentFailure of {command.id.type} without a script", supported="false")


def _failure_counts(command: Resource) -> bool:
    """Tell whether the script's end is the operation's: asked for, and waited for."""
    given = command.properties
    return bool(given.get("treatFailureAsDeploymentFailure")) and not given["asyncExecution"]


def wait_for_it(state: State, command: Resource, old: Resource | None) -> None:
    """The script runs when its operation has come to it."""
    command.state = {"begun": state.now}


def run(state: State, command: Resource) -> JSON | None:
    """Run the script, and keep how it ended and the end of what it wrote. The agent makes nothing of no script.

    Returns: why the operation failed; None: it did not.
    """
    if not command.properties["source"].get("script"):
        command.state |= {"begun": state.now, "ended": state.now}
        state.settle(command, command.phase)
        return None
    outcome = state.perform("run_script", vm_of(state, command), _script(command))
    command.state |= {
        "ended": state.now,
        "exit": outcome.exit_code,
        "output": end_of(outcome.stdout),
        "error": end_of(outcome.stderr),
    }
    failed = outcome.exit_code != 0 and _failure_counts(command)
    state.settle(command, FAILED if failed else command.phase)
    return _failure(command) if failed else None


def _failure(command: Resource) -> JSON:
    """What an operation ends with that its script failed: a run command is an extension of the VM to Azure."""
    message = (
        f"VM has reported a failure when processing extension '{command.id.name}' (publisher 'Microsoft.CPlat.Core' "
        f"and type 'RunCommandHandlerLinux'). Error message: '{_execution_failed(command)}'."
    )
    return {"code": "VMExtensionProvisioningError", "message": message}


def _execution_failed(command: Resource) -> str:
    status = command.state["exit"]
    return f"Execution failed: failed to execute command: command terminated with exit status={status}"


def _script(command: Resource) -> str:
    """The script, with named parameters in its environment and the others by place."""
    given = [*command.properties.get("parameters", []), *command.properties.get("protectedParameters", [])]
    named = [f"export {p['name']}={shlex.quote(p['value'])}" for p in given if re.fullmatch(r"[A-Za-z_]\w*", p["name"])]
    placed = [shlex.quote(p["value"]) for p in given if not p["name"]]
    text: str = command.properties["source"]["script"]
    first, _, rest = text.partition("\n") if text.startswith("#!") else ("", "", text)
    return "\n".join(line for line in (first, *named, f"set -- {' '.join(placed)}" if placed else "", rest) if line)


def instance_view(state: State, command: Resource, request: Request) -> JSON:
    """Tell how far the script is, and how it ended."""
    kept = command.state
    begun = _second(state, kept["begun"])
    if "ended" not in kept:
        return {"executionState": "Running", "exitCode": 0, "output": "", "error": "", "startTime": begun}
    if "exit" not in kept:
        refused = {"executionState": "Running", "executionMessage": NO_SCRIPT, "exitCode": 0, "output": "", "error": ""}
        return {**refused, "startTime": begun, "endTime": _second(state, kept["ended"])}
    status = kept["exit"]
    return {
        "executionState": "Failed" if status else "Succeeded",
        "executionMessage": _execution_failed(command) if status else "Execution completed",
        "exitCode": status,
        "output": kept["output"],
        "error": kept["error"],
        "startTime": begun,
        "endTime": _second(state, kept["ended"]),
    }


def _second(state: State, at: float) -> str:
    return whole_second(state.timestamp(at))


PARAMETERS = Listing(Shape({"name": Field(Text(), default=""), "value": Field(Text(), required=True)}))


@dataclass(frozen=True)
class _Hidden:
    """Parameters that are kept for the script and never shown."""

    def admit(self, at: str, value: Any, scene: Scene) -> Any:
        return PARAMETERS.admit(at, value, scene)

    def show(self, value: Any, scene: Scene) -> None:
        return None


RUN_COMMAND = ResourceType(
    type=f"{VM_TYPE}/runCommands",
    source="https://learn.microsoft.com/rest/api/compute/virtual-machine-run-commands/create-or-update",
    envelope={"location": Field(Region(), required=True), "tags": Field(Tags(), inert=True)},
    properties={
        "source": Field(Shape({"script": Field(Text())}), required=True),
        "parameters": Field(PARAMETERS),
        "protectedParameters": Field(_Hidden()),
        "asyncExecution": Field(Flag(), default=False),
        "timeoutInSeconds": Field(Whole(0, 24 * 3600), default=0, inert=True),
        "runAsUser": Field(Text()),
        "runAsPassword": Field(Unsaid()),
        "outputBlobUri": Field(Unsaid()),
        "errorBlobUri": Field(Unsaid()),
        "treatFailureAsDeploymentFailure": Field(Flag(), default=False, since="2023-03-01"),
    },
    read_only=("instanceView",),
    rules=(runs_as_root, failure_is_modelled, vm_runs),
    on_put=wait_for_it,
    on_ready=run,
    polling={"PUT": COMPUTE, "PATCH": COMPUTE, "DELETE": COMPUTE_ACTION},
    seconds={"PUT": 10, "DELETE": 10},
    actions={"instanceView": Action(instance_view, method="GET")},
    versions=api_versions.COMPUTE,
)

DEVIATIONS = (
    Deviation(
        of=RUN_COMMAND.type,
        what="An operation that `treatFailureAsDeploymentFailure` lets fail tells it in the words of an extension.",
        impact="Code and message may differ from Azure's; operation and command are `Failed`, as there.",
        reason="Azure's words for it were not found in any recording.",
        workaround="Read `executionMessage` and `error` of the instance view.",
    ),
)

"""Microsoft.ContainerRegistry/registries/tasks: what a registry can be told to run again and again.

Kept as it is written; what a run of it does is `acrlab.emulator.tasks`' business. Nothing starts a run but a request.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-tasks-overview
"""

from __future__ import annotations

import copy

from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Anything, Field, Flag, Region, Scene, Tags, Text, Whole, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import system_data
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE
from acrlab.emulator.types.identity import IDENTITY, identities_fit, shown

TASK_TYPE = f"{REGISTRY_TYPE}/tasks"
TIMEOUT_S = 3600
CONTEXT = ("contextPath", "contextAccessToken")  # of a step
# Kind of a step -> what it consists of, beside its context.
PARTS = {
    "Docker": ("imageNames", "isPushEnabled", "noCache", "dockerFilePath", "target", "arguments"),
    "EncodedTask": ("encodedTaskContent", "encodedValuesContent", "values"),
    "FileTask": ("taskFilePath", "valuesFilePath", "values"),
}


class _Step(Shape):
    """What a task does. Only `listDetails` tells the token that its context is read with."""

    def show(self, value: JSON, scene: Scene) -> JSON:
        told = super().show(value, scene)
        return {name: told[name] for name in told if name in ("type", CONTEXT[0], *PARTS[value["type"]])}


class _Argument(Shape):
    """A name and a value for a step. Only `listDetails` tells a value that is secret."""

    def show(self, value: JSON, scene: Scene) -> JSON:
        told = super().show(value, scene)
        return {name: told[name] for name in told if name != "value" or not value.get("isSecret")}


class _Credentials(Shape):
    """What a task signs in with. Only `listDetails` tells what is known of other registries than its own."""

    def show(self, value: JSON, scene: Scene) -> JSON:
        told = super().show(value, scene)
        if others := value.get("customRegistries"):
            told["customRegistries"] = dict.fromkeys(others)
        return told


def dates_itself(state: State, task: Resource, old: Resource | None) -> None:
    """The day of creation stays for good. Credentials that name nothing are none."""
    if not task.properties.get("credentials"):
        task.properties.pop("credentials", None)
    task.state.setdefault("creationDate", state.timestamp())


def details(state: State, task: Resource, request: Request) -> JSON:
    """The task with what a GET keeps to itself."""
    told = state.show(task, request.api_version)
    kept = {name: copy.deepcopy(task.properties[name]) for name in ("step", "credentials") if task.properties.get(name)}
    if step := kept.get("step"):
        kept["step"] = {k: v for k, v in step.items() if k in ("type", *CONTEXT, *PARTS[step["type"]])}
    return {**told, "properties": {**told["properties"], **kept}}


ARGUMENT = _Argument(
    {"name": Field(Text(), required=True), "value": Field(Text(), required=True), "isSecret": Field(Flag())}
)
PLATFORM = Shape(
    {
        "os": Field(choice("Linux", unmodelled=("Windows",), as_sent=True), required=True),
        "architecture": Field(choice("amd64", unmodelled=("x86", "386", "arm", "arm64"))),
        "variant": Field(Text()),
    }
)
SOURCE_REGISTRY = Shape({"identity": Field(Text()), "loginMode": Field(choice("None", "Default"))})
SECRET = Shape({"type": Field(choice("Opaque", unmodelled=("Vaultsecret",))), "value": Field(Text())})
CREDENTIALS = _Credentials({"sourceRegistry": Field(SOURCE_REGISTRY), "customRegistries": Field(Anything())})
AGENT = Shape({"cpu": Field(Whole(1, 32))})
STEP = {
    "type": Field(choice("Docker", "EncodedTask", "FileTask"), required=True),
    "imageNames": Field(Listing(Text()), default=[]),
    "isPushEnabled": Field(Flag(), default=True),
    "noCache": Field(Flag(), default=False),
    "dockerFilePath": Field(Text()),
    "target": Field(Text()),
    "arguments": Field(Listing(ARGUMENT)),
    "encodedTaskContent": Field(Text()),
    "encodedValuesContent": Field(Text()),
    "taskFilePath": Field(Text()),
    "valuesFilePath": Field(Text()),
    "values": Field(Listing(ARGUMENT), default=[]),
    "contextPath": Field(Text()),
    "contextAccessToken": Field(Text()),
}

ACR_TASK = ResourceType(
    type=TASK_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/tasks/create",
    versions=api_versions.REGISTRY_TASKS,
    name=r"[A-Za-z0-9_-]{5,50}",
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "identity": Field(IDENTITY),
    },
    properties={
        "status": Field(choice("Enabled", "Disabled"), default="Enabled"),
        "platform": Field(PLATFORM),
        "agentConfiguration": Field(AGENT, default={"cpu": 2}, inert=True),
        "agentPoolName": Field(Text()),
        "timeout": Field(Whole(300, 28800), default=TIMEOUT_S, inert=True),
        "step": Field(_Step(STEP, ("baseImageDependencies",))),
        "trigger": Field(Anything(), inert=True),
        "credentials": Field(CREDENTIALS),
        "logTemplate": Field(Text(), inert=True),
        "isSystemTask": Field(Flag(), inert=True),
    },
    read_only=("creationDate",),
    computed={"creationDate": lambda state, task: with_offset(task.state["creationDate"])},
    computed_envelope={"identity": shown, "systemData": system_data},
    rules=(identities_fit,),
    on_put=dates_itself,
    created=200,
    missing_delete=204,
    actions={"listDetails": Action(details)},
)

DEVIATIONS = (
    Deviation(
        of=TASK_TYPE,
        what="Triggers of a task, of timers, commits and base images, are kept, and start nothing.",
        impact="A run begins when one asks for it: `az acr task run`.",
        reason="There is no source control to follow, and the emulated Azure does nothing behind a learner's back.",
        workaround="Run the task.",
    ),
)

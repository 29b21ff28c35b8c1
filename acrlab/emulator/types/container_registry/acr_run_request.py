"""What a registry may be told to run: the four kinds of a run's request, each with what belongs to it.

Source: https://learn.microsoft.com/rest/api/container-registry/registries/schedule-run
"""

from __future__ import annotations

from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.error_texts import in_service_words
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Field, Flag, Scene, Text, Whole
from acrlab.emulator.types.container_registry.acr_task import AGENT, ARGUMENT, CREDENTIALS, PLATFORM

OF_TASK = "TaskRunRequest"
_EVERY = {
    "type": Field(Text(), required=True),
    "isArchiveEnabled": Field(Flag(), default=False),
    "agentPoolName": Field(Text()),
    "logTemplate": Field(Text()),
}
_QUICK = {
    **_EVERY,
    "timeout": Field(Whole(300, 28800)),
    "platform": Field(PLATFORM, required=True),
    "agentConfiguration": Field(AGENT),
    "sourceLocation": Field(Text()),
    "credentials": Field(CREDENTIALS),
}
_BUILD = {"target": Field(Text()), "arguments": Field(Listing(ARGUMENT))}
_VALUES = {"values": Field(Listing(ARGUMENT))}
_OVERRIDE = Shape(
    {
        **_BUILD,
        **_VALUES,
        "contextPath": Field(Text()),
        "file": Field(Text()),
        "updateTriggerToken": Field(Text()),
    }
)
REQUESTS = {
    "DockerBuildRequest": Shape(
        {
            **_QUICK,
            **_BUILD,
            "imageNames": Field(Listing(Text())),
            "isPushEnabled": Field(Flag()),
            "noCache": Field(Flag()),
            "dockerFilePath": Field(Text()),
        }
    ),
    "EncodedTaskRunRequest": Shape(
        {**_QUICK, **_VALUES, "encodedTaskContent": Field(Text()), "encodedValuesContent": Field(Text())}
    ),
    "FileTaskRunRequest": Shape({**_QUICK, **_VALUES, "taskFilePath": Field(Text()), "valuesFilePath": Field(Text())}),
    OF_TASK: Shape({**_EVERY, "taskId": Field(Text()), "overrideTaskStepProperties": Field(_OVERRIDE)}),
}


def asked_by(state: State, registry: Resource, request: Request) -> JSON:
    """Read the body of a request for a run.

    Raises: ArmError: it is of no kind, or holds what it cannot; NotEmulated: it asks for more than is modelled.
    """
    sent = request.json()
    shape = REQUESTS.get(str(sent.get("type", "")))
    if shape is None:
        message = f"The run request type '{sent.get('type')}' is invalid. Valid types: {', '.join(REQUESTS)}."
        raise ArmError(400, "InvalidRunRequest", message)
    what = f"{registry.id.type}/scheduleRun"
    try:
        return shape.admit("", sent, Scene(state, registry, what, request.api_version))
    except ArmError as problem:
        raise in_service_words(what, problem) from problem

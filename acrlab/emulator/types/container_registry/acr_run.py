"""Microsoft.ContainerRegistry/registries/runs: what a registry was told to run, how far it is, and what it wrote.

A run is made by `scheduleRun` alone. It waits for an agent, works for some seconds, and keeps its log.
Source: https://learn.microsoft.com/rest/api/container-registry/runs
"""

from __future__ import annotations

import json
import re

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Field, Flag
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.acr_run_request import OF_TASK, asked_by
from acrlab.emulator.types.container_registry.acr_task import TASK_TYPE
from acrlab.emulator.types.container_registry.agent_pool import registry_of
from acrlab.emulator.types.container_registry.registry import system_data
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE

RUN_TYPE = f"{REGISTRY_TYPE}/runs"
QUEUE_S = 5  # until an agent takes a run
WAITING = "acr runs"  # the world's value that names the runs that have not ended
QUICK_BUILD, QUICK_RUN = "QuickBuild", "QuickRun"  # a task's own triggers would start others, and start nothing here
QUEUED = ("provisioningState", "runId", "status", "lastUpdatedTime", "isArchiveEnabled")  # told of one that was queued
FINAL = ("Succeeded", "Failed", "Canceled", "Error", "Timeout")


# -- making one --------------------------------------------------------------------------------------------------------


def schedule_run(state: State, registry: Resource, request: Request) -> JSON:
    """Queue a run. Raises: ArmError: it is not one, its task or pool is missing; NotEmulated: it could not be done."""
    asked = asked_by(state, registry, request)
    kind = QUICK_BUILD if asked["type"] == "DockerBuildRequest" else QUICK_RUN
    task = _task_of(state, registry, asked) if asked["type"] == OF_TASK else None
    pool = str(asked.get("agentPoolName") or (task.properties.get("agentPoolName") if task else "") or "")
    if pool and state.find(registry.id.child("agentPools", pool)) is None:
        raise ArmError(
            404, "AgentPoolNotFound", f"The agent pool '{pool}' of registry {registry.id.name} was not found."
        )
    step = state.perform("admit_run", registry, asked, task)
    number = int(registry.state.get("runs", 0)) + 1
    registry.state["runs"] = number
    state.put(registry)
    id = registry.id.child("runs", f"c{_letter(state, registry)}{number}")
    run = state.new(
        id,
        {"properties": {"isArchiveEnabled": asked["isArchiveEnabled"]}},
        {
            "kind": kind,
            "queued": state.now,
            "pool": pool,
            "task": task.id.name if task else "",
            "step": step,
            "caller": state.perform("principal_of_request", request),
        },
    )
    state.put(run)
    _note(state, [*waiting(state), str(run.id)])
    told = state.show(run, request.api_version)
    return {**told, "properties": {name: told["properties"][name] for name in QUEUED}}


def _letter(state: State, registry: Resource) -> str:
    return "abcdefgh"[int(state.guid(registry, "runs")[:2], 16) % 8]


def _task_of(state: State, registry: Resource, asked: JSON) -> Resource:
    try:
        task = state.find(ArmId.parse(str(asked.get("taskId", ""))))
    except ValueError:
        task = None
    if task is None or task.id.type != TASK_TYPE or task.id.parent is None or task.id.parent.key != registry.id.key:
        raise ArmError(404, "TaskNotFound", f"The task '{asked.get('taskId')}' was not found in its registry.")
    if task.properties["status"] == "Disabled":
        raise ArmError(400, "TaskDisabled", f"The task {task.id.name} is disabled.")
    return task


def waiting(state: State) -> list[str]:
    """Return the ids of the runs that have not ended."""
    found: list[str] = json.loads(state.value(WAITING, "[]"))
    return found


def _note(state: State, ids: list[str]) -> None:
    state.set_value(WAITING, json.dumps(ids))


def carry_out(state: State) -> None:
    """Do what is due of the runs that wait; called as the clock goes on."""
    ids = waiting(state)
    if not ids:
        return
    runs = [run for id in ids if (run := state.find(id)) is not None]
    for run in runs:
        due = run.state["queued"] + QUEUE_S
        if "ended" in run.state or state.now < due:
            continue
        if not _has_agent(state, run):
            run.state["waited"] = True
        else:
            state.perform("carry_out_run", registry_of(state, run), run, state.now if run.state.get("waited") else due)
        state.settle(run, run.phase)
    open_runs = [str(run.id) for run in runs if "ended" not in run.state]
    if open_runs != ids:
        _note(state, open_runs)


def _has_agent(state: State, run: Resource) -> bool:
    """Tell whether anything carries a run out: in a pool without instances it waits."""
    if not run.state["pool"]:
        return True
    pool = state.find(registry_of(state, run).id.child("agentPools", run.state["pool"]))
    return pool is not None and pool.phase == "Succeeded" and pool.properties["count"] > 0


# -- looking at it -----------------------------------------------------------------------------------------------------


def status_of(state: State, run: Resource) -> str:
    """Say how far a run is at this moment."""
    kept = run.state
    if "ended" in kept and state.now >= kept["ended"]:
        return str(kept["status"])
    return "Running" if "begun" in kept else "Queued"


def log_of(state: State, run: Resource) -> str:
    """Return what a run has written by now."""
    lines = run.state.get("log", [])
    return "".join(f"{text}\r\n" for at, text in lines if at <= state.now)


def log_link(state: State, run: Resource, request: Request) -> JSON:
    """A signed address of the log."""
    return {"logLink": state.perform("log_address", registry_of(state, run), run)}


def upload_url(state: State, registry: Resource, request: Request) -> JSON:
    """A signed address to bring a run's source to, and what the run is to call it."""
    url, path = state.perform("source_address", registry)
    return {"uploadUrl": url, "relativePath": path}


def cancel(state: State, run: Resource, request: Request) -> None:
    """End a run that has not ended."""
    if status_of(state, run) not in FINAL:
        run.state |= {"ended": state.now, "status": "Canceled"}
        state.settle(run, run.phase)


def _at(state: State, run: Resource, moment: str) -> str | None:
    at = run.state.get(moment)
    return f"{state.timestamp(at)[:-1]}+00:00" if at is not None and at <= state.now else None


def _ended(state: State, run: Resource, name: str) -> object:
    return run.state.get(name) if status_of(state, run) in FINAL else None


def _changed(state: State, run: Resource) -> JSON:
    """Tell who changed a run and when: of who made it the service tells nothing."""
    return {name: value for name, value in system_data(state, run).items() if name.startswith("lastModified")}


def matches(run: Resource, question: str) -> bool:
    """Tell whether a run fits the `$filter` of a list. Raises: NotEmulated: it asks for something else."""
    for part in question.split(" and "):
        found = re.fullmatch(r"\s*(TaskName) eq '([^']*)'\s*", part)
        if found is None:
            raise NotEmulated(f"$filter={question} on a list of {RUN_TYPE}", supported="TaskName eq '…'")
        if run.state["task"].lower() != found[2].lower():
            return False
    return True


ACR_RUN = ResourceType(
    type=RUN_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/runs/get",
    versions=api_versions.REGISTRY_TASKS,
    envelope={},
    properties={"isArchiveEnabled": Field(Flag(), default=False, inert=True)},
    computed={
        "runId": lambda state, run: run.id.name,
        "status": status_of,
        "lastUpdatedTime": lambda state, run: (
            _at(state, run, "ended") or _at(state, run, "begun") or _at(state, run, "queued")
        ),
        "runType": lambda state, run: run.state["kind"],
        "createTime": lambda state, run: _at(state, run, "queued"),
        "startTime": lambda state, run: _at(state, run, "begun"),
        "finishTime": lambda state, run: _at(state, run, "ended"),
        "agentPoolName": lambda state, run: run.state["pool"] or None,
        "task": lambda state, run: run.state["task"] or None,
        "platform": lambda state, run: {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": lambda state, run: {"cpu": 2},
        "outputImages": lambda state, run: _ended(state, run, "images"),
        "runErrorMessage": lambda state, run: _ended(state, run, "error"),
    },
    computed_envelope={"systemData": _changed},
    verbs=("GET", "PATCH", "LIST"),
    matches=matches,
    actions={"listLogSasUrl": Action(log_link), "cancel": Action(cancel)},
)

"""Builds in the registry's region, as `az acr build` asks for them, and as a task with an identity of its own.

A folder is packed and brought to a signed address, a run is queued, and what it wrote is read. Whatever of a run is
refused stands in its log; asking for it is not refused.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-tasks-overview
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass

from acrlab.azure.cloud import ACR_PUSH
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own
from acrlab.lab.waiting import follow, look_until
from acrlab.steps.beyond.repository_rights import ABAC, give_role, role_mode, take_role

TASKS_VERSION = "2025-03-01-preview"  # of runs and agent pools
TASK = "acrlab-rebuild"
NO_RIGHT = "Cannot perform an interactive login from a non TTY device"  # what a role that does not count yet leads to
FINAL = ("Succeeded", "Failed", "Canceled", "Error", "Timeout")


@dataclass(frozen=True)
class Run:
    """A run that has ended.

    Attributes:
        id: such as `cf1`.
        status: `Succeeded`, or how else it ended.
        log: all that it wrote.
    """

    id: str
    status: str
    log: str

    @property
    def refusal(self) -> str:
        """The line of the log that says why it was not let in; empty: there is none."""
        return next((line for line in self.log.splitlines() if "is not allowed access" in line), "")

    def __str__(self) -> str:
        return f"{self.id}: {self.status}"


def build(lab: Lab, image: str, dockerfile: str, *, pool: str = "") -> Run:
    """Build an image where `az acr build` does, and wait for the end.

    Args:
        image: `repository:tag`, in the lab's registry.
        dockerfile: its text.
        pool: name of an agent pool; empty: the region's own agents.

    Raises: RefusedError: the registry is not the lab's, or the run was not queued.
    """
    require_own(lab, lab.registry_id)
    asked = {
        "type": "DockerBuildRequest",
        "imageNames": [image],
        "isPushEnabled": True,
        "sourceLocation": _upload(lab, {"Dockerfile": dockerfile}),
        "platform": {"os": "linux", "architecture": "amd64"},
        "dockerFilePath": "Dockerfile",
        **({"agentPoolName": pool} if pool else {}),
        **({"credentials": {"sourceRegistry": {"identity": "[caller]"}}} if role_mode(lab) == ABAC else {}),
    }
    queued = lab.arm.act(f"{lab.registry_id}/scheduleRun", TASKS_VERSION, asked, "Queueing a build")
    return _ended(lab, queued["name"])


def build_until(lab: Lab, image: str, dockerfile: str, *, works: bool) -> Run:
    """Build until that goes as it is meant to: what was changed about a registry counts some minutes later.

    Raises: NotReadyError: after ten minutes it still goes the other way.
    """
    return look_until(
        lambda run: (run.status == "Succeeded") == works,
        lambda: build(lab, image, dockerfile),
        what=f"A build {'is let in' if works else 'is refused'}",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
        told=lambda run: run.refusal or str(run),
    )


def _upload(lab: Lab, files: Mapping[str, str]) -> str:
    """Bring a packed folder to where runs find it. Returns: what they call it."""
    place = lab.arm.act(f"{lab.registry_id}/listBuildSourceUploadUrl", TASKS_VERSION, {}, "Asking for an upload URL")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    _storage(lab, "PUT", place["uploadUrl"], buffer.getvalue(), {"x-ms-blob-type": "BlockBlob"})
    return str(place["relativePath"])


def _storage(lab: Lab, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> str:
    """Ask the storage behind runs, whose addresses are signed, so that no token goes there."""
    from azure.core import PipelineClient
    from azure.core.rest import HttpRequest

    with PipelineClient("", **lab.backend.options()) as client:
        answer = client.send_request(HttpRequest(method, url, content=body, headers=dict(headers or {})))
        answer.raise_for_status()
        return str(answer.text())


def _ended(lab: Lab, run: str) -> Run:
    path = f"{lab.registry_id}/runs/{run}"
    found = look_until(
        lambda seen: seen["properties"]["status"] in FINAL,
        lambda: lab.arm.get(path, TASKS_VERSION),
        what=f"run {run} ends",
        resource_id=path,
        pause=lab.backend.pause,
        told=lambda seen: str(seen["properties"]["status"]),
    )
    link = lab.arm.act(f"{path}/listLogSasUrl", TASKS_VERSION, {}, "Asking for the log")["logLink"]
    return Run(run, found["properties"]["status"], _storage(lab, "GET", link))


def build_as_task(lab: Lab, image: str, dockerfile: str) -> Run:
    """Build as a task that signs in with an identity of its own, and delete the task in the end.

    Waits until the task's right to push counts, which takes Azure some minutes.
    """
    principal = put_task(lab, image, _upload(lab, {"Dockerfile": dockerfile}))
    give_role(lab, principal, ACR_PUSH)
    try:
        return look_until(
            lambda run: NO_RIGHT not in run.log,
            lambda: _run_task(lab, dockerfile),
            what="The task's right to push takes effect",
            resource_id=_task(lab),
            pause=lab.backend.pause,
        )
    finally:
        take_role(lab, principal, ACR_PUSH)
        drop_task(lab)


def put_task(lab: Lab, image: str = "", source: str = "") -> str:
    """Make a task that signs in to its own registry with an identity of its own. Returns: the identity's id."""
    require_own(lab, lab.registry_id)
    step = {"type": "Docker", "imageNames": [image] if image else [], "dockerFilePath": "Dockerfile"}
    properties = {
        "platform": {"os": "linux", "architecture": "amd64"},
        "credentials": {"customRegistries": {lab.login_server: {"identity": "[system]"}}},
        "step": {**step, "isPushEnabled": bool(image), "contextPath": source},
    }
    body = {"location": lab.settings.location, "identity": {"type": "SystemAssigned"}, "properties": properties}
    operations, task = lab.resources.resources, _task(lab)
    with asking("Creating a task", task):
        made = follow(operations.begin_create_or_update_by_id(task, body, api_version=TASKS_VERSION), "Creating a task")
    return str(getattr(made.identity, "principal_id", None) or "")


def drop_task(lab: Lab) -> None:
    """Delete the lab's task, if it is there. Raises: RefusedError: the registry is not the lab's."""
    require_own(lab, lab.registry_id)
    operations, task = lab.resources.resources, _task(lab)
    with asking("Deleting a task", task):
        follow(operations.begin_delete_by_id(task, api_version=TASKS_VERSION), "Deleting a task")


def _task(lab: Lab) -> str:
    return f"{lab.registry_id}/tasks/{TASK}"


def _run_task(lab: Lab, dockerfile: str) -> Run:
    source = {"contextPath": _upload(lab, {"Dockerfile": dockerfile})}
    asked = {"type": "TaskRunRequest", "taskId": _task(lab), "overrideTaskStepProperties": source}
    return _ended(lab, lab.arm.act(f"{lab.registry_id}/scheduleRun", TASKS_VERSION, asked, "Queueing a run")["name"])

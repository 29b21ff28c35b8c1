"""A registry that is closed for good: builds from outside, what lets them in, and rights for single repositories.

A build goes the way of `az acr build`: its folder is packed and brought to a signed address, a run is queued, and what
it wrote is read. Whatever of a run is refused stands in its log; asking for it is not refused.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-tasks-overview
"""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from acrlab.azure.cloud import ACR_PUSH, REPOSITORY_READER, ROLES, ROLES_VERSION
from acrlab.lab.azure_errors import asking, word
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import ASSIGNMENTS, role_guid
from acrlab.lab.waiting import follow, look_until
from acrlab.steps.access_note import AccessSettings
from acrlab.steps.prerequisites import delete_tag
from acrlab.steps.public_access import update_access, when_let_in
from acrlab.steps.pull import try_on_vm
from acrlab.steps.run_command import Outcome, identity_of

TASKS_VERSION = "2025-03-01-preview"  # of runs and agent pools
CLOSED_VERSION = "2026-09-01-preview"  # of a registry, with all that closes it
TAG = "AzureContainerRegistry"  # service tag of registries, and of the machines that build for them
REPOSITORY = "Microsoft.ContainerRegistry/registries/repositories"
TASK = "acrlab-rebuild"
IMPORTED, BUILT = "acrlab/imported:v1", ("acrlab/site:v1", "acrlab/site:v2")  # what chapter 15 brings into the registry
NO_RIGHT = "Cannot perform an interactive login from a non TTY device"  # what a role that does not count yet leads to
FINAL = ("Succeeded", "Failed", "Canceled", "Error", "Timeout")
LEGACY, ABAC = "LegacyRegistryPermissions", "AbacRepositoryPermissions"


# -- builds ------------------------------------------------------------------------------------------------------------


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

    Raises: RefusedError: the run was not queued.
    """
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
    place = lab.arm.act(f"{lab.registry_id}/listBuildSourceUploadUrl", TASKS_VERSION, {}, "Asking for a place")
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
    link = lab.arm.act(f"{path}/listLogSasUrl", TASKS_VERSION, {}, "Asking for a log")["logLink"]
    return Run(run, found["properties"]["status"], _storage(lab, "GET", link))


def delete_images(lab: Lab) -> None:
    """Delete what the chapter imported and built, where it is there; the registry has to let this computer in."""
    for image in (IMPORTED, *BUILT):
        when_let_in(lab, partial(delete_tag, lab, *image.split(":")))


def tag_prefixes(lab: Lab) -> tuple[str, ...]:
    """Return the addresses of the service tag of registries in the registry's region."""
    region = lab.settings.location
    with asking("Reading service tags", f"/subscriptions/{lab.subscription}"):
        tags = lab.network.service_tags.list(region).values_property or []
    wanted = f"{TAG}.{region}".lower()
    found = (
        tag.properties.address_prefixes or [] for tag in tags if tag.properties and (tag.name or "").lower() == wanted
    )
    return tuple(prefix for prefixes in found for prefix in prefixes if ":" not in prefix)


def admit_builds(lab: Lab) -> AccessSettings:
    """Close public access to all but the machines that build in the registry's region; what was there is noted."""
    rules = [{"action": "Allow", "value": prefix} for prefix in tag_prefixes(lab)]
    change = {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}
    return update_access(lab, change)


def build_as_task(lab: Lab, image: str, dockerfile: str) -> Run:
    """Build as a task that signs in with an identity of its own, and delete the task in the end.

    Waits until the task's right to push counts, which takes Azure some minutes.
    """
    server, task = lab.login_server, f"{lab.registry_id}/tasks/{TASK}"
    step = {"type": "Docker", "imageNames": [image], "isPushEnabled": True, "dockerFilePath": "Dockerfile"}
    properties = {
        "platform": {"os": "linux", "architecture": "amd64"},
        "credentials": {"customRegistries": {server: {"identity": "[system]"}}},
        "step": {**step, "contextPath": _upload(lab, {"Dockerfile": dockerfile})},
    }
    body = {"location": lab.settings.location, "identity": {"type": "SystemAssigned"}, "properties": properties}
    operations = lab.resources.resources
    with asking("Making a task", task):
        made = follow(operations.begin_create_or_update_by_id(task, body, api_version=TASKS_VERSION), "Making a task")
    principal = str(getattr(made.identity, "principal_id", None) or "")
    give_role(lab, principal, ACR_PUSH)
    try:
        return look_until(
            lambda run: NO_RIGHT not in run.log,
            lambda: _run_task(lab, task, dockerfile),
            what="The task's right to push counts",
            resource_id=task,
            pause=lab.backend.pause,
        )
    finally:
        take_role(lab, principal, ACR_PUSH)
        with asking("Deleting a task", task):
            follow(operations.begin_delete_by_id(task, api_version=TASKS_VERSION), "Deleting a task")


def _run_task(lab: Lab, task: str, dockerfile: str) -> Run:
    source = {"contextPath": _upload(lab, {"Dockerfile": dockerfile})}
    asked = {"type": "TaskRunRequest", "taskId": task, "overrideTaskStepProperties": source}
    return _ended(lab, lab.arm.act(f"{lab.registry_id}/scheduleRun", TASKS_VERSION, asked, "Queueing a run")["name"])


# -- repositories ------------------------------------------------------------------------------------------------------


def role_mode(lab: Lab) -> str:
    """Read whether roles count for the whole registry, or repository by repository."""
    with asking("Reading the registry", lab.registry_id):
        found = lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name)
    return word(found.properties.role_assignment_mode) or LEGACY if found.properties else LEGACY


def set_role_mode(lab: Lab, mode: str) -> None:
    """Let roles count for the whole registry, or repository by repository."""
    what = "Changing how roles count"
    body = {"properties": {"roleAssignmentMode": mode}}
    with asking(what, lab.registry_id):
        names = (lab.settings.resource_group, lab.settings.registry_name)
        follow(lab.registry.registries.begin_update(*names, body), what)


def only_in(repository: str) -> str:
    """Write the condition under which a role to read counts in one repository alone."""
    reads = " AND ".join(f"!(ActionMatches{{'{REPOSITORY}/{part}/read'}})" for part in ("content", "metadata"))
    return f"(({reads}) OR (@Request[{REPOSITORY}:name] StringEqualsIgnoreCase '{repository}'))"


def give_role(lab: Lab, principal: str, role: str, *, condition: str = "") -> str:
    """Give a VM's identity a role on the registry, in some repositories alone where a condition says so.

    Returns: the assignment's id. Called again it changes the condition.
    """
    id = right(lab, principal, role)
    root = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    properties: dict[str, Any] = {
        "roleDefinitionId": f"{root}/{role}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
        **({"condition": condition, "conditionVersion": "2.0"} if condition else {}),
    }
    what = f"Assigning {ROLES.get(role, role)}"
    with asking(what, id):
        body = {"properties": properties}
        follow(lab.resources.resources.begin_create_or_update_by_id(id, body, api_version=ROLES_VERSION), what)
    return id


def right(lab: Lab, principal: str, role: str) -> str:
    """Write the id of the assignment by which the lab gives a principal a role on its registry."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{lab.registry_id}\n{principal}\n{role}".lower())
    return f"{lab.registry_id}/{ASSIGNMENTS}/{name}"


def take_role(lab: Lab, principal: str, role: str) -> bool:
    """Take away a role that the lab gave; another's assignment stays. Returns: whether there was one."""
    id = right(lab, principal, role)
    held = lab.arm.get_all(f"{lab.registry_id}/{ASSIGNMENTS}", ROLES_VERSION, **{"$filter": "atScope()"})
    if not any(one["id"].lower() == id.lower() and role_guid(one) == role for one in held):
        return False
    what = f"Taking {ROLES.get(role, role)} away"
    with asking(what, id):
        follow(lab.resources.resources.begin_delete_by_id(id, api_version=ROLES_VERSION), what)
    return True


def vm_principal(lab: Lab) -> str:
    """Read the id of the VM's own identity."""
    settings = lab.settings
    with asking("Reading the VM", settings.vm_name):
        return identity_of(lab.compute.virtual_machines.get(settings.resource_group, settings.vm_name))


def back_to_registry_roles(lab: Lab) -> None:
    """Undo what the chapter did to roles: what the lab gave goes, and roles count for the whole registry again."""
    take_role(lab, vm_principal(lab), REPOSITORY_READER)
    if role_mode(lab) == ABAC:
        set_role_mode(lab, LEGACY)


def pull_on_vm(lab: Lab, *, works: bool) -> Outcome:
    """Pull on the VM until that goes as it is meant to: what was changed about roles counts some minutes later.

    Raises: NotReadyError: after ten minutes it still goes the other way.
    """
    return look_until(
        lambda outcome: (outcome.exit_code == 0) == works,
        lambda: try_on_vm(lab),
        what=f"A pull on {lab.settings.vm_name} {'works' if works else 'is refused'}",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
        told=repr,
    )

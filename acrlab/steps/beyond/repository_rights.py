"""Rights for single repositories, where a registry asks for them, and the mode that decides which roles count.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
"""

from __future__ import annotations

import uuid
from typing import Any

from acrlab.azure.cloud import REPOSITORY_READER, ROLES, ROLES_VERSION
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, word
from acrlab.lab.lab import Lab
from acrlab.lab.memory import sample_image
from acrlab.lab.ownership import ASSIGNMENTS, is_the_learner_s, require_own, role_guid
from acrlab.lab.waiting import follow, look_until
from acrlab.steps.public_access import find_registry, when_let_in
from acrlab.steps.run_command import find_vm, identity_of

REPOSITORY = "Microsoft.ContainerRegistry/registries/repositories"
UNAUTHORIZED = 401
LEGACY, ABAC = "LegacyRegistryPermissions", "AbacRepositoryPermissions"


def role_mode(lab: Lab) -> str:
    """Read whether roles count for the whole registry, or repository by repository."""
    with asking("Reading the registry", lab.registry_id):
        found = lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name)
    return word(found.properties.role_assignment_mode) or LEGACY if found.properties else LEGACY


def set_role_mode(lab: Lab, mode: str) -> None:
    """Let roles count for the whole registry, or repository by repository.

    Raises: RefusedError: the registry is not the lab's, or Azure refused.
    """
    require_own(lab, lab.registry_id)
    what = "Changing the registry's role assignment mode"
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

    Raises: RefusedError: the registry is not the lab's, or Azure refused.
    """
    require_own(lab, lab.registry_id)
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
    """Undo what the chapter did to roles, as far as it is there: what the lab gave goes, and the mode is the older one.

    A registry that is not the lab's keeps its mode.

    Raises: NotReadyError: ten minutes later the registry still refuses roles for the whole of it.
    """
    registry = find_registry(lab)
    if registry is None:
        return
    if (vm := find_vm(lab)) is not None:
        take_role(lab, identity_of(vm), REPOSITORY_READER)
    if not is_the_learner_s(lab, registry.tags):
        return
    if role_mode(lab) == ABAC:
        set_role_mode(lab, LEGACY)
    look_until(  # also where the mode was changed a moment ago
        lambda status: status != UNAUTHORIZED,
        lambda: _status_of_tags(lab),
        what="Roles for the whole registry take effect again",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
    )


def _status_of_tags(lab: Lab) -> int:
    """How the registry answers this computer: 401, as long as its mode does not count there; 403 where it is closed."""

    def ask() -> int:
        with asking("Listing tags", lab.registry_id):
            return len(list(lab.content.list_tag_properties(sample_image(lab).partition(":")[0])))

    try:
        when_let_in(lab, ask)
    except RefusedError as problem:
        return problem.status
    return 200

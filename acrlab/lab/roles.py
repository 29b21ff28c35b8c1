"""The roles that a lab assigns: each under a name computed from what it says, by which it is known again."""

from __future__ import annotations

import uuid
from typing import Any

from acrlab.azure.cloud import ACR_PULL, ROLES, ROLES_VERSION
from acrlab.lab.lab import Lab

ASSIGNMENTS = "providers/Microsoft.Authorization/roleAssignments"


def pull_right(scope: str, principal: str) -> str:
    """Write the id of the assignment by which the lab gives a principal AcrPull on a registry."""
    # The principal is part of the name: Azure does not let an assignment change its own, as a re-created VM would.
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}\n{principal}\n{ACR_PULL}".lower())
    return f"{scope}/{ASSIGNMENTS}/{name}"


def assignments(lab: Lab, scope: str, principal: str = "") -> list[Any]:
    """List the role assignments that count on something: at it and above it, of one principal or of all."""
    question = "atScope()" + (f" and assignedTo('{principal}')" if principal else "")
    return lab.arm.get_all(f"{scope}/{ASSIGNMENTS}", ROLES_VERSION, **{"$filter": question})


def is_given_by_lab(assignment: Any, scope: str) -> bool:
    """Say whether the lab gave this right, and on exactly this: not above it, and not under another name."""
    told = assignment["properties"]
    return bool(
        told["scope"].lower() == scope.lower()
        and role_guid(assignment) == ACR_PULL
        and assignment["id"].lower() == pull_right(scope, told["principalId"]).lower()
    )


def role_guid(assignment: Any) -> str:
    """Read the GUID of the role that is assigned."""
    return str(assignment["properties"]["roleDefinitionId"]).rpartition("/")[2].lower()


def role_name(assignment: Any) -> str:
    """Name the role that is assigned; by its GUID where it is none of Azure's own that the lab knows."""
    return ROLES.get(role_guid(assignment), role_guid(assignment))

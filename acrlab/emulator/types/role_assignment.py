"""Microsoft.Authorization: built-in roles, and who has which of them where."""

from __future__ import annotations

import re
from collections.abc import Mapping

from acrlab.arm_id import ArmId
from acrlab.emulator.domains import Field, Text, choice
from acrlab.emulator.schema import Resource, ResourceType, Route, Tenant
from acrlab.emulator.types.network_interface import MACHINE_TYPE
from acrlab.emulator.wire import JSON, ArmError, Request

ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"
DEFINITION_TYPE = "Microsoft.Authorization/roleDefinitions"
SOURCE = "https://learn.microsoft.com/rest/api/authorization/role-assignments/create"

# role -> its GUID, what it may do. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ("*",)),
    "Contributor": ("b24988ac-6180-42a0-ab88-20f7382dd24c", ("*",)),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ("*/read",)),
    "AcrPull": ("7f951dda-4ed3-4680-a7ca-43fe172d538d", ("Microsoft.ContainerRegistry/registries/pull/read",)),
    "AcrPush": (
        "8311e382-0749-4cb8-b61a-304f252e45ec",
        ("Microsoft.ContainerRegistry/registries/pull/read", "Microsoft.ContainerRegistry/registries/push/write"),
    ),
    "AcrDelete": ("c2f4ef07-c644-48eb-af81-4b1b4947fb11", ("Microsoft.ContainerRegistry/registries/artifacts/delete",)),
}
NOT_ACTIONS = {
    "Contributor": (
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
    )
}


def role_of(assignment: Resource) -> str:
    """The name of the role that is assigned."""
    guid = assignment.properties["roleDefinitionId"].rpartition("/")[2].lower()
    return next((name for name, (id, _) in ROLES.items() if id == guid), "")


def role_exists(tenant: Tenant, assignment: Resource, old: Resource | None) -> None:
    """Only a role that is there can be assigned."""
    if not role_of(assignment):
        guid = assignment.properties["roleDefinitionId"].rpartition("/")[2]
        raise ArmError(
            404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{guid}' does not exist."
        )


def principal_exists(tenant: Tenant, assignment: Resource, old: Resource | None) -> None:
    """A right is given to somebody who is known in the directory."""
    principal = assignment.properties["principalId"].lower()
    machines = (tenant.guid(m, "principal") for m in tenant.of_type(MACHINE_TYPE) if m.body.get("identity"))
    if principal != tenant.derive("principal", "learner") and principal not in machines:
        message = f"Principal {principal} does not exist in the directory {tenant.setting('tenant')}."
        raise ArmError(400, "PrincipalNotFound", message)


def is_new(tenant: Tenant, assignment: Resource, old: Resource | None) -> None:
    """The same right is not given twice; an assignment is never changed."""
    wanted = _triple(assignment)
    scope = tenant.of_type(ASSIGNMENT_TYPE, under=assignment.id.scope)
    if any(_triple(other) == wanted and other.id.key != assignment.id.key for other in scope):
        raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")
    if old is not None and _triple(old) != wanted:
        message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise ArmError(400, "RoleAssignmentUpdateNotPermitted", message)


def _triple(assignment: Resource) -> tuple[str, str, str]:
    return (assignment.id.scope.lower(), assignment.properties["principalId"].lower(), role_of(assignment))


def definition(tenant: Tenant, name: str, scope: str) -> JSON:
    guid, actions = ROLES[name]
    permission = {"actions": list(actions), "notActions": list(NOT_ACTIONS.get(name, ())), "dataActions": []}
    return {
        "id": f"/subscriptions/{tenant.setting('subscription')}/providers/{DEFINITION_TYPE}/{guid}",
        "type": DEFINITION_TYPE,
        "name": guid,
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [{**permission, "notDataActions": []}],
        },
    }


def definitions(tenant: Tenant, request: Request, words: Mapping[str, str]) -> JSON:
    """Built-in roles, all or the one of `$filter=roleName eq '…'`."""
    wanted = re.search(r"roleName eq '([^']*)'", request.query.get("$filter", ""))
    names = [n for n in ROLES if not wanted or n.lower() == wanted[1].lower()]
    return {"value": [definition(tenant, n, words["scope"]) for n in names]}


def one_definition(tenant: Tenant, request: Request, words: Mapping[str, str]) -> JSON:
    name = next((n for n, (guid, _) in ROLES.items() if guid == words["role"].lower()), None)
    if name is None:
        message = f"The specified role definition with ID '{words['role']}' does not exist."
        raise ArmError(404, "RoleDefinitionDoesNotExist", message)
    return definition(tenant, name, words["scope"])


def assignments(tenant: Tenant, request: Request, words: Mapping[str, str]) -> JSON:
    """Assignments at a scope and below; with `atScope()` at it and above; of one principal where one is named."""
    question, scope = request.query.get("$filter", ""), f"/{words['scope']}"
    found = list(tenant.of_type(ASSIGNMENT_TYPE, under=scope))
    if "atScope()" in question:
        found = [
            a for s in _upwards(scope) for a in tenant.of_type(ASSIGNMENT_TYPE, under=s) if a.id.scope.lower() == s
        ]
    principal = re.search(r"(?:principalId eq|assignedTo\()\s*'([^']*)'", question)
    if principal:
        found = [a for a in found if a.properties["principalId"].lower() == principal[1].lower()]
    return {"value": [tenant.show(a, request.api_version) for a in found]}


def _upwards(scope: str) -> list[str]:
    """A scope and those that it lies in, itself first."""
    id, found = ArmId.parse(scope), [scope.lower()]
    while id.parent is not None:
        id = id.parent
        found.append(id.key)
    if id.group_id is not None:
        found.append(id.group_id.key)
    subscription = f"/subscriptions/{id.subscription}".lower()
    return list(dict.fromkeys([*found, subscription]))


ROLE_ASSIGNMENT = ResourceType(
    type=ASSIGNMENT_TYPE,
    source=SOURCE,
    name=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    envelope={},
    properties={
        "roleDefinitionId": Field(Text(), required=True),
        "principalId": Field(Text(), required=True),
        "principalType": Field(choice("User", "Group", "ServicePrincipal", "ForeignGroup", "Device"), default="User"),
        "description": Field(Text(), inert=True),
    },
    read_only=("scope", "condition", "conditionVersion", "delegatedManagedIdentityResourceId"),
    computed={
        "scope": lambda tenant, assignment: assignment.id.scope,
        "createdOn": lambda tenant, assignment: tenant.timestamp(assignment.created),
        "updatedOn": lambda tenant, assignment: tenant.timestamp(assignment.changed),
        "createdBy": lambda tenant, assignment: tenant.derive("principal", "learner"),
        "updatedBy": lambda tenant, assignment: tenant.derive("principal", "learner"),
    },
    rules=(role_exists, principal_exists, is_new),
    verbs=("GET", "PUT", "DELETE", "LIST"),
    stateful=False,
    in_group=False,
)

ROUTES = (
    Route("GET", f"/{{scope:path}}/providers/{ASSIGNMENT_TYPE}", assignments, SOURCE),
    Route("GET", f"/{{scope:path}}/providers/{DEFINITION_TYPE}", definitions, SOURCE),
    Route("GET", f"/{{scope:path}}/providers/{DEFINITION_TYPE}/{{role}}", one_definition, SOURCE),
)

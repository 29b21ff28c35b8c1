"""Microsoft.Authorization/roleAssignments: who has which role where. They extend any scope, and go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, Route
from acrlab.emulator.core.subscriptions import principal as learner_in
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.core.values import Field, Scene, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.authorization import role_condition
from acrlab.emulator.types.authorization.as_written import AS_WRITTEN
from acrlab.emulator.types.authorization.custom_roles import definition_id, no_such_role, role_with
from acrlab.emulator.types.authorization.roles import Role
from acrlab.emulator.types.identity import IDENTITY_TYPE, has_own, principal_of
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.odata_filter import terms_of
from acrlab.emulator.types.resources.scope import require_scope

ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"
SOURCE = "https://learn.microsoft.com/rest/api/authorization/role-assignments/create"
# what can have an identity of its own
HOLDERS = (
    VM_TYPE,
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.ContainerRegistry/registries/credentialSets",
    "Microsoft.ContainerRegistry/registries/tasks",
    "Microsoft.ContainerService/managedClusters",
)
VERSION = "2.0"  # of conditions; there is no other in public use


def role_of(state: State, assignment: Resource) -> Role | None:
    """Return the role that is assigned; None: there is no such role."""
    tenant = tenant_of(state, assignment.id.subscription)
    return role_with(state, assignment.properties["roleDefinitionId"], tenant)


def _role(state: State, assignment: Resource) -> Role:
    """The role that is assigned. Raises: ArmError: there is none that can be assigned here."""
    found = role_of(state, assignment)
    if found is None or not found.can_be_assigned_at(assignment.id.scope):
        raise no_such_role(assignment.properties["roleDefinitionId"])
    return found


def scope_exists(state: State, assignment: Resource, old: Resource | None) -> None:
    """A right is a right to something."""
    require_scope(state, assignment.id.scope)


def role_exists(state: State, assignment: Resource, old: Resource | None) -> None:
    """Only a role that is there can be assigned, and a custom one only where it is meant to be."""
    _role(state, assignment)


def principal_exists(state: State, assignment: Resource, old: Resource | None) -> None:
    """A role is assigned to a principal that the directory knows, as the kind of principal that it is.

    One of whom the caller says what kind it is may not have arrived in the directory yet: it is taken at its word.
    Source: https://learn.microsoft.com/azure/role-based-access-control/role-assignments-template
    """
    properties = assignment.properties
    principal = properties["principalId"]
    tenant = tenant_of(state, assignment.id.subscription)
    kind = _kind_of(state, principal.lower(), tenant)
    if not kind and "principalType" in properties:
        return
    if not kind:
        message = (
            f"Principal {principal.replace('-', '').lower()} does not exist in the directory "
            f"{tenant}. Check that you have the correct principal ID. If you are creating this "
            "principal and then immediately assigning a role, this error might be related to a replication delay. In "
            "this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or "
            "Group.  See https://aka.ms/docs-principaltype"
        )
        raise ArmError(400, "PrincipalNotFound", message)
    if properties.setdefault("principalType", kind) != kind:
        message = (
            f"The PrincipalId '{principal.replace('-', '').lower()}' has type '{kind}' , which is different from "
            f"specified PrinciaplType '{properties['principalType']}'."  # spelled like this by the service
        )
        raise ArmError(400, "UnmatchedPrincipalType", message)


def _kind_of(state: State, principal: str, tenant: str) -> str:
    """What a principal is in a tenant; empty: unknown there."""
    if principal == learner_in(state, "learner", tenant):
        return "User"
    own = (holder for type in HOLDERS for holder in state.of_type(type) if has_own(holder))
    known = (*own, *state.of_type(IDENTITY_TYPE))
    found = next((identity for identity in known if principal_of(state, identity) == principal), None)
    here = found is not None and tenant_of(state, found.id.subscription).lower() == tenant.lower()
    return "ServicePrincipal" if here else ""


def is_new(state: State, assignment: Resource, old: Resource | None) -> None:
    """The same right is not given twice; an assignment is never changed, and its name is taken everywhere."""
    wanted = _triple(assignment)
    others = [other for other in _at(state, assignment.id.scope) if other.id.key != assignment.id.key]
    if any(_triple(other) == wanted for other in others):
        raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")
    if any(_triple(same) != wanted for same in state.named(ASSIGNMENT_TYPE, assignment.id.name)):
        message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise ArmError(400, "RoleAssignmentUpdateNotPermitted", message)


def _triple(assignment: Resource) -> tuple[str, str, str]:
    guid = assignment.properties["roleDefinitionId"].rpartition("/")[2].lower()
    return (assignment.id.scope.lower(), assignment.properties["principalId"].lower(), guid)


def condition_can_be_read(state: State, assignment: Resource, old: Resource | None) -> None:
    """A condition is well-formed, of the one version that there is, and for a role that asks for repositories."""
    condition = assignment.properties.get("condition")
    if not condition:
        return
    if assignment.properties.setdefault("conditionVersion", VERSION) != VERSION:
        raise role_condition.invalid()
    role = _role(state, assignment)
    if not role.is_for_data:
        raise NotEmulated(f"condition of {assignment.id.type} for {role.name}", "roles for repositories")
    role_condition.read(condition)


def spell(state: State, assignment: Resource, old: Resource | None) -> None:
    """A role is shown with one id, from wherever it was named."""
    assignment.properties["roleDefinitionId"] = definition_id(state, _role(state, assignment), assignment.id.scope)


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Assignments at a scope, above and below it; with `atScope()` none below; of one principal where one is named."""
    wanted = terms_of(request, "atScope", "principalId", "assignedTo")
    scope = require_scope(state, f"/{words['scope']}")
    found = [a for above in _upwards(scope) for a in _at(state, above)]
    if "atScope" not in wanted:
        found += [a for a in state.of_type(ASSIGNMENT_TYPE, under=scope.key) if a.id.scope.lower() != scope.key]
    principal = wanted.get("principalId", wanted.get("assignedTo", "")).lower()
    chosen = [a for a in found if not principal or a.properties["principalId"].lower() == principal]
    return {"value": [state.show(a, request.api_version) for a in chosen]}


def _at(state: State, scope: str) -> list[Resource]:
    """Assignments at exactly one scope."""
    return list(state.of_type(ASSIGNMENT_TYPE, under=f"{scope}/providers/{ASSIGNMENT_TYPE}"))


def _upwards(scope: ArmId) -> list[str]:
    """A scope and those that it lies in, itself first."""
    found = [scope.key]
    while scope.parent is not None:
        scope = scope.parent
        found.append(scope.key)
    if scope.group_id is not None:
        found.append(scope.group_id.key)
    return list(dict.fromkeys([*found, f"/subscriptions/{scope.subscription}".lower()]))


@dataclass(frozen=True)
class _Nothing:
    """A property that is not emulated, and that clients send back as null."""

    def admit(self, at: str, value: Any, scene: Scene) -> Any:
        raise NotEmulated(f"{at} of {scene.type}")

    def show(self, value: Any, scene: Scene) -> Any:
        return value


def _learner(state: State, assignment: Resource) -> str:
    return learner_in(state, "learner", tenant_of(state, assignment.id.subscription))


def _not_there(id: ArmId) -> ArmError:
    """The service keeps account of assignments itself, and says itself that one is not there."""
    return ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{id.name}' is not found.")


ROLE_ASSIGNMENT = ResourceType(
    type=ASSIGNMENT_TYPE,
    source=SOURCE,
    versions=api_versions.AUTHORIZATION,
    name=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    envelope={},
    properties={
        "roleDefinitionId": Field(Text(), required=True),
        "principalId": Field(Text(), required=True),
        "principalType": Field(choice("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")),
        "description": Field(Text(), inert=True, null=True),
        "condition": Field(Text(), null=True),
        "conditionVersion": Field(Text(), null=True),
        "delegatedManagedIdentityResourceId": Field(_Nothing(), null=True),
    },
    computed={
        "scope": lambda state, assignment: assignment.id.scope,
        "createdOn": lambda state, assignment: state.timestamp(assignment.created),
        "updatedOn": lambda state, assignment: state.timestamp(assignment.changed),
        "createdBy": _learner,
        "updatedBy": _learner,
    },
    told_in_puts=AS_WRITTEN,
    rules=(scope_exists, role_exists, principal_exists, condition_can_be_read, is_new),
    on_put=spell,
    replaced=201,  # a change is answered like a creation
    missing=_not_there,
    verbs=("GET", "PUT", "DELETE", "LIST"),
    stateful=False,
    in_group=False,
    shows_deleted=True,  # and `az role assignment delete` reads it
)

ROUTES = (Route("GET", f"/{{scope:path}}/providers/{ASSIGNMENT_TYPE}", listed, SOURCE),)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Authorization/roleAssignments",
        what="Thirteen built-in roles are known, and an assignment counts at once.",
        impact="On Azure it takes up to some minutes.",
        reason="The emulated directory is one database and does not replicate.",
        workaround="`acrlab emulator fault add slow-role` lets one count later.",
    ),
    Deviation(
        of="Microsoft.Authorization/roleAssignments",
        what="A new identity is in the directory at once.",
        impact="On Azure an assignment without `principalType` may be refused for half a minute (`PrincipalNotFound`).",
        reason="The emulated directory is one database and does not replicate.",
        workaround="Say `principalType`, as `az` does with `--assignee-principal-type`.",
    ),
    Deviation(
        of="Microsoft.Authorization/roleAssignments",
        what="A malformed condition is refused with the code `InvalidRoleAssignmentCondition`.",
        impact="Azure's sentence is the same, and its code is another.",
        reason="Reports show the sentence without its code.",
        workaround="Read the message.",
    ),
)

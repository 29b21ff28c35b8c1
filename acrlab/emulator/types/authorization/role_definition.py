"""Microsoft.Authorization/roleDefinitions: the built-in roles, and custom ones, which are a tenant's own.

A custom role is kept once, at its subscription, whichever scope it is written at, and found wherever it can be
assigned: at its assignable scopes and below them.
Source: https://learn.microsoft.com/azure/role-based-access-control/custom-roles
"""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.arm_id import SUBSCRIPTION_TYPE, ArmId
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request, Response
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, Route
from acrlab.emulator.core.values import Field, Scene, Text
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.authorization.as_written import AS_WRITTEN
from acrlab.emulator.types.authorization.custom_roles import (
    DEFINITION_TYPE,
    built_in,
    custom_roles,
    definition_id,
    kept_with,
    no_such_role,
    own_subscription,
    own_tenant,
    read,
)
from acrlab.emulator.types.authorization.provider_operations import require_known
from acrlab.emulator.types.authorization.roles import BUILT_IN, Role
from acrlab.emulator.types.odata_filter import terms_of

ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"
SOURCE = "https://learn.microsoft.com/rest/api/authorization/role-definitions"
MOST = 5000  # custom roles of a tenant
MOST_SCOPES = 2000
BUILT_IN_TYPE, CUSTOM_TYPE = "BuiltInRole", "CustomRole"
MADE = "2015-02-02T21:55:09.8806423Z"  # the oldest of Azure's own roles


# -- reading -----------------------------------------------------------------------------------------------------------


def _shown(state: State, role: Role, words: Mapping[str, str]) -> JSON:
    whole = f"/providers/{DEFINITION_TYPE}/{role.guid}"
    return {
        "id": definition_id(state, role, words["scope"]) if "scope" in words else whole,
        "type": DEFINITION_TYPE,
        "name": role.guid,
        "properties": {
            "roleName": role.name,
            "type": BUILT_IN_TYPE if role.built_in else CUSTOM_TYPE,
            "description": role.description,
            "assignableScopes": list(role.scopes),
            "permissions": [permission.shown() for permission in role.permissions],
        },
    }


def _built_in(state: State, role: Role, words: Mapping[str, str]) -> JSON:
    """One of Azure's own roles: no person made it."""
    shown = _shown(state, role, words)
    shown["properties"] |= {"createdOn": MADE, "updatedOn": MADE, "createdBy": None, "updatedBy": None}
    return shown


def _dated(state: State, kept: Resource, words: Mapping[str, str]) -> JSON:
    shown = _shown(state, read(kept), words)
    shown["properties"] |= {name: compute(state, kept) for name, compute in _DATES.items()}
    return shown


def _listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Roles that can be assigned at a scope, all or those that `$filter` means."""
    wanted = terms_of(request, "atScope", "atScopeAndBelow", "roleName", "type")
    found = [_built_in(state, role, words) for role in BUILT_IN.values()]
    if "scope" in words:
        scope, below = f"/{words['scope']}".lower(), "atScopeAndBelow" in wanted
        tenant = subscriptions.tenant_of(state, words["scope"].split("/")[1])
        kept = [one for one in custom_roles(state, tenant) if _is_at(read(one), scope, below=below)]
        found += [_dated(state, one, words) for one in kept]
    asked = {name: wanted[name].lower() for name in ("roleName", "type") if name in wanted}
    return {"value": [one for one in found if all(one["properties"][n].lower() == v for n, v in asked.items())]}


def _is_at(role: Role, scope: str, *, below: bool) -> bool:
    under = any(own.lower().startswith(f"{scope}/") for own in role.scopes)
    return role.can_be_assigned_at(scope) or (below and under)


def _one(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    if own := built_in(words["role"]):
        return _built_in(state, own, words)
    kept = _kept_at(state, words)
    if kept is None:
        raise no_such_role(words["role"])
    return _dated(state, kept, words)


def _kept_at(state: State, words: Mapping[str, str]) -> Resource | None:
    if "scope" not in words:
        if any(state.named(DEFINITION_TYPE, words["role"])):
            raise NotEmulated("custom roles of the whole tenant", supported="those at a subscription or below it")
        return None
    return kept_with(state, words["role"], subscriptions.tenant_of(state, words["scope"].split("/")[1]))


# -- writing -----------------------------------------------------------------------------------------------------------


def _is_custom(state: State, role: Resource, old: Resource | None) -> None:
    """Azure's own roles stay as they are."""
    if built_in(role.id.name):
        raise ArmError(409, "RoleDefinitionExists", "A built-in role definition cannot be updated.")
    if role.properties["type"].lower() != CUSTOM_TYPE.lower():
        message = f"The role definition type '{role.properties['type']}' is invalid. It must be '{CUSTOM_TYPE}'."
        raise ArmError(400, "InvalidRoleDefinitionType", message)
    role.properties["type"] = CUSTOM_TYPE


def _has_a_free_name(state: State, role: Resource, old: Resource | None) -> None:
    """A role's name is its tenant's for one role, in any case."""
    name = role.properties.get("roleName", "").strip()
    if not name:
        raise ArmError(400, "RoleDefinitionNameNullOrEmpty", "The role definition name cannot be null or empty.")
    tenant, guid = own_tenant(state, role), role.id.name.lower()
    others = [one for one in custom_roles(state, tenant) if one.id.name.lower() != guid]
    taken = {own.lower() for own in BUILT_IN} | {one.properties["roleName"].lower() for one in others}
    if name.lower() in taken:
        message = "A custom role with the same name already exists in this directory."
        raise ArmError(409, "RoleDefinitionWithSameNameExists", message)
    if len(others) >= MOST:
        message = "Role definition limit exceeded. No more role definitions can be created."
        raise ArmError(400, "RoleDefinitionLimitExceeded", message)


def _has_scopes(state: State, role: Resource, old: Resource | None) -> None:
    """A role is for scopes of its own tenant: subscriptions, groups or resources. Never for all, and no pattern."""
    scopes = role.properties.get("assignableScopes") or []
    if not scopes:
        raise ArmError(400, "MissingAssignableScopes", "The role definition must have at least one assignable scope.")
    if len(scopes) > MOST_SCOPES:
        raise NotEmulated(f"more than {MOST_SCOPES} assignable scopes")
    for scope in scopes:
        _require_scope(state, role, scope)


def _require_scope(state: State, role: Resource, scope: str) -> None:
    if scope.lower().startswith("/providers/microsoft.management/"):
        raise NotEmulated(f"the assignable scope {scope}", supported="subscriptions, groups, resources")
    try:
        id = ArmId.parse(scope) if scope.startswith("/") and "*" not in scope else None
    except ValueError:
        id = None
    if id is None:
        message = (
            f"Property id '{scope}' at path 'properties.assignableScopes' is invalid. Expect fully qualified resource "
            "Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'."
        )
        raise ArmError(400, "LinkedInvalidPropertyId", message, gateway=True)
    found = subscriptions.find(state, id.subscription)
    if found is None or found.tenant.lower() != own_tenant(state, role):
        message = (
            f"The client has permission to perform action '{DEFINITION_TYPE}/write' on scope '{role.id}', however the "
            f"linked subscription '{id.subscription}' was not found."
        )
        raise ArmError(403, "LinkedAuthorizationFailed", message, gateway=True)
    if id.type != SUBSCRIPTION_TYPE:
        state.get(id)


def _names_actions(state: State, role: Resource, old: Resource | None) -> None:
    """What a role names is there to be done, and each with one `*` at most."""
    for permission in role.properties.get("permissions", []):
        for name, actions in permission.items():
            for action in actions:
                data = "data" in name.lower()
                if action.count("*") > 1 or not action:
                    code = "InvalidDataActionOrNotDataAction" if data else "InvalidActionOrNotAction"
                    message = f"'{action}' does not match any of the actions supported by the providers."
                    raise ArmError(400, code, message)
                require_known(action, data=data)


def _keep_once(state: State, role: Resource, old: Resource | None) -> None:
    """Written at another scope, it is the same role."""
    kept = kept_with(state, role.id.name, own_tenant(state, role))
    root = f"/subscriptions/{own_subscription(state, role.id.scope)}"
    if kept is None:
        role.id = ArmId(root, DEFINITION_TYPE, (role.id.name.lower(),))
        return
    role.id, role.created, role.sequence = kept.id, kept.created, kept.sequence
    role.generation, role.revision = kept.generation, kept.revision


def _deleted(state: State, request: Request, words: Mapping[str, str]) -> Response:
    """Delete a custom role, and answer with it; one that is not there is as good as deleted."""
    if built_in(words["role"]):
        raise ArmError(400, "CannotDeleteBuiltInRole", "A built-in role definition cannot be deleted.")
    kept = _kept_at(state, words)
    if kept is None:
        return Response(204)
    shown = _dated(state, kept, words)
    state.remove(kept)
    return Response(200, shown)


def _is_unused(state: State, role: Resource) -> None:
    """A right that someone has is not taken away unseen."""
    guid = f"/{role.id.name.lower()}"
    used = (one.properties["roleDefinitionId"].lower().endswith(guid) for one in state.of_type(ASSIGNMENT_TYPE))
    if any(used):
        message = "There are existing role assignments referencing role."
        raise ArmError(400, "RoleDefinitionHasAssignments", message)


def _learner(state: State, role: Resource) -> str:
    return subscriptions.principal(state, "learner", own_tenant(state, role))


def _none(scene: Scene) -> list[JSON]:
    return []


_DATES = {
    "createdOn": lambda state, role: state.timestamp(role.created),
    "updatedOn": lambda state, role: state.timestamp(role.changed),
    "createdBy": _learner,
    "updatedBy": _learner,
}
_PERMISSION = Shape(
    {name: Field(Listing(Text()), default=_none) for name in ("actions", "notActions", "dataActions", "notDataActions")}
)
_PATHS = (f"/providers/{DEFINITION_TYPE}", f"/{{scope:path}}/providers/{DEFINITION_TYPE}")

ROLE_DEFINITION = ResourceType(
    type=DEFINITION_TYPE,
    source=f"{SOURCE}/create-or-update",
    versions=api_versions.AUTHORIZATION,
    name=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    envelope={},
    properties={
        "roleName": Field(Text(r"(?s).{0,512}")),
        "description": Field(Text(r"(?s).{0,2048}"), null=True),
        "type": Field(Text(), default=CUSTOM_TYPE),
        "assignableScopes": Field(Listing(Text())),
        "permissions": Field(Listing(_PERMISSION), default=_none),
    },
    computed=_DATES,
    told_in_puts=AS_WRITTEN,
    rules=(_is_custom, _has_a_free_name, _has_scopes, _names_actions),
    on_put=_keep_once,
    delete_rules=(_is_unused,),
    replaced=201,  # a change is answered like a creation
    verbs=("GET", "PUT", "DELETE", "LIST"),
    stateful=False,
    in_group=False,
)
ROUTES = (
    *(Route("GET", path, _listed, f"{SOURCE}/list") for path in _PATHS),
    *(Route("GET", f"{path}/{{role}}", _one, f"{SOURCE}/get") for path in _PATHS),
    Route("DELETE", f"{_PATHS[1]}/{{role}}", _deleted, f"{SOURCE}/delete"),
)
DEVIATIONS = (
    Deviation(
        of=DEFINITION_TYPE,
        what=f"Each of Azure's own roles was made and last changed at the same moment, {MADE}.",
        impact="On Azure each has times of its own.",
        reason="Nothing depends on them, and they change with every revision of a role.",
        workaround="`az role definition list` on a real subscription.",
    ),
    Deviation(
        of=DEFINITION_TYPE,
        what="A changed custom role counts at once; what it names of providers that are not emulated is not looked at.",
        impact="On Azure a change takes some minutes, and a mistyped action of such a provider is refused.",
        reason="Nothing is replicated here, and there is no list of their operations.",
        workaround="`az provider operation show` on a real subscription.",
    ),
    Deviation(
        of=DEFINITION_TYPE,
        what=(
            "A custom role that cannot be assigned at a scope does not exist there (`RoleDefinitionDoesNotExist`), and "
            "deleting a built-in one is `CannotDeleteBuiltInRole`."
        ),
        impact="Azure's status is the same; its code may be another.",
        reason="No public report shows these two answers whole.",
        workaround="Read the message.",
    ),
)

"""Finding roles: by GUID, built-in or custom. A custom role is its tenant's, whichever subscription it was made in."""

from __future__ import annotations

from collections.abc import Iterator

from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.authorization.roles import BUILT_IN, Permission, Role

DEFINITION_TYPE = "Microsoft.Authorization/roleDefinitions"


def built_in(id: str) -> Role | None:
    """Return the built-in role that a definition's id or GUID means; None: it is none of Azure's."""
    guid = id.rpartition("/")[2].lower()
    return next((role for role in BUILT_IN.values() if role.guid == guid), None)


def role_with(state: State, id: str, tenant: str) -> Role | None:
    """Return the role that a definition's id or GUID means in a tenant; None: there is none."""
    own = built_in(id)
    kept = None if own else kept_with(state, id.rpartition("/")[2], tenant)
    return own or (read(kept) if kept else None)


def kept_with(state: State, guid: str, tenant: str) -> Resource | None:
    """Return a custom role as it is kept; None: the tenant has none of that GUID."""
    found = state.named(DEFINITION_TYPE, guid)
    return next((one for one in found if own_tenant(state, one) == tenant.lower()), None)


def read(kept: Resource) -> Role:
    """Read a custom role off what is kept of it."""
    properties = kept.properties
    permissions = tuple(Permission.read(one) for one in properties.get("permissions", []))
    name, description = properties["roleName"], properties.get("description")
    return Role(
        kept.id.name.lower(), name, description, permissions, tuple(properties["assignableScopes"]), built_in=False
    )


def own_tenant(state: State, kept: Resource) -> str:
    """Name the tenant that a custom role is of, in lower case."""
    return subscriptions.tenant_of(state, kept.id.subscription).lower()


def custom_roles(state: State, tenant: str) -> Iterator[Resource]:
    """Return the custom roles of a tenant as they are kept."""
    return (one for one in state.of_type(DEFINITION_TYPE) if own_tenant(state, one) == tenant.lower())


def definition_id(state: State, role: Role, scope: str) -> str:
    """A definition's id, spelled as the service spells it wherever in a subscription it was asked for."""
    return f"/subscriptions/{own_subscription(state, scope)}/providers/{DEFINITION_TYPE}/{role.guid}"


def own_subscription(state: State, scope: str) -> str:
    """Spell the subscription that a scope lies in."""
    found = subscriptions.find(state, scope.strip("/").split("/")[1])
    return (found or subscriptions.home(state)).id


def no_such_role(id: str) -> ArmError:
    """Return the 404 for a role definition."""
    guid = id.rpartition("/")[2]
    return ArmError(
        404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{guid}' does not exist."
    )

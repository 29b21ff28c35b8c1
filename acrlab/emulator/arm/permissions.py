"""Microsoft.Authorization/permissions: what the caller may do at a scope, from all of its roles there and above.

Source: https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles as rights
from acrlab.emulator.entra import tokens

PATH = "/{scope:path}/providers/Microsoft.Authorization/permissions"
SOURCE = "https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group"


def routes(world: World) -> tuple[Route, ...]:
    """Return what Resource Manager answers beside its types: a caller's roles concern the whole world."""
    return (Route("GET", PATH, partial(_permissions, world), SOURCE),)


def _permissions(world: World, state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """One entry a permission of a role.

    An action is allowed where an entry allows it and the same one does not take it back.
    """
    scope = _scope(words["scope"])
    roles = rights.roles_at(world, _caller(world, request, scope), scope)
    return {"value": [one.shown() for role in sorted(roles, key=lambda role: role.name) for one in role.permissions]}


def _caller(world: World, request: Request, scope: ArmId) -> str:
    """Whose token it is; within this process it is the learner's own."""
    token = request.headers.get("authorization", "").partition(" ")[2]
    claims = tokens.read(world, token)
    return str(claims["oid"]) if claims else tokens.learner(world, tenant_of(world, scope.subscription))


def _scope(text: str) -> ArmId:
    try:
        return ArmId.parse(f"/{text}")
    except ValueError:
        raise ArmError(400, "InvalidScope", f"The scope '/{text}' is not valid.", gateway=True) from None

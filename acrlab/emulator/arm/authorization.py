"""Authorization in Resource Manager: who is calling, is it about this subscription, and may they.

The SDKs' transport in this process goes to the manager directly; everyone else comes by here with a token.
Source: https://learn.microsoft.com/azure/role-based-access-control/overview
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT
from acrlab.emulator.arm.resource_manager import ResourceManager
from acrlab.emulator.core.http import JSON, ArmError, Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles as rights
from acrlab.emulator.entra import tokens
from acrlab.emulator.types.role_assignment import ASSIGNMENT_TYPE
from acrlab.emulator.types.role_definition import NOT_ACTIONS, ROLES

CLASSIC = "https://management.core.windows.net"
# Everybody sees of these what they may read.
_OPEN_LISTS = r"/subscriptions(/[^/]+(/resourcegroups|/resources|/providers/(?P<type>[^/]+/[^/]+))?)?/?"
_NOT_OPEN = "microsoft.authorization/"
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}


def handle_authorized(world: World, manager: ResourceManager, request: Request) -> Response:
    """Answer a request as Resource Manager does for the holder of its token."""
    request = request.tidy()  # what may be done is decided about the path that it is done to
    claims = _claims(world, request)
    if isinstance(claims, Response):
        return claims
    principal = str(claims["oid"])
    # Owners may do everything. A poll is open to any valid token, as its address is a secret of the one who began it.
    if principal in tokens.owners(world) or manager.is_poll(request) or request.path.rstrip("/").lower() == "/tenants":
        return manager.handle(request)
    # A list of a subscription or a group is cut down to what the caller may read, where a single GET would be a 403.
    if request.method == "GET" and _is_open_list(world, request.path):
        return _visible_part(world, principal, request, manager.handle(request))
    scope, action = asked_action(request.method, request.path)
    return manager.handle(request) if _may(world, principal, scope, action) else _forbidden(principal, scope, action)


def asked_action(method: str, path: str) -> tuple[str, str]:
    """Return the scope that a request is about, and the action in the words of role definitions.

    `POST …/registries/r/listCredentials` -> `…/registries/r` and
    `Microsoft.ContainerRegistry/registries/listCredentials/action`
    """
    whole = path.rstrip("/")
    try:
        id = ArmId.parse(whole)
        return str(id), f"{id.type}/{_VERBS.get(method, 'action')}"
    except ValueError:
        holder, _, last = whole.rpartition("/")
    try:
        id = ArmId.parse(holder)
        return str(id), f"{id.type}/{last}/{_VERBS.get(method, 'action')}"
    except ValueError:
        scope, _, type = whole.rpartition("/providers/")
        return scope or whole, f"{type.lstrip('/')}/{_VERBS.get(method, 'action')}"


def _claims(world: World, request: Request) -> JSON | Response:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    claims = tokens.read(world, token) if kind.lower() == "bearer" else None
    if claims is not None and claims["aud"].rstrip("/") in (MANAGEMENT, CLASSIC, request.origin):
        return claims
    code, message = _unknown(claims, token)
    challenge = f'Bearer authorization_uri="https://login.windows.net/{world.setting("tenant")}", error="invalid_token"'
    headers = {"WWW-Authenticate": challenge}
    return ArmError(401, code, message, gateway=True, headers=headers).response()


def _unknown(claims: JSON | None, token: str) -> tuple[str, str]:
    """Code and message for a caller whose token is missing, unreadable, or for another audience."""
    if not token:
        return "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
    if claims is None:
        return "InvalidAuthenticationToken", "The access token is invalid."
    message = (
        f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. It should exactly match "
        f"with one of the allowed audiences '{CLASSIC}/','{MANAGEMENT}/'."
    )
    return "InvalidAuthenticationTokenAudience", message


def _may(world: World, principal: str, scope: str, action: str) -> bool:
    try:
        roles = rights.roles_at(world, principal, ArmId.parse(scope))
    except ValueError:
        return False
    return any(_allows(role, action.lower()) for role in roles)


def _allows(role: str, action: str) -> bool:
    def matches(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(action, pattern.lower()) for pattern in patterns)

    return matches(ROLES[role][1]) and not matches(NOT_ACTIONS.get(role, ()))


def _is_open_list(world: World, path: str) -> bool:
    found = re.fullmatch(_OPEN_LISTS, path, re.IGNORECASE)
    type = (found["type"] or "").lower() if found else ""
    return found is not None and (not type or (type in world.types and not type.startswith(_NOT_OPEN)))


def _visible_part(world: World, principal: str, request: Request, answer: Response) -> Response:
    """What of a list the caller may read; a subscription shows to a caller with a right anywhere in it."""
    root = f"/subscriptions/{world.setting('subscription')}"
    roles = world.of_type(ASSIGNMENT_TYPE, under=root)
    known = any(a.properties["principalId"] == principal and rights.counts(world, a) for a in roles)
    if answer.status != 200:
        return answer
    if not known and request.path.strip("/").lower() != "subscriptions":
        return _forbidden(principal, *asked_action(request.method, request.path))
    if "value" not in answer.body:
        return answer
    shown = [v for v in answer.body["value"] if known and _shows(world, principal, v["id"])]
    return Response(200, {**answer.body, "value": shown}, answer.headers)


def _shows(world: World, principal: str, id: str) -> bool:
    scope, action = asked_action("GET", id)
    return action == "Microsoft.Resources/subscriptions/read" or _may(world, principal, scope, action)


def _forbidden(principal: str, scope: str, action: str) -> Response:
    message = (
        f"The client '{principal}' with object id '{principal}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials."
    )
    return ArmError(403, "AuthorizationFailed", message, gateway=True).response()

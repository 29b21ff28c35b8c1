"""Authorization in Resource Manager: who is calling, is it about this subscription, and may they.

The SDKs' transport in this process goes to the manager directly; everyone else comes by here with a token.
Source: https://learn.microsoft.com/azure/role-based-access-control/overview
"""

from __future__ import annotations

import re

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT
from acrlab.emulator.arm.linked_access import Caller, asked_by, require_linked, require_scopes
from acrlab.emulator.arm.resource_manager import ResourceManager
from acrlab.emulator.arm.rights import called, forbidden, may, subscription_in
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import JSON, ArmError, Request, Response
from acrlab.emulator.core.subscriptions import Subscription
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles, tokens
from acrlab.emulator.types.authorization.custom_roles import DEFINITION_TYPE
from acrlab.emulator.types.authorization.role_assignment import ASSIGNMENT_TYPE
from acrlab.emulator.types.resources.deployment import DEPLOYMENT_TYPE

CLASSIC = "https://management.core.windows.net"
# Everybody sees of these what they may read.
_OPEN_LISTS = r"/subscriptions(/[^/]+(/resourcegroups|/resources|/providers/(?P<type>[^/]+/[^/]+))?)?/?"
_NOT_OPEN = "microsoft.authorization/"
# Of the tenant, and open to everyone in it.
_OPEN = r"/tenants|/providers/microsoft\.authorization/(roledefinitions|provideroperations)(/[^/]+)?"
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}


def handle_authorized(world: World, manager: ResourceManager, request: Request) -> Response:
    """Answer a request as Resource Manager does for the holder of its token."""
    request = request.tidy()  # what may be done is decided about the path that it is done to
    with world.reading():
        claims = _claims(world, request)
        if isinstance(claims, Response):
            return claims
        return _handle_for(world, manager, request, Caller(str(claims["oid"]), str(claims["tid"])))


def handle_as_learner(world: World, manager: ResourceManager, request: Request) -> Response:
    """Answer a request of the learner's own, who needs no token here and is in every tenant."""
    with world.reading():
        if not subscriptions.added(world):
            return manager.handle(request)
        request = request.tidy()
        tenant = subscriptions.tenant_of(world, subscription_in(request.path))
        return _handle_for(world, manager, request, Caller(tokens.learner(world, tenant), tenant))


def _handle_for(world: World, manager: ResourceManager, request: Request, caller: Caller) -> Response:
    # A poll is open to any valid token, as its address is a secret of the one who began it.
    if manager.is_poll(request) or (
        request.method == "GET" and re.fullmatch(_OPEN, request.path.rstrip("/"), re.IGNORECASE)
    ):
        return manager.handle(request)
    subscription = subscription_in(request.path)
    found = subscriptions.find(world, subscription)
    if found and found.tenant.lower() != caller.tenant.lower():
        return _of_another_tenant(caller, found)
    # An owner may do everything there; what lies in other subscriptions is asked about where there are any.
    owner = caller.principal in tokens.owners(world, caller.tenant) and (found is None or found.role == "Owner")
    if owner and not subscriptions.added(world):
        return manager.handle(request)
    # A list of a subscription or a group is cut down to what the caller may read, where a single GET would be a 403.
    if request.method == "GET" and _is_open_list(world, request.path) and not (owner and subscription):
        return _visible_part(world, caller, request, manager.handle(request))
    scope, action = asked_action(request.method, request.path)
    if not owner and not may(world, caller.principal, scope, action):
        return _forbidden(caller.principal, scope, action)
    try:
        _require_linked(world, caller, request)
    except ArmError as problem:
        return problem.response()
    with asked_by(world, caller):  # a template's resources are asked about one by one
        return manager.handle(request)


def _require_linked(world: World, caller: Caller, request: Request) -> None:
    """Ask for the rights on what a resource refers to. Raises: ArmError."""
    if request.method not in ("PUT", "PATCH", "DELETE"):
        return
    try:
        id, body = ArmId.parse(request.path), {} if request.method == "DELETE" else request.json()
    except (ValueError, ArmError):
        return  # who answers the request says what is wrong with it
    if id.type.lower() == DEFINITION_TYPE.lower():
        require_scopes(world, caller, id)
    if id.type.lower() == DEPLOYMENT_TYPE.lower():
        return  # what a template refers to is known when it has been read
    require_linked(world, caller, id, body)


def asked_action(method: str, path: str) -> tuple[str, str]:
    """Return the scope that a request is about, and the action in the words of role definitions.

    `POST …/registries/r/listCredentials` -> `…/registries/r` and
    `Microsoft.ContainerRegistry/registries/listCredentials/action`
    """
    verb = _VERBS.get(method, "action")
    whole = path.rstrip("/")
    try:
        id = ArmId.parse(whole)
        return str(id), f"{called(id.type)}/{verb}"
    except ValueError:
        holder, _, last = whole.rpartition("/")
    try:
        id = ArmId.parse(holder)
        return str(id), called(f"{called(id.type)}/{last}/{verb}")
    except ValueError:
        scope, _, type = whole.rpartition("/providers/")
    if method == "GET" and "/" not in type.strip("/"):
        return scope or whole, "Microsoft.Resources/subscriptions/providers/read"
    return scope or whole, called(f"{type.lstrip('/')}/{verb}")


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


def _is_open_list(world: World, path: str) -> bool:
    found = re.fullmatch(_OPEN_LISTS, path, re.IGNORECASE)
    type = (found["type"] or "").lower() if found else ""
    return found is not None and (not type or (type in world.types and not type.startswith(_NOT_OPEN)))


def _visible_part(world: World, caller: Caller, request: Request, answer: Response) -> Response:
    """What of a list the caller may read; a subscription shows to a caller with a right anywhere in it."""
    if answer.status != 200:
        return answer
    of_all = request.path.strip("/").lower() == "subscriptions"
    if not of_all and not _knows(world, caller, subscription_in(request.path)):
        return _forbidden(caller.principal, *asked_action(request.method, request.path))
    if "value" not in answer.body:
        return answer
    shown = [v for v in answer.body["value"] if _shows(world, caller, v["id"])]
    count = {"count": {"type": "Total", "value": len(shown)}} if "count" in answer.body else {}
    return Response(200, {**answer.body, "value": shown, **count}, answer.headers)


def _knows(world: World, caller: Caller, subscription: str) -> bool:
    """Tell whether a caller has a right anywhere in a subscription."""
    found = subscriptions.find(world, subscription)
    if found is None or found.tenant.lower() != caller.tenant.lower():
        return False
    root = ArmId.parse(f"/subscriptions/{found.id}")
    there = world.of_type(ASSIGNMENT_TYPE, under=str(root))
    assigned = any(a.properties["principalId"] == caller.principal and roles.counts(world, a) for a in there)
    return assigned or bool(roles.roles_at(world, caller.principal, root))


def _shows(world: World, caller: Caller, id: str) -> bool:
    scope, action = asked_action("GET", id)
    if action == "Microsoft.Resources/subscriptions/read":
        return _knows(world, caller, subscription_in(id))
    return may(world, caller.principal, scope, action)


def _of_another_tenant(caller: Caller, found: Subscription) -> Response:
    message = (
        f"The access token is from the wrong issuer 'https://sts.windows.net/{caller.tenant}/'. It must match the "
        f"tenant 'https://sts.windows.net/{found.tenant}/' associated with this subscription. Please use the "
        f"authority (URL) 'https://login.windows.net/{found.tenant}' to get the token. Note, if the subscription is "
        "transferred to another tenant there is no impact to the services, but information about new tenant could "
        "take time to propagate (up to an hour). If you just transferred your subscription and see this error "
        "message, please try back later."
    )
    headers = {
        "WWW-Authenticate": f'Bearer authorization_uri="https://login.windows.net/{found.tenant}", '
        'error="invalid_token", error_description="The access token is from the wrong issuer."'
    }
    return ArmError(401, "InvalidAuthenticationTokenTenant", message, gateway=True, headers=headers).response()


def _forbidden(principal: str, scope: str, action: str) -> Response:
    return forbidden(principal, scope, action).response()

"""The ways to a token of Entra ID: a program with its secret, a person, and what a person was given before.

The lab has one person and one service principal; others can be added. The person signs in with a device code that the
owner of the world's file has approved, or with the secret of the lab's service principal as a password.
Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping

from acrlab.azure.cloud import MANAGEMENT, REGISTRY_AUDIENCE
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, NotEmulated, Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import applications, device_codes, signing, tokens
from acrlab.emulator.entra.credentials import client_id
from acrlab.emulator.entra.sign_in import SignIn, SignInError, form_of, require
from acrlab.emulator.types.resources.tenant import DOMAIN

PERSON = f"learner@{DOMAIN}"
GRAPH = "https://graph.microsoft.com/"
CLASSIC = "https://management.core.windows.net"
REFRESH_S = 90 * 24 * 3600
COMMON = ("common", "organizations", "consumers")  # words that stand for the tenant of the account
_REFRESH = "acrlab refresh token"  # issuer of what only these endpoints read


def token(world: World, request: Request, tenant: str) -> Response:
    """Answer a request for a token. Raises: SignInError."""
    # The order decides which of several errors a client is told.
    form = form_of(request)
    kind = form.get("grant_type", "")
    grant = _GRANTS.get(kind)
    require(form, "grant_type")
    if grant is None:
        text = f"The app requested an unsupported grant type '{kind}'."
        raise SignInError(400, "unsupported_grant_type", 70003, text)
    require(form, "client_id")
    scope = form.get("scope") or device_codes.scope_of(world, form)
    audience = _known(form.get("resource") or _audience(scope), request)
    home = world.setting("tenant") if tenant in COMMON else tenant
    asked = SignIn(world, request.origin, form, audience, scope, request.clock, home)
    return Response(200, grant(asked), _UNCACHED)


def _audience(scope: str) -> str:
    """The resource of a scope such as `https://management.azure.com//.default openid`; else Microsoft Graph."""
    named = next((word for word in scope.split() if "://" in word), GRAPH)
    return named.removesuffix("/.default") if named.endswith("/.default") else named.rpartition("/")[0]


def _known(audience: str, request: Request) -> str:
    """A resource that there is. Raises: SignInError: there is none of that name."""
    if audience.rstrip("/") not in (GRAPH.rstrip("/"), MANAGEMENT, CLASSIC, REGISTRY_AUDIENCE, request.origin):
        text = f"The resource principal named {audience or '(none)'} was not found in the tenant named acrlab."
        raise SignInError(400, "invalid_resource", 500011, text)
    return audience


def _as_program(asked: SignIn) -> JSON:
    """`client_credentials`: a service principal with its secret."""
    world, form = asked.world, asked.form
    app = form["client_id"].lower()
    if not applications.is_known(world, app, asked.tenant):
        text = f"Application with identifier '{form['client_id']}' was not found in the directory 'acrlab'."
        raise SignInError(400, "unauthorized_client", 700016, text)
    if "client_assertion" in form:
        raise NotEmulated("signing in with a client assertion", supported="client_secret")
    if not form.get("resource"):
        require(form, "scope")
    if "/.default" not in asked.scope and not form.get("resource"):
        text = (
            f"The provided value for scope {asked.scope} is not valid. Client credential flows must have a scope value "
            "with /.default suffixed to the resource identifier (application ID URI)."
        )
        raise SignInError(400, "invalid_scope", 1002012, text)
    if not form.get("client_secret"):
        text = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
        raise SignInError(401, "invalid_client", 7000216, text)
    if not applications.is_secret(world, app, form["client_secret"]):
        text = "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value."
        raise SignInError(401, "invalid_client", 7000215, text)
    principal = applications.principal(world, app, asked.tenant)
    more = {"kind": "app", "app": app, "clock": asked.clock, "tenant": asked.tenant}
    return _given(tokens.issue(world, principal, asked.audience, **more))


def _as_person(asked: SignIn) -> JSON:
    """`password`: the person, who knows the secret of the lab's service principal."""
    name = asked.form.get("username", "")
    if name.lower() != PERSON:
        text = f"The user account {name} does not exist in the acrlab directory. Sign in as {PERSON}."
        raise SignInError(400, "invalid_grant", 50034, text)
    if not applications.is_secret(asked.world, client_id(asked.world), asked.form.get("password", "")):
        text = "Error validating credentials due to invalid username or password."
        raise SignInError(400, "invalid_grant", 50126, text)
    return _signed_in(asked)


def _by_device(asked: SignIn) -> JSON:
    """`device_code`: the holder of a code that was approved is taken for the person."""
    device_codes.redeem(asked)
    return _signed_in(asked)


def _by_refresh(asked: SignIn) -> JSON:
    """`refresh_token`: a new token for a person who signed in before."""
    if signing.verify(asked.world, _REFRESH, asked.form.get("refresh_token", "")) is None:
        text = "The provided value for the input parameter 'refresh_token' is not valid, or has expired."
        raise SignInError(400, "invalid_grant", 70000, text)
    return _signed_in(asked)


def _signed_in(asked: SignIn) -> JSON:
    """What a person gets: the token, a way to the next one, and who it is."""
    world, app = asked.world, asked.form.get("client_id", "")
    person = tokens.learner(world, asked.tenant)
    token = tokens.issue(world, person, asked.audience, app=app, clock=asked.clock, tenant=asked.tenant)
    refresh = signing.sign(world, _REFRESH, {"oid": person}, lifetime_s=REFRESH_S, clock=asked.clock)
    # An account is known by its home, also where it is a guest.
    client = {"uid": tokens.learner(world), "utid": world.setting("tenant")}
    return {
        **_given(token),
        "scope": asked.scope,
        "refresh_token": refresh,
        "id_token": _identity(asked, person, app),
        "client_info": base64.urlsafe_b64encode(json.dumps(client).encode()).decode().rstrip("="),
    }


def _identity(asked: SignIn, person: str, app: str) -> str:
    claims = {
        "aud": app,
        "tid": asked.tenant,
        "oid": person,
        "sub": person,
        "preferred_username": PERSON,
        "name": "Learner",
        "ver": "2.0",
    }
    issuer = f"{asked.origin}/{asked.tenant}/v2.0"
    return signing.sign(asked.world, issuer, claims, lifetime_s=tokens.LIFETIME_S, clock=asked.clock)


def _given(token: str) -> JSON:
    # Entra ID answers 3599 for a token of an hour: what is left when the answer arrives.
    lifetime = tokens.LIFETIME_S - 1
    return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}


_UNCACHED = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
_GRANTS: Mapping[str, Callable[[SignIn], JSON]] = {
    "client_credentials": _as_program,
    "password": _as_person,
    "refresh_token": _by_refresh,
    **dict.fromkeys(device_codes.GRANT_TYPES, _by_device),
}

DEVIATIONS = (
    Deviation(
        of="Entra ID",
        what="There is one person and one service principal, and those that `acrlab emulator application add` adds.",
        impact="Others cannot sign in; Microsoft Graph is not there.",
        reason="The lab needs no one else.",
        workaround="`az role assignment create` with `--assignee-object-id`.",
    ),
    Deviation(
        of="Entra ID",
        what="Tokens are signed with HS256, and there are no public keys to check them with.",
        impact="A program of one's own cannot verify them.",
        reason="Only the emulated Azure has to.",
        workaround="Treat tokens as opaque.",
    ),
)

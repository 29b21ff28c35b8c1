"""The ways to a token of Entra ID: a program with its secret, a person, and what a person was given before.

The lab has one person and one service principal. The person signs in with a device code, as one who sits at this very
computer, or with the service principal's secret as a password.
Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from acrlab.cloud import LOGIN_HOST, MANAGEMENT, REGISTRY_AUDIENCE
from acrlab.emulator import entra, signing
from acrlab.emulator.credentials import client_id, client_secret
from acrlab.emulator.deviation import Deviation
from acrlab.emulator.signing import INSIDE, OUTSIDE
from acrlab.emulator.types.tenant import DOMAIN
from acrlab.emulator.wire import JSON, NotEmulated, Request, Response
from acrlab.emulator.world import World

PERSON = f"learner@{DOMAIN}"
GRAPH = "https://graph.microsoft.com/"
CLASSIC = "https://management.core.windows.net"
REFRESH_S, CODE_S, INTERVAL_S = 90 * 24 * 3600, 900, 1
SHOWN, REDEEMED = "shown", "redeemed"  # what has become of a device code
_REFRESH, _DEVICE = "acrlab refresh token", "acrlab device code"  # issuers of what only this front reads


@dataclass(frozen=True)
class SignIn:
    """One request for a token.

    Attributes:
        origin: how the client calls this server.
        form: the fields that it posted.
        audience: the resource that the token is for.
        scope: the scope as the client wrote it.
        clock: the one that the client goes by.
    """

    world: World
    origin: str
    form: Mapping[str, str]
    audience: str
    scope: str
    clock: str


class SignInError(Exception):
    """A refusal in OAuth's form, with Entra ID's own number for it."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text

    def response(self, world: World) -> Response:
        body = {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.text} Timestamp: {world.timestamp()[:19]}Z",
            "error_codes": [self.number],
            "timestamp": f"{world.timestamp()[:19].replace('T', ' ')}Z",
            "error_uri": f"https://{LOGIN_HOST}/error?code={self.number}",
        }
        return Response(self.status, body)


def token(world: World, request: Request, tenant: str) -> Response:
    """Answer a request for a token. Raises: SignInError."""
    form = _form(request)
    kind = form.get("grant_type", "")
    grant = _GRANTS.get(kind)
    _require(form, "grant_type")
    if grant is None:
        text = f"The app requested an unsupported grant type '{kind}'."
        raise SignInError(400, "unsupported_grant_type", 70003, text)
    _require(form, "client_id")
    scope = form.get("scope") or _asked_before(world, form)
    audience = _known(form.get("resource") or _audience(scope), request)
    return Response(200, grant(SignIn(world, request.origin, form, audience, scope, _clock(request))), _UNCACHED)


def is_by_device(request: Request) -> bool:
    """Whether a request for a token, or for a code, means to sign a person in without any secret."""
    return (
        "device" in request.path.rpartition("/")[2] or _GRANTS.get(_form(request).get("grant_type", "")) is _by_device
    )


def no_device() -> SignInError:
    """Where others can reach the server, nobody is taken for the person at this computer."""
    text = (
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance: "
        "other computers can reach this server, and a device code asks for no secret. Sign in as the service principal."
    )
    return SignInError(400, "invalid_grant", 53003, text)


def _clock(request: Request) -> str:
    """A machine of the world lives by its clock, everybody else by the computer's."""
    return INSIDE if request.vantage.machine else OUTSIDE


def _require(form: Mapping[str, str], name: str) -> None:
    """Raises: SignInError: there is no such field."""
    if not form.get(name):
        text = f"The request body must contain the following parameter: '{name}'."
        raise SignInError(400, "invalid_request", 900144, text)


def _form(request: Request) -> dict[str, str]:
    """The posted fields, and a client's name and password where it sent them in a header."""
    try:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=100))
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            form |= {"client_id": name, "client_secret": password}
    except ValueError as problem:
        text = "The request body must be a form in UTF-8."
        raise SignInError(400, "invalid_request", 900144, text) from problem
    return form


def _audience(scope: str) -> str:
    """The resource of a scope such as `https://management.azure.com//.default openid`; else Microsoft Graph."""
    named = next((word for word in scope.split() if "://" in word), GRAPH)
    return named.removesuffix("/.default") if named.endswith("/.default") else named.rpartition("/")[0]


def _asked_before(world: World, form: Mapping[str, str]) -> str:
    """The scope that a device code was asked for with; its holder does not repeat it."""
    claims = signing.verify(world, _DEVICE, _device_code_in(form))
    return str(claims["scope"]) if claims else ""


def _device_code_in(form: Mapping[str, str]) -> str:
    return form.get("device_code") or form.get("code", "")


def _known(audience: str, request: Request) -> str:
    """A resource that there is. Raises: SignInError: there is none of that name."""
    if audience.rstrip("/") not in (GRAPH.rstrip("/"), MANAGEMENT, CLASSIC, REGISTRY_AUDIENCE, request.origin):
        text = f"The resource principal named {audience or '(none)'} was not found in the tenant named acrlab."
        raise SignInError(400, "invalid_resource", 500011, text)
    return audience


def _as_program(asked: SignIn) -> JSON:
    """`client_credentials`: the service principal with its secret."""
    world, form = asked.world, asked.form
    if form["client_id"].lower() != client_id(world):
        text = f"Application with identifier '{form['client_id']}' was not found in the directory 'acrlab'."
        raise SignInError(400, "unauthorized_client", 700016, text)
    if "client_assertion" in form:
        raise NotEmulated("signing in with a client assertion", supported="client_secret")
    if not form.get("resource"):
        _require(form, "scope")
    if "/.default" not in asked.scope and not form.get("resource"):
        text = (
            f"The provided value for scope {asked.scope} is not valid. Client credential flows must have a scope value "
            "with /.default suffixed to the resource identifier (application ID URI)."
        )
        raise SignInError(400, "invalid_scope", 1002012, text)
    if not form.get("client_secret"):
        text = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
        raise SignInError(401, "invalid_client", 7000216, text)
    if not _is_secret(world, form.get("client_secret", "")):
        text = "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value."
        raise SignInError(401, "invalid_client", 7000215, text)
    app = client_id(world)
    return _given(entra.issue(world, entra.application(world), asked.audience, kind="app", app=app, clock=asked.clock))


def _as_person(asked: SignIn) -> JSON:
    """`password`: the person, who knows the service principal's secret."""
    name = asked.form.get("username", "")
    if name.lower() != PERSON:
        text = f"The user account {name} does not exist in the acrlab directory. Sign in as {PERSON}."
        raise SignInError(400, "invalid_grant", 50034, text)
    if not _is_secret(asked.world, asked.form.get("password", "")):
        text = "Error validating credentials due to invalid username or password."
        raise SignInError(400, "invalid_grant", 50126, text)
    return _signed_in(asked)


def _by_device(asked: SignIn) -> JSON:
    """`device_code`: pending on the first look; whoever shows the code is taken to sit here from then on."""
    world = asked.world
    claims = signing.verify(world, _DEVICE, _device_code_in(asked.form))
    if claims is None:
        raise SignInError(400, "expired_token", 70020, "The device code is not valid here, or has expired.")
    key = f"device {claims['jti']}"
    with world.transaction():
        before = world.value(key, "")
        world.set_value(key, REDEEMED if before else SHOWN)
    if not before:
        text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
        raise SignInError(400, "authorization_pending", 70016, text)
    if before == REDEEMED:
        text = "OAuth2 Authorization code was already redeemed, please retry with a new valid code."
        raise SignInError(400, "invalid_grant", 54005, text)
    return _signed_in(asked)


def _by_refresh(asked: SignIn) -> JSON:
    """`refresh_token`: a new token for somebody who signed in before."""
    if signing.verify(asked.world, _REFRESH, asked.form.get("refresh_token", "")) is None:
        text = "The provided value for the input parameter 'refresh_token' is not valid, or has expired."
        raise SignInError(400, "invalid_grant", 70000, text)
    return _signed_in(asked)


def _signed_in(asked: SignIn) -> JSON:
    """What a person gets: the token, a way to the next one, and who it is."""
    world, app = asked.world, asked.form.get("client_id", "")
    person = entra.learner(world)
    token = entra.issue(world, person, asked.audience, app=app, clock=asked.clock)
    refresh = signing.sign(world, _REFRESH, {"oid": person}, lifetime_s=REFRESH_S, clock=asked.clock)
    client = {"uid": person, "utid": world.setting("tenant")}
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
        "tid": asked.world.setting("tenant"),
        "oid": person,
        "sub": person,
        "preferred_username": PERSON,
        "name": "Learner",
        "ver": "2.0",
    }
    issuer = f"{asked.origin}/{asked.world.setting('tenant')}/v2.0"
    return signing.sign(asked.world, issuer, claims, lifetime_s=entra.LIFETIME_S, clock=asked.clock)


def _given(token: str) -> JSON:
    lifetime = entra.LIFETIME_S - 1
    return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}


def _is_secret(world: World, given: str) -> bool:
    return hmac.compare_digest(given.encode(), client_secret(world).encode())


def device_code(world: World, request: Request, tenant: str) -> Response:
    """Give out a code that a person shows somewhere else."""
    name = secrets.token_hex(16)
    code = name[:9].upper()
    claims = {"jti": name, "scope": _form(request).get("scope", "")}
    where = f"{request.origin}/devicelogin"
    return Response(
        200,
        {
            "device_code": signing.sign(world, _DEVICE, claims, lifetime_s=CODE_S, clock=_clock(request)),
            "user_code": code,
            "verification_uri": where,
            "verification_url": where,
            "expires_in": CODE_S,
            "interval": INTERVAL_S,
            "message": f"The emulated Azure takes whoever shows the code {code} for the person at this computer; "
            "there is nothing to enter.",
        },
    )


_UNCACHED = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
_GRANTS: Mapping[str, Callable[[SignIn], JSON]] = {
    "client_credentials": _as_program,
    "password": _as_person,
    "refresh_token": _by_refresh,
    "device_code": _by_device,
    "urn:ietf:params:oauth:grant-type:device_code": _by_device,
}

DEVIATIONS = (
    Deviation(
        of="Entra ID",
        what="There is one person and one service principal.",
        impact="Others cannot sign in; Microsoft Graph is not there.",
        reason="The lab needs nobody else.",
        workaround="`az role assignment create` with `--assignee-object-id`.",
    ),
    Deviation(
        of="Entra ID",
        what="Tokens are signed with HS256, and there are no public keys to check them with.",
        impact="A program of one's own cannot verify them.",
        reason="Only the emulated Azure has to.",
        workaround="Treat tokens as opaque.",
    ),
    Deviation(
        of="Entra ID",
        what="A device code needs no page to enter it at.",
        impact="The sign-in succeeds on the second look.",
        reason="Whoever shows the code sits at this computer; servers that others can reach give none.",
        workaround="None needed.",
    ),
)

__all__ = ["DOMAIN", "SignInError", "device_code", "token"]

"""Who is calling: the challenge, `/oauth2/exchange`, `/oauth2/token`, and credentials on any other path.

    GET /v2/x/manifests/v1     -> 401, `WWW-Authenticate: Bearer realm=…, service=…, scope="repository:x:pull"`
    GET realm?service=…&scope=… (with Basic credentials, or POST with a refresh token) -> an access token
    GET /v2/x/manifests/v1     with `Authorization: Bearer …` -> 200

The challenge is the protocol: a client knows nothing of a registry but what the first 401 tells it. A token that is
granted for less than was asked is still a token; what it lacks shows at the next request, as `insufficient_scope`.
Source: https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from acrlab.emulator.core.http import JSON, NotEmulated, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.registry import tokens
from acrlab.emulator.registry.refusals import Refusal, not_admitted, unauthorized
from acrlab.emulator.registry.tokens import Caller, Scope
from acrlab.emulator.types.container_registry.registry_rules import server_of

RATE = {"x-ms-ratelimit-remaining-calls-per-second": "166.65"}


def authorize(
    world: World, registry: Resource, request: Request, scope: Scope | None, *, besides: Sequence[Scope] = ()
) -> None:
    """Let a request pass that proves a right to `scope`; None: any proof of who is calling will do.

    Args:
        besides: what else the challenge names, so that one token is good for all that the request needs.

    Raises: Refusal: 401 with the challenge that tells a client where to get a token, and for what.
    """
    allowed, error = _judged(world, registry, request, scope)
    if not allowed:
        wanted = [*besides, scope] if scope else [*besides]
        raise unauthorized(_challenge(request, wanted, error), _missing(wanted))


def is_allowed(world: World, registry: Resource, request: Request, scope: Scope) -> bool:
    """Tell whether a request proves a right to `scope`, where it is not refused for lack of it."""
    return _judged(world, registry, request, scope)[0]


def _judged(world: World, registry: Resource, request: Request, scope: Scope | None) -> tuple[bool, str]:
    """Whether a request may pass; and if not, what its challenge says is wrong with its token.

    RFC 6750, section 3.1: only a request that came with a token is told what is wrong with it.
    """
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        held = tokens.access_of(world, registry, value)
        if held is None:
            return False, "invalid_token"
        return scope is None or any(_covers(one, scope) for one in held), "insufficient_scope"
    if kind.lower() == "basic":
        caller = _basic(world, registry, value)
        if caller is None:
            return False, ""
        return scope is None or len(scope.granted(caller)) >= len(scope.actions), "insufficient_scope"
    return False, ""


def exchange(world: World, registry: Resource, request: Request) -> Response:
    """Exchange an Entra ID token for a refresh token: `POST /oauth2/exchange`."""
    form = _form(request)
    if form.get("grant_type") != "access_token":
        raise NotEmulated(f"grant_type {form.get('grant_type')} of /oauth2/exchange", supported="access_token")
    made = tokens.exchanged(world, registry, form.get("access_token", ""), request.clock)
    if made is None:
        raise not_admitted(world.derive("correlation", "exchange", registry.id.key, repr(world.now)))
    return Response(200, {"refresh_token": made}, RATE)


def post_token(world: World, registry: Resource, request: Request) -> Response:
    """Exchange a refresh token, or user name and password, for an access token: `POST /oauth2/token`.

    Without a scope it is refused; docker, which asks by GET, gets a token all the same. Source: nerdctl#737
    """
    form = _form(request)
    match form.get("grant_type"):
        case "refresh_token":
            caller = tokens.holder_of(world, registry, form.get("refresh_token", ""))
        case "password" if form.get("username"):
            caller = tokens.caller_of(world, registry, form["username"], form.get("password", ""))
        case "password":  # no user name: how the SDK signs in anonymously
            caller = tokens.anonymous(registry)
        case other:
            raise NotEmulated(f"grant_type {other} of /oauth2/token", supported="refresh_token, password")
    if caller is not None and not form.get("scope"):
        return Response(400)
    return _token(world, registry, request, caller, form)


def get_token(world: World, registry: Resource, request: Request) -> Response:
    """Answer docker, which comes with a user name and password or with nothing: `GET /oauth2/token`."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    caller = _basic(world, registry, value) if kind.lower() == "basic" else tokens.anonymous(registry)
    return _token(world, registry, request, caller, request.query)


def _token(
    world: World, registry: Resource, request: Request, caller: Caller | None, asked: Mapping[str, str]
) -> Response:
    wanted = [Scope.parse(text) for text in asked.get("scope", "").split()]
    if caller is None or asked.get("service", request.host) not in (request.host, server_of(registry)):
        raise unauthorized()
    # Scopes that the caller lacks are left out and not refused: docker asks for `pull,push` where it only pulls.
    answer: JSON = {"access_token": tokens.access_token(world, registry, caller, wanted, request.clock)}
    if asked.get("offline_token") == "true" and caller.left_s is None:
        answer["refresh_token"] = tokens.refresh_token(world, registry, caller, request.clock)
    return Response(200, answer, RATE)


def _basic(world: World, registry: Resource, value: str) -> Caller | None:
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # it is not base64, or that no text
        return None
    return tokens.caller_of(world, registry, user, password)


def _form(request: Request) -> dict[str, str]:
    """The fields of a posted form; several scopes are one text with blanks between, as in a query."""
    try:
        fields = parse_qs(request.body.decode())
    except UnicodeDecodeError as problem:
        raise Refusal(400, "BAD_REQUEST", "the form is not text") from problem
    return {name: " ".join(values) for name, values in fields.items()}


def _covers(held: Scope, wanted: Scope) -> bool:
    same = (held.type, held.name) == (wanted.type, wanted.name)
    return same and set(wanted.actions) <= set(held.actions)


def _challenge(request: Request, scopes: Sequence[Scope], error: str) -> str:
    server = request.host  # a region's own login server sends no client to the other one
    wanted = f',scope="{" ".join(map(str, scopes))}"' if scopes else ""
    problem = f',error="{error}"' if error else ""
    return f'Bearer realm="https://{server}{request.port}/oauth2/token",service="{server}"{wanted}{problem}'


def _missing(scopes: Sequence[Scope]) -> list[JSON] | None:
    return [{"Type": s.type, "Name": s.name, "Action": a} for s in scopes for a in s.actions] or None

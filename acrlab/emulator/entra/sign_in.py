"""A request to sign in, in OAuth's form, and its refusal in Entra ID's words.

Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from acrlab.azure.cloud import LOGIN_HOST
from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.core.world import World

MOST_FIELDS = 100


@dataclass(frozen=True)
class SignIn:
    """One request for a token.

    Attributes:
        origin: how the client calls this server.
        form: the fields that it posted.
        audience: the resource that the token is for.
        scope: the scope as the client wrote it.
        clock: the one that the client goes by.
        tenant: where it signs in.
    """

    world: World
    origin: str
    form: Mapping[str, str]
    audience: str
    scope: str
    clock: str
    tenant: str


class SignInError(Exception):
    """A refusal in OAuth's form, with Entra ID's own number for it."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text

    def response(self, world: World, request: Request) -> Response:
        moment = f"{world.timestamp()[:19].replace('T', ' ')}Z"
        correlation = request.headers.get("client-request-id", "")[:64] or world.derive("sign-in", moment)
        trace = world.derive("sign-in", moment, correlation)
        ids = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}"
        body = {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.text} {ids}",
            "error_codes": [self.number],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://{LOGIN_HOST}/error?code={self.number}",
        }
        return Response(self.status, body)


def require(form: Mapping[str, str], name: str) -> None:
    """Require a field of the form. Raises: SignInError: it is missing."""
    if not form.get(name):
        text = f"The request body must contain the following parameter: '{name}'."
        raise SignInError(400, "invalid_request", 900144, text)


def form_of(request: Request) -> dict[str, str]:
    """Return the posted fields, and a client's name and password where it sent them in a header."""
    try:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            form |= {"client_id": name, "client_secret": password}
    except ValueError as problem:
        text = "The request body must be a form in UTF-8."
        raise SignInError(400, "invalid_request", 900144, text) from problem
    return form

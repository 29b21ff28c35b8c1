"""Signing in with a device code: given out to anyone, approved by the owner of the world's file, redeemed once.

The code asks for no secret, and every account of this computer can ask for one. So a person approves it with a command
that has to open the world's file, which its owner alone can; where other computers reach the server there are none.
Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing
from acrlab.emulator.entra.sign_in import SignIn, SignInError, form_of
from acrlab.errors import ConfigurationError

GRANT_TYPES = ("device_code", "urn:ietf:params:oauth:grant-type:device_code")
CODE_S, INTERVAL_S = 900, 1
COMMAND = "acrlab emulator approve"
SHOWN, APPROVED, REDEEMED = "shown", "approved", "redeemed"  # what has become of a code
MOST_CODES = 100  # that are remembered, the newest
_CODES = "device codes"  # where: code -> what has become of it
_DEVICE = "acrlab device code"  # issuer of what only these endpoints read


def give_out(world: World, request: Request, tenant: str) -> Response:
    """Give out a code that a person shows somewhere else."""
    code = secrets.token_hex(5).upper()
    with world.transaction():
        _remember(world, code, SHOWN)
    claims = {"jti": code, "scope": form_of(request).get("scope", "")}
    where = f"{request.origin}/devicelogin"
    return Response(
        200,
        {
            "device_code": signing.sign(world, _DEVICE, claims, lifetime_s=CODE_S, clock=request.clock),
            "user_code": code,
            "verification_uri": where,
            "verification_url": where,
            "expires_in": CODE_S,
            "interval": INTERVAL_S,
            "message": f"To sign in, type in another terminal, as the one who serves this Azure: {COMMAND} {code}",
        },
    )


def approve(world: World, code: str) -> None:
    """Let a code sign its holder in. Raises: ConfigurationError: it does not wait for that."""
    code = code.strip().upper()
    with world.transaction():
        if _codes(world).get(code) != SHOWN:
            remedy = "Ask for a new one, or name the world that is served with --world."
            raise ConfigurationError("code", f"no sign-in of this world waits for the code {code!r}. {remedy}")
        _remember(world, code, APPROVED)


def redeem(asked: SignIn) -> None:
    """Let an approved code serve, once. Raises: SignInError: it is not approved; not valid; redeemed before."""
    world = asked.world
    claims = signing.verify(world, _DEVICE, _code_in(asked.form))
    with world.transaction():
        before = _codes(world).get(claims["jti"]) if claims else None
        if claims and before == APPROVED:
            _remember(world, claims["jti"], REDEEMED)
            return
    if before == SHOWN:
        text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
        raise SignInError(400, "authorization_pending", 70016, text)
    if before == REDEEMED:
        text = "OAuth2 Authorization code was already redeemed, please retry with a new valid code."
        raise SignInError(400, "invalid_grant", 54005, text)
    raise SignInError(400, "expired_token", 70020, "The device code is not valid here, or has expired.")


def scope_of(world: World, form: Mapping[str, str]) -> str:
    """Return the scope that a device code was asked for with; its holder does not repeat it."""
    claims = signing.verify(world, _DEVICE, _code_in(form))
    return str(claims["scope"]) if claims else ""


def is_by_device(request: Request) -> bool:
    """Tell whether a request for a token, or for a code, means to sign a person in without any secret."""
    return request.path.lower().rstrip("/").endswith("/devicecode") or form_of(request).get("grant_type") in GRANT_TYPES


def no_device() -> SignInError:
    """Refuse to take a caller for the person at this computer where other computers can reach the server."""
    text = (
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance: "
        "other computers can reach this server, and a device code asks for no secret. Sign in as the service principal."
    )
    return SignInError(400, "invalid_grant", 53003, text)


def _codes(world: World) -> dict[str, str]:
    found: dict[str, str] = json.loads(world.value(_CODES, "{}"))
    return found


def _remember(world: World, code: str, state: str) -> None:
    known = {**_codes(world), code: state}
    world.set_value(_CODES, json.dumps(dict(list(known.items())[-MOST_CODES:])))


def _code_in(form: Mapping[str, str]) -> str:
    return form.get("device_code") or form.get("code", "")


DEVIATIONS = (
    Deviation(
        of="Entra ID",
        what="A device code is not entered on a page: `acrlab emulator approve CODE` approves it.",
        impact="Until then the sign-in waits, for 15 minutes. A server that others can reach gives out no code.",
        reason="A code asks for no secret; to approve it one has to be able to read and write the world's own file.",
        workaround="`acrlab az` and `acrlab emulator env` sign in as the service principal by themselves.",
    ),
)

"""Signing in with a device code: given out, shown, redeemed. It asks for no secret.

So a caller that shows a code is taken for the person at this computer; where others reach the server there are none.
Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing
from acrlab.emulator.entra.sign_in import SignIn, SignInError, form_of

GRANT_TYPES = ("device_code", "urn:ietf:params:oauth:grant-type:device_code")
CODE_S, INTERVAL_S = 900, 1
SHOWN, REDEEMED = "shown", "redeemed"  # what has become of a code
_DEVICE = "acrlab device code"  # issuer of what only these endpoints read


def give_out(world: World, request: Request, tenant: str) -> Response:
    """Give out a code that a person shows somewhere else."""
    name = secrets.token_hex(16)
    code = name[:9].upper()
    claims = {"jti": name, "scope": form_of(request).get("scope", "")}
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
            "message": f"The emulated Azure takes whoever shows the code {code} for the person at this computer; "
            "there is nothing to enter.",
        },
    )


def redeem(asked: SignIn) -> None:
    """Let a code serve, once. Raises: SignInError: pending, on the first look; not valid; redeemed before."""
    world = asked.world
    claims = signing.verify(world, _DEVICE, _code_in(asked.form))
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


def _code_in(form: Mapping[str, str]) -> str:
    return form.get("device_code") or form.get("code", "")


DEVIATIONS = (
    Deviation(
        of="Entra ID",
        what="A device code needs no page to enter it at.",
        impact="The sign-in succeeds on the second look.",
        reason="Whoever shows the code sits at this computer; servers that others can reach give none.",
        workaround="None needed.",
    ),
)

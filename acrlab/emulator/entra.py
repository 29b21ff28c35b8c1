"""Entra ID's part: tokens that name a principal, signed with a key of this world, worth nothing anywhere else."""

from __future__ import annotations

import hashlib

import jwt

from acrlab.emulator.wire import JSON
from acrlab.emulator.world import BEGINNING, World

LIFETIME_S = 3600
CLOCK_SKEW_S = 300


def learner(world: World) -> str:
    """The principal id of the person at the keyboard, who owns the subscription."""
    return world.derive("principal", "learner")


def issue(world: World, principal: str, audience: str, *, kind: str = "user") -> str:
    """Sign a token for a principal. `audience`: a resource's address; `kind`: `user` or `app`."""
    begun = int(BEGINNING.timestamp() + world.now)
    claims = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{world.setting('tenant')}/",
        "tid": world.setting("tenant"),
        "oid": principal,
        "sub": principal,
        "idtyp": kind,
        "iat": begun,
        "nbf": begun,
        "exp": begun + LIFETIME_S,
    }
    return jwt.encode(claims, _key(world), algorithm="HS256")


def read(world: World, token: str, audience: str = "") -> JSON | None:
    """The claims of a token that this world signed and that is still good; None for any other."""
    checks = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": bool(audience)}
    try:
        claims: JSON = jwt.decode(token, _key(world), algorithms=["HS256"], audience=audience or None, options=checks)
    except jwt.InvalidTokenError:
        return None
    now = BEGINNING.timestamp() + world.now
    return claims if claims["nbf"] - CLOCK_SKEW_S <= now < claims["exp"] + CLOCK_SKEW_S else None


def _key(world: World) -> bytes:
    return hashlib.sha256(f"acrlab signing key of {world.setting('seed')}".encode()).digest()

"""Tokens of this world: signed with its own key, worth nothing anywhere else.

Inside the world a token is dated by the world's clock. A client outside, which is told in how many seconds it expires,
counts them on the computer's: the world's may run faster, or leap.
"""

from __future__ import annotations

import hashlib
import time

import jwt

from acrlab.emulator.core.http import INSIDE, JSON, OUTSIDE
from acrlab.emulator.core.world import BEGINNING, World
from acrlab.emulator.entra.credentials import signing_key

CLOCK_SKEW_S = 300


def sign(world: World, issuer: str, claims: JSON, *, lifetime_s: int, clock: str = INSIDE) -> str:
    """Write a token that `issuer` vouches for. `claims`: everything but the issuer and the times."""
    begun = int(moment(world, clock))
    dates = {"iat": begun, "nbf": begun, "exp": begun + lifetime_s, **({} if clock == INSIDE else {"clk": clock})}
    return jwt.encode({"iss": issuer, **claims, **dates}, _key(world, issuer), algorithm="HS256")


def verify(world: World, issuer: str, token: str, *, audience: str = "") -> JSON | None:
    """Return the claims of a token that `issuer` signed in this world and that is still good; None for any other."""
    try:
        claims: JSON = jwt.decode(
            token,
            _key(world, issuer),
            algorithms=["HS256"],
            audience=audience or None,
            issuer=issuer,
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": bool(audience)},
        )
    except jwt.InvalidTokenError:
        return None
    # PyJWT would hold all dates against the computer's clock.
    now = moment(world, claims.get("clk", INSIDE))
    return claims if claims["nbf"] - CLOCK_SKEW_S <= now < claims["exp"] + CLOCK_SKEW_S else None


def moment(world: World, clock: str = INSIDE) -> float:
    """Return the time on a clock as tokens write it: seconds since 1970."""
    return time.time() if clock == OUTSIDE else BEGINNING.timestamp() + world.now


def _key(world: World, issuer: str) -> bytes:
    return hashlib.sha256(f"{issuer}\n{signing_key(world)}".encode()).digest()

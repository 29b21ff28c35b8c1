"""Tokens of this world: signed with its own key, worth nothing anywhere else.

Inside the world a token is dated by the world's clock. A client outside, which is told in how many seconds it expires,
counts them on the computer's: the world's may run faster, or leap.
"""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache

import jwt
from jwt.types import Options

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import INSIDE, JSON, OUTSIDE
from acrlab.emulator.core.world import World
from acrlab.emulator.entra.credentials import signing_key

CLOCK_SKEW_S = 300


def sign(world: World, issuer: str, claims: JSON, *, lifetime_s: int, clock: str = INSIDE) -> str:
    """Write a token that `issuer` vouches for. `claims`: everything but the issuer and the times."""
    begun = int(moment(world, clock))
    dates = {"iat": begun, "nbf": begun, "exp": begun + lifetime_s, **({} if clock == INSIDE else {"clk": clock})}
    return jwt.encode({"iss": issuer, **claims, **dates}, _key(world, issuer), algorithm="HS256")


def verify(world: World, issuer: str, token: str, *, audience: str = "") -> JSON | None:
    """Return the claims of a token that `issuer` signed in this world and that is still good; None for any other."""
    claims = _signed(token, _key(world, issuer), issuer, audience)
    if claims is None:
        return None
    now = moment(world, claims.get("clk", INSIDE))
    return dict(claims) if claims["nbf"] - CLOCK_SKEW_S <= now < claims["exp"] + CLOCK_SKEW_S else None


@lru_cache(maxsize=256)  # a client sends the same with each request
def _signed(token: str, key: bytes, issuer: str, audience: str) -> JSON | None:
    """Return a token's claims where its signature holds; its dates PyJWT would hold against the computer's clock."""
    dates: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": bool(audience)}
    try:
        return jwt.decode(token, key, algorithms=["HS256"], audience=audience or None, issuer=issuer, options=dates)
    except jwt.InvalidTokenError:
        return None


def moment(world: World, clock: str = INSIDE) -> float:
    """Return the time on a clock as tokens write it: seconds since 1970."""
    return time.time() if clock == OUTSIDE else BEGINNING.timestamp() + world.now


def _key(world: World, issuer: str) -> bytes:
    return hashlib.sha256(f"{issuer}\n{signing_key(world)}".encode()).digest()

"""Entra ID's part: tokens that name a principal for an audience."""

from __future__ import annotations

from acrlab.emulator import signing
from acrlab.emulator.wire import JSON
from acrlab.emulator.world import World

LIFETIME_S = 3600


def learner(world: World) -> str:
    """The principal id of the person at the keyboard, who owns the subscription."""
    return world.derive("principal", "learner")


def issue(world: World, principal: str, audience: str, *, kind: str = "user") -> str:
    """Sign a token for a principal. `audience`: a resource's address; `kind`: `user` or `app`."""
    claims = {
        "aud": audience,
        "tid": world.setting("tenant"),
        "oid": principal,
        "sub": principal,
        "idtyp": kind,
    }
    return signing.sign(world, _issuer(world), claims, lifetime_s=LIFETIME_S)


def read(world: World, token: str, audience: str = "") -> JSON | None:
    """The claims of a token that this world signed and that is still good; None for any other."""
    return signing.verify(world, _issuer(world), token, audience=audience)


def _issuer(world: World) -> str:
    return f"https://sts.windows.net/{world.setting('tenant')}/"

"""Entra ID's part: who there is, and tokens that name a principal for an audience."""

from __future__ import annotations

from acrlab.emulator.core.http import INSIDE, JSON
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing
from acrlab.emulator.entra.credentials import client_id

LIFETIME_S = 3600


def learner(world: World) -> str:
    """Return the principal id of the person at the keyboard, who owns the subscription."""
    return world.derive("principal", "learner")


def application(world: World) -> str:
    """Return the principal id of the service principal that programs sign in as; it owns the subscription, too."""
    return world.derive("principal", client_id(world))


def owners(world: World) -> tuple[str, str]:
    """Return the principals that own the subscription without an assignment."""
    return learner(world), application(world)


def issue(
    world: World, principal: str, audience: str, *, kind: str = "user", app: str = "", clock: str = INSIDE
) -> str:
    """Sign a token for a principal.

    Args:
        audience: a resource's address.
        kind: `user` or `app`.
        app: id of the application that asked for it.
        clock: the one that its holder goes by.
    """
    claims = {
        "aud": audience,
        "tid": world.setting("tenant"),
        "oid": principal,
        "sub": principal,
        "idtyp": kind,
        **({"appid": app} if app else {}),
        "ver": "1.0",
    }
    return signing.sign(world, _issuer(world), claims, lifetime_s=LIFETIME_S, clock=clock)


def read(world: World, token: str, audience: str = "") -> JSON | None:
    """Return the claims of a token that this world signed and that is still good; None for any other."""
    return signing.verify(world, _issuer(world), token, audience=audience)


def _issuer(world: World) -> str:
    return f"https://sts.windows.net/{world.setting('tenant')}/"

"""Entra ID's part: who there is, and tokens that name a principal for an audience."""

from __future__ import annotations

from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import INSIDE, JSON
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing
from acrlab.emulator.entra.credentials import client_id

LIFETIME_S = 3600


def learner(world: World, tenant: str = "") -> str:
    """Return the principal id of the person at the keyboard in a tenant; without one, in the world's own."""
    return subscriptions.principal(world, "learner", tenant or world.setting("tenant"))


def application(world: World, tenant: str = "") -> str:
    """Return the principal id that the service principal that programs sign in as has in a tenant."""
    return subscriptions.principal(world, client_id(world), tenant or world.setting("tenant"))


def owners(world: World, tenant: str = "") -> tuple[str, str]:
    """Return the principals that own the world's subscription without an assignment, as a tenant knows them."""
    return learner(world, tenant), application(world, tenant)


def issue(
    world: World,
    principal: str,
    audience: str,
    *,
    kind: str = "user",
    app: str = "",
    clock: str = INSIDE,
    tenant: str = "",
) -> str:
    """Sign a token for a principal.

    Args:
        audience: a resource's address.
        kind: `user` or `app`.
        app: id of the application that asked for it.
        clock: the one that its holder goes by.
        tenant: the one that vouches for it; empty: the world's own.
    """
    tenant = tenant or world.setting("tenant")
    claims = {
        "aud": audience,
        "tid": tenant,
        "oid": principal,
        "sub": principal,
        "idtyp": kind,
        **({"appid": app} if app else {}),
        "ver": "1.0",
    }
    return signing.sign(world, _issuer(tenant), claims, lifetime_s=LIFETIME_S, clock=clock)


def read(world: World, token: str, audience: str = "") -> JSON | None:
    """Return the claims of a token that this world signed and that is still good; None for any other."""
    tenants = (world.setting("tenant"), *subscriptions.tenants(world)[1:])
    found = (signing.verify(world, _issuer(tenant), token, audience=audience) for tenant in tenants)
    return next((claims for claims in found if claims is not None), None)


def _issuer(tenant: str) -> str:
    return f"https://sts.windows.net/{tenant}/"

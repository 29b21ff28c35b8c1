"""The applications that programs sign in as: the lab's own, and those that were added, each for one subscription.

Those that were added are one value beside the world's settings, and outlive a reset as they do. Of a secret only its
hash is kept: as on Azure, it is shown once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass

from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.subscriptions import Subscription
from acrlab.emulator.core.world import World
from acrlab.emulator.entra.credentials import client_id, client_secret, new_secret
from acrlab.errors import ConfigurationError

ADDED = "setting added-applications"


@dataclass(frozen=True)
class Application:
    """An application that was added, with its service principal in its subscription's tenant.

    Attributes:
        id: what it signs in with, `AZURE_CLIENT_ID`.
        hash: SHA-256 of its secret, in hexadecimal digits.
        subscription: id of the only one in which it has a role without an assignment.
        role: `Owner`, `Contributor`, `Reader` or `none`.
    """

    id: str
    name: str
    hash: str
    subscription: str
    role: str = "Owner"


def added(world: World) -> list[Application]:
    """Return those that were added, oldest first."""
    return [Application(**one) for one in json.loads(world.value(ADDED, "[]"))]


def add(world: World, name: str, subscription: str, *, role: str = "Owner") -> tuple[Application, str]:
    """Add an application.

    Args:
        subscription: name or id of the one that it is for.
        role: in all of it: `Owner`, `Contributor`, `Reader` or `none`.

    Returns: it, and its secret, which can't be read again.
    Raises: ConfigurationError: the name is empty or taken, or there is no such subscription or role.
    """
    where = subscriptions.named(world, subscription)
    if not name.strip():
        raise ConfigurationError("name", "an application needs a name.")
    known = added(world)
    if any(one.name.lower() == name.lower() for one in known):
        raise ConfigurationError("name", f"there is an application {name!r}. Its secret can't be shown again.")
    secret = new_secret()
    made = Application(world.derive("application", name), name, _hash(secret), where.id, subscriptions.legal_role(role))
    world.set_value(ADDED, json.dumps([asdict(one) for one in (*known, made)]))
    return made, secret


def is_known(world: World, id: str, tenant: str) -> bool:
    """Tell whether a tenant knows an application; the lab's own is in all of them."""
    if id.lower() == client_id(world):
        return True
    found = _find(world, id)
    return found is not None and _tenant(world, found) == tenant.lower()


def is_secret(world: World, id: str, given: str) -> bool:
    """Tell whether this is the secret of the application with that id."""
    if id.lower() == client_id(world):
        return hmac.compare_digest(given.encode(), client_secret(world).encode())
    found = _find(world, id)
    return found is not None and hmac.compare_digest(_hash(given), found.hash)


def principal(world: World, id: str, tenant: str) -> str:
    """Return the principal id that an application has in a tenant."""
    return subscriptions.principal(world, id.lower(), tenant)


def role_in(world: World, who: str, subscription: Subscription) -> str:
    """Return the role that a principal has in a subscription as an application that was added, or `none`."""
    for one in added(world):
        here = one.subscription.lower() == subscription.id.lower()
        if here and who == principal(world, one.id, subscription.tenant):
            return one.role
    return subscriptions.NONE


def _find(world: World, id: str) -> Application | None:
    return next((one for one in added(world) if one.id == id.lower()), None)


def _tenant(world: World, application: Application) -> str:
    return subscriptions.tenant_of(world, application.subscription).lower()


def _hash(secret: str) -> str:
    # It is random and as long as a key, so that a hash which is slow on purpose would protect nothing more.
    return hashlib.sha256(secret.encode()).hexdigest()

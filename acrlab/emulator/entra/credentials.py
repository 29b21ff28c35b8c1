"""What only this world knows: the key that signs its tokens, and the secret of the lab's service principal.

Random, kept in the world's file and nowhere else, and told to no one but the file's owner.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable

from acrlab.emulator.core.world import World


def signing_key(world: World) -> str:
    """Return the key of every token of this world."""
    return _kept(world, "signing key", lambda: secrets.token_urlsafe(32))


def client_id(world: World) -> str:
    """Return the application id of the service principal that programs sign in as; it is not a secret."""
    return world.derive("application", "acrlab")


def client_secret(world: World) -> str:
    """Return the password of that service principal, in the form that scanners for secrets recognise as Entra ID's."""
    return _kept(world, "client secret", new_secret)


def new_secret() -> str:
    """Make up an application's password."""
    return f"{_letters(3)}8Q~{_letters(34)}"


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))


def _kept(world: World, name: str, new: Callable[[], str]) -> str:
    key = f"secret {name}"
    found = world.value(key, "")
    if found:
        return found
    with world.transaction():  # so that no other process makes one meanwhile
        found = world.value(key, "") or new()
        world.set_value(key, found)
    return found

"""Passwords of a registry: the admin user's two, and those of repository tokens, made from the world's key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra.credentials import signing_key
from acrlab.emulator.registry.content import PASSWORD, Content, Entry

NAMES = ("password", "password2")


def registry_credentials(world: World, registry: Resource) -> JSON:
    """Return what `listCredentials` answers."""
    shown = [{"name": name, "value": _password(world, registry, name)} for name in NAMES]
    return {"username": registry.id.name, "passwords": shown}


def regenerate_credential(world: World, registry: Resource, name: str) -> JSON:
    """Replace one of the two passwords; the other stays.

    Raises: ArmError: there is no password of that name.
    """
    if name not in NAMES:
        raise ArmError(400, "InvalidParameter", f"The password name '{name}' is invalid. Use password or password2.")
    content = Content(world, registry)
    count = _count(content, name) + 1
    content.put(Entry(PASSWORD, "", name, {"count": count}))
    return registry_credentials(world, registry)


def match(world: World, registry: Resource, user: str, password: str) -> bool:
    """Tell whether these are the admin user's credentials, and it is enabled."""
    if not registry.properties.get("adminUserEnabled") or user.lower() != registry.id.name.lower():
        return False
    return any(hmac.compare_digest(_password(world, registry, name).encode(), password.encode()) for name in NAMES)


def token_passwords(world: World, registry: Resource, token: Resource) -> dict[str, str]:
    """Return the passwords that a repository token has now, by name."""
    made: JSON = token.state.get("passwords", {})
    return {name: _made(world, token, name, about["count"]) for name, about in made.items()}


def token_match(world: World, registry: Resource, user: str, password: str) -> Resource | None:
    """Return the enabled repository token whose name and good password these are."""
    token = world.find(registry.id.child("tokens", user))
    if token is None or token.properties["status"] != "enabled":
        return None
    now = BEGINNING + timedelta(seconds=world.now)
    for name, value in token_passwords(world, registry, token).items():
        expiry = token.state["passwords"][name].get("expiry")
        good = not expiry or _aware(expiry) > now
        if good and hmac.compare_digest(value.encode(), password.encode()):
            return token
    return None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _password(world: World, registry: Resource, name: str) -> str:
    return _made(world, registry, name, _count(Content(world, registry), name))


def _made(world: World, owner: Resource, name: str, count: int) -> str:
    made = f"{signing_key(world)} {world.guid(owner, name)} {count}"
    return base64.b64encode(hashlib.sha256(made.encode()).digest()).decode()


def _count(content: Content, name: str) -> int:
    found = content.find(PASSWORD, "", name)
    return int(found.value["count"]) if found else 0

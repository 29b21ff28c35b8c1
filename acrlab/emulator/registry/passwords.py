"""The admin user's two passwords: made from the world's key and the registry."""

from __future__ import annotations

import base64
import hashlib
import hmac

from acrlab.emulator.credentials import signing_key
from acrlab.emulator.registry.content import PASSWORD, Content, Entry
from acrlab.emulator.schema import Resource
from acrlab.emulator.wire import JSON, ArmError
from acrlab.emulator.world import World

NAMES = ("password", "password2")


def registry_credentials(world: World, registry: Resource) -> JSON:
    """What `listCredentials` answers."""
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
    """Whether these are the admin user's credentials, and it is enabled."""
    if not registry.properties.get("adminUserEnabled") or user.lower() != registry.id.name.lower():
        return False
    return any(hmac.compare_digest(_password(world, registry, name).encode(), password.encode()) for name in NAMES)


def _password(world: World, registry: Resource, name: str) -> str:
    count = _count(Content(world, registry), name)
    made = f"{signing_key(world)} {world.guid(registry, name)} {count}"
    return base64.b64encode(hashlib.sha256(made.encode()).digest()).decode()


def _count(content: Content, name: str) -> int:
    found = content.find(PASSWORD, "", name)
    return int(found.value["count"]) if found else 0

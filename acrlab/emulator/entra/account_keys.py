"""The keys of storage accounts: made from the world's own key, and told to those who may list them."""

from __future__ import annotations

import base64
import hashlib

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra.credentials import signing_key


def account_keys(world: World, account: Resource) -> dict[str, str]:
    """Return an account's keys by name, each in the form of Azure's: 64 bytes, in base64."""
    kept: JSON = account.state["keys"]
    return {name: _key(world, account, name, about["count"]) for name, about in kept.items()}


def _key(world: World, account: Resource, name: str, count: int) -> str:
    made = f"{signing_key(world)} {world.guid(account, name)} {count}"
    return base64.b64encode(hashlib.sha512(made.encode()).digest()).decode()

"""What the registry's resource type may ask of its data plane, by the names that it asks for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from acrlab.emulator.core.world import World
from acrlab.emulator.registry.content import drop_content, stored_size
from acrlab.emulator.registry.imports import import_image
from acrlab.emulator.registry.passwords import regenerate_credential, registry_credentials, token_passwords


def capabilities(world: World) -> dict[str, Callable[..., Any]]:
    """Return all of them, for `World.capabilities`; each takes the registry first."""
    return {
        "drop_content": partial(drop_content, world),
        "import_image": partial(import_image, world),
        "regenerate_credential": partial(regenerate_credential, world),
        "registry_credentials": partial(registry_credentials, world),
        "token_passwords": partial(token_passwords, world),
        "stored_size": partial(stored_size, world),
    }

"""`_state` in an upload's address: which upload that is and how far it was, signed by the registry.

It makes an upload one chain of requests: each brings its bytes to the address that the answer before it gave. A client
that missed an answer is refused at the address that it has, and asks there where the upload goes on.
Source: recorded answers of Azure's registry, and https://github.com/distribution/distribution, registry/handlers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.world import World
from acrlab.emulator.entra.credentials import signing_key

_SIGNATURE = hashlib.sha256().digest_size


def written(world: World, state: JSON) -> str:
    """Write a state: its signature, then itself."""
    text = json.dumps(state, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(world, text) + text).decode()


def read(world: World, written: str) -> JSON | None:
    """Read a state; None: this world did not write it."""
    try:
        both = base64.b64decode(written, altchars=b"-_", validate=True)
    except ValueError:
        return None
    signature, text = both[:_SIGNATURE], both[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(world, text)):
        return None
    state: dict[str, Any] = json.loads(text)
    return state


def _signature(world: World, text: bytes) -> bytes:
    return hmac.new(f"{signing_key(world)} upload".encode(), text, "sha256").digest()

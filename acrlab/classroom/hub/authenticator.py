"""Signing in to the class: with a code, and only who is in it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Unicode

from acrlab.classroom.hub.codes import right


class CodeAuthenticator(Authenticator):  # type: ignore[misc]
    """Lets those in `allowed_users` in who know their code."""

    codes = Unicode(help="File of the hashes.").tag(config=True)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Take a name and a code. Returns: the name; None: they are not one of the class's."""
        name = data["username"].strip().lower()
        known = await asyncio.to_thread(right, Path(self.codes), name, data["password"])  # scrypt would hold up the hub
        return name if known and name in self.allowed_users else None

    def validate_username(self, username: str) -> bool:
        """Asked at each start of the hub, too: who is gone from the roster is forgotten, with sessions and tokens."""
        return username in self.allowed_users and bool(super().validate_username(username))

"""The passwords of repository tokens: made by their registry, shown once, good until they expire or are replaced."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Field, Text
from acrlab.emulator.types.container_registry.registry_rules import TOKEN_TYPE

PASSWORDS = ("password1", "password2")


PASSWORDS_OF_TOKEN = Shape({"tokenId": Field(Text()), "expiry": Field(Text()), "name": Field(Text())})


def shown(name: str, about: JSON) -> JSON:
    """When a password was made and how long it is good for."""
    expiry = {"expiry": about["expiry"]} if about.get("expiry") else {}
    return {"creationTime": about["created"], **expiry, "name": name}


def generate_credentials(state: State, registry: Resource, request: Request) -> JSON:
    """`POST …/generateCredentials`: new passwords for a token, one or both; the old ones stop working.

    Raises: ArmError: there is no such token or password.
    """
    asked = request.json()
    token = _token(state, registry, str(asked.get("tokenId", "")))
    name = asked.get("name")
    if name and name not in PASSWORDS:
        raise ArmError(
            400, "InvalidPasswordName", f"The password name '{name}' is invalid. Use password1 or password2."
        )
    expiry = _time(asked.get("expiry"))
    made = dict(token.state.get("passwords", {}))
    for each in [name] if name else PASSWORDS:
        count = int(token.state.get(f"{each} made", 0)) + 1
        token.state[f"{each} made"] = count
        made[each] = {"created": state.timestamp(), "expiry": expiry, "count": count}
    token.state["passwords"] = made
    state.put(token)
    values = state.perform("token_passwords", registry, token)
    chosen = [n for n in sorted(made) if not name or n == name]
    return {"username": token.id.name, "passwords": [{**shown(n, made[n]), "value": values[n]} for n in chosen]}


def _token(state: State, registry: Resource, id: str) -> Resource:
    try:
        parsed = ArmId.parse(id)
    except ValueError as problem:
        raise ArmError(400, "InvalidTokenId", f"The token id '{id}' is invalid.") from problem
    found = state.find(parsed) if parsed.parent and parsed.parent.key == registry.id.key else None
    if found is None or parsed.type.lower() != TOKEN_TYPE.lower():
        raise ArmError(404, "TokenNotFound", f"The token {parsed.name} was not found in registry {registry.id.name}.")
    return found


def _time(expiry: Any) -> str | None:
    """Write a moment as the service does: `2100-12-31T12:59:59+00:00`; None: no moment was given."""
    if expiry is None:
        return None
    try:
        moment = datetime.fromisoformat(expiry)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    except (TypeError, ValueError) as problem:
        raise ArmError(400, "InvalidExpiry", f"The expiry '{expiry}' is not a time.") from problem

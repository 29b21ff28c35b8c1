"""Microsoft.ContainerRegistry/registries/tokens: a name with up to two passwords, good for what its scope map says.

Passwords are made by the registry's `generateCredentials`, and shown there alone.
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.domains import Listing, Only, Shape
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import last_write
from acrlab.emulator.types.container_registry.registry_rules import TOKEN_TYPE, not_there
from acrlab.emulator.types.container_registry.scope_map import SYSTEM
from acrlab.emulator.types.container_registry.token_passwords import PASSWORDS, shown
from acrlab.emulator.types.polling import TOKEN_DELETE, TOKEN_PATCH, TOKEN_PUT


def scope_map_is_there(state: State, token: Resource, old: Resource | None) -> None:
    """A token's rights are those of a map of its own registry. The words are ours."""
    id = _parsed(token.properties["scopeMapId"])
    own = id.parent is not None and token.id.parent is not None and id.parent.key == token.id.parent.key
    if not own or (state.find(id) is None and id.name not in SYSTEM):
        message = f"The scope map {id.name} of token {token.id.name} was not found in its registry."
        raise ArmError(404, "ScopeMapNotFound", message)


def _parsed(text: str) -> ArmId:
    try:
        return ArmId.parse(text)
    except ValueError as problem:
        raise ArmError(400, "InvalidScopeMapId", f"The scope map id '{text}' is invalid.") from problem


def keep_passwords(state: State, token: Resource, old: Resource | None) -> None:
    """Passwords are not set, only dropped: those that a change leaves out of its list are gone."""
    token.state.setdefault("creationDate", state.timestamp())
    made: JSON = token.state.setdefault("passwords", {})
    given = token.properties.pop("credentials", None)
    if given is not None and "passwords" in given:
        kept = {p.get("name") for p in given["passwords"]}
        if made_up := sorted(name for name in kept if name and name not in made):
            raise NotEmulated(f"{', '.join(made_up)} of {TOKEN_TYPE} that was not generated", "generateCredentials")
        token.state["passwords"] = {name: about for name, about in made.items() if name in kept}


def credentials(state: State, token: Resource) -> JSON:
    """When each password was made and how long it is good for; never the password."""
    made: JSON = token.state.get("passwords", {})
    return {"passwords": [shown(name, about) for name, about in sorted(made.items())]}


PASSWORD = Shape({"name": Field(choice(*PASSWORDS))}, ("creationTime", "expiry", "value"))
CREDENTIALS = Shape({"passwords": Field(Listing(PASSWORD)), "certificates": Field(Only([]))})

REPOSITORY_TOKEN = ResourceType(
    type=TOKEN_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/tokens/create",
    versions=api_versions.REGISTRY,
    name=r"[A-Za-z0-9-]{5,50}",
    envelope={},
    properties={
        "scopeMapId": Field(Text(), required=True),
        "status": Field(choice("enabled", "disabled"), default="enabled"),
        "credentials": Field(CREDENTIALS),
    },
    read_only=("creationDate",),
    computed={
        "creationDate": lambda state, token: with_offset(token.state["creationDate"]),
        "credentials": credentials,
    },
    computed_envelope={"systemData": last_write},
    rules=(scope_map_is_there,),
    on_put=keep_passwords,
    polling={"PUT": TOKEN_PUT, "PATCH": TOKEN_PATCH, "DELETE": TOKEN_DELETE},
    seconds={"PUT": 3, "DELETE": 2},
    missing=not_there,
)

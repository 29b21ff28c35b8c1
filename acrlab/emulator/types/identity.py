"""The identities of a resource: one that lives and dies with it, and others that are resources themselves.

Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.core.values import Field, Plain, Scene, Unfit

IDENTITY_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
SYSTEM, USER, BOTH, NONE = "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None"
OWNS_ONE, TAKES_OTHERS = (SYSTEM, BOTH), (USER, BOTH)


@dataclass(frozen=True)
class _Named(Plain):
    """`{id: {}}`, the identities that a resource is given; what the service says of them is dropped."""

    def admit(self, at: str, value: Any, scene: Scene) -> JSON:
        if not isinstance(value, dict):
            raise Unfit(at, value, "System.Collections.Generic.Dictionary`2[System.String,UserAssignedIdentity]")
        return {_spelled(id): {} for id, told in value.items() if told is not None}


@dataclass(frozen=True)
class _Kinds(Plain):
    """Which kinds of identity a resource has: flags, in any order and case, with or without blanks after the comma."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        named = {flag.strip().lower() for flag in value.split(",")} if isinstance(value, str) else set()
        for kind in (SYSTEM, USER, BOTH, NONE):
            if named == set(kind.lower().split(", ")):
                return kind
        raise Unfit(at, value, "ResourceIdentityType")


def _spelled(id: str) -> str:
    try:
        parsed = ArmId.parse(id)
    except ValueError:
        parsed = None
    if parsed is None or parsed.type.lower() != IDENTITY_TYPE.lower():
        message = (
            f"The resource identity is invalid: '{id}' is not the id of a resource of type '{IDENTITY_TYPE}', such as "
            f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{IDENTITY_TYPE}/{{name}}."
        )
        raise ArmError(400, "InvalidIdentityValues", message, gateway=True)
    return str(parsed)


IDENTITY = Shape(
    {"type": Field(_Kinds(), required=True), "userAssignedIdentities": Field(_Named())},
    ("principalId", "tenantId"),
)


def kind_of(resource: Resource) -> str:
    """Return the kind of identity that a resource has; `None` where it has none."""
    return str(resource.body.get("identity", {}).get("type", NONE))


def has_own(resource: Resource) -> bool:
    """Tell whether a resource has an identity that lives and dies with it."""
    return kind_of(resource) in OWNS_ONE


def principal_of(state: State, resource: Resource) -> str:
    """Return the principal of an identity, or of a resource with an identity of its own."""
    return state.guid(resource, "principal")


def client_of(state: State, resource: Resource) -> str:
    """Return the client id of an identity, or of a resource with an identity of its own."""
    return state.guid(resource, "client")


def given(state: State, resource: Resource) -> Iterator[tuple[str, Resource | None]]:
    """Id and resource of each identity that a resource was given; None: it was deleted since."""
    named = resource.body.get("identity", {}).get("userAssignedIdentities", {})
    if kind_of(resource) in TAKES_OTHERS:
        yield from ((id, state.find(id)) for id in named)


def shown(state: State, resource: Resource) -> JSON | None:
    """What a GET tells of a resource's identities; an identity that was deleted keeps its place, without ids."""
    kind = kind_of(resource)
    if kind == NONE:
        return None
    answer: JSON = {"type": kind}
    if has_own(resource):
        answer |= {"principalId": principal_of(state, resource), "tenantId": tenant_of(state, resource.id.subscription)}
    named = {
        id: {"principalId": principal_of(state, found), "clientId": client_of(state, found)} if found else {}
        for id, found in given(state, resource)
    }
    return {**answer, "userAssignedIdentities": named} if named else answer


def shown_in_small(state: State, resource: Resource) -> JSON | None:
    """Tell the same as registries and their parts do: with small letters at the beginning of each kind."""
    told = shown(state, resource)
    return {**told, "type": told["type"].replace("S", "s", 1).replace("U", "u", 1)} if told else None


def without_others(identity: JSON, change: JSON) -> JSON:
    """Leave out of a changed identity what was given before, where its new kind is given none."""
    takes_others = identity.get("type") in TAKES_OTHERS or "userAssignedIdentities" in change
    return identity if takes_others else {k: v for k, v in identity.items() if k != "userAssignedIdentities"}


def identities_fit(state: State, resource: Resource, old: Resource | None) -> None:
    """A resource is given identities that are there, and only where its kind says that it is given any."""
    sent = resource.body.get("identity", {})
    named = sent.get("userAssignedIdentities", {})
    if named and kind_of(resource) not in TAKES_OTHERS:
        message = f'ResourceIdentity identityIds should not be provided if the type is "{kind_of(resource)}".'
        raise ArmError(400, "InvalidParameter", message, target="resourceIdentity.identityIds")
    if not named and kind_of(resource) in TAKES_OTHERS:
        message = (
            "The associated identityIds or userAssignedIdentities are not provided for an identity of type "
            f"'{kind_of(resource)}'."
        )
        raise ArmError(400, "InvalidParameter", message, target="resourceIdentity.identityIds")
    before = old.body.get("identity", {}).get("userAssignedIdentities", {}) if old else {}
    for id in named:
        if id not in before and state.find(id) is None:
            raise _no_such_identity(resource, id)


def _no_such_identity(resource: Resource, id: str) -> ArmError:
    answer = f'{{"error":{{"code":"BadRequest","message":"Resource \'{id}\' was not found."}}}}'
    message = (
        f"Identity operation for resource '{resource.id}' failed with error 'Failed to perform resource identity "
        f"operation. Status: 'BadRequest'. Response: '{answer}'.'."
    )
    return ArmError(400, "FailedIdentityOperation", message, gateway=True)

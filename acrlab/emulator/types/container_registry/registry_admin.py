"""The admin user that a registry may have: a name and two passwords, for all of its repositories."""

from __future__ import annotations

from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Field, Text

ADMIN_DOC = "https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account"


PASSWORD_NAME = Shape({"name": Field(Text(), required=True)})


def list_credentials(state: State, registry: Resource, request: Request) -> JSON:
    """The admin user's name and its two passwords."""
    _require_admin(registry)
    return dict(state.perform("registry_credentials", registry))


def regenerate_credential(state: State, registry: Resource, request: Request) -> JSON:
    """Give the admin user a new password in place of one of the two."""
    _require_admin(registry)
    return dict(state.perform("regenerate_credential", registry, request.json()["name"]))


def _require_admin(registry: Resource) -> None:
    """Only a registry that has an admin user has passwords."""
    if not registry.properties["adminUserEnabled"]:
        message = (
            f"Cannot perform credential operations for {registry.id} as admin user is disabled. Kindly enable admin "
            f"user as per docs: {ADMIN_DOC}"
        )
        raise ArmError(400, "UnAuthorizedForCredentialOperations", message)

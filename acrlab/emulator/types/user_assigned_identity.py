"""Microsoft.ManagedIdentity/userAssignedIdentities: an account of its own, which VMs and clusters can be given."""

from __future__ import annotations

from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import LOCATED, ResourceType
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.core.values import Field, Tags, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.identity import IDENTITY_TYPE, client_of, principal_of


def tenant(state: State, identity: Resource) -> str:
    return tenant_of(state, identity.id.subscription)


USER_ASSIGNED_IDENTITY = ResourceType(
    type=IDENTITY_TYPE,
    source="https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/create-or-update",
    versions=api_versions.IDENTITIES,
    name=r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}",
    envelope={**LOCATED, "tags": Field(Tags(), default={}, inert=True)},
    properties={
        "isolationScope": Field(choice("None", unmodelled=("Regional",)), default="None", since="2024-11-30"),
    },
    computed={"tenantId": tenant, "principalId": principal_of, "clientId": client_of},
    stateful=False,
    proxied=True,
)

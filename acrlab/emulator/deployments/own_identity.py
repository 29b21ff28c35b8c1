"""Microsoft.ManagedIdentity/Identities/default: the identity of a resource's own, as `reference()` looks at it.

`az vm create --assign-identity --role` gives a role like this to the VM that the same template makes.
Source: https://learn.microsoft.com/azure/templates/microsoft.managedidentity/identities
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.types.identity import client_of, has_own, principal_of

OWN_IDENTITY = "microsoft.managedidentity/identities"


def own_identity(state: State, id: ArmId) -> JSON:
    """Show the identity that `{resource}/providers/Microsoft.ManagedIdentity/Identities/default` names.

    Raises: ArmError: 404, the resource has no identity of its own.
    """
    holder = state.find(id.scope)
    if holder is None or not has_own(holder):
        holder = state.get(id)  # which is kept nowhere: it is not there
    properties = {
        "tenantId": tenant_of(state, id.subscription),
        "principalId": principal_of(state, holder),
        "clientId": client_of(state, holder),
    }
    return {"id": str(id), "name": id.name, "type": id.type, "location": holder.location, "properties": properties}

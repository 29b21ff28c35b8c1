"""Linked access: what a resource refers to is asked about, too, before its service sees the request.

Who puts an interface into a subnet needs the right to join the subnet; who asks for an endpoint that is approved by
itself needs the right to approve on the registry. What lies in another tenant cannot be linked at all.
Source: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting and, for endpoints,
https://learn.microsoft.com/azure/private-link/rbac-permissions
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.rights import may
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.world import World
from acrlab.emulator.types.authorization.custom_roles import DEFINITION_TYPE, kept_with

_NETWORK = "Microsoft.Network"
APPROVE = "PrivateEndpointConnectionsApproval/action"  # so spelled by the service, without the provider
DEFINE = f"{DEFINITION_TYPE}/write"
# property of a body -> the action that it takes on what it refers to
ACTIONS = {
    "subnet": f"{_NETWORK}/virtualNetworks/subnets/join/action",
    "networkSecurityGroup": f"{_NETWORK}/networkSecurityGroups/join/action",
    "routeTable": f"{_NETWORK}/routeTables/join/action",
    "natGateway": f"{_NETWORK}/natGateways/join/action",
    "publicIPAddress": f"{_NETWORK}/publicIPAddresses/join/action",
    "remoteVirtualNetwork": f"{_NETWORK}/virtualNetworks/peer/action",
    "virtualNetwork": f"{_NETWORK}/virtualNetworks/join/action",
    "networkInterfaces": f"{_NETWORK}/networkInterfaces/join/action",
    "privateDnsZoneId": f"{_NETWORK}/privateDnsZones/join/action",
    "privateLinkServiceId": APPROVE,
    "assignableScopes": DEFINE,
}
ASKED_FOR = "manualPrivateLinkServiceConnections"  # what another has to approve needs no right


@dataclass(frozen=True)
class Caller:
    """Who asks. `principal`: its id in `tenant`."""

    principal: str
    tenant: str


@contextmanager
def asked_by(world: World, caller: Caller | None) -> Iterator[None]:
    """Do what is inside for a caller; None: it was asked for before, and is only carried out now."""
    before = caller_of(world)
    world.asking.caller = caller
    try:
        yield
    finally:
        world.asking.caller = before


def caller_of(world: World) -> Caller | None:
    """Return for whom this thread does what it does; None: for the learner of a world with one subscription."""
    found: Caller | None = getattr(world.asking, "caller", None)
    return found


def require_linked(world: World, caller: Caller, id: ArmId, body: Any) -> None:
    """Refuse to write a resource that refers to what its caller may not use.

    Raises: ArmError: 403 LinkedAuthorizationFailed.
    """
    for action, target in links(body):
        found = subscriptions.find(world, target.subscription)
        if found is None:
            continue  # its service says that there is no such thing
        if found.tenant.lower() != caller.tenant.lower():
            raise _of_another_tenant(caller, id, action, target)
        needed = f"{target.type}/{action}" if action == APPROVE else action
        if not may(world, caller.principal, str(target), needed):
            raise _refused(caller, id, action, target)


def require_scopes(world: World, caller: Caller, id: ArmId) -> None:
    """Refuse to change or delete a custom role to whom does not rule over all scopes that it has now.

    Raises: ArmError: 403 LinkedAuthorizationFailed.
    """
    kept = kept_with(world, id.name, caller.tenant)
    for scope in kept.properties["assignableScopes"] if kept else ():
        if not may(world, caller.principal, scope, DEFINE):
            raise _refused(caller, id, DEFINE, ArmId.parse(scope))


def links(value: Any, name: str = "") -> Iterator[tuple[str, ArmId]]:
    """Find in a body what it refers to, with the action that each takes."""
    if isinstance(value, list):
        for one in value:
            yield from links(one, name)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key != ASKED_FOR:
                yield from links(one, name if key == "id" else key)
    elif isinstance(value, str) and name in ACTIONS:
        try:
            yield ACTIONS[name], ArmId.parse(value)
        except ValueError:
            return  # its service says what is wrong with it


def _of_another_tenant(caller: Caller, id: ArmId, action: str, target: ArmId) -> ArmError:
    message = (
        f"The client has permission to perform action '{action}' on scope '{id}', however the current tenant "
        f"'{caller.tenant}' is not authorized to access linked subscription '{target.subscription}'."
    )
    return ArmError(403, "LinkedAuthorizationFailed", message, gateway=True)


def _refused(caller: Caller, id: ArmId, action: str, target: ArmId) -> ArmError:
    message = (
        f"The client '{caller.principal}' with object id '{caller.principal}' has permission to perform action "
        f"'{id.type}/write' on scope '{id}'; however, it does not have permission to perform action(s) '{action}' on "
        f"the linked scope(s) '{target}' (respectively) or the linked scope(s) are invalid."
    )
    return ArmError(403, "LinkedAuthorizationFailed", message, gateway=True)

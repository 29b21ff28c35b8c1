"""What a subnet is given away to: its delegations, and the link that a service leaves in it while it uses it.

Of the services that can have a subnet to themselves one is emulated: DNS Private Resolver, for its endpoints.

Source: https://learn.microsoft.com/azure/virtual-network/subnet-delegation-overview
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Elements
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import FAILED, Resource, State
from acrlab.emulator.core.values import Field, Scene, Text
from acrlab.emulator.types.network.delegation_service import SERVICES, actions_of

RESOLVER_TYPE = "Microsoft.Network/dnsResolvers"
INBOUND_TYPE, OUTBOUND_TYPE = f"{RESOLVER_TYPE}/inboundEndpoints", f"{RESOLVER_TYPE}/outboundEndpoints"
DELEGATION = "Microsoft.Network.dnsResolvers"  # the name that the service gives to a delegation to itself
LINK = "dnsResolverLink"


def dns_endpoints(state: State, subnet: Resource) -> list[Resource]:
    """Return the endpoints of resolvers that use a subnet, or are about to."""
    found = state.referrers(subnet.id, INBOUND_TYPE, OUTBOUND_TYPE)
    return [endpoint for endpoint in found if endpoint.phase != FAILED]


def services_of(subnet: Resource) -> list[str]:
    """Return the names of the services that a subnet is delegated to."""
    return [str(d.get("properties", {}).get("serviceName", "")) for d in subnet.properties.get("delegations", [])]


def association_of(subnet: Resource) -> str:
    """Return the id of the link that a resolver leaves in a subnet."""
    return f"{subnet.id}/serviceAssociationLinks/{LINK}"


def delegate(state: State, subnet: Resource) -> None:
    """Delegate a subnet that is not delegated yet to the resolver, as the service does by itself."""
    if not subnet.properties.get("delegations"):
        subnet.properties["delegations"] = [{"name": DELEGATION, "properties": {"serviceName": RESOLVER_TYPE}}]
        state.put(subnet)


def delegates_to_known_services(state: State, subnet: Resource, old: Resource | None) -> None:
    """A subnet can be delegated to a service that takes one."""
    for delegation in subnet.properties.get("delegations", []):
        service = delegation.get("properties", {}).get("serviceName", "")
        if actions_of(service) is None:
            message = (
                f"The service name {service} specified on delegation {subnet.id}/delegations/{delegation['name']} is "
                f"not valid. Valid value(s) are: {','.join(SERVICES)}"
            )
            raise ArmError(400, "InvalidServiceNameOnDelegation", message, details=[])


def keeps_needed_delegation(state: State, subnet: Resource, old: Resource | None) -> None:
    """What a service uses stays delegated to it."""
    needs = old is not None and dns_endpoints(state, old) and RESOLVER_TYPE in services_of(old)
    if needs and RESOLVER_TYPE not in services_of(subnet):
        message = (
            f"Subnet {subnet.id} requires any of the following delegation(s) [{RESOLVER_TYPE}] to reference service "
            f"association link {association_of(subnet)}."
        )
        raise ArmError(400, "SubnetMissingRequiredDelegation", message, details=[])


def associations(state: State, subnet: Resource) -> list[JSON] | None:
    """The links that services have left in a subnet."""
    found = [
        {
            "name": LINK,
            "id": association_of(subnet),
            "etag": state.etag(subnet),
            "type": "Microsoft.Network/virtualNetworks/subnets/serviceAssociationLinks",
            "properties": {
                "provisioningState": "Succeeded",
                "linkedResourceType": RESOLVER_TYPE,
                "link": endpoint.state["link"],
                "enabledForArmDeployments": False,
                "allowDelete": False,
                "locations": [],
            },
        }
        for endpoint in dns_endpoints(state, subnet)
        if "link" in endpoint.state
    ]
    return found or None


def _actions(scene: Scene, delegation: JSON) -> list[str] | None:
    return actions_of(str(delegation.get("properties", {}).get("serviceName", "")))


DELEGATIONS = Elements(
    "delegations", {"serviceName": Field(Text(), required=True)}, computed={"actions": _actions}, settled=True
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Network/virtualNetworks/subnets",
        what=f"A subnet can be delegated to {len(SERVICES)} services, of which only `{RESOLVER_TYPE}` is emulated.",
        impact="The list is of July 2024; a service that came later is refused as `InvalidServiceNameOnDelegation`.",
        reason="Other services with subnets of their own have no part in a private link for a registry.",
        workaround="Leave their delegations out.",
    ),
    Deviation(
        of="Microsoft.Network/virtualNetworks/subnets",
        what="The load balancer behind an inbound endpoint is not shown under `ipConfigurations` of its subnet.",
        impact="Azure lists the frontend of a load balancer in a subscription of Microsoft's there.",
        reason="It belongs to the service, and no one else can read it.",
        workaround="Read `serviceAssociationLinks`, or the endpoint itself.",
    ),
)

"""Microsoft.Network/dnsResolvers: DNS Private Resolver, with the endpoints that it is asked at and that it asks from.

An inbound endpoint has an address in the resolver's network; who asks it is answered as a VM of that network would be.
An outbound endpoint has a subnet there, and is where questions that a ruleset sends on come from. The subnet of an
endpoint is found wanting by the endpoint's operation, not by the request: the endpoint then stays behind as `Failed`.

Source: https://learn.microsoft.com/azure/dns/dns-private-resolver-overview
"""

from __future__ import annotations

import ipaddress

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape, ref
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, references_exist
from acrlab.emulator.core.values import Address, Field, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import who_and_when
from acrlab.emulator.types.names import DNS_NAME
from acrlab.emulator.types.network.network_space import NETWORK_TYPE
from acrlab.emulator.types.network.subnet import SUBNET_TYPE, free_addresses, held_addresses, prefix_of
from acrlab.emulator.types.network.subnet_service import (
    INBOUND_TYPE,
    OUTBOUND_TYPE,
    RESOLVER_TYPE,
    delegate,
    dns_endpoints,
    services_of,
)
from acrlab.emulator.types.polling import dns_resolver

RULESET_TYPE = "Microsoft.Network/dnsForwardingRulesets"
INBOUND, OUTBOUND = "inboundEndpoints", "outboundEndpoints"
SMALLEST, LARGEST = 28, 24  # prefix lengths of an endpoint's subnet
MOST_ENDPOINTS = 5  # of each kind. Source: https://learn.microsoft.com/azure/dns/dns-private-resolver-overview
# Source: https://learn.microsoft.com/azure/dns/dns-private-resolver-overview#subnet-restrictions
RESERVED = tuple(ipaddress.IPv4Network(f"10.0.{third}.0/24") for third in range(1, 17))


def network_of(resolver: Resource) -> str:
    """Return the id of a resolver's network."""
    return str(resolver.properties["virtualNetwork"]["id"])


def subnet_of(endpoint: Resource) -> str:
    """Return the id of the subnet that an endpoint of either kind stands in."""
    first = (endpoint.properties.get("ipConfigurations") or [endpoint.properties])[0]
    return str(first["subnet"]["id"])


# -- the resolver ------------------------------------------------------------------------------------------------------


def network_stays(state: State, resolver: Resource, old: Resource | None) -> None:
    """A resolver belongs to one network for good."""
    if old is not None and network_of(old).lower() != network_of(resolver).lower():
        raise bad(f"The virtual network of DNS resolver '{resolver.id.name}' cannot be changed.")


def network_is_near(state: State, resolver: Resource, old: Resource | None) -> None:
    """A resolver and its network are in one region."""
    network = state.find(network_of(resolver))
    if network is not None and network.location != resolver.location:
        raise bad(
            f"DNS resolver '{resolver.id.name}' in region '{resolver.location}' cannot reference virtual network "
            f"'{network.id}' in region '{network.location}'."
        )


def one_resolver_for_a_network(state: State, resolver: Resource, old: Resource | None) -> None:
    """A network has one resolver at most."""
    for other in state.referrers(network_of(resolver), RESOLVER_TYPE):
        if other.id.key != resolver.id.key:
            message = f"Virtual network '{network_of(resolver)}' is already referenced by DNS resolver '{other.id}'."
            raise ArmError(409, "Conflict", message)


def has_no_endpoints(state: State, resolver: Resource) -> None:
    """A resolver goes when its endpoints have gone."""
    endpoints = [e for kind in (INBOUND, OUTBOUND) for e in state.children(resolver.id, kind)]
    if endpoints:
        nested = ", ".join(f"'{e.id.type.replace(RESOLVER_TYPE, _shown(resolver))}/{e.id.name}'" for e in endpoints)
        message = (
            "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
            f"{nested}. Please delete all nested resources before deleting this resource."
        )
        raise ArmError(409, "CannotDeleteResource", message, gateway=True)


def _shown(resource: Resource) -> str:
    return f"{resource.id.type}/{resource.id.name}"


def connection(state: State, resolver: Resource) -> str:
    return "Connected" if state.find(network_of(resolver)) else "Disconnected"


# -- endpoints ---------------------------------------------------------------------------------------------------------


def one_address(state: State, endpoint: Resource, old: Resource | None) -> None:
    """An inbound endpoint has one address here."""
    if len(endpoint.properties["ipConfigurations"]) > 1:
        raise NotEmulated(f"more than one entry in ipConfigurations of {INBOUND_TYPE}", supported="one")


def subnet_exists(state: State, endpoint: Resource, old: Resource | None) -> None:
    """An endpoint stands in a subnet that is there, and stays in it."""
    if state.find(subnet_of(endpoint)) is None:
        raise bad(f"The subnet {subnet_of(endpoint)} of endpoint {endpoint.id} was not found.")
    if old is not None and subnet_of(old).lower() != subnet_of(endpoint).lower():
        raise bad(f"The subnet of endpoint {endpoint.id} cannot be changed.")


def resolver_has_room(state: State, endpoint: Resource, old: Resource | None) -> None:
    """A resolver has so many endpoints of each kind at most."""
    assert endpoint.id.parent is not None
    kind = endpoint.id.type.rpartition("/")[2]
    if old is None and len(state.children(endpoint.id.parent, kind)) >= MOST_ENDPOINTS:
        raise bad(f"DNS resolver '{endpoint.id.parent}' has {MOST_ENDPOINTS} {kind} already, and can have no more.")


def move_in(state: State, endpoint: Resource) -> None:
    """Take the subnet, and for an inbound endpoint an address in it. Raises: ArmError: the subnet is not fit for it."""
    subnet = state.find(subnet_of(endpoint))
    if subnet is None or not _fits(state, endpoint, subnet):
        kind = "inbound" if endpoint.id.type == INBOUND_TYPE else "outbound"
        raise bad(
            f"The specified  subnet{subnet_of(endpoint)} could not be used to provision the {kind} endpoint. Please "
            f"make sure you use a subnet of at least /{SMALLEST} and at most  /{LARGEST} size, which is not currently "
            "in use by any other DNS resolver endpoint or any other Azure service workloads, and does not collide "
            f"with the reserved subnet spaces of  '{';'.join(map(str, RESERVED))}'."
        )
    for configuration in endpoint.properties.get("ipConfigurations", []):
        configuration["privateIpAddress"] = _address(state, subnet, configuration, endpoint)
    word = "InboundEndpoint" if endpoint.id.type == INBOUND_TYPE else "OutboundEndpoint"
    endpoint.state["link"] = f"/{word}/{state.guid(endpoint, 'resource')}"
    state.put(endpoint)
    delegate(state, subnet)


def _fits(state: State, endpoint: Resource, subnet: Resource) -> bool:
    prefix, services = prefix_of(subnet), services_of(subnet)
    resolver = state.get(ArmId(endpoint.id.scope, RESOLVER_TYPE, endpoint.id.names[:1]))
    others = [e for e in dns_endpoints(state, subnet) if e.id.key != endpoint.id.key and "link" in e.state]
    return (
        str(subnet.id.parent).lower() == network_of(resolver).lower()
        and LARGEST <= prefix.prefixlen <= SMALLEST
        and not any(prefix.overlaps(kept) for kept in RESERVED)
        and services in ([], [RESOLVER_TYPE])
        and not others
        and not any(held_addresses(state, subnet))
    )


def _address(state: State, subnet: Resource, configuration: JSON, endpoint: Resource) -> str:
    """The address that was asked for, or the lowest of the subnet."""
    asked = str(configuration.get("privateIpAddress", ""))
    usable = free_addresses(state, subnet, prefix_of(subnet).num_addresses)
    if configuration["privateIpAllocationMethod"] == "Dynamic":
        return usable[0]
    if asked not in usable:
        raise bad(f"The address '{asked}' of endpoint {endpoint.id} cannot be used in subnet {subnet.id}.")
    return asked


def no_ruleset_uses_it(state: State, endpoint: Resource) -> None:
    """An outbound endpoint goes when no ruleset sends questions through it."""
    users = state.referrers(endpoint.id, RULESET_TYPE)
    if users:
        message = (
            f"Outbound endpoint '{endpoint.id}' cannot be deleted while it is associated with DNS forwarding ruleset "
            f"'{users[0].id}'."
        )
        raise ArmError(409, "Conflict", message)


def bad(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message)


GUID = {"resourceGuid": lambda state, resource: state.guid(resource, "resource")}
MADE = {"systemData": who_and_when}
SHARED = {
    "versions": api_versions.DNS_RESOLVER,
    "name": DNS_NAME,
    "computed_envelope": MADE,
    "etag": "inside quotes",
}
IP_CONFIGURATION = Shape(
    {
        "subnet": Field(ref(SUBNET_TYPE), required=True),
        "privateIpAddress": Field(Address()),
        "privateIpAllocationMethod": Field(choice("Dynamic", "Static"), default="Dynamic"),
    }
)

DNS_RESOLVER = ResourceType(
    type=RESOLVER_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/dnsresolver/dns-resolvers/create-or-update",
    properties={"virtualNetwork": Field(ref(NETWORK_TYPE), required=True)},
    computed={"dnsResolverState": connection, **GUID},
    rules=(references_exist("virtualNetwork"), network_stays, network_is_near, one_resolver_for_a_network),
    delete_rules=(has_no_endpoints,),
    polling=dns_resolver("DnsResolver"),
    seconds={"PUT": 5, "DELETE": 5},
    patch="tags",
    **SHARED,  # type: ignore[arg-type]
)
INBOUND_ENDPOINT = ResourceType(
    type=INBOUND_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/dnsresolver/inbound-endpoints/create-or-update",
    properties={"ipConfigurations": Field(Listing(IP_CONFIGURATION, least=1), required=True)},
    computed=GUID,
    rules=(one_address, subnet_exists, resolver_has_room),
    on_ready=move_in,
    polling=dns_resolver("InboundEndpoint"),
    seconds={"PUT": 167, "DELETE": 60},
    patch="tags",
    **SHARED,  # type: ignore[arg-type]
)
OUTBOUND_ENDPOINT = ResourceType(
    type=OUTBOUND_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/dnsresolver/outbound-endpoints/create-or-update",
    properties={"subnet": Field(ref(SUBNET_TYPE), required=True)},
    computed=GUID,
    rules=(subnet_exists, resolver_has_room),
    delete_rules=(no_ruleset_uses_it,),
    on_ready=move_in,
    polling=dns_resolver("OutboundEndpoint"),
    seconds={"PUT": 117, "DELETE": 60},
    patch="tags",
    **SHARED,  # type: ignore[arg-type]
)

DEVIATIONS = (
    Deviation(
        of=RESOLVER_TYPE,
        what="An endpoint delegates its subnet to the resolver where the subnet is not delegated at all.",
        impact="Azure may refuse such a subnet: what the recordings show has changed before.",
        reason="The recorded service took a subnet without a delegation; a subnet in use shows the delegation.",
        workaround="Delegate the subnet to `Microsoft.Network/dnsResolvers` before the endpoint is made.",
    ),
    Deviation(
        of=RESOLVER_TYPE,
        what="Refusals are worded by the emulator, but for the one of an endpoint's subnet.",
        impact="Codes and texts of the others may differ in Azure.",
        reason="Of the service's own words only that one, and a changed domain of a rule, are on record.",
        workaround="Act on the status, not on the text.",
    ),
    Deviation(
        of=RESOLVER_TYPE,
        what="An endpoint takes a minute to delete, a resolver 5 seconds.",
        impact="Azure may take longer.",
        reason="Only creations are on record: 5 s, 167 s (inbound) and 117 s (outbound).",
        workaround="Wait for the operation.",
    ),
)

"""Microsoft.Network/virtualNetworks, with their subnets and peerings."""

from __future__ import annotations

import ipaddress

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Only, Shape
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType, Versioned
from acrlab.emulator.core.values import Address, Field, Flag, Prefix, choice, is_version_6
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.network.network_space import NETWORK_TYPE, PEERING_TYPE, PEERINGS
from acrlab.emulator.types.network.peering import leave_behind, space_suits_peers
from acrlab.emulator.types.network.subnet import (
    KEPT_FIRST,
    KEPT_LAST,
    free_addresses,
    held_addresses,
    is_as_it_was,
    is_not_in_use,
    prefix_of,
)
from acrlab.emulator.types.network.subnet_service import RESOLVER_TYPE
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE

LINK_TYPE = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
RULESET_LINK_TYPE = "Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks"


def no_subnet_is_in_use(state: State, network: Resource) -> None:
    """A network goes only when nothing holds an address in it: the first subnet in use says so."""
    for subnet in state.children(network.id, "subnets"):
        is_not_in_use(state, subnet)


def forget_it(state: State, network: Resource) -> None:
    """Links of zones and rulesets go with the network that used them; other networks' peerings are left behind."""
    for link in (link for type in (LINK_TYPE, RULESET_LINK_TYPE) for link in state.referrers(network.id, type)):
        state.delete(link.id)
    for half in state.referrers(network.id, PEERING_TYPE):
        leave_behind(state, half)


def resolvers(state: State, network: Resource, request: Request) -> JSON:
    """Name the DNS resolver of a network."""
    return {"value": [{"id": id} for id in state.referring_ids(network.id, RESOLVER_TYPE)]}


def rulesets(state: State, network: Resource, request: Request) -> JSON:
    """Name the DNS forwarding rulesets that a network is linked to, each with its link."""
    links = state.referrers(network.id, RULESET_LINK_TYPE)
    return {
        "value": [
            {"id": str(link.id.parent), "properties": {"virtualNetworkLink": {"id": str(link.id)}}} for link in links
        ]
    }


def usage(state: State, network: Resource, request: Request) -> JSON:
    """Count the addresses of each subnet that can be had, and that are; of a gateway's subnet Azure tells neither."""
    return {"value": [_usage_of(state, subnet) for subnet in state.children(network.id, "subnets")]}


def _usage_of(state: State, subnet: Resource) -> JSON:
    size = prefix_of(subnet).num_addresses - KEPT_FIRST - KEPT_LAST
    untold = subnet.id.name.lower() == "gatewaysubnet"
    return {
        "currentValue": -1.0 if untold else float(len(list(held_addresses(state, subnet)))),
        "id": str(subnet.id),
        "limit": -1.0 if untold else float(size),
        "name": {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"},
        "unit": "Count",
    }


def check_address(state: State, network: Resource, request: Request) -> JSON:
    """Say whether an address can be had; where it can't, name five of its subnet that can."""
    text = request.query.get("ipaddress", "")
    if is_version_6(text):
        raise NotEmulated(f"a question for the address {text}", supported="IPv4")
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError as problem:
        message = f"The IP address {text} is invalid."
        raise ArmError(400, "InvalidIPAddressFormat", message, details=[]) from problem
    subnets = state.children(network.id, "subnets")
    subnet = next((s for s in subnets if address in prefix_of(s)), None)
    if subnet is None:
        message = f"Private static IP address {text} does not belong to the range of any subnet in {network.id}."
        raise ArmError(400, "PrivateIPAddressNotInAnySubnet", message, details=[])
    prefix, held = prefix_of(subnet), {held for held, _ in held_addresses(state, subnet)}
    place = int(address) - int(prefix.network_address)
    kept = place < KEPT_FIRST or place >= prefix.num_addresses - KEPT_LAST
    if not kept and text not in held:
        return {"available": True, "isPlatformReserved": False}
    return {
        "available": False,
        "availableIPAddresses": free_addresses(state, subnet, 5),
        "isPlatformReserved": kept,
    }


def mention_protection(state: State, network: Resource, old: Resource | None) -> None:
    """A protection of VMs that is off is not kept: api-versions since 2021 don't mention it."""
    if network.properties.get("enableVmProtection") is False:
        del network.properties["enableVmProtection"]


ADDRESS_SPACE = Shape(
    {
        "addressPrefixes": Field(Listing(Prefix(), least=1), required=True),
        "ipamPoolPrefixAllocations": Field(Only([]), default=[], since="2024-05-01"),
    }
)

VIRTUAL_NETWORK = ResourceType(
    type=NETWORK_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/create-or-update",
    versions=api_versions.NETWORK,
    name=r"[A-Za-z0-9]([\w.-]{0,62}\w)?",
    properties={
        "addressSpace": Field(ADDRESS_SPACE, required=True),
        "dhcpOptions": Field(Shape({"dnsServers": Field(Listing(Address()), default=[])})),
        "enableDdosProtection": Field(Flag(), default=False, inert=True),
        "enableVmProtection": Field(Flag(), inert=True),
        "ipAllocations": Field(Only([])),
        "privateEndpointVNetPolicies": Field(
            choice("Disabled", unmodelled=("Basic",)), default="Disabled", since="2024-05-01"
        ),
    },
    computed={
        "resourceGuid": lambda state, network: state.guid(network, "resource"),
        "enableVmProtection": Versioned(
            lambda state, network: network.properties.get("enableVmProtection", False), until="2020-11-01"
        ),
    },
    children={"subnets": "subnets", PEERINGS: PEERINGS},
    children_stay_since={"subnets": "2023-09-01"},
    actions={
        "CheckIPAddressAvailability": Action(check_address, method="GET"),
        # Source: https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/list-usage
        "usages": Action(usage, method="GET"),
        # Source: https://learn.microsoft.com/rest/api/dns/dnsresolver/dns-resolvers/list-by-virtual-network
        "listDnsResolvers": Action(resolvers),
        "listDnsForwardingRulesets": Action(rulesets),
    },
    rules=(space_suits_peers,),
    delete_rules=(no_subnet_is_in_use,),
    on_put=mention_protection,
    on_delete=forget_it,
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 4, "DELETE": 10},
    at_once=is_as_it_was,
    etag="quoted",
    patch="tags",
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Network/virtualNetworks",
        what="The name of a virtual network or a private endpoint may be one character.",
        impact="Azure wants two at least.",
        reason="In what words it refuses one character is not known.",
        workaround="Give longer names.",
    ),
)

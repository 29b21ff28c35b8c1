"""Quotas of the network service in a region, and what counts towards them.

Source: test_network_usage_list of
https://github.com/Azure/azure-cli/tree/dev/src/azure-cli/azure/cli/command_modules/network/tests/latest/recordings
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.network.subnet import ENDPOINT_TYPE, INTERFACE_TYPE

ADDRESS_TYPE = "Microsoft.Network/publicIPAddresses"
NO_LIMIT = 2**31 - 1
POINT_TO_SITE = "P2SVpnGateway"

Count = Callable[[State, str], int]


def _of_type(type: str, fits: Callable[[Resource], bool] = lambda resource: True) -> Count:
    return lambda state, location: sum(fits(r) for r in state.of_type(type) if r.location == location)


def _is_static(address: Resource) -> bool:
    return bool(address.properties["publicIPAllocationMethod"] == "Static")


def _is_standard(address: Resource) -> bool:
    return bool(address.body["sku"]["name"] == "Standard")


def _none(state: State, location: str) -> int:
    """Of what is not emulated there is none, and what is counted for each of something is never counted in a region."""
    return 0


@dataclass(frozen=True)
class Quota:
    """One limit: its name for people, how many there may be, how many there are, and whether Azure raises it."""

    shown: str
    limit: int
    count: Count = _none
    adjustable: bool = True


# In Azure's order.
QUOTAS: Mapping[str, Quota] = {
    "VirtualNetworks": Quota("Virtual Networks", 1000, _of_type("Microsoft.Network/virtualNetworks")),
    "StaticPublicIPAddresses": Quota("Static Public IP Addresses", 1000, _of_type(ADDRESS_TYPE, _is_static)),
    "NetworkSecurityGroups": Quota(
        "Network Security Groups", 5000, _of_type("Microsoft.Network/networkSecurityGroups")
    ),
    "PublicIPAddresses": Quota("Public IP Addresses", 1000, _of_type(ADDRESS_TYPE)),
    "CustomIpPrefixes": Quota("Custom Ip Prefixes", 5),
    "PublicIpPrefixes": Quota("Public Ip Prefixes", NO_LIMIT),
    "NatGateways": Quota("Nat Gateways", 1000, _of_type("Microsoft.Network/natGateways")),
    "NetworkInterfaces": Quota("Network Interfaces", 65536, _of_type(INTERFACE_TYPE)),
    "PrivateEndpoints": Quota("Private Endpoints", 65536, _of_type(ENDPOINT_TYPE)),
    "PrivateEndpointRedirectMaps": Quota("Private Endpoint Redirect Maps", NO_LIMIT),
    "LoadBalancers": Quota("Load Balancers", 1000),
    "PrivateLinkServices": Quota("Private Link Services", 800),
    "ApplicationGateways": Quota("Application Gateways", 1000),
    "RouteTables": Quota("Route Tables", 200, _of_type("Microsoft.Network/routeTables")),
    "RouteFilters": Quota("Route Filters", 1000),
    "NetworkWatchers": Quota("Network Watchers", 1, adjustable=False),
    "PacketCaptures": Quota("Packet Captures", 10000),
    "ApplicationSecurityGroups": Quota(
        "Application Security Groups.", 3000, _of_type("Microsoft.Network/applicationSecurityGroups")
    ),
    "DdosProtectionPlans": Quota("DDoS Protection Plans.", 1),
    "DdosCustomPolicies": Quota("DDoS customized policies", 200),
    "ServiceEndpointPolicies": Quota("Service Endpoint Policies", 500),
    "NetworkIntentPolicies": Quota("Network Intent Policies", 200),
    "StandardSkuLoadBalancers": Quota("Standard Sku Load Balancers", 1000),
    "StandardSkuPublicIpAddresses": Quota("Public IP Addresses - Standard", 1000, _of_type(ADDRESS_TYPE, _is_standard)),
    "AuxiliaryModeEnabledNetworkInterfaces": Quota("Auxiliary Mode Enabled Network Interfaces", 2),
    "DnsServersPerVirtualNetwork": Quota("DNS servers per Virtual Network", 20),
    f"CustomDnsServersPer{POINT_TO_SITE}": Quota("Custom DNS servers per P2SVpnGateway", 5),
    "SubnetsPerVirtualNetwork": Quota("Subnets per Virtual Network", 3000),
    "IPConfigurationsPerVirtualNetwork": Quota("IP Configurations per Virtual Network", 65536),
    "PeeringsPerVirtualNetwork": Quota("Peerings per Virtual Network", 500),
    "SecurityRulesPerNetworkSecurityGroup": Quota("Security rules per Network Security Group", 1000),
    "SecurityRulesPerNetworkIntentPolicy": Quota("Security rules per Network Intent Policy", 100),
    "RoutesPerNetworkIntentPolicy": Quota("Routes per Network Intent Policy", 200),
    "SecurityRuleAddressesOrPortsPerNetworkSecurityGroup": Quota(
        "Security rules addresses or ports per Network Security Group", 4000
    ),
    "InboundRulesPerLoadBalancer": Quota("Inbound Rules per Load Balancer", 250),
    "FrontendIPConfigurationPerLoadBalancer": Quota("Frontend IP Configurations per Load Balancer", 200),
    "OutboundRulesPerLoadBalancer": Quota("Outbound Rules per Load Balancer", 5),
    "RoutesPerRouteTable": Quota("Routes per Route Table", 400),
    "RoutesWithServiceTagPerRouteTable": Quota("Routes with service tag per Route Table", 25),
    "SecondaryIPConfigurationsPerNetworkInterface": Quota("Secondary IP Configurations per Network Interface", 256),
    "SecondaryIPConfigurationsPerPrivateEndpointNetworkInterface": Quota(
        "Secondary IP Configurations per PrivateEndpoint Network Interface", 500
    ),
    "InboundNatOrLbRulesPerNetworkInterface": Quota("Inbound rules per Network Interface", 300),
    "RouteFilterRulesPerRouteFilter": Quota("Route filter rules per Route Filter", 1),
    "RouteFiltersPerExpressRouteBgpPeering": Quota("Route filters per Express route BGP Peering", 1),
    "MinPublicIpInterNetworkPrefixLength": Quota("Public IPv4 Prefix Length", 28),
}

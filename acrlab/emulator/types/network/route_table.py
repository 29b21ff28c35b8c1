"""Microsoft.Network/routeTables and their routes: where the packets of a subnet go, by the longest prefix that fits.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview
"""

from __future__ import annotations

import ipaddress

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, Versioned
from acrlab.emulator.core.values import Address, Field, Flag, Text, choice, is_version_6
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.part import not_found
from acrlab.emulator.types.network.service_tag_names import is_service
from acrlab.emulator.types.network.subnet import SUBNET_TYPE, is_as_it_was
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE

TABLE_TYPE = "Microsoft.Network/routeTables"
ROUTES = "routes"
ROUTE_TYPE = f"{TABLE_TYPE}/{ROUTES}"
APPLIANCE = "VirtualAppliance"
HOPS = ("VirtualNetworkGateway", "VnetLocal", "Internet", APPLIANCE, "None")


def prefix_is_legal(state: State, route: Resource, old: Resource | None) -> None:
    """A route is for a range of addresses, or for a service tag."""
    prefix = route.properties["addressPrefix"]
    if is_version_6(prefix):
        raise NotEmulated(f"a route for {prefix}", supported="IPv4")
    try:
        ipaddress.IPv4Network(prefix)
    except ValueError:
        if not is_service(prefix):
            message = f"Address prefix {prefix} of route {route.id} is not valid."
            raise ArmError(400, "InvalidAddressPrefixFormat", message, details=[]) from None


def appliance_has_an_address(state: State, route: Resource, old: Resource | None) -> None:
    """Only an appliance is found by an address, and it has one."""
    hop, address = route.properties["nextHopType"], route.properties.get("nextHopIpAddress")
    if (hop == APPLIANCE) != bool(address):
        word = "must" if hop == APPLIANCE else "cannot"
        message = f"Route {route.id} with next hop type {hop} {word} have a next hop IP address."
        raise ArmError(400, "InvalidNextHopIpAddress", message, details=[])


def prefix_is_free(state: State, route: Resource, old: Resource | None) -> None:
    """Two routes of a table can't be for the same range: which would be taken?"""
    parent = route.id.parent
    for other in state.children(parent, ROUTES) if parent else ():
        same = other.properties["addressPrefix"].lower() == route.properties["addressPrefix"].lower()
        if same and other.id.key != route.id.key:
            names = f"Route {route.id.name} conflicts with route {other.id.name}."
            message = f"{names} Routes cannot have the same AddressPrefix."
            raise ArmError(400, "RouteConflict", message, details=[])


def no_subnet_uses_it(state: State, table: Resource) -> None:
    """A subnet must not lose its routes unnoticed."""
    if state.referring_ids(table.id, SUBNET_TYPE):
        message = f"Route table {table.id.name} is in use and cannot be deleted."
        raise ArmError(400, "InUseRouteTableCannotBeDeleted", message, details=[])


def subnets(state: State, table: Resource) -> list[JSON] | None:
    return [{"id": id} for id in state.referring_ids(table.id, SUBNET_TYPE)] or None


ROUTE = ResourceType(
    type=ROUTE_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/routes/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    envelope={},
    properties={
        "addressPrefix": Field(Text(), required=True),
        "nextHopType": Field(choice(*HOPS, unmodelled=("VirtualApplianceEcmp",)), required=True),
        "nextHopIpAddress": Field(Address()),
    },
    read_only=("hasBgpOverride",),
    computed={"hasBgpOverride": Versioned(lambda state, route: False, since="2020-11-01")},
    rules=(prefix_is_legal, appliance_has_an_address, prefix_is_free),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 3, "DELETE": 3},
    etag="quoted",
    missing=not_found,
)

ROUTE_TABLE = ResourceType(
    type=TABLE_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/route-tables/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    properties={"disableBgpRoutePropagation": Field(Flag(), default=False, inert=True)},
    computed={"resourceGuid": lambda state, table: state.guid(table, "resource"), "subnets": subnets},
    children={"routes": ROUTES},
    delete_rules=(no_subnet_uses_it,),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 4, "DELETE": 10},
    at_once=is_as_it_was,
    etag="quoted",
    patch="tags",
)

DEVIATIONS = (
    Deviation(
        of=TABLE_TYPE,
        what="A route to a virtual appliance, or to a gateway, ends there: packets that take it are lost.",
        impact="A firewall that lets traffic pass cannot be built.",
        reason="The emulated VMs forward no packets, and there are no gateways or firewalls.",
        workaround="Give the subnet a NAT gateway for a way out.",
    ),
    Deviation(
        of=TABLE_TYPE,
        what="A prefix or a next hop that cannot be is refused in the emulator's own words.",
        impact="Code and message differ from Azure's; the status is 400.",
        reason="Azure's words for them were not found in any recording.",
        workaround="Look at the status and not at the message.",
    ),
)

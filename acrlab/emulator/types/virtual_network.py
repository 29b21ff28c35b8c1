"""Microsoft.Network/virtualNetworks."""

from __future__ import annotations

from acrlab.emulator.domains import Address, Field, Flag, Listing, Prefix, Shape, Unused
from acrlab.emulator.schema import Resource, ResourceType, Tenant, Versioned
from acrlab.emulator.types.followed import NETWORK, NETWORK_DELETE
from acrlab.emulator.types.subnet import is_not_in_use

NETWORK_TYPE = "Microsoft.Network/virtualNetworks"
LINK_TYPE = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"


def no_subnet_is_in_use(tenant: Tenant, network: Resource) -> None:
    """A network goes only when nothing holds an address in it: the first subnet in use says so."""
    for subnet in tenant.children(network.id, "subnets"):
        is_not_in_use(tenant, subnet)


def forget_links(tenant: Tenant, network: Resource) -> None:
    """A private zone's link goes with the network that read it; the zone stays, with one link less."""
    for link in tenant.referrers(network.id, LINK_TYPE):
        tenant.delete(link.id)


def mention_protection(tenant: Tenant, network: Resource, old: Resource | None) -> None:
    """A protection of machines that is off is not kept: api-versions since 2021 don't mention it."""
    if network.properties.get("enableVmProtection") is False:
        del network.properties["enableVmProtection"]


ADDRESS_SPACE = Shape(
    {
        "addressPrefixes": Field(Listing(Prefix(), least=1), required=True),
        "ipamPoolPrefixAllocations": Field(Unused(), since="2023-11-01"),
    }
)

VIRTUAL_NETWORK = ResourceType(
    type=NETWORK_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/create-or-update",
    name=r"[A-Za-z0-9]([\w.-]{0,62}\w)?",
    properties={
        "addressSpace": Field(ADDRESS_SPACE, required=True),
        "dhcpOptions": Field(Shape({"dnsServers": Field(Listing(Address()), default=[])})),
        "enableDdosProtection": Field(Flag(), default=False, inert=True),
        "enableVmProtection": Field(Flag(), inert=True),
    },
    computed={
        "resourceGuid": lambda tenant, network: tenant.guid(network, "resource"),
        "virtualNetworkPeerings": lambda tenant, network: [],
        "enableVmProtection": Versioned(
            lambda tenant, network: network.properties.get("enableVmProtection", False), until="2021"
        ),
    },
    children={"subnets": "subnets"},
    delete_rules=(no_subnet_is_in_use,),
    on_put=mention_protection,
    on_delete=forget_links,
    asynchrony={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 4, "DELETE": 10},
    etag="quoted",
    patch="tags",
)

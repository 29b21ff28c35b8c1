"""Microsoft.Network/natGateways: a way out for whole subnets, by public addresses that their VMs share.

Source: https://learn.microsoft.com/azure/nat-gateway/nat-overview
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Only, Shape, ref
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.nearness import require_near
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Region, Tags, Text, Whole, choice
from acrlab.emulator.types import api_versions, zone_rules
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.part import not_found
from acrlab.emulator.types.network.public_ip_address import ADDRESS_TYPE, NAT_TYPE, holder_of
from acrlab.emulator.types.network.subnet import SUBNET_TYPE
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE
from acrlab.emulator.types.region import zones_exist


def addresses_of(state: State, gateway: Resource) -> list[str]:
    """Return the public addresses that what leaves by a gateway has, the one that is used first."""
    found = (state.find(reference["id"]) for reference in gateway.properties.get("publicIpAddresses", ()))
    return [str(address.state["ipAddress"]) for address in found if address is not None]


def addresses_are_its_own(state: State, gateway: Resource, old: Resource | None) -> None:
    """A gateway leaves by standard addresses that nothing else holds."""
    for reference in gateway.properties.get("publicIpAddresses", ()):
        if state.find(reference["id"]) is None:
            raise not_found(_in_capitals(ArmId.parse(reference["id"])))
        address = require_near(state, gateway, reference["id"])
        holder = holder_of(state, address)
        if holder and holder.lower() != gateway.id.key:
            message = (
                f"Resource {gateway.id} is referencing public IP address {address.id} that is already allocated to "
                f"resource {holder}."
            )
            raise ArmError(400, "PublicIPAddressInUse", message, details=[])
        if address.body["sku"]["name"] != "Standard":
            message = f"NAT gateway {gateway.id} needs public IP addresses of the Standard SKU; {address.id} is Basic."
            raise ArmError(400, "NatGatewayPublicIpSkuNotSupported", message, details=[])


def _in_capitals(address: ArmId) -> ArmId:
    """Spell an id as the gateway's service does where it finds no such address.

    Source: recordings of Azure/azure-service-operator, of 2023
    """
    group = ArmId.of_group(address.subscription, (address.group or "").upper())
    return ArmId(str(group), address.type, tuple(name.upper() for name in address.names))


def no_subnet_uses_it(state: State, gateway: Resource) -> None:
    """A subnet must not lose its way out unnoticed."""
    users = state.referring_ids(gateway.id, SUBNET_TYPE)
    if users:
        message = f"NAT gateway {gateway.id} cannot be deleted because it is used by subnet {', '.join(users)}."
        raise ArmError(400, "NatGatewayInUseBySubnet", message, details=[])


def subnets(state: State, gateway: Resource) -> list[JSON] | None:
    return [{"id": id} for id in state.referring_ids(gateway.id, SUBNET_TYPE)] or None


def gateway_of(state: State, subnet: Resource) -> Resource | None:
    """Return the gateway by which a subnet leaves; None: it has none."""
    reference = subnet.properties.get("natGateway")
    return state.find(ArmId.parse(reference["id"])) if reference else None


SKU = Shape(
    {
        "name": Field(choice("Standard", unmodelled=("StandardV2",)), default="Standard"),
        "tier": Field(choice("Regional", unmodelled=("Global",)), default="Regional"),
    }
)

NAT_GATEWAY = ResourceType(
    type=NAT_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/nat-gateways/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "sku": Field(SKU),
        "zones": Field(Listing(Text())),
    },
    properties={
        "idleTimeoutInMinutes": Field(Whole(4, 120), default=4, inert=True),
        "publicIpAddresses": Field(Listing(ref(ADDRESS_TYPE))),
        "publicIpPrefixes": Field(Only([])),
        "publicIpAddressesV6": Field(Only([])),
        "publicIpPrefixesV6": Field(Only([])),
    },
    computed={"resourceGuid": lambda state, gateway: state.guid(gateway, "resource"), "subnets": subnets},
    rules=(zones_exist, zone_rules.has_one_zone, zone_rules.zones_stay, addresses_are_its_own),
    delete_rules=(no_subnet_uses_it,),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 5, "DELETE": 10},
    etag="quoted",
    patch="tags",
)

DEVIATIONS = (
    Deviation(
        of=NAT_TYPE,
        what="Of several public addresses the first is used, and prefixes of addresses are not emulated.",
        impact="Azure takes any of them for a connection.",
        reason="A rule for an address at a registry shows its effect only where the address is known.",
        workaround="Let rules name all of them, as for Azure.",
    ),
    Deviation(
        of=NAT_TYPE,
        what="A gateway in use, and one with an address of the wrong SKU, are refused in the emulator's own words.",
        impact="Messages differ from Azure's; the status is 400.",
        reason="Azure's words for them were not found in any recording.",
        workaround="Look at the status and not at the message.",
    ),
)

"""Microsoft.Network/publicIPAddresses: an address that the internet sees."""

from __future__ import annotations

import re

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import UPDATING, Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Anything, Field, Region, Tags, Text, Whole, choice
from acrlab.emulator.types import api_versions, zone_rules
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.subnet import INTERFACE_TYPE
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE
from acrlab.emulator.types.region import zones_exist

ADDRESS_TYPE = "Microsoft.Network/publicIPAddresses"
NAT_TYPE = "Microsoft.Network/natGateways"
UNTOLD = "untold"  # in an address's state: what is being done to it makes it visible
LABEL = "[a-z][a-z0-9-]{1,61}[a-z0-9]"
POOL = "203.0.113"  # Source: RFC 5737, TEST-NET-3: reserved for documentation


def allocate(state: State, address: Resource, old: Resource | None) -> None:
    """A static address is there at once; the lowest of the emulated pool that is free.

    The answer to the request that makes it, or makes it static, does not tell it yet.
    """
    address.state[UNTOLD] = old is None or shown_address(state, old) is None
    if "ipAddress" in address.state:
        return
    taken = {a.state.get("ipAddress") for a in state.of_type(ADDRESS_TYPE)}
    free = (f"{POOL}.{i}" for i in range(77, 255) if f"{POOL}.{i}" not in taken)
    found = next(free, None)
    if found is None:
        message = f"No public address is left for {address.id}: the emulated pool has 178."
        raise ArmError(400, "PublicIPCountLimitReached", message, details=[])
    address.state["ipAddress"] = found


def label_is_legal(state: State, address: Resource, old: Resource | None) -> None:
    """A label is a DNS name in its region, which no other address there has."""
    label = (address.properties.get("dnsSettings") or {}).get("domainNameLabel")
    if label is None:
        return
    if not re.fullmatch(LABEL, label):
        message = (
            f"The domain name label {label} is invalid. It must conform to the following regular expression: ^{LABEL}$."
        )
        raise ArmError(400, "InvalidDomainNameLabel", message, details=[])
    for other in state.of_type(ADDRESS_TYPE):
        settings = other.properties.get("dnsSettings") or {}
        same = settings.get("domainNameLabel") == label and other.location == address.location
        if same and other.id.key != address.id.key:
            message = f"DNS record {label}.{address.location}.cloudapp.azure.com is already used by another public IP."
            raise ArmError(400, "DnsRecordInUse", message, details=[])


def zones_need_standard(state: State, address: Resource, old: Resource | None) -> None:
    """Basic addresses are in no zone. Source, of the words: https://github.com/microsoft/lisa/pull/3343"""
    if zone_rules.zones_of(address) and address.body["sku"]["name"] == "Basic":
        message = (
            f"Request for resource {address.id} is invalid as it is Basic sku and in an Availability Zone which is a "
            "deprecated configuration.  Please change your resource to Standard sku for Availability Zone support."
        )
        raise ArmError(400, "ZonesNotAllowedInBasicSkuResource", message, details=[])


def is_not_in_use(state: State, address: Resource) -> None:
    """The interface or NAT gateway that shows this address to the internet keeps it."""
    holder = holder_of(state, address)
    if holder:
        message = (
            f"Public IP address {address.id} can not be deleted since it is still allocated to resource {holder}. "
            "In order to delete the public IP, disassociate/detach the Public IP address from the resource.  To "
            "learn how to do this, see aka.ms/deletepublicip."
        )
        raise ArmError(400, "PublicIPAddressCannotBeDeleted", message, details=[])


def holder_of(state: State, address: Resource) -> str:
    """Return the id of what holds an address: an ip configuration, or a NAT gateway; empty: nothing does."""
    for gateway in state.referrers(address.id, NAT_TYPE):
        return str(gateway.id)
    for interface in state.referrers(address.id, INTERFACE_TYPE):
        for configuration in interface.properties["ipConfigurations"]:
            if configuration["properties"].get("publicIPAddress", {}).get("id", "").lower() == address.id.key:
                return f"{interface.id}/ipConfigurations/{configuration['name']}"
    return ""


def configuration(state: State, address: Resource) -> JSON | None:
    holder = holder_of(state, address)
    return {"id": holder} if holder and "/ipconfigurations/" in holder.lower() else None


def gateway(state: State, address: Resource) -> JSON | None:
    return next(({"id": id} for id in state.referring_ids(address.id, NAT_TYPE)), None)


def shown_address(state: State, address: Resource) -> str | None:
    """Told once it is made; a dynamic address shows itself only while something holds it."""
    dynamic = address.properties["publicIPAllocationMethod"] == "Dynamic"
    untold = address.phase == UPDATING and address.state.get(UNTOLD, False)
    unseen = not holder_of(state, address) if dynamic else untold
    return None if unseen else str(address.state["ipAddress"])


def names(state: State, address: Resource) -> JSON | None:
    settings = address.properties.get("dnsSettings")
    if not settings or "domainNameLabel" not in settings:
        return None
    return {**settings, "fqdn": f"{settings['domainNameLabel']}.{address.location}.cloudapp.azure.com"}


SKU = Shape(
    {
        "name": Field(choice("Basic", "Standard", unmodelled=("StandardV2",)), default="Basic"),
        "tier": Field(choice("Regional", unmodelled=("Global",)), default="Regional"),
    }
)
PROTECTION = Shape(
    {"protectionMode": Field(choice("VirtualNetworkInherited", "Enabled", "Disabled"), required=True, inert=True)}
)
SCOPES = choice("TenantReuse", "SubscriptionReuse", "ResourceGroupReuse", "NoReuse")
NAMES = Shape(
    {"domainNameLabel": Field(Text()), "domainNameLabelScope": Field(SCOPES, inert=True, since="2022-11-01")}, ("fqdn",)
)

PUBLIC_ADDRESS = ResourceType(
    type=ADDRESS_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/public-ip-addresses/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "sku": Field(SKU, default={"name": "Basic", "tier": "Regional"}),
        "zones": Field(Listing(Text())),
    },
    properties={
        "publicIPAllocationMethod": Field(choice("Dynamic", "Static"), default="Dynamic"),
        "publicIPAddressVersion": Field(choice("IPv4", unmodelled=("IPv6",)), default="IPv4"),
        "idleTimeoutInMinutes": Field(Whole(4, 30), default=4, inert=True),
        "dnsSettings": Field(NAMES),
        "ipTags": Field(Listing(Anything()), default=[], inert=True),
        "ddosSettings": Field(PROTECTION, default={"protectionMode": "VirtualNetworkInherited"}, since="2022-05-01"),
        "deleteOption": Field(choice("Delete", "Detach"), inert=True),
    },
    computed={
        "resourceGuid": lambda state, address: state.guid(address, "resource"),
        "ipAddress": shown_address,
        "ipConfiguration": configuration,
        "natGateway": gateway,
        "dnsSettings": names,
    },
    rules=(label_is_legal, zones_exist, zones_need_standard, zone_rules.is_in_one_or_all, zone_rules.zones_stay),
    delete_rules=(is_not_in_use,),
    on_put=allocate,
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 2, "DELETE": 10},
    etag="quoted",
    patch="tags",
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Network/publicIPAddresses",
        what="Addresses come from one small documentation range, 178 of them.",
        impact="They lead nowhere outside the emulated Azure.",
        reason="An emulator must not hand out addresses that belong to someone.",
        workaround="None needed.",
    ),
    Deviation(
        of="Microsoft.Network/publicIPAddresses",
        what="Every api-version takes more than one zone.",
        impact="Azure refuses that with those before 2020-08-01: `ResourceCannotHaveMultipleZonesSpecified`.",
        reason="Rules hold for all api-versions, and no client of the lab uses one as old.",
        workaround="Use a newer api-version.",
    ),
)

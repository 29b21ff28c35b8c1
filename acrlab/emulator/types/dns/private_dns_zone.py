"""Microsoft.Network/privateDnsZones: a phone book that only linked networks read."""

from __future__ import annotations

from typing import Any

from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Region, Tags
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.dns.registered_record import registered
from acrlab.emulator.types.polling import ZONE_DELETE, ZONE_PUT

ZONE_TYPE = "Microsoft.Network/privateDnsZones"
LINK_TYPE = f"{ZONE_TYPE}/virtualNetworkLinks"
RECORD_KINDS = ("A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT")
GLOBAL = Region(("global",))
LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"


def links_of(state: State, zone: Resource) -> list[Resource]:
    return state.children(zone.id, "virtualNetworkLinks")


def registering(state: State, zone: Resource) -> list[Resource]:
    return [link for link in links_of(state, zone) if link.properties["registrationEnabled"]]


def count_records(state: State, zone: Resource) -> int:
    written = sum(len(state.children(zone.id, kind)) for kind in RECORD_KINDS)
    return written + len(list(registered(state, zone.id)))


def begin_with_soa(state: State, zone: Resource, old: Resource | None) -> None:
    """Every zone says who answers for it."""
    id = zone.id.child("SOA", "@")
    if state.find(id) is None:
        state.put(state.new(id, {"properties": {"ttl": 3600, "soaRecord": dict(AUTHORITY)}}))


def has_no_links(state: State, zone: Resource) -> None:
    """A network that reads a zone would lose its names unnoticed."""
    links = links_of(state, zone)
    if links:
        nested = ", ".join(f"'{ZONE_TYPE}/{zone.id.name}/virtualNetworkLinks/{link.id.name}'" for link in links)
        message = (
            "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
            f"{nested}. Please delete all nested resources before deleting this resource."
        )
        raise ArmError(409, "CannotDeleteResource", message, gateway=True)


AUTHORITY: dict[str, Any] = {
    "email": "azureprivatedns-host.microsoft.com",
    "expireTime": 2419200,
    "host": "azureprivatedns.net",
    "minimumTtl": 10,
    "refreshTime": 3600,
    "retryTime": 300,
    "serialNumber": 1,
}

PRIVATE_DNS_ZONE = ResourceType(
    type=ZONE_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/privatedns/private-zones/create-or-update",
    versions=api_versions.PRIVATE_DNS,
    name=rf"(?=.{{1,253}}$){LABEL}(\.{LABEL}){{1,33}}",
    envelope={"location": Field(GLOBAL, required=True), "tags": Field(Tags(), inert=True)},
    computed={
        "maxNumberOfRecordSets": lambda state, zone: 25000,
        "maxNumberOfVirtualNetworkLinks": lambda state, zone: 1000,
        "maxNumberOfVirtualNetworkLinksWithRegistration": lambda state, zone: 100,
        "numberOfRecordSets": count_records,
        "numberOfVirtualNetworkLinks": lambda state, zone: len(links_of(state, zone)),
        "numberOfVirtualNetworkLinksWithRegistration": lambda state, zone: len(registering(state, zone)),
    },
    read_only=("internalId",),
    delete_rules=(has_no_links,),
    on_put=begin_with_soa,
    polling={"PUT": ZONE_PUT, "PATCH": ZONE_PUT, "DELETE": ZONE_DELETE},
    seconds={"PUT": 15, "DELETE": 20},
    etag="plain",
    hidden_until_ready=True,
    late_preconditions=True,
    exists_text="The Zone {name} exists already and hence cannot be created again.",
    changed_text="The Zone {name} has been modified (etag mismatch).",
    patch="tags",
)

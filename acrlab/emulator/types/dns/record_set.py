"""Microsoft.Network/privateDnsZones/{A, AAAA, CNAME, MX, PTR, SOA, SRV, TXT}: record sets, answered at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Scene, Tags, Text, Whole
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.dns.private_dns_zone import AUTHORITY, RECORD_KINDS, ZONE_TYPE
from acrlab.emulator.types.dns.registered_record import find_registered

SOURCE = "https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/create-or-update"
NAME = r"@|(\*|[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"


def _bad(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message, wrapped=False)


def alias_stands_alone(state: State, record: Resource, old: Resource | None) -> None:
    """A name that is an alias has no other records, and the zone's own name cannot be one. Source: RFC 1034, 3.6.2."""
    kind = record.id.type.rpartition("/")[2].upper()
    zone = record.id.parent
    for other in RECORD_KINDS:
        twin = zone.child(other, record.id.name) if zone and other != kind else None
        if twin and "CNAME" in (kind, other) and state.find(twin) is not None:
            raise _bad(
                f"The record set {record.id.name} can not be created: a record set of type {other} has this name."
            )


def no_record_twice(state: State, record: Resource, old: Resource | None) -> None:
    """Each record stands once in a set. Source: RFC 2181, 5."""
    lists = (value for value in record.properties.values() if isinstance(value, list))
    if any(values.count(value) > 1 for values in lists for value in values):
        raise _bad(f"The record set {record.id.name} has a record twice.")


def is_not_the_authority(state: State, record: Resource) -> None:
    """A zone cannot be without its SOA record."""
    raise _bad("The SOA record set cannot be deleted.")


def only_at_the_top(state: State, record: Resource, old: Resource | None) -> None:
    """A zone has one SOA record, under its own name."""
    if record.id.name != "@" or old is None:
        raise _bad("A SOA record set exists only at the zone's own name, '@', and comes with the zone.")


def authority(state: State, record: Resource) -> JSON:
    """What the zone says of itself; its serial number is the service's own."""
    return {**AUTHORITY, **record.properties["soaRecord"]}


def small_id(state: State, record: Resource) -> str:
    """Names of records are shown in small letters, however they were written.

    Source: https://github.com/Azure/azure-rest-api-specs/issues/6641, after which Terraform's provider takes no others
    """
    return str(record.id.sibling(record.id.type, record.id.names[0], record.id.name.lower()))


def small_name(state: State, record: Resource) -> str:
    return record.id.name.lower()


def fqdn(state: State, record: Resource) -> str:
    zone, name = record.id.names[0], record.id.name.lower()
    return f"{zone}." if name == "@" else f"{name}.{zone}."


def is_registered(state: State, record: Resource) -> bool:
    return "vm" in record.state


def missing(id: ArmId) -> ArmError:
    message = (
        f"The resource record '{id.name}' does not exist in resource group '{id.group}' "
        f"of subscription '{id.subscription}'."
    )
    return ArmError(404, "NotFound", message, wrapped=False)


def _set(kind: str, properties: Mapping[str, Field], **more: object) -> ResourceType:
    """Declare the record sets of one kind."""
    declared: dict[str, object] = {
        "type": f"{ZONE_TYPE}/{kind}",
        "source": SOURCE,
        "versions": api_versions.PRIVATE_DNS,
        "name": NAME,
        "envelope": {},
        "properties": {
            "metadata": Field(Tags(), inert=True),
            "ttl": Field(Whole(0, 2147483647), default=3600),
            **properties,
        },
        "computed": {"fqdn": fqdn, "isAutoRegistered": is_registered},
        "computed_envelope": {"id": small_id, "name": small_name},
        "rules": (alias_stands_alone, no_record_twice),
        "stateful": False,
        "etag": "plain",
        "wrapped_errors": False,
        "missing": missing,
        "exists_text": "The Record set {name} exists already and hence cannot be created again.",
        "changed_text": "The Record set {name} has been modified (etag mismatch).",
    }
    return ResourceType(**{**declared, **more})  # type: ignore[arg-type]


def _records(name: str, **fields: Field) -> dict[str, Field]:
    return {name: Field(Listing(Shape(fields)), default=[])}


@dataclass(frozen=True)
class _Address:
    """An IP address of one family; kept in its shortest spelling."""

    family: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        try:
            return str(self.family(value))
        except ValueError as problem:
            raise _bad(f"The value {value!r} of {at} is not an IPv{self.family(0).version} address.") from problem

    def show(self, value: Any, scene: Scene) -> Any:
        return value


_V4, _V6 = _Address(ipaddress.IPv4Address), _Address(ipaddress.IPv6Address)
_PORT = Whole(0, 65535)
_SOA = Shape(
    {
        name: Field(Whole() if isinstance(value, int) else Text(), default=value)
        for name, value in AUTHORITY.items()
        if name != "serialNumber"
    },
    ("serialNumber",),
)

RECORD_SETS = (
    _set("A", _records("aRecords", ipv4Address=Field(_V4, required=True)), derived=find_registered),
    _set("AAAA", _records("aaaaRecords", ipv6Address=Field(_V6, required=True))),
    _set("CNAME", {"cnameRecord": Field(Shape({"cname": Field(Text(), required=True)}))}),
    _set("MX", _records("mxRecords", preference=Field(_PORT, required=True), exchange=Field(Text(), required=True))),
    _set("PTR", _records("ptrRecords", ptrdname=Field(Text(), required=True))),
    _set(
        "SRV",
        _records(
            "srvRecords",
            priority=Field(_PORT, required=True),
            weight=Field(_PORT, required=True),
            port=Field(_PORT, required=True),
            target=Field(Text(), required=True),
        ),
    ),
    _set("TXT", _records("txtRecords", value=Field(Listing(Text()), required=True))),
    _set(
        "SOA",
        {"soaRecord": Field(_SOA, default=dict(AUTHORITY))},
        computed={"fqdn": fqdn, "isAutoRegistered": is_registered, "soaRecord": authority},
        rules=(only_at_the_top,),
        delete_rules=(is_not_the_authority,),
    ),
)

"""Microsoft.Network/privateDnsZones/{A, AAAA, CNAME, MX, PTR, SOA, SRV, TXT}: record sets, answered at once."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.arm_id import ArmId
from acrlab.emulator.domains import Address, Field, Listing, Shape, Tags, Text, Whole
from acrlab.emulator.schema import Resource, ResourceType, Route, Tenant
from acrlab.emulator.types.private_dns_zone import AUTHORITY, RECORD_KINDS, ZONE_TYPE
from acrlab.emulator.wire import JSON, ArmError, Request

SOURCE = "https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/create-or-update"
NAME = r"@|(\*|[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"


def _bad(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message, wrapped=False)


def alias_stands_alone(tenant: Tenant, record: Resource, old: Resource | None) -> None:
    """A name that is an alias has nothing else, and the zone's own name is none. Source: RFC 1034, 3.6.2."""
    kind = record.id.type.rpartition("/")[2].upper()
    zone = record.id.parent
    for other in RECORD_KINDS:
        twin = zone.child(other, record.id.name) if zone and other != kind else None
        if twin and "CNAME" in (kind, other) and tenant.find(twin) is not None:
            raise _bad(
                f"The record set {record.id.name} can not be created: a record set of type {other} has this name."
            )


def no_address_twice(tenant: Tenant, record: Resource, old: Resource | None) -> None:
    """Each address stands once in a set."""
    addresses = [a["ipv4Address"] for a in record.properties.get("aRecords", [])]
    if len(addresses) != len(set(addresses)):
        raise _bad(f"The record set {record.id.name} has an address twice.")


def is_not_the_authority(tenant: Tenant, record: Resource) -> None:
    """A zone without its SOA record would be no zone."""
    raise _bad("The SOA record set cannot be deleted.")


def only_at_the_top(tenant: Tenant, record: Resource, old: Resource | None) -> None:
    """A zone has one SOA record, under its own name."""
    if record.id.name != "@" or old is None:
        raise _bad("A SOA record set exists only at the zone's own name, '@', and comes with the zone.")


def fqdn(tenant: Tenant, record: Resource) -> str:
    zone, name = record.id.names[0], record.id.name
    return f"{zone}." if name == "@" else f"{name}.{zone}."


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
        "name": NAME,
        "envelope": {},
        "properties": {
            "metadata": Field(Tags(), inert=True),
            "ttl": Field(Whole(1, 2147483647), default=3600),
            **properties,
        },
        "computed": {"fqdn": fqdn, "isAutoRegistered": lambda tenant, record: False},
        "rules": (alias_stands_alone, no_address_twice),
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


_PORT = Whole(0, 65535)
_SOA = Shape({k: Field(Whole() if isinstance(v, int) else Text(), default=v) for k, v in AUTHORITY.items()})

RECORD_SETS = (
    _set("A", _records("aRecords", ipv4Address=Field(Address(), required=True))),
    _set("AAAA", _records("aaaaRecords", ipv6Address=Field(Text(r"[0-9A-Fa-f:.]{2,45}"), required=True))),
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
        rules=(only_at_the_top,),
        delete_rules=(is_not_the_authority,),
    ),
)


def all_sets(tenant: Tenant, request: Request, words: Mapping[str, str]) -> JSON:
    """Every record set of a zone, of whichever kind."""
    group = ArmId.of_group(words["subscription"], words["group"])
    zone = tenant.get(ArmId(str(group), ZONE_TYPE, (words["zone"],)))
    sets = [s for kind in RECORD_KINDS for s in tenant.children(zone.id, kind)]
    return {"value": [tenant.show(s, request.api_version) for s in sets]}


ROUTES = (
    Route(
        "GET",
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/{zone}/ALL",
        all_sets,
        "https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/list",
    ),
)

"""Microsoft.Network/privateEndpoints/privateDnsZoneGroups: keeps a zone's records in step with an endpoint."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import PRIVATE_ZONE, label_of
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Elements
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.locks import require_open_behind
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, missing_reference
from acrlab.emulator.core.values import Field, Scene, Text
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.network.part import not_found
from acrlab.emulator.types.network.subnet import ENDPOINT_TYPE
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE
from acrlab.emulator.types.private_link.endpoint_parts import addresses_of, is_approved

TTL = 10  # seconds; what zone groups write


def zones_exist(state: State, group: Resource, old: Resource | None) -> None:
    """A group can only write into zones that are there; whether their names fit is not looked at."""
    for configuration in group.properties["privateDnsZoneConfigs"]:
        id = configuration["properties"]["privateDnsZoneId"]
        if state.find(id) is None:
            raise missing_reference(group, id)


def is_the_only_one(state: State, group: Resource, old: Resource | None) -> None:
    """An endpoint has one group, which takes several zones.

    Source: https://github.com/pulumi/pulumi-azure-native/issues/2179
    """
    endpoint = _endpoint(group)
    if old is None and state.children(endpoint, "privateDnsZoneGroups"):
        message = f"Cannot create more than one private dns zone groups in the private endpoint {endpoint.name}."
        raise ArmError(400, "CannotCreateMoreThanOnePrivateDnsZoneGroup", message, details=[])


def write_records(state: State, group: Resource) -> None:
    """Write a record for each name of the endpoint into each zone of the right name; none into any other.

    Nothing is written while the connection waits: the records come with its approval.
    """
    _erase(state, group)
    endpoint = state.get(_endpoint(group))
    written: dict[str, list[str]] = {}
    for configuration in group.properties["privateDnsZoneConfigs"]:
        zone = ArmId.parse(configuration["properties"]["privateDnsZoneId"])
        fits = zone.name.lower() == PRIVATE_ZONE and is_approved(state, endpoint)
        for name, address in addresses_of(state, endpoint).items() if fits else ():
            id = zone.child("A", label_of(name))
            require_open_behind(state, id, "write")
            record = state.find(id) or state.new(id, {})
            values = {"metadata": {"creator": creator(state, endpoint)}, "ttl": TTL}
            record.body = {"properties": {**values, "aRecords": [{"ipv4Address": address}]}}
            state.put(record)
            written.setdefault(configuration["name"], []).append(str(id))
    group.state["records"] = written
    state.settle(group, group.phase)


def creator(state: State, endpoint: Resource) -> str:
    """Say who wrote a record, as records of zone groups do. Source: microsoft/AzureTRE#3767"""
    return f"created by private endpoint {endpoint.id.name} with resource guid {state.guid(endpoint, 'resource')}"


def forget_records(state: State, group: Resource) -> None:
    """Records that the group wrote go with it, unless a lock keeps them, and with them the group."""
    for id in _written(group):
        require_open_behind(state, id, "delete")
    _erase(state, group)


def _erase(state: State, group: Resource) -> None:
    for id in _written(group):
        state.delete(id)


def _written(group: Resource) -> list[ArmId]:
    return [ArmId.parse(id) for ids in group.state.get("records", {}).values() for id in ids]


def follow(state: State, endpoint: Resource) -> None:
    """Bring the records of every zone group of an endpoint up to date, after its connection has changed."""
    for group in state.children(endpoint.id, "privateDnsZoneGroups"):
        write_records(state, group)


def _endpoint(group: Resource) -> ArmId:
    return ArmId(group.id.scope, ENDPOINT_TYPE, group.id.names[:1])


def record_sets(scene: Scene, configuration: JSON) -> list[JSON]:
    """What the group wrote for one zone: empty, without any error, where the zone's name does not fit."""
    shown = []
    for text in scene.resource.state.get("records", {}).get(configuration["name"], []):
        record = scene.state.find(text)
        if record is not None:
            name = record.id.name
            addresses = [a["ipv4Address"] for a in record.properties["aRecords"]]
            fqdn = f"{name}.{record.id.names[0]}"
            state = {"recordType": "A", "recordSetName": name, "fqdn": fqdn, "ttl": record.properties["ttl"]}
            shown.append({**state, "ipAddresses": addresses, "provisioningState": "Succeeded"})
    return shown


CONFIGURATIONS = Elements(
    "privateDnsZoneConfigs",
    {"privateDnsZoneId": Field(Text(), required=True)},
    computed={"recordSets": record_sets},
)

PRIVATE_DNS_ZONE_GROUP = ResourceType(
    type=f"{ENDPOINT_TYPE}/privateDnsZoneGroups",
    source="https://learn.microsoft.com/rest/api/virtualnetwork/private-dns-zone-groups/create-or-update",
    versions=api_versions.NETWORK,
    envelope={},
    properties={"privateDnsZoneConfigs": Field(CONFIGURATIONS, default=[])},
    rules=(is_the_only_one, zones_exist),
    on_ready=write_records,
    on_delete=forget_records,
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 1, "DELETE": 1},
    etag="quoted",
    missing=not_found,
    verbs=("GET", "PUT", "DELETE", "LIST"),
)

DEVIATIONS = (
    Deviation(
        of=f"{ENDPOINT_TYPE}/privateDnsZoneGroups",
        what="A second zone group of an endpoint is refused with a code of the emulator's own.",
        impact="The code differs from Azure's; the message is Azure's, and the status is 400.",
        reason="Public reports give the message alone.",
        workaround="Look at the message and not at the code.",
    ),
)

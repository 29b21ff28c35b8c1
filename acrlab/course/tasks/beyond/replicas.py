"""Chapter 13: the records that a new region needs, by hand and by a zone group; then room, and one region again."""

from __future__ import annotations

from typing import Any

from acrlab import steps
from acrlab.azure.cloud import ENDPOINT, REGISTRY, data_endpoint, label_of, regional_endpoint
from acrlab.course.section import Seen
from acrlab.course.tasks.private_link import zone_of_others
from acrlab.course.tasks.task import Task, of_others
from acrlab.lab.azure_errors import find
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_the_learner_s
from acrlab.steps.private_link import addresses_in, find_endpoint, find_zone
from acrlab.steps.public_access import find_registry

DNS = "Microsoft.Network/privateDnsZones"
TIGHT_SUBNET, TIGHT_ENDPOINT = "tightSubnet", "myTightEndpoint"  # as the chapter's step names them
GROUPS = f"{ENDPOINT}/privateDnsZoneGroups"


def write_replica_record(lab: Lab) -> None:
    """The endpoint's interface says which address is for the new name; a record is named without the suffix."""
    s = lab.settings
    held = steps.endpoint_addresses(lab).items()
    host, address = next((h, a) for h, a in held if ".data." in h and f".{s.location}." not in h)
    name = host.removesuffix(f".{s.cloud.registry_suffix}")
    record = {"ttl": 300, "aRecords": [{"ipv4Address": address}], "metadata": steps.tags_of(lab)}
    sets = lab.dns.record_sets
    sets.create_or_update(s.resource_group, s.zone_name, "A", name, {"properties": record})


def write_regional_record(lab: Lab) -> None:
    """A region's login server is one more name of the same endpoint, and so one more record."""
    s = lab.settings
    name = f"{s.registry_name}.{s.location}.geo"
    address = steps.endpoint_addresses(lab)[f"{name}.{s.cloud.registry_suffix}".lower()]
    record = {"ttl": 300, "aRecords": [{"ipv4Address": address}], "metadata": steps.tags_of(lab)}
    sets = lab.dns.record_sets
    sets.create_or_update(s.resource_group, s.zone_name, "A", name, {"properties": record})


def let_azure_write(lab: Lab) -> None:
    """A zone group belongs to the endpoint: Azure updates the records when its addresses change."""
    s = lab.settings
    zone = lab.dns.private_zones.get(s.resource_group, s.zone_name)
    configuration = {"name": "acr", "properties": {"privateDnsZoneId": zone.id}}
    body = {"properties": {"privateDnsZoneConfigs": [configuration]}}
    groups = lab.network.private_dns_zone_groups
    groups.begin_create_or_update(s.resource_group, s.endpoint_name, "default", body).result()


def make_room(lab: Lab) -> None:
    """An endpoint in the full subnet has to be deleted or moved to a larger one; here it can be deleted."""
    endpoints = lab.network.private_endpoints
    endpoints.begin_delete(lab.settings.resource_group, "myTightEndpoint").result()


def delete_replica(lab: Lab) -> None:
    """The list includes the home region, and may include other people's replicas: the lab's own carries its tag."""
    s = lab.settings
    for replica in list(lab.registry.replications.list(s.resource_group, s.registry_name)):
        if (replica.tags or {}).get("acrlab") == steps.tags_of(lab)["acrlab"]:
            lab.registry.replications.begin_delete(s.resource_group, s.registry_name, replica.name).result()


def _region(lab: Lab) -> str:
    """The region that the chapter has replicated to; empty: none."""
    return next(iter(_own(lab)), "")


def _own(lab: Lab) -> tuple[str, ...]:
    from acrlab.steps.beyond.own_replicas import own_replicas  # loaded where it is asked, as all of that module here

    registry = find_registry(lab)
    return own_replicas(lab, registry) if registry is not None else ()


def _replica_host(lab: Lab) -> str:
    region = _region(lab)
    return data_endpoint(lab.login_server, region) if region else ""


def _home_host(lab: Lab) -> str:
    from acrlab.steps.beyond.replicas import regional_hosts

    there = find_registry(lab) is not None and regional_hosts(lab)
    return regional_endpoint(lab.login_server, lab.settings.location) if there else ""


def _record(lab: Lab, host: str) -> Any:
    if not host or find_zone(lab) is None:
        return None
    names = (lab.settings.resource_group, lab.settings.zone_name, "A", label_of(host))
    return find(lambda: lab.dns.record_sets.get(*names))


def _recorded(lab: Lab, host: str, lacks: str) -> Seen:
    """Whether a name of the endpoint has its record. `lacks`: what is not there where there is no such name."""
    if not host or find_endpoint(lab) is None:
        return Seen(False, lacks, "the chapter was not run", "run the chapter from its top", ready=False)
    record, held = _record(lab, host), steps.endpoint_addresses(lab).get(host, "no address")
    if record is None:
        shown = f"no record {label_of(host)} in {lab.settings.zone_name}"
        return Seen(False, shown, "nothing was written, or it has another name", f"the endpoint holds {held} for it")
    shown = f"{record.name} → {', '.join(addresses_in(record)) or 'no address'}"
    if addresses_in(record) != [held]:
        cause = f"the endpoint holds {held} for this name"
        return Seen(False, shown, cause, "read the address by its member, never by its place in a list")
    return Seen(True, shown)


def _written_by_group(lab: Lab) -> Seen:
    s = lab.settings
    if find_endpoint(lab) is None:
        return Seen(False, f"no endpoint {s.endpoint_name}", "the chapter was not run", "run the chapter from its top")
    groups = list(lab.network.private_dns_zone_groups.list(s.endpoint_name, s.resource_group))
    written = {
        str(record.fqdn).rstrip(".").lower()
        for group in groups
        for configuration in group.private_dns_zone_configs or []
        for record in configuration.record_sets or []
    }
    lacking = [h for h in steps.endpoint_addresses(lab) if f"{label_of(h)}.{s.zone_name}" not in written]
    shown = f"{len(groups)} zone group of {s.endpoint_name}, which writes {len(written)} records"
    if not groups:
        shown = f"no zone group of {s.endpoint_name}"
        return Seen(
            False, shown, "nothing tells Azure which zone to write into", "make a zone group, for the lab's zone"
        )
    if lacking:
        cause = f"none is for {lacking[0]}"
        return Seen(False, shown, cause, f"name the zone {s.zone_name} of {s.resource_group} in it")
    return Seen(True, shown)


def _room_made(lab: Lab) -> Seen:
    if find_endpoint(lab, TIGHT_ENDPOINT) is not None:
        shown = f"{TIGHT_ENDPOINT} holds every address of {TIGHT_SUBNET}"
        return Seen(False, shown, "it has not been deleted", "delete the endpoint; its subnet may stay")
    return Seen(True, f"no {TIGHT_ENDPOINT}, and {TIGHT_SUBNET} has room again")


def _one_region(lab: Lab) -> Seen:
    if find_registry(lab) is None:
        return Seen(False, f"no registry {lab.settings.registry_name}", "the lab is not there", "run the chapter again")
    if left := _own(lab):
        shown = f"replicas of the lab: {', '.join(left)}"
        return Seen(False, shown, "each costs as much as a registry", "delete it, and wait for the operation's end")
    return Seen(True, f"{lab.settings.registry_name} serves from {lab.settings.location} alone, as far as the lab goes")


def record_of_others(lab: Lab, host: str) -> str | None:
    """Name the record of a login server or data endpoint where the lab did not write it."""
    record = _record(lab, host)
    theirs = record is not None and not is_the_learner_s(lab, record.properties.metadata)
    return f"the record {record.name}" if theirs else None


def _registry_of_others(lab: Lab) -> str | None:
    return of_others(lab, lab.registry_id)


def _zone_or_endpoint_of_others(lab: Lab) -> str | None:
    return zone_of_others(lab) or of_others(lab, lab.id_of(ENDPOINT, lab.settings.endpoint_name))


def _take_record(lab: Lab, host: str) -> None:
    if _record(lab, host) is not None:
        names = (lab.settings.resource_group, lab.settings.zone_name, "A", label_of(host))
        lab.dns.record_sets.delete(*names)


def _take_group(lab: Lab) -> None:
    from acrlab.steps.beyond.replicas import remove_zone_group

    remove_zone_group(lab)


INTERFACE = """\
networkInterfaceID=$(az network private-endpoint show --name {endpoint_name} --resource-group {resource_group} \\
    --query 'networkInterfaces[0].id' --output tsv)
address=$(az network nic show --ids $networkInterfaceID --output tsv --query \\
    "ipConfigurations[?privateLinkConnectionProperties.requiredMemberName=='%s'].privateIPAddress")
"""
WRITE = """\
az network private-dns record-set a create --ttl 300 --metadata acrlab={registry_name} \\
    --name %s --zone-name {zone_name} --resource-group {resource_group}
az network private-dns record-set a add-record --ipv4-address $address \\
    --record-set-name %s --zone-name {zone_name} --resource-group {resource_group}"""
FIND = """\
region=$(az acr replication list --registry {registry_name} --output tsv \\
    --query "[?tags.acrlab=='{registry_name}'].name | [0]")
"""
REPLICA_NAME, HOME_NAME = "{registry_name}.$region.data", "{registry_name}.{location}.geo"

TASKS = (
    Task(
        name="replica-record",
        chapter="13",
        goal="Write the record of the replica's data endpoint.",
        expected="a record in {zone_name} for the new region's data endpoint, with the address that the endpoint holds",
        look=lambda lab: _recorded(lab, _replica_host(lab), "no replica"),
        hints=(
            "You wrote the one for the home region in chapter 03; only the region in the name differs.",
            (
                "`acrlab.steps.endpoint_addresses(lab)` has name and address; `lab.dns.record_sets.create_or_update` "
                "takes group, zone, 'A', the name without the registry's suffix, and a body with `properties`."
            ),
        ),
        solution=write_replica_record,
        az=FIND + INTERFACE % "registry_data_$region" + WRITE % (REPLICA_NAME, REPLICA_NAME),
        rights=(f"{DNS}/A/write",),
        undo=lambda lab: _take_record(lab, _replica_host(lab)),
        undone="the record of the replica's data endpoint",
        foreign=lambda lab: _registry_of_others(lab) or record_of_others(lab, _replica_host(lab)),
    ),
    Task(
        name="regional-record",
        chapter="13",
        goal="Write the record of the home region's own login server.",
        expected="a record {registry_name}.{location}.geo with the address that the endpoint holds for it",
        look=lambda lab: _recorded(lab, _home_host(lab), "no regional endpoints"),
        hints=(
            "It is the same call as for your last record; the name ends in `.geo`.",
            "Its member is `registry_{location}`; `acrlab.steps.endpoint_addresses(lab)` has the address by name.",
        ),
        solution=write_regional_record,
        az=INTERFACE % "registry_{location}" + WRITE % (HOME_NAME, HOME_NAME),
        rights=(f"{DNS}/A/write",),
        undo=lambda lab: _take_record(lab, _home_host(lab)),
        undone="the record {registry_name}.{location}.geo",
        foreign=lambda lab: _registry_of_others(lab) or record_of_others(lab, _home_host(lab)),
    ),
    Task(
        name="followed-by-group",
        chapter="13",
        goal="Let Azure write the endpoint's records from now on, into the lab's zone.",
        expected="a zone group of {endpoint_name} that has written a record for each of its names into {zone_name}",
        look=_written_by_group,
        hints=(
            "Chapter 05 did it with the portal's settings: a zone group, a resource below the endpoint.",
            (
                "`lab.network.private_dns_zone_groups` has `begin_create_or_update(group, endpoint, name, body)`; the "
                "body's `privateDnsZoneConfigs` is a list of a name and `properties` with the `privateDnsZoneId`."
            ),
        ),
        solution=let_azure_write,
        az="az network private-endpoint dns-zone-group create --name default --zone-name acr \\\n"
        "    --endpoint-name {endpoint_name} --resource-group {resource_group} --private-dns-zone {zone_name}",
        rights=(f"{GROUPS}/write",),
        undo=_take_group,
        undone="the zone group of {endpoint_name}; the lab writes its records again",
        foreign=_zone_or_endpoint_of_others,
    ),
    Task(
        name="room-again",
        chapter="13",
        goal="Make room for replicas again: delete the endpoint that fills its subnet.",
        expected="no endpoint myTightEndpoint",
        look=_room_made,
        hints=(
            "Azure's error did not name it. The table of subnets does, and so does `acrlab doctor`.",
            "`lab.network.private_endpoints` has `begin_delete(group, name)`; wait for its `.result()`.",
        ),
        solution=make_room,
        az="az network private-endpoint delete --name myTightEndpoint --resource-group {resource_group}",
        rights=(f"{ENDPOINT}/delete",),
        after="followed-by-group",
        foreign=lambda lab: of_others(lab, lab.id_of(ENDPOINT, TIGHT_ENDPOINT)),
    ),
    Task(
        name="one-region-again",
        chapter="13",
        goal="Delete the replica: it costs as much per day as a Premium registry.",
        expected="no replica of {registry_name} that the lab made",
        look=_one_region,
        hints=(
            "A replica is a resource below the registry, named after its region.",
            "`lab.registry.replications` has `list(group, registry)` and `begin_delete(group, registry, name)`.",
        ),
        solution=delete_replica,
        az=FIND + "az acr replication delete --registry {registry_name} --name $region",
        rights=(f"{REGISTRY}/replications/delete",),
        after="room-again",
        foreign=_registry_of_others,
    ),
)

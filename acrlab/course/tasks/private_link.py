"""Chapter 03: a zone with the right name, its link, the record that everyone forgets, and for how long it is cached."""

from __future__ import annotations

from typing import Any

from acrlab import steps
from acrlab.azure.cloud import NETWORK, data_endpoint, label_of
from acrlab.course import reset
from acrlab.course.section import Seen
from acrlab.course.tasks.registry import PURPOSE
from acrlab.course.tasks.task import Task
from acrlab.course.tasks.vm import PULL, RUN, drop_image, pull_on_the_vm, pulled, vm_of_others
from acrlab.lab.azure_errors import find
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours, is_the_learner_s
from acrlab.steps.private_link import find_endpoint, find_zone

DNS = "Microsoft.Network/privateDnsZones"
SHORT_S, LONG_S = 60, 300  # neither is what a step of the lab writes


def create_zone(lab: Lab) -> None:
    """The names in a zone belong to no region, so that its location is `global`; its tags say whose it is."""
    s = lab.settings
    zone = {"location": "global", "tags": {**steps.tags_of(lab), "purpose": "private-link"}}
    lab.dns.private_zones.begin_create_or_update(s.resource_group, s.zone_name, zone).result()


def link_network(lab: Lab) -> None:
    """With registration enabled, Azure would write the name of every VM in that network into the zone."""
    s = lab.settings
    network = lab.network.virtual_networks.get(s.resource_group, s.network_name)
    link = {
        "location": "global",
        "tags": {**steps.tags_of(lab), "purpose": "private-link"},
        "properties": {"virtualNetwork": {"id": network.id}, "registrationEnabled": False},
    }
    links = lab.dns.virtual_network_links
    links.begin_create_or_update(s.resource_group, s.zone_name, s.link_name, link).result()


def write_data_record(lab: Lab) -> None:
    """A record's name is relative to its zone, dots included; its address is that of the endpoint's other member."""
    s = lab.settings
    name = f"{s.registry_name}.{s.location}.data"
    address = steps.endpoint_addresses(lab)[f"{name}.{s.cloud.registry_suffix}".lower()]
    record = {"ttl": 60, "aRecords": [{"ipv4Address": address}], "metadata": steps.tags_of(lab)}
    sets = lab.dns.record_sets
    sets.create_or_update(s.resource_group, s.zone_name, "A", name, {"properties": record})


def keep_data_record_longer(lab: Lab) -> None:
    """Get it, change it, send it back: what is not sent along is lost, here the address and the metadata."""
    s = lab.settings
    names = (s.resource_group, s.zone_name, "A", f"{s.registry_name}.{s.location}.data")
    record = lab.dns.record_sets.get(*names)
    record.properties.ttl = 300
    lab.dns.record_sets.create_or_update(*names, record)


def _missing_tag(lab: Lab, tags: Any, what: str) -> Seen | None:
    """Say which of a thing's two tags is missing; None: both are there."""
    shown = f"{what} has " + (", ".join(f"{k}={v}" for k, v in sorted((tags or {}).items())) or "no tags")
    if not is_ours(lab, tags):
        return Seen(False, shown, "without the tag acrlab, the clean-up takes it for someone else's", "add that tag")
    if (tags or {}).get("purpose") != PURPOSE:
        return Seen(False, shown, "the tag purpose was not sent, or has another value", "add that tag")
    return None


def _zone_made(lab: Lab) -> Seen:
    if not lab.resources.resource_groups.check_existence(lab.settings.resource_group):
        return Seen(False, "no group", "the lab is not there", "run the chapter from the top")
    if (zone := find_zone(lab)) is None:
        others = [str(one.name) for one in lab.dns.private_zones.list_by_resource_group(lab.settings.resource_group)]
        shown = f"the zones of {lab.settings.resource_group} are {', '.join(sorted(others)) or 'none'}"
        cause = "Azure accepts any name, and the registry's alias leads into one of them only"
        return Seen(False, shown, cause, "look where the registry's alias will lead: the text above says it")
    return _missing_tag(lab, zone.tags, zone.name) or Seen(True, f"{zone.name}, with its tags")


def _here(lab: Lab, link: Any) -> bool:
    """Whether a link goes to the VM's network."""
    return str(link.properties.virtual_network.id).lower() == lab.id_of(NETWORK, lab.settings.network_name).lower()


def _linked(lab: Lab) -> Seen:
    s = lab.settings
    if find_zone(lab) is None:
        return Seen(False, f"no zone {lab.settings.zone_name}", "the zone comes first", "create the zone")
    links = list(lab.dns.virtual_network_links.list(s.resource_group, lab.settings.zone_name))
    here = [one for one in links if _here(lab, one)]
    if not here:
        shown = f"the zone is linked to {', '.join(sorted(str(one.name) for one in links)) or 'no network'}"
        return Seen(False, shown, "the link was not sent, or goes to another network", "link it to the VM's network")
    (link,) = here
    shown = f"{s.network_name} is linked by {link.name}"
    if link.name.lower() != s.link_name.lower():
        cause = "a link keeps its name, and a network is linked to a zone once"
        return Seen(False, shown, cause, "delete the link, and create it again with the name in the task")
    if link.properties.registration_enabled:
        cause = "registration is enabled, and Azure writes the names of VMs into the zone"
        return Seen(False, shown, cause, "send the link once more with registration disabled")
    return _missing_tag(lab, link.tags, link.name) or Seen(True, f"{shown}, without registration")


def _label(lab: Lab) -> str:
    return label_of(data_endpoint(lab.login_server, lab.settings.location))


def _data_record(lab: Lab) -> Any:
    if find_zone(lab) is None:
        return None
    names = (lab.settings.resource_group, lab.settings.zone_name, "A", _label(lab))
    return find(lambda: lab.dns.record_sets.get(*names))


def _data_record_written(lab: Lab, *wanted: int) -> Seen:
    s, record = lab.settings, _data_record(lab)
    if find_endpoint(lab) is None:
        return Seen(False, f"no endpoint {s.endpoint_name}", "the chapter was not run", "run the chapter from its top")
    if record is None:
        shown = f"no record {_label(lab)} in {lab.settings.zone_name}"
        return Seen(False, shown, "nothing was written, or it has another name", "its name in the zone has two dots")
    seen = [one.ipv4_address for one in record.properties.a_records or []]
    shown = f"{record.name} → {', '.join(seen) or 'no address'}, cached for {record.properties.ttl} s"
    if seen != [steps.endpoint_addresses(lab)[data_endpoint(lab.login_server, s.location)]]:
        cause = "that is not the address that the endpoint holds for this name"
        return Seen(False, shown, cause, "acrlab.endpoint_addresses(lab) says which is")
    if record.properties.ttl not in wanted:
        return Seen(False, shown, "its time to live is different", f"send the record with a ttl of {wanted[0]}")
    if not is_the_learner_s(lab, record.properties.metadata):
        cause = "without the metadata acrlab the clean-up takes it for someone else's"
        return Seen(False, shown, cause, "send it with that metadata")
    return Seen(True, shown)


def zone_of_others(lab: Lab) -> str | None:
    """Name the zone where the lab did not make it."""
    zone = find_zone(lab)
    return None if zone is None or is_the_learner_s(lab, zone.tags) else lab.settings.zone_name


def link_of_others(lab: Lab) -> str | None:
    """Name a link that others made for the lab's network, or under the name of the lab's."""
    s = lab.settings
    links = list(lab.dns.virtual_network_links.list(s.resource_group, lab.settings.zone_name)) if find_zone(lab) else []
    theirs = [
        one.name
        for one in links
        if not is_the_learner_s(lab, one.tags) and (_here(lab, one) or one.name == s.link_name)
    ]
    return f"the link {theirs[0]}" if theirs else None


def _record_of_others(lab: Lab) -> str | None:
    record = _data_record(lab)
    theirs = record is not None and not is_the_learner_s(lab, record.properties.metadata)
    return f"the record {record.name}" if theirs else None


def _take_data_record(lab: Lab) -> None:
    lab.dns.record_sets.delete(lab.settings.resource_group, lab.settings.zone_name, "A", _label(lab))


TAGS = "--tags acrlab={registry_name} purpose=private-link"
RECORD = """--name {registry_name}.{location}.data \\
    --zone-name {zone_name} --resource-group {resource_group}"""

TASKS = (
    Task(
        name="own-zone",
        chapter="03",
        goal="Create the private DNS zone in the lab's group, with the tags of the lab and `purpose=private-link`.",
        expected="a zone {zone_name} with the tags acrlab and purpose",
        look=_zone_made,
        hints=(
            "Its name is what the registry's alias ends in, without the registry's own name.",
            "`lab.dns.private_zones` has `begin_create_or_update(group, zone, body)`; the location is `global`.",
        ),
        solution=create_zone,
        az="az network private-dns zone create --resource-group {resource_group} --name {zone_name} \\\n"
        f"    {TAGS}",
        rights=(f"{DNS}/write",),
        undo=reset.zone,
        undone="the zone {zone_name} with its links and records",
        foreign=zone_of_others,
    ),
    Task(
        name="own-link",
        chapter="03",
        goal="Link the zone to the VM's network, without registration and with the same two tags.",
        expected="a link {link_name} from {zone_name} to {network_name}, registration disabled",
        look=_linked,
        hints=(
            "A link is a resource below its zone; its body has a location, tags, and properties.",
            (
                "`lab.dns.virtual_network_links` has `begin_create_or_update(group, zone, link, body)`; the properties "
                "are `virtualNetwork`, which has an `id`, and `registrationEnabled`."
            ),
        ),
        solution=link_network,
        az="az network private-dns link vnet create --resource-group {resource_group} \\\n"
        "    --zone-name {zone_name} --name {link_name} --virtual-network {network_name} \\\n"
        f"    --registration-enabled false {TAGS}",
        rights=(f"{DNS}/virtualNetworkLinks/write",),
        undo=reset.link,
        undone="every link of {zone_name}",
        foreign=link_of_others,
    ),
    Task(
        name="data-record",
        chapter="03",
        goal="Write the record of the data endpoint, with a time to live of 60 seconds.",
        expected="a record {registry_name}.{location}.data with the endpoint's address for it, and a ttl of 60",
        look=lambda lab: _data_record_written(lab, SHORT_S, LONG_S),  # which the next task makes of it
        hints=(
            "It is the call that wrote the registry's record, with another name and the other address.",
            (
                "`lab.dns.record_sets.create_or_update(group, zone, 'A', name, body)`; the body's properties are "
                "`ttl`, `aRecords` and `metadata`, and the name ends in `.data`."
            ),
        ),
        solution=write_data_record,
        az="""\
networkInterfaceID=$(az network private-endpoint show --name {endpoint_name} --resource-group {resource_group} \\
    --query 'networkInterfaces[0].id' --output tsv)
dataEndpointPrivateIP=$(az network nic show --ids $networkInterfaceID --output tsv \\
    --query "ipConfigurations[?privateLinkConnectionProperties.requiredMemberName=='registry_data_{location}']\
.privateIPAddress")
"""
        f"az network private-dns record-set a create --ttl 60 --metadata acrlab={{registry_name}} \\\n    {RECORD}\n"
        "az network private-dns record-set a add-record --ipv4-address $dataEndpointPrivateIP \\\n"
        f"    --record-set-{RECORD.removeprefix('--')}",
        rights=(f"{DNS}/A/write",),
        undo=_take_data_record,
        undone="the record {registry_name}.{location}.data",
        foreign=_record_of_others,
    ),
    Task(
        name="private-pull",
        chapter="03",
        goal="Have the VM pull the image again, now that both names lead inside.",
        expected="docker on {vm_name} has {login_server}/{image}",
        look=pulled,
        hints=(
            "You did this in chapter 02: the VM signs in twice, and pulls.",
            "`az login --identity`, `az acr login` and `docker pull`, in one `run_on_vm`.",
        ),
        solution=pull_on_the_vm,
        az=PULL,
        rights=(RUN,),
        undo=drop_image,
        undone="the registry's image on {vm_name}",
        after="data-record",
        foreign=vm_of_others,
    ),
    Task(
        name="longer-ttl",
        chapter="03",
        goal="The record is proven: let resolvers cache it for 300 seconds, and change nothing else in it.",
        expected="a record {registry_name}.{location}.data with the same address, and a ttl of 300",
        look=lambda lab: _data_record_written(lab, LONG_S),
        hints=(
            "Every change in Azure follows the same pattern: get what is there, change it, send it back.",
            "`lab.dns.record_sets` has `get` and `create_or_update`; what is changed is `record.properties.ttl`.",
        ),
        solution=keep_data_record_longer,
        az=f"az network private-dns record-set a update {RECORD} --set ttl=300",
        rights=(f"{DNS}/A/write",),
        after="data-record",
        foreign=_record_of_others,
    ),
)

"""What goes wrong with the regions of a registry, on stages that have several, or are meant to."""

from __future__ import annotations

from acrlab.azure.cloud import ENDPOINT, ZONE, data_endpoint, label_of, regional_endpoint
from acrlab.course.section import Diagnosis, Fault, Stage
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours, require_own
from acrlab.steps.beyond import replicas
from acrlab.steps.private_link import (
    endpoint_addresses,
    endpoint_body,
    ensure_records,
    find_endpoint,
    metadata_of,
    put_endpoint,
    remove_endpoint,
)

# -- stages ------------------------------------------------------------------------------------------------------------


def add_a_region(lab: Lab) -> None:
    replicas.ensure_replica(lab, replicas.other_regions(lab)[0])


def turn_regional_endpoints_on(lab: Lab) -> None:
    replicas.ensure_regional_endpoints(lab)


def back_to_one_region(lab: Lab) -> None:
    """Take the regions back, and the records of names that the endpoint no longer has."""
    replicas.remove_zone_group(lab)
    replicas.take_back(lab)
    forget_old_records(lab)


def forget_old_records(lab: Lab) -> None:
    s = lab.settings
    if find_endpoint(lab) is None:
        return
    kept = {label_of(host) for host in endpoint_addresses(lab)}
    with asking("Deleting records", lab.id_of(ZONE, s.zone_name)):
        for one in list(lab.dns.record_sets.list_by_type(s.resource_group, s.zone_name, "A")):
            name = str(one.name)
            if (
                name.startswith(f"{label_of(lab.login_server)}.")
                and name not in kept
                and is_ours(lab, metadata_of(one))
            ):
                lab.dns.record_sets.delete(s.resource_group, s.zone_name, "A", name)


def choose_addresses(lab: Lab) -> None:
    """Make the lab's endpoint again with the addresses that it has now, as its maker's own choice."""
    s, found = lab.settings, find_endpoint(lab)
    if found is None or found.ip_configurations:
        return
    held = endpoint_addresses(lab)
    id, subnet = lab.id_of(ENDPOINT, s.endpoint_name), str(found.subnet.id if found.subnet else "")
    members = ("registry", f"registry_data_{s.location}")
    body = endpoint_body(lab, subnet, s.connection_name)
    body["properties"]["ipConfigurations"] = [
        {"name": member, "properties": {"groupId": "registry", "memberName": member, "privateIPAddress": address}}
        for member, address in zip(members, held.values(), strict=True)
    ]
    remove_endpoint(lab, id)
    put_endpoint(lab, s.resource_group, s.endpoint_name, body)


def let_azure_choose(lab: Lab) -> None:
    """Let the lab's endpoint have whatever addresses Azure gives it, and write them into the zone."""
    found = find_endpoint(lab)
    if found is not None and found.ip_configurations:
        replicas.release_addresses(lab, lab.id_of(ENDPOINT, lab.settings.endpoint_name))
    if found is not None:
        ensure_records(lab)


REGIONS = Stage(
    name="two-regions",
    build=(add_a_region, turn_regional_endpoints_on, ensure_records),
    clear=(back_to_one_region,),
    where="the lab's VM; the registry serves from two regions, each with a login server of its own",
    chapter="13",
)
CHOSEN = Stage(
    name="chosen-addresses",
    build=(choose_addresses,),
    clear=(back_to_one_region, let_azure_choose),
    where="the lab's VM; the addresses of its endpoint were chosen when it was made",
    chapter="13",
)


# -- planting, and what the author does --------------------------------------------------------------------------------


def lose_the_new_region_s_layers(lab: Lab) -> None:
    _lose(lab, data_endpoint(lab.login_server, replicas.other_regions(lab)[0]))


def lose_the_login_server_of_the_home_region(lab: Lab) -> None:
    _lose(lab, regional_endpoint(lab.login_server, lab.settings.location))


def _lose(lab: Lab, host: str) -> None:
    s = lab.settings
    require_own(lab, lab.id_of(ZONE, s.zone_name))
    with asking("Deleting a record", lab.id_of(ZONE, s.zone_name)):
        lab.dns.record_sets.delete(s.resource_group, s.zone_name, "A", label_of(host))


def try_to_add_a_region(lab: Lab) -> None:
    """Replicate, and take the refusal for what it is: the replica stays, failed."""
    region = replicas.other_regions(lab)[0]
    try:
        replicas.ensure_replica(lab, region)
    except RefusedError:
        if replicas.find_replica(lab, region) is None:
            raise


FAULTS = (
    Fault(
        name="the-empty-branch",
        code="data-record-missing",
        symptom="Since the second office is open, some pulls stop in the middle: dial tcp: lookup … no such host.",
        hints=(
            "Signing in works every time. What is fetched from another host, and from which?",
            "The registry serves from two regions. Ask the VM for the name of each.",
            "Compare the names on the endpoint's interface with the zone, one by one.",
        ),
        plant=(lose_the_new_region_s_layers,),
        fix="Write the record of the new region's data endpoint.",
        solution=(ensure_records,),
        story="A replica was added and the endpoint got its address, but the zone is maintained by hand.",
        stage=REGIONS,
    ),
    Fault(
        name="the-unlisted-number",
        code="regional-record-missing",
        symptom="Our pipeline pulls from the login server of its own region: no such host. The usual name works.",
        hints=(
            "Two login servers, and the VM can't find one of them. Does the registry have both?",
            "az acr show-endpoints lists what the registry answers on; the VM needs a private address for each.",
            "Look for names with .geo among the endpoint's addresses, and in the zone.",
        ),
        plant=(lose_the_login_server_of_the_home_region,),
        fix="Write the record of the region's own login server.",
        solution=(ensure_records,),
        story="Regional endpoints were turned on for one team, and no one told the team that writes the records.",
        stage=REGIONS,
    ),
    Fault(
        name="no-seat-at-the-table",
        code="replica-failed",
        symptom="The new region does not come up. It says Failed, and everything else works as before.",
        hints=(
            "What does a new region need from the network, though nothing there was changed?",
            "It needs one more address in the endpoint. Who decides which addresses that has?",
            "az network private-endpoint show --query ipConfigurations.",
        ),
        plant=(try_to_add_a_region,),
        fix="Let Azure choose the endpoint's addresses, add the region again, and write the records.",
        solution=(let_azure_choose, add_a_region, ensure_records),
        story="The endpoint was created with fixed addresses, for a firewall that lists them.",
        stage=CHOSEN,
    ),
)

DIAGNOSES = (
    Diagnosis(
        "regional-record-missing",
        "The zone has no record for the login server of a region.",
        "the registry's own name would work, but a name with .geo, which the endpoint has an address for, would not",
        "no such name",
        (REGIONS.name,),
    ),
    Diagnosis(
        "replica-failed",
        "A replica could not get an address from an endpoint, and was never finished.",
        "az acr replication list would show one that is Failed, and clients would see no error",
        "silence",
        (CHOSEN.name,),
    ),
)

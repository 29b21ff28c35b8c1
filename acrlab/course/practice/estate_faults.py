"""Faults of an estate, where networks, endpoints and registries share what was meant for one."""

from __future__ import annotations

from acrlab.azure.cloud import ENDPOINT, NETWORK, ZONE, ZONE_LINK, label_of
from acrlab.course.practice import plant
from acrlab.course.section import Fault
from acrlab.doctor.az import group_for_zone
from acrlab.doctor.remedies import fall_back, give_own_zone, link_zone, remove_endpoint, write_records_by_group
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own
from acrlab.steps.private_link import endpoint_addresses, endpoint_body, put_endpoint

TWIN, STRANGERS_LINK = "myTwinEndpoint", "strangersLink"


def share_the_zone(lab: Lab) -> None:
    """Let an endpoint of another network write its records into the lab's zone, over those of the lab's own."""
    zone = lab.id_of(ZONE, lab.settings.zone_name)
    require_own(lab, zone)
    network = plant.network_elsewhere(lab)
    link_zone(lab, zone, network, STRANGERS_LINK)
    write_records_by_group(lab, _own(lab), zone, "default")
    write_records_by_group(lab, _endpoint_elsewhere(lab, network), zone, "default")


def take_an_own_zone(lab: Lab) -> None:
    """Read a zone of one's own, with the addresses of one's own endpoint; the shared one is left as it is."""
    network = lab.id_of(NETWORK, lab.settings.network_name)
    zone = lab.id_of(ZONE, lab.settings.zone_name, group=group_for_zone(network))
    links = lab.dns.virtual_network_links.list(lab.settings.resource_group, lab.settings.zone_name)
    own = next((str(li.id) for li in links if plant.network_of(li).lower() == network.lower()), "")
    give_own_zone(lab, zone, network, own, {label_of(h): a for h, a in endpoint_addresses(lab).items()})


def delete_the_twin(lab: Lab) -> None:
    """Let a second endpoint of the same network write the same records, and delete it: they go with it."""
    s, zone = lab.settings, lab.id_of(ZONE, lab.settings.zone_name)
    require_own(lab, zone)
    write_records_by_group(lab, _own(lab), zone, "default")
    subnet = lab.id_of("Microsoft.Network/virtualNetworks/subnets", s.network_name, s.subnet_name)
    put_endpoint(lab, s.resource_group, TWIN, endpoint_body(lab, subnet, TWIN))
    twin = lab.id_of(ENDPOINT, TWIN)
    write_records_by_group(lab, twin, zone, "default")
    remove_endpoint(lab, twin)


def write_again(lab: Lab) -> None:
    """Replace the zone group of the endpoint, which then writes its records."""
    write_records_by_group(lab, _own(lab), lab.id_of(ZONE, lab.settings.zone_name), "default")


def leave_the_endpoint_to_others(lab: Lab) -> None:
    """Give an open registry an endpoint in another network alone, and leave the VM's network its empty zone."""
    network = plant.network_elsewhere(lab)
    plant.delete_all_records(lab)
    plant.remove_own_endpoint(lab)
    _endpoint_elsewhere(lab, network)


def ask_the_internet(lab: Lab) -> None:
    """Enable fallback to internet on the zone's link."""
    fall_back(lab, lab.id_of(ZONE_LINK, lab.settings.zone_name, lab.settings.link_name))


def _own(lab: Lab) -> str:
    return lab.id_of(ENDPOINT, lab.settings.endpoint_name)


def _endpoint_elsewhere(lab: Lab, network: str) -> str:
    body = endpoint_body(lab, f"{network}/subnets/{plant.SUBNET_ELSEWHERE}", "strangersConnection")
    put_endpoint(lab, lab.settings.resource_group, plant.STRANGER, body)
    return lab.id_of(ENDPOINT, plant.STRANGER)


ESTATE_FAULTS = (
    Fault(
        name="two-keys-one-hook",
        code="zone-shared",
        symptom="Since the second region got its endpoint, pulls here time out. There, everything is fine.",
        hints=(
            "The names still lead to private addresses. Whose are they?",
            "A zone has one record set for a name. How many endpoints write it?",
            "Compare the records with the addresses of every endpoint of the registry, and read the zone's links.",
        ),
        plant=(share_the_zone,),
        fix="Give the VM's network its own zone; leave the shared one to the other network.",
        solution=(take_an_own_zone,),
        story="The second region reused the first region's zone, and its zone group overwrote the records.",
    ),
    Fault(
        name="the-spare-that-mattered",
        code="zone-group-empty",
        symptom="I deleted an endpoint that nothing used. Now the registry's name does not exist on the VM.",
        hints=(
            "What does Azure delete together with an endpoint?",
            "The zone group of the remaining endpoint says Succeeded. Which records does it list?",
            "Both endpoints wrote the same names into the same zone.",
        ),
        plant=(delete_the_twin,),
        fix="Recreate the zone group of the remaining endpoint: then it writes its records.",
        solution=(write_again,),
        story="Two teams each created an endpoint in one network, and one of them tidied up.",
    ),
    Fault(
        name="open-to-all-but-us",
        code="public-name-hidden",
        symptom="The registry is open, my laptop pulls from it, but on the VM its name does not exist.",
        hints=(
            "An open registry needs no private endpoint. Where does its name lead nevertheless?",
            "dig shows an alias into privatelink. Who answers for that on the VM?",
            "Your zone answers for other people's registries, too, unless its link falls back to the internet.",
        ),
        plant=(leave_the_endpoint_to_others,),
        fix="Enable fallback to internet on the zone's link.",
        solution=(ask_the_internet,),
        story="The registry's owner created an endpoint for another network: since then the name is an alias for all.",
    ),
)

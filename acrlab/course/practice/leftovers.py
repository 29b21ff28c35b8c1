"""What earlier tickets left behind, by their planting or by their fix: deleted before the next fault is planted."""

from __future__ import annotations

from acrlab.azure.cloud import ENDPOINT, ZONE
from acrlab.course.practice.estate_faults import STRANGERS_LINK
from acrlab.course.practice.plant import STRANGER, delete_rule, remove_zone_group
from acrlab.doctor.facts import FALLBACK
from acrlab.doctor.remedies import remove_endpoint, set_resolution_policy, unlink_zone
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.lab import Lab
from acrlab.lab.memory import forget_group, other_groups
from acrlab.lab.ownership import is_the_learner_s
from acrlab.steps.clean_up import delete_group

RULES = ("NoHttps", "AllowRegistry")  # what practice plants, and what its fix adds


def clear(lab: Lab) -> None:
    """Delete what would make the next fault look like two: rules, a zone group, an endpoint in another network."""
    _clear_rules(lab)
    _clear_links(lab)
    remove_zone_group(lab)  # it would delete the records with the endpoint
    s = lab.settings
    with asking("Looking for an endpoint of an earlier ticket", lab.group_id()):
        stranger = find(lambda: lab.network.private_endpoints.get(s.resource_group, STRANGER))
    if stranger is not None:
        remove_endpoint(lab, lab.id_of(ENDPOINT, STRANGER))


def _clear_rules(lab: Lab) -> None:
    """Delete outbound rules, of which the lab itself makes none; on a real subscription only those of practice."""
    group = f"{lab.settings.vm_name}NSG"
    with asking("Listing the security group's rules", group):
        rules = list(lab.network.security_rules.list(lab.settings.resource_group, group))
    for rule in rules:
        if rule.direction == "Outbound" and (rule.name in RULES or is_the_learner_s(lab, None)):
            delete_rule(lab, str(rule.name))


def clear_zones(lab: Lab) -> None:
    """Delete the zone that the network got for itself, which keeps it from reading the lab's."""
    for group in other_groups(lab):
        delete_group(lab, group)
        forget_group(lab, group)


def _clear_links(lab: Lab) -> None:
    """Delete the link of another network, and let none fall back to the internet."""
    s, links = lab.settings, lab.dns.virtual_network_links
    with asking("Listing the zone's links", lab.id_of(ZONE, s.zone_name)):
        found = list(links.list(s.resource_group, s.zone_name))
    for link in found:
        if link.name == STRANGERS_LINK:
            unlink_zone(lab, str(link.id))
        elif link.resolution_policy == FALLBACK:
            set_resolution_policy(lab, str(link.id), "Default")

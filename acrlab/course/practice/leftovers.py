"""What earlier tickets left behind, by their planting or by their fix: deleted before the next fault is planted."""

from __future__ import annotations

from acrlab.azure.cloud import ENDPOINT
from acrlab.course.practice.plant import STRANGER, delete_rule, remove_zone_group
from acrlab.doctor.remedies import remove_endpoint
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_the_learner_s

RULES = ("NoHttps", "AllowRegistry")  # what practice plants, and what its fix adds


def clear(lab: Lab) -> None:
    """Delete what would make the next fault look like two: rules, a zone group, an endpoint in another network."""
    _clear_rules(lab)
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

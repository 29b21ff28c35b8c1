"""On a real subscription nothing that costs is created before a person has said yes, whichever step creates it."""

import pytest

import acrlab
from acrlab.doctor import remedies
from acrlab.lab.confirmation import question
from acrlab.steps.beyond import aks, hub, private_resolver, replicas

WAYS = {
    "group": (acrlab.steps.ensure_group, ()),
    "registry": (acrlab.steps.ensure_registry, ("group",)),
    "network": (acrlab.steps.ensure_network, ("group",)),
    "vm": (acrlab.steps.ensure_vm, ("group",)),
    "zone": (acrlab.steps.ensure_zone, ("group",)),
    "link": (acrlab.steps.ensure_link, ("zone", "network")),
    "endpoint": (acrlab.steps.ensure_endpoint, ("registry", "subnet-policies")),
    "manual endpoint": (acrlab.steps.ensure_manual_endpoint, ("registry", "subnet-policies")),
    "portal": (acrlab.steps.ensure_portal_endpoint, ("registry",)),
    "start": (remedies.start_vm, ("vm",)),
    "premium": (remedies.make_premium, ("registry",)),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_spend_asks_first(lab, world, way):
    spend, before = WAYS[way]
    if before:
        acrlab.bring_to(lab, *before)
    lab.settings = lab.settings.model_copy(update={"backend": "azure", "subscription": lab.subscription})
    there = world.dump()

    with pytest.raises(acrlab.ConfigurationError, match="no one has confirmed that"):
        spend(lab)

    assert world.dump() == there


BEYOND = {
    "a replica": ("13", lambda lab: replicas.ensure_replica(lab, "eastus"), ("registry",)),
    "a spoke's VM": ("14", lambda lab: hub.ensure_client(hub.spoke(lab)), ("registry", "network")),
    "a resolver": ("14", private_resolver.ensure_resolver, ("network",)),
    "nodes": ("16", aks.ensure_cluster, ("registry", "network")),
}


@pytest.mark.parametrize("dear", BEYOND)
def test_what_was_confirmed_for_the_article_is_not_enough_for_a_chapter_beyond_it(lab, world, dear):
    chapter, spend, before = BEYOND[dear]
    acrlab.bring_to(lab, *before)
    paying = {"backend": "azure", "subscription": lab.subscription, "confirm_cost": 0.33}
    lab.settings = lab.settings.model_copy(update=paying)
    there = world.dump()

    with pytest.raises(acrlab.ConfigurationError, match=f"of it for chapter {chapter}: only 0.33 were confirmed"):
        spend(lab)

    assert world.dump() == there


def test_a_run_of_several_names_each_chapter_that_costs_more(lab):
    lab.settings = lab.settings.model_copy(update={"backend": "azure", "subscription": lab.subscription})

    assert question(lab, chapters=["13", "03", "16"]).endswith("in 2.25 hours, 0.19 of it for chapters 13, 16?")
    assert question(lab, chapters=["03"]).endswith("for about 0.33 US dollars in 2.25 hours?")

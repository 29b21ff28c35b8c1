"""On a real subscription nothing that costs is created before a person has said yes, whichever step creates it."""

import pytest

import acrlab
from acrlab.doctor import remedies

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

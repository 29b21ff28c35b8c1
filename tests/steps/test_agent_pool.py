"""An agent pool in the lab's network: a build from there comes by the private endpoint, where the region has pools."""

import pytest

import acrlab
from acrlab.errors import RefusedError
from acrlab.steps.beyond import agent_pool, closed


@pytest.fixture
def shut(lab):
    """Give a lab in a region, closed to the internet, with a private endpoint."""

    def of(region):
        lab.settings = lab.settings.model_copy(update={"location": region})
        acrlab.bring_to(lab, "sample-image", "records")
        acrlab.steps.set_public_access(lab, "Disabled")
        return lab

    return of


def file(lab):
    return f"FROM {lab.login_server}/hello-world:v1\nLABEL team=blue\n"


def pools(lab):
    return lab.arm.get_all(f"{lab.registry_id}/agentPools", "2025-03-01-preview")


def test_a_build_in_the_pool_is_let_in_while_the_door_is_shut_and_no_pool_stays(shut):
    lab = shut("eastus")
    assert closed.build(lab, "app:v1", file(lab)).status == "Failed"

    run = closed.build_in_pool(lab, "app:v1", file(lab))

    assert run.status == "Succeeded"
    assert pools(lab) == []


def test_where_a_region_has_no_pools_none_is_asked_for(shut, world):
    lab = shut("westus")
    there = world.dump()

    assert closed.build_in_pool(lab, "app:v1", file(lab)) is None

    assert world.dump() == there


def test_the_regions_are_those_of_the_provider(lab):
    regions = closed.pool_regions(lab)

    assert {"eastus", "westeurope", "westus2"} <= set(regions)
    assert "westus" not in regions
    assert all(region == region.lower() and " " not in region for region in regions)


def test_without_its_record_a_pool_does_not_find_the_registry_and_goes_all_the_same(shut):
    lab = shut("eastus")
    acrlab.reset(lab, "zone-link")

    assert closed.build_in_pool(lab, "app:v1", file(lab)).status == "Failed"

    assert pools(lab) == []


def test_a_pool_of_someone_else_stays_and_is_not_built_in(shut):
    lab = shut("eastus")
    body = {"location": "eastus", "properties": {"tier": "S1"}}
    lab.arm.put(f"{lab.registry_id}/agentPools/{agent_pool.NAME}", "2025-03-01-preview", body, "Theirs")
    lab.settings = lab.settings.model_copy(update={"backend": "azure", "confirm_cost": 5.0})

    with pytest.raises(RefusedError, match="does not carry the lab's tag"):
        closed.build_in_pool(lab, "app:v1", file(lab))

    assert len(pools(lab)) == 1


def test_what_an_interrupted_visit_left_goes(shut):
    lab = shut("eastus")
    agent_pool._ensure_pool(lab)

    closed.take_back(lab)

    assert pools(lab) == []
    assert not agent_pool.remove_pool(lab)


def test_it_is_confirmed_before_it_is_made(shut):
    lab = shut("eastus")
    paying = {"backend": "azure", "subscription": lab.subscription, "confirm_cost": 0.33}
    lab.settings = lab.settings.model_copy(update=paying)

    with pytest.raises(acrlab.ConfigurationError, match=r"of it for chapter 15: only 0\.33 were confirmed"):
        closed.build_in_pool(lab, "app:v1", file(lab))

    assert pools(lab) == []

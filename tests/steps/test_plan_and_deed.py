"""Between the plan that a person saw and the deletion the world goes on: what is new or changed hands then stays."""

import pytest

import acrlab
from acrlab.steps import carry_out, plan_clean_up

GROUP = "myResourceGroup"


def network(lab, name, tags=None):
    space = {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}
    body = {"location": "westus", "tags": tags or {}, "properties": space}
    lab.network.virtual_networks.begin_create_or_update(GROUP, name, body).result()


def names(lab):
    return sorted(r.name for r in lab.resources.resources.list_by_resource_group(GROUP))


@pytest.fixture
def planned(lab):
    acrlab.bring_to(lab, "zone", "registry")
    plan = plan_clean_up(lab)
    assert plan.groups == (GROUP,)
    return plan


def test_what_somebody_put_into_the_group_after_the_plan_stays_and_is_named(lab, planned):
    network(lab, "theirs")

    (refusal,) = carry_out(lab, planned).values()

    assert names(lab) == ["theirs"]
    assert "myResourceGroup is not deleted as a whole: theirs came or changed after the plan was shown" in str(refusal)


def test_what_the_lab_itself_made_after_the_plan_stays_too(lab, planned):
    acrlab.steps.ensure_network(lab)

    carry_out(lab, planned)

    assert names(lab) == ["myDockerVMVNET"]


def test_what_somebody_took_over_after_the_plan_stays(lab, planned):
    lab.registry.registries.begin_update(GROUP, "contoso42", {"tags": {"team": "theirs"}}).result()

    (refusal,) = carry_out(lab, planned).values()

    assert names(lab) == ["contoso42"]
    assert "contoso42 came or changed after the plan was shown" in str(refusal)


def test_what_was_taken_over_in_a_shared_group_stays(lab):
    lab.resources.resource_groups.create_or_update(GROUP, {"location": "westus"})
    acrlab.bring_to(lab, "zone", "registry")
    plan = plan_clean_up(lab)
    lab.registry.registries.begin_update(GROUP, "contoso42", {"tags": {"team": "theirs"}}).result()

    carry_out(lab, plan)

    assert names(lab) == ["contoso42"]


def test_a_group_that_changed_hands_stays(lab, planned):
    lab.resources.resource_groups.create_or_update(GROUP, {"location": "westus", "tags": {"team": "theirs"}})

    carry_out(lab, planned)

    assert lab.resources.resource_groups.check_existence(GROUP)
    assert names(lab) == []


def test_a_plan_that_still_holds_takes_the_group_as_a_whole(lab, planned):
    assert carry_out(lab, planned) == {}
    assert not lab.resources.resource_groups.check_existence(GROUP)

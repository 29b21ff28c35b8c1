"""A group that a class made for its learner: theirs to use, and what the lab put into it goes; the group stays."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.azure.arm_id import ArmId
from acrlab.errors import RefusedError

GROUP, ROLE_ASSIGNMENT = "myResourceGroup", "Microsoft.Authorization/roleAssignments"
OF_THE_CLASS = {"class": "acrlab", "acrlab-owner": "ada"}


@pytest.fixture
def hers(lab):
    """Ada's lab on a real subscription, in a group that the class made for her."""
    lab.resources.resource_groups.create_or_update(GROUP, {"location": "westus", "tags": OF_THE_CLASS})
    given = {"backend": "azure", "subscription": lab.subscription, "confirm_cost": 1, "owner": "ada"}
    lab.settings = lab.settings.model_copy(update=given)
    return lab


def tag_anew(lab, tags):
    lab.resources.resource_groups.update(GROUP, {"tags": tags})


def rights(world):
    scope = f"/subscriptions/{world.setting('subscription')}/resourceGroups/{GROUP}"
    found = world.of_type(ROLE_ASSIGNMENT)
    return [one for one in found if one.id.scope.lower() == scope.lower()]


def test_its_learner_s_tasks_are_solved_in_it(hers):
    assert acrlab.solve(hers, "group-tag").done

    tags = hers.resources.resource_groups.get(GROUP).tags
    assert tags == OF_THE_CLASS | {"purpose": "private-link"}


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"class": "acrlab"},
        {"acrlab-owner": "bob"},
        {"acrlab-owner": "Ada"},
        {"acrlab-owner": "ada", "acrlab": "fabrikam"},
    ],
    ids=["no tags", "no owner", "a neighbour's", "spelled otherwise", "of another lab"],
)
def test_a_group_that_is_not_for_them_is_left_as_it_is(hers, tags):
    tag_anew(hers, tags)

    with pytest.raises(RefusedError) as refused:
        acrlab.solve(hers, "group-tag")

    assert refused.value.code == "NotOurs"
    assert (hers.resources.resource_groups.get(GROUP).tags or {}) == tags


def test_without_a_name_in_the_settings_no_group_is_held_for_anybody(hers):
    hers.settings = hers.settings.model_copy(update={"owner": ""})
    tag_anew(hers, {"acrlab-owner": ""})

    with pytest.raises(RefusedError):
        acrlab.solve(hers, "group-tag")


def test_what_the_vm_may_do_in_it_goes_with_the_vm(hers, world):
    acrlab.bring_to(hers, "pull-right")
    acrlab.solve(hers, "reader-role")
    (hers_to_read,) = rights(world)
    of_a_colleague = {"properties": hers_to_read.properties | {"principalId": "11111111-2222-4333-8444-555555555555"}}
    kept = f"{hers.group_id()}/providers/{ROLE_ASSIGNMENT}/22222222-2222-4333-8444-555555555555"
    world.put(world.new(ArmId.parse(kept), of_a_colleague))

    plan = acrlab.delete_lab(hers)

    assert ("Reader", "roleAssignments") in {(one.name, one.kind) for one in plan.resources}
    assert [str(one.id) for one in rights(world)] == [kept]
    assert hers.resources.resource_groups.get(GROUP).tags == OF_THE_CLASS
    assert list(hers.resources.resources.list_by_resource_group(GROUP)) == []

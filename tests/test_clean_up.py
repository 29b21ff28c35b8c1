"""Clean-up shows first, deletes only what is its own, and proves that nothing is left."""

import pytest

import acrlab


def test_the_plan_names_everything_and_deletes_nothing(lab, world):
    acrlab.bring_to(lab, "records")
    before = world.dump()

    plan = acrlab.plan_clean_up(lab)

    assert {"contoso42", "myDockerVM", "myDockerVMVNET", "privatelink.azurecr.io"} <= {i.name for i in plan.resources}
    assert world.dump() == before


def test_after_a_clean_up_nothing_is_left(lab, world):
    acrlab.bring_to(lab, "pull-right", "records")

    acrlab.delete_lab(lab)

    assert acrlab.prove_absence(lab) == ()
    assert world.count() == 0
    assert acrlab.name_is_available(lab)


def test_a_group_without_the_lab_s_tag_is_not_touched(lab, world):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})

    with pytest.raises(acrlab.ConfigurationError, match="it was not made by this lab and stays"):
        acrlab.delete_lab(lab)

    assert world.count() == 1


def test_cleaning_up_nothing_is_no_error(lab):
    assert acrlab.delete_lab(lab).groups == ()


def test_one_group_that_stays_does_not_keep_the_other(lab):
    acrlab.bring_to(lab, "zone")
    acrlab.ensure_group(lab, "myPortalResourceGroup")
    lock = f"{lab.group_id()}/providers/Microsoft.Authorization/locks/keep"
    body = {"properties": {"level": "CanNotDelete"}}
    lab.resources.resources.begin_create_or_update_by_id(lock, body, api_version="2020-05-01").result()

    with pytest.raises(acrlab.RefusedError, match="ScopeLocked"):
        acrlab.delete_lab(lab)

    assert acrlab.plan_clean_up(lab).groups == ("myResourceGroup",)

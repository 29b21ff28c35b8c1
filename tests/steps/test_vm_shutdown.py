"""The lab's own VM is switched off every day, so that a forgotten one does not go on costing."""

from datetime import UTC, datetime

import pytest

import acrlab
from acrlab.azure.cloud import SCHEDULES_VERSION, shutdown_of
from acrlab.lab.azure_errors import find
from acrlab.lab.ownership import LAB, tags_of

THEIRS = {"team": "theirs"}


def vm(lab):
    return lab.id_of("Microsoft.Compute/virtualMachines", lab.settings.vm_name)


def schedule(lab):
    return find(lambda: lab.resources.resources.get_by_id(shutdown_of(vm(lab)), api_version=SCHEDULES_VERSION))


def power(lab):
    return lab.compute.virtual_machines.instance_view("myResourceGroup", "myDockerVM").statuses[-1].code


def settings(lab, **changed):
    lab.settings = lab.settings.model_copy(update=changed)


def as_on_azure(lab):
    settings(lab, backend="azure", subscription=lab.subscription, confirm_cost=1)


def belongs_to_someone(lab, time):
    """Put a schedule on the VM that is not the lab's."""
    properties = {**schedule(lab).properties, "dailyRecurrence": {"time": time}}
    body = {"location": "westus", "tags": THEIRS, "properties": properties}
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(shutdown_of(vm(lab)), body, api_version=SCHEDULES_VERSION).result()


def test_a_new_vm_gets_the_lab_s_own_schedule(lab):
    acrlab.ensure_group(lab)
    acrlab.ensure_vm(lab)

    found = schedule(lab)
    assert found.tags[LAB] == tags_of(lab)[LAB]
    assert found.properties["status"] == "Enabled"
    assert found.properties["dailyRecurrence"] == {"time": "2100"}
    assert found.properties["targetResourceId"] == vm(lab)


def test_one_whose_making_was_interrupted_gets_it_at_the_next_try(lab):
    acrlab.bring_to(lab, "vm")
    by_id = lab.resources.resources
    by_id.begin_delete_by_id(shutdown_of(vm(lab)), api_version=SCHEDULES_VERSION).result()

    acrlab.ensure_vm(lab)

    assert schedule(lab) is not None


def test_on_a_real_subscription_whoever_follows_the_course_is_not_cut_off(lab):
    as_on_azure(lab)
    settings(lab, shutdown_time="")
    lab.opened = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
    acrlab.ensure_group(lab)
    acrlab.ensure_vm(lab)

    assert schedule(lab).properties["dailyRecurrence"] == {"time": "0630"}


def test_a_setting_chooses_the_time_or_does_without(lab):
    settings(lab, shutdown_time="never")
    acrlab.bring_to(lab, "vm")
    without = schedule(lab)
    settings(lab, shutdown_time="0130")
    acrlab.ensure_vm(lab)

    assert without is None
    assert schedule(lab).properties["dailyRecurrence"] == {"time": "0130"}


@pytest.mark.parametrize("time", ["25:00", "2460", "noon", "9"])
def test_a_time_that_is_none_is_refused_in_one_line(time):
    with pytest.raises(acrlab.ConfigurationError, match="switches the VM off every day, in UTC, such as 1900") as told:
        acrlab.Settings.from_parameters(shutdown_time=time)

    assert "\n" not in str(told.value)


def test_a_schedule_of_someone_else_stays_as_it_is_and_so_does_a_vm_without_one(lab):
    as_on_azure(lab)
    acrlab.ensure_group(lab)
    acrlab.ensure_vm(lab)
    belongs_to_someone(lab, "0300")

    acrlab.ensure_vm(lab)
    acrlab.delete_lab(lab)

    assert schedule(lab).properties["dailyRecurrence"] == {"time": "0300"}
    assert schedule(lab).tags == THEIRS
    assert [one.name for one in lab.resources.resources.list_by_resource_group("myResourceGroup")] == [
        "shutdown-computevm-myDockerVM"
    ]


def test_a_vm_of_someone_else_gets_none(lab, world):
    acrlab.bring_to(lab, "vm")
    by_id = lab.resources.resources
    by_id.begin_delete_by_id(shutdown_of(vm(lab)), api_version=SCHEDULES_VERSION).result()
    lab.compute.virtual_machines.begin_update("myResourceGroup", "myDockerVM", {"tags": THEIRS}).result()

    acrlab.ensure_vm(lab)

    assert schedule(lab) is None


def test_the_clean_up_shows_it_and_takes_it_along_in_a_group_of_others(lab):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus", "tags": THEIRS})
    acrlab.bring_to(lab, "vm")

    plan = acrlab.delete_lab(lab)

    assert ("shutdown-computevm-myDockerVM", "schedules") in {(one.name, one.kind) for one in plan.resources}
    assert schedule(lab) is None
    assert list(lab.resources.resources.list_by_resource_group("myResourceGroup")) == []


def test_a_reset_of_the_vm_takes_it_along(lab):
    acrlab.bring_to(lab, "vm")

    acrlab.reset(lab, "vm")

    assert schedule(lab) is None


def test_a_forgotten_vm_is_off_in_the_evening_and_says_so(lab, world):
    acrlab.bring_to(lab, "vm")
    before = power(lab)
    world.advance_to(12.5 * 3600)

    assert (before, power(lab)) == ("PowerState/running", "PowerState/deallocated")
    with pytest.raises(acrlab.RefusedError, match="start the VM"):
        acrlab.run_on_vm(lab, "true")


def test_the_lab_starts_its_vm_again_and_no_one_else_s(lab, world, actions):
    acrlab.bring_to(lab, "vm")
    world.advance_to(12.5 * 3600)
    actions.clear()

    acrlab.bring_to(lab, "vm")

    assert power(lab) == "PowerState/running"
    assert actions == {"Microsoft.Compute/virtualMachines/start/action"}
    body = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
    body.tags = THEIRS
    lab.compute.virtual_machines.begin_create_or_update("myResourceGroup", "myDockerVM", body).result()
    lab.compute.virtual_machines.begin_deallocate("myResourceGroup", "myDockerVM").result()
    acrlab.bring_to(lab, "vm")
    assert power(lab) == "PowerState/deallocated"

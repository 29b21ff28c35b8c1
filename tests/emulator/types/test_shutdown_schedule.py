"""A VM's daily shutdown: what a schedule says, who may have which, and that the VM is off when its time has come."""

import json
from datetime import timedelta

import pytest

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import Request
from acrlab.emulator.core.registration import register

VERSION = "2018-09-15"
LOWER = "/providers/microsoft.devtestlab/schedules/shutdown-computevm-m"


class Schedules:
    """Asks for the schedule of a VM called m, as `az vm auto-shutdown` does."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g"
        self.vm = f"{self.group}/providers/Microsoft.Compute/virtualMachines/m"

    def body(self, time="2100", **changed):
        properties = {
            "status": "Enabled",
            "taskType": "ComputeVmShutdownTask",
            "dailyRecurrence": {"time": time},
            "timeZoneId": "UTC",
            "targetResourceId": self.vm,
        }
        properties = {k: v for k, v in {**properties, **changed}.items() if v is not None}
        return {"location": "westus", "tags": {"of": "us"}, "properties": properties}

    def ask(self, method, body=None, name="shutdown-computevm-m"):
        path = f"{self.group}/providers/Microsoft.DevTestLab/schedules" + (f"/{name}" if name else "")
        raw = json.dumps(body or {}).encode()
        request = Request(method, "", path, {"api-version": VERSION}, {}, raw, "https://m")
        return self.cloud.opened.azure.manager.handle(request)

    def power(self):
        view = self.cloud.compute.virtual_machines.instance_view("g", "m")
        return view.statuses[-1].code

    def wait_until(self, hour, *, days=0):
        moment = BEGINNING.replace(hour=hour) + timedelta(days=days)
        self.cloud.world.advance_to((moment - BEGINNING).total_seconds())


@pytest.fixture
def schedules(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    return Schedules(cloud)


def test_a_schedule_is_made_read_listed_changed_and_deleted_as_recorded(schedules):
    made = schedules.ask("PUT", schedules.body())
    again = schedules.ask("PUT", schedules.body("0130"))
    read, listed = schedules.ask("GET"), schedules.ask("GET", name="")
    gone, twice = schedules.ask("DELETE"), schedules.ask("DELETE")

    assert (made.status, again.status, read.status) == (201, 201, 200)
    assert (made.body["type"], made.body["id"]) == (
        "microsoft.devtestlab/schedules",
        schedules.group.replace("resourceGroups", "resourcegroups") + LOWER,
    )
    assert made.body["properties"].keys() - schedules.body()["properties"].keys() == {
        "createdDate",
        "provisioningState",
        "uniqueIdentifier",
    }
    assert read.body["properties"]["dailyRecurrence"] == {"time": "0130"}
    assert [one["name"] for one in listed.body["value"]] == ["shutdown-computevm-m"]
    assert (gone.status, gone.body, twice.status) == (200, None, 204)


def test_the_vm_is_off_once_the_time_has_come_and_every_day(schedules):
    schedules.ask("PUT", schedules.body("2100"))
    schedules.wait_until(20)
    before = schedules.power()
    schedules.wait_until(22)
    after = schedules.power()
    schedules.cloud.compute.virtual_machines.begin_start("g", "m").result()
    started = schedules.power()
    schedules.wait_until(22, days=1)

    assert (before, after) == ("PowerState/running", "PowerState/deallocated")
    assert (started, schedules.power()) == ("PowerState/running", "PowerState/deallocated")


def test_a_world_that_no_one_used_in_the_evening_finds_the_vm_as_it_was(schedules):
    schedules.ask("PUT", schedules.body("2100"))
    schedules.wait_until(9, days=30)
    before = schedules.power()
    schedules.wait_until(21, days=30)

    assert (before, schedules.power()) == ("PowerState/running", "PowerState/deallocated")


@pytest.mark.parametrize("change", [{"status": "Disabled"}, None], ids=["disabled", "deleted"])
def test_a_schedule_that_is_off_or_gone_switches_nothing_off(schedules, change):
    schedules.ask("PUT", schedules.body("2100"))
    answer = schedules.ask("PUT", schedules.body("2100", **change)) if change else schedules.ask("DELETE")
    schedules.wait_until(23)

    assert answer.status in (200, 201)
    assert schedules.power() == "PowerState/running"


def test_it_outlives_its_vm_and_is_in_the_group_s_list(schedules):
    schedules.ask("PUT", schedules.body("2100"))
    schedules.cloud.compute.virtual_machines.begin_delete("g", "m").result()
    schedules.wait_until(22)

    listed = schedules.cloud.resources.resources.list_by_resource_group("g")
    assert "microsoft.devtestlab/schedules" in {one.type for one in listed}
    assert schedules.ask("DELETE").status == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"dailyRecurrence": {"time": "25:00"}}, 400, "InvalidRequestContent"),
        ({"dailyRecurrence": {"time": "2460"}}, 400, "InvalidRequestContent"),
        ({"dailyRecurrence": None}, 400, "MissingRequiredProperty"),
        ({"timeZoneId": None}, 400, "MissingRequiredProperty"),
        ({"targetResourceId": None}, 400, "MissingRequiredProperty"),
        ({"taskType": None}, 400, "MissingRequiredProperty"),
        ({"targetResourceId": "nonsense"}, 400, "InvalidScheduleId"),
        ({"timeZoneId": "Pacific Standard Time"}, 501, "NotEmulated"),
        ({"weeklyRecurrence": {"time": "2100", "weekdays": ["Monday"]}}, 501, "NotEmulated"),
    ],
)
def test_what_is_wrong_or_missing_is_refused(schedules, change, status, code):
    answer = schedules.ask("PUT", schedules.body(**change))

    assert (answer.status, answer.body["error"]["code"]) == (status, code)
    assert schedules.ask("GET").status == 404


def test_the_name_the_vm_and_its_region_have_to_fit(schedules):
    other_name = schedules.ask("PUT", schedules.body(), name="shutdown-computevm-other")
    no_vm = schedules.body(targetResourceId=schedules.vm[:-1] + "other")
    missing = schedules.ask("PUT", no_vm, name="shutdown-computevm-other")
    elsewhere = schedules.ask("PUT", {**schedules.body(), "location": "eastus"})

    assert [one.body["error"]["code"] for one in (other_name, missing, elsewhere)] == [
        "InvalidScheduleId",
        "ResourceNotFound",
        "InvalidScheduleId",
    ]


def test_a_subscription_that_may_not_use_the_service_is_refused(schedules):
    register(schedules.cloud.world, "Microsoft.DevTestLab", to="unregistered")

    answer = schedules.ask("PUT", schedules.body())

    assert (answer.status, answer.body["error"]["code"]) == (409, "MissingSubscriptionRegistration")

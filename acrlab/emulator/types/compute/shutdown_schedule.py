"""Microsoft.DevTestLab/schedules: when a VM is switched off every day. Schedules of labs are not modelled.

Source of the answers: azure-cli's recording test_vm_auto_shutdown. Deleting the VM leaves its schedule behind.
"""

from __future__ import annotations

from datetime import timedelta

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import SCHEDULE, VM
from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Region, Tags, Text, Whole, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.compute.vm_power import switch_off

PREFIX = "shutdown-computevm-"
# A clock that leaps further past a time was not running then, as when a world is served again after months.
MISSED_S = 3600
NEXT = "next auto-shutdown"  # value of a world: the virtual second at which a schedule is due; empty: there is none


def is_wholly_said(state: State, schedule: Resource, old: Resource | None) -> None:
    """A schedule of a VM says what, when and in which time zone."""
    for name in ("taskType", "dailyRecurrence", "timeZoneId", "targetResourceId"):
        if name not in schedule.properties:
            shown = name[0].upper() + name[1:]
            raise ArmError(400, "MissingRequiredProperty", f"Missing required property '{shown}'.")
    if schedule.properties["timeZoneId"] != "UTC":
        raise NotEmulated(f"time zone {schedule.properties['timeZoneId']} of a schedule", supported="UTC")


def belongs_to_its_vm(state: State, schedule: Resource, old: Resource | None) -> None:
    """Its name is made from the name of its VM, which is in the same group and there."""
    target = schedule.properties["targetResourceId"]
    try:
        vm = ArmId.parse(target)
    except ValueError:
        raise _invalid(f"The target resource id '{target}' is invalid.") from None
    place = (str(vm.group).lower(), vm.subscription.lower())
    if vm.type.lower() != VM.lower() or place != (str(schedule.id.group).lower(), schedule.id.subscription.lower()):
        raise _invalid(f"The target resource id '{target}' is not a VM of the schedule's resource group.")
    if schedule.id.name.lower() != f"{PREFIX}{vm.name}".lower():
        raise _invalid(f"The name of a schedule that shuts down '{vm.name}' has to be '{PREFIX}{vm.name}'.")
    found = state.find(vm)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The resource '{target}' was not found.")
    if found.location != schedule.location:
        raise _invalid(f"The schedule's location '{schedule.location}' is not the VM's, '{found.location}'.")


def _invalid(message: str) -> ArmError:
    return ArmError(400, "InvalidScheduleId", message)


def plan(state: State, schedule: Resource, old: Resource | None) -> None:
    """Note when it is due, so that the world looks at the clock and not at every schedule."""
    due = due_after(schedule, state.now)
    noted = state.value(NEXT, "")
    if due is not None and (not noted or due < float(noted)):
        state.set_value(NEXT, repr(due))


def due_after(schedule: Resource, now: float) -> float | None:
    """Say in which virtual second after this one it is due; None: it is switched off."""
    if schedule.properties.get("status") != "Enabled":
        return None
    time, moment = schedule.properties["dailyRecurrence"]["time"], BEGINNING + timedelta(seconds=now)
    due = moment.replace(hour=int(time[:2]), minute=int(time[2:]), second=0, microsecond=0)
    if due <= moment:
        due += timedelta(days=1)
    return (due - BEGINNING).total_seconds()


def carry_out(state: State) -> None:
    """Deallocate the VMs whose time has come; called as the clock goes on."""
    noted = state.value(NEXT, "")
    if not noted or float(noted) > state.now:
        return
    following = []
    for schedule in list(state.of_type(SCHEDULE)):
        due = due_after(schedule, float(noted) - 1)
        vm = state.find(schedule.properties["targetResourceId"])
        if due is not None and due <= state.now <= due + MISSED_S and vm is not None:
            switch_off(state, vm)
        if (later := due_after(schedule, state.now)) is not None:
            following.append(later)
    state.set_value(NEXT, repr(min(following)) if following else "")


def _shown_id(state: State, schedule: Resource) -> str:
    return str(schedule.id).replace("/resourceGroups/", "/resourcegroups/").replace(SCHEDULE, SCHEDULE.lower())


SWITCH = choice("Enabled", "Disabled")
NOTIFICATION = Shape(
    {
        "status": Field(SWITCH, default="Disabled"),
        "timeInMinutes": Field(Whole(15, 120)),
        "webhookUrl": Field(Text()),
        "emailRecipient": Field(Text()),
        "notificationLocale": Field(Text()),
    }
)

SHUTDOWN_SCHEDULE = ResourceType(
    type=SCHEDULE,
    source="https://learn.microsoft.com/rest/api/dtl/global-schedules/create-or-update",
    versions=api_versions.SCHEDULES,
    name=r"[^/]{1,100}",
    envelope={"location": Field(Region(), required=True), "tags": Field(Tags(), inert=True)},
    properties={
        "status": Field(SWITCH, default="Disabled"),
        "taskType": Field(choice("ComputeVmShutdownTask")),
        "dailyRecurrence": Field(Shape({"time": Field(Text(r"([01]\d|2[0-3])[0-5]\d"), required=True)})),
        "timeZoneId": Field(Text()),
        "notificationSettings": Field(NOTIFICATION, inert=True),
        "targetResourceId": Field(Text()),
    },
    read_only=("createdDate", "uniqueIdentifier"),
    computed={
        "createdDate": lambda state, schedule: state.timestamp(schedule.created),
        "uniqueIdentifier": lambda state, schedule: state.guid(schedule, "schedule"),
    },
    computed_envelope={"id": _shown_id, "type": lambda state, schedule: SCHEDULE.lower()},
    rules=(is_wholly_said, belongs_to_its_vm),
    on_put=plan,
    replaced=201,
)

DEVIATIONS = (
    Deviation(
        of=SCHEDULE,
        what="Only a VM's own daily shutdown, by UTC, is there; what a schedule lacks or has wrong is refused in words "
        "of the emulator's own.",
        impact="Schedules of labs, other time zones and weekly ones are refused as not emulated; no mail is sent "
        "before the VM goes off.",
        reason="No source shows how the real service words these refusals.",
        workaround="Give the time in UTC, as `az vm auto-shutdown` does.",
    ),
    Deviation(
        of=SCHEDULE,
        what="A time that passed while no one used the world switches nothing off.",
        impact="On Azure a VM that was left in the evening is off the next morning; here it runs.",
        reason="A world's clock stands still while it is not used, and leaps when it is served again.",
        workaround="`az vm deallocate` shows what the lab does then: its next step starts the VM.",
    ),
)

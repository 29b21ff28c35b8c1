"""A VM in an availability set: chosen when it is made, for its life, with a fault and an update domain of its own."""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Field, Text
from acrlab.emulator.types.compute.availability_set import FAULT, SET_TYPE, UPDATE, in_capitals, kind_of, members_of
from acrlab.emulator.types.compute.fault_domains import CLASSIC
from acrlab.emulator.types.compute.vm_power import DEALLOCATED
from acrlab.emulator.types.network.network_interface import VM_TYPE

REFERENCE = Shape({"id": Field(Text(), required=True)})
_PLACE = "place in the set"  # 0 for the first, and so on


def set_of(state: State, vm: Resource) -> Resource | None:
    """The availability set that a VM is in; None: it is in none."""
    reference = vm.properties.get("availabilitySet")
    return state.find(reference["id"]) if reference else None


def is_not_in_a_zone_too(state: State, vm: Resource, old: Resource | None) -> None:
    """A set lies in one data center, which zones are there to leave.

    Source, of the words: https://github.com/hashicorp/terraform-provider-azurerm/issues/2246 and
    https://github.com/kubermatic/kubermatic/issues/6557
    """
    if vm.body.get("zones") and vm.properties.get("availabilitySet"):
        message = (
            "Virtual Machine cannot be created because both Availability Zone and Availability Set were specified. "
            "Deploying an Availability Set to an Availability Zone isn't supported."
        )
        raise ArmError(400, "BadRequest", message)


def set_stays(state: State, vm: Resource, old: Resource | None) -> None:
    """A VM enters a set when it is made and never leaves it.

    Source, of the words: https://github.com/Azure/azure-powershell/issues/1820
    """
    if old is None:
        return
    before, asked = old.properties.get("availabilitySet"), vm.properties.get("availabilitySet")
    if asked and (before is None or before["id"].lower() != asked["id"].lower()):
        message = "Changing property 'availabilitySet.id' is not allowed."
        raise ArmError(409, "PropertyChangeNotAllowed", message, target="availabilitySet.id")
    if before:
        vm.properties["availabilitySet"] = before


def set_takes_it(state: State, vm: Resource, old: Resource | None) -> None:
    """The set is there, near, and for managed disks, which are the only ones."""
    asked = vm.properties.get("availabilitySet")
    if old is not None or not asked:
        return
    found = state.find(asked["id"])
    if found is None or not _is_near(found, vm):
        raise ArmError(404, "NotFound", f"The Availability Set {asked['id']} cannot be found.")
    if kind_of(found) == CLASSIC:
        message = (
            "Addition of a VM with managed disks to non-managed Availability Set or addition of a VM with blob based "
            "disks to managed Availability Set is not supported. Please create an Availability Set with 'Aligned' SKU "
            "in order to add a VM with managed disks to it."
        )
        raise ArmError(400, "BadRequest", message)
    vm.properties["availabilitySet"] = {"id": str(found.id)}


def _is_near(found: Resource, vm: Resource) -> bool:
    same_group = found.id.scope.lower() == vm.id.scope.lower()
    return found.id.type == SET_TYPE and same_group and found.location == vm.location


RULES = (is_not_in_a_zone_too, set_stays, set_takes_it)


def take_place(state: State, vm: Resource) -> None:
    """Give a new VM the first place in its set that is free, on which its domains depend."""
    found = set_of(state, vm)
    if found is None or _PLACE in vm.state:
        return
    taken = {one.state.get(_PLACE) for one in members_of(state, found) if one.id.key != vm.id.key}
    vm.state[_PLACE] = next(place for place in range(len(taken) + 1) if place not in taken)


def domains(state: State, vm: Resource) -> JSON:
    """The domains that a VM is in, as its instance view tells them; one that is deallocated is nowhere."""
    found = set_of(state, vm)
    if found is None or vm.state["power"] == DEALLOCATED:
        return {}
    place: int = vm.state[_PLACE]
    return {
        "platformUpdateDomain": place % found.properties[UPDATE],
        "platformFaultDomain": place % found.properties[FAULT],
    }


def shown(state: State, vm: Resource) -> JSON | None:
    """The set, spelled as the service does."""
    found = set_of(state, vm)
    return {"id": in_capitals(found.id)} if found else None


DEVIATIONS = (
    Deviation(
        of=VM_TYPE,
        what="A set of another region or group is refused as one that is not there; a VM that is written again "
        "without its set, or its zone, stays in it.",
        impact="Azure's words may be others, and it may refuse to leave the set or zone out.",
        reason="Azure documents that these do not change, and not what it says to a request that leaves them out.",
        workaround="Keep a VM and its set in one group; write a VM with all that it was read with.",
    ),
    Deviation(
        of=VM_TYPE,
        what="VMs take the domains of their set in turn, the first place that is free before others.",
        impact="Azure may put a VM into any domain that has the fewest VMs.",
        reason="Azure promises that they are spread, and no order.",
        workaround="Read the domains from the instance view.",
    ),
)

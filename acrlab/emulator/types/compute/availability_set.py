"""Microsoft.Compute/availabilitySets: VMs that do the same work, kept apart so that no one fault stops all of them.

What a set counts and refuses is in the service's words, as far as
https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/virtual-machines/error-messages.md has them.
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Field, Region, Scene, Tags, Whole, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.compute.fault_domains import ALIGNED, CLASSIC, most_fault_domains
from acrlab.emulator.types.compute.size_catalogue import listed
from acrlab.emulator.types.names import COMPUTE_NAME
from acrlab.emulator.types.network.network_interface import VM_TYPE

SET_TYPE = "Microsoft.Compute/availabilitySets"
FAULT, UPDATE = "platformFaultDomainCount", "platformUpdateDomainCount"


def kind_of(av_set: Resource) -> str:
    """`Classic`, or `Aligned` for VMs with managed disks."""
    return str(av_set.body["sku"]["name"])


def members_of(state: State, av_set: Resource) -> list[Resource]:
    """The VMs in a set, oldest first."""
    return state.referrers(av_set.id, VM_TYPE)


def in_capitals(id: ArmId) -> str:
    """Spell an id as Compute shows what a VM and its set refer to: its last name in capitals."""
    scope, _, name = str(id).rpartition("/")
    return f"{scope}/{name.upper()}"


# -- rules ------------------------------------------------------------------------------------------------------------


def stays_aligned(state: State, av_set: Resource, old: Resource | None) -> None:
    """A set can be converted for managed disks, and not back."""
    if old is not None and (kind_of(old), kind_of(av_set)) == (ALIGNED, CLASSIC):
        message = f"Changing availability set SKU from '{ALIGNED}' to '{CLASSIC}' is not allowed."
        raise ArmError(409, "OperationNotAllowed", message)


def domains_stay(state: State, av_set: Resource, old: Resource | None) -> None:
    """A set keeps its domains; only one that is converted may lose those that its region has for Classic sets alone."""
    if old is None:
        return
    converted = kind_of(old) != kind_of(av_set)
    fewer = av_set.properties[FAULT] < old.properties[FAULT]
    for name in (FAULT, UPDATE):
        same = av_set.properties[name] == old.properties[name]
        if not same and not (name == FAULT and converted and fewer):
            message = f"Changing property '{name}' is not allowed."
            raise ArmError(409, "PropertyChangeNotAllowed", message, target=name)


def region_has_the_domains(state: State, av_set: Resource, old: Resource | None) -> None:
    """A set spreads over no more fault domains than its region has."""
    count, most = av_set.properties[FAULT], most_fault_domains(av_set.location, kind_of(av_set))
    if not 1 <= count <= most:
        message = f"The specified fault domain count {count} must fall in the range 1 to {most}."
        raise ArmError(400, "InvalidParameter", message, target=FAULT)
    if count == 1 and av_set.properties[UPDATE] > 1:
        raise NotEmulated(f"{UPDATE} {av_set.properties[UPDATE]} of {SET_TYPE} with one fault domain", supported="1")


def is_empty(state: State, av_set: Resource) -> None:
    """A set stays as long as there are VMs in it."""
    if members_of(state, av_set):
        message = (
            f"Availability Set {av_set.id.name} cannot be deleted. Before deleting an Availability Set please ensure "
            "that it does not contain any VM."
        )
        raise ArmError(409, "OperationNotAllowed", message)


# -- how it is shown --------------------------------------------------------------------------------------------------


def virtual_machines(state: State, av_set: Resource) -> list[JSON]:
    return [{"id": in_capitals(vm.id)} for vm in members_of(state, av_set)]


def sizes(state: State, av_set: Resource, request: Request) -> JSON:
    """What VMs the set can take: all that the region offers."""
    return listed()


def _kept(name: str, otherwise: int) -> Field:
    """A count that a set keeps where it is written again without it."""

    def count(scene: Scene) -> int:
        return int(scene.resource.properties.get(name, otherwise))

    return Field(Whole(1, 20) if name == UPDATE else Whole(), default=count)


# Source, of the defaults 5 and 3: https://learn.microsoft.com/rest/api/compute/availability-sets/create-or-update
SKU = Shape({"name": Field(choice(ALIGNED, CLASSIC), default=CLASSIC)})
AVAILABILITY_SET = ResourceType(
    type=SET_TYPE,
    source="https://learn.microsoft.com/rest/api/compute/availability-sets/create-or-update",
    versions=api_versions.COMPUTE,
    name=COMPUTE_NAME,
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "sku": Field(SKU, default={"name": CLASSIC}),
    },
    properties={UPDATE: _kept(UPDATE, 5), FAULT: _kept(FAULT, 3)},
    computed={"virtualMachines": virtual_machines},
    untold_in_puts=("virtualMachines",),
    rules=(stays_aligned, domains_stay, region_has_the_domains),
    delete_rules=(is_empty,),
    created=200,
    stateful=False,
    told_anyway=("virtualMachines/$ref",),
    actions={"vmSizes": Action(sizes, method="GET")},
)

DEVIATIONS = (
    Deviation(
        of=SET_TYPE,
        what="A set with one fault domain takes one update domain.",
        impact="Another number of update domains is refused as not emulated.",
        reason="The portal allows no other; what the service says to it was found nowhere.",
        workaround="Ask for two fault domains, or for one of both kinds.",
    ),
    Deviation(
        of=SET_TYPE,
        what="A set shows its VMs with their names in capitals, and in the answer to a PUT none.",
        impact="Azure may spell them otherwise, and list those of a set that has some.",
        reason="A VM shows its set like that; no recording has a set with VMs in it.",
        workaround="Compare ids without regard to case, and read the set after a PUT.",
    ),
    Deviation(
        of=SET_TYPE,
        what="Every size of the region can be had in a set, whatever its first VM has.",
        impact="On Azure a set stays in the cluster of its first VM, which may not have another family of sizes.",
        reason="Nothing is placed on hardware.",
        workaround="Give the VMs of a set sizes of one family.",
    ),
)

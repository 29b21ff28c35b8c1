"""What is done to a VM beside switching it: moved to another host, written to its host again, made a pattern of others.

Source: https://learn.microsoft.com/rest/api/compute/virtual-machines
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Action
from acrlab.emulator.types.compute.size_catalogue import listed
from acrlab.emulator.types.compute.vm_power import RUNNING, boot, require_allocated, require_special
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.polling import COMPUTE_ACTION


def redeploy(state: State, vm: Resource, request: Request) -> None:
    """Move a VM to another host, where it starts."""
    require_allocated(vm, "redeploy")
    require_special(vm, "redeploy")
    vm.state |= {"power": RUNNING, "switching": False}
    boot(state, vm)
    state.settle(vm, vm.phase)


def reapply(state: State, vm: Resource, request: Request) -> None:
    """Have the host do once more what was asked of the VM last: it may have failed for a reason that is gone."""
    state.settle(vm, SUCCEEDED)


def generalize(state: State, vm: Resource, request: Request) -> None:
    """Mark a VM that is switched off as the pattern of others, for good."""
    if vm.state["power"] == RUNNING:
        message = f"Operation 'generalize' is not allowed on VM '{vm.id.name}' since the VM is running."
        raise ArmError(409, "OperationNotAllowed", message)
    vm.state["generalized"] = True
    state.settle(vm, vm.phase)


def sizes(state: State, vm: Resource, request: Request) -> JSON:
    """The sizes that a VM could change to."""
    return listed()


ACTIONS = {
    "redeploy": Action(redeploy, polling=COMPUTE_ACTION, seconds=60),
    "reapply": Action(reapply, polling=COMPUTE_ACTION, seconds=11),
    "generalize": Action(generalize),
    "vmSizes": Action(sizes, method="GET"),
}

DEVIATIONS = (
    Deviation(
        of=VM_TYPE,
        what="A running VM could change to every size of its region.",
        impact="On Azure it is offered the sizes that its own hardware has, until it is deallocated.",
        reason="The emulated regions have no hardware of which one size is and another is not.",
        workaround="Deallocate the VM first; then Azure, too, offers all.",
    ),
    Deviation(
        of=VM_TYPE,
        what="`generalize` of a running VM and `redeploy` of a deallocated one are refused in words that are in part "
        "the emulator's own.",
        impact="The message differs from Azure's; status and code are those of its other refusals.",
        reason="Azure's words for them were found in no recording as a whole.",
        workaround="Read the code and not the message.",
    ),
)

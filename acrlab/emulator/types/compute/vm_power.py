"""Switching a VM on and off. A stopped VM keeps its place, a deallocated one only its disks.

Source: https://learn.microsoft.com/azure/virtual-machines/states-billing
"""

from __future__ import annotations

from dataclasses import replace

from acrlab.emulator.core.http import ArmError, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action
from acrlab.emulator.types.compute.boot_diagnostics import refusal
from acrlab.emulator.types.compute.name_servers import renew
from acrlab.emulator.types.polling import COMPUTE_ACTION

RUNNING, STOPPED, DEALLOCATED = "running", "stopped", "deallocated"
NOT_RUNNING = "The operation requires the VM to be running (or set to run)."
ON_THE_WAY = {RUNNING: "starting", STOPPED: "stopping", DEALLOCATED: "deallocating"}


def power_of(state: State, vm: Resource) -> str:
    """What the VM is, or on its way to be: `running`, `starting`, `stopped`, …"""
    power: str = vm.state["power"]
    on_its_way = vm.state.get("switching") and SWITCHES.keys() & state.perform("under_way", vm.id)
    return ON_THE_WAY[power] if on_its_way else power


def switch_off(state: State, vm: Resource) -> None:
    """Deallocate a VM as its schedule does: at once, whatever it was about; what is on its disks stays."""
    vm.state |= {"power": DEALLOCATED, "switching": False}
    state.settle(vm, vm.phase)


def require_running(vm: Resource, message: str = NOT_RUNNING) -> None:
    """Refuse what needs the VM to run."""
    if vm.state["power"] != RUNNING:
        raise ArmError(409, "OperationNotAllowed", message)


def _turn(power: str, *, seconds: float) -> Action:
    def turn(state: State, vm: Resource, request: Request) -> None:
        """Switch the VM; what it holds on its disk stays. To ask for the state that it is in is not an error."""
        vm.state |= {"power": power, "switching": vm.state["power"] != power}
        if power == RUNNING and vm.state["switching"]:
            if problem := refusal(state, vm):
                raise problem
            boot(state, vm)
        state.settle(vm, vm.phase)

    def may_turn(state: State, vm: Resource) -> None:
        """A generalized VM never starts."""
        if power == RUNNING:
            require_special(vm, "start")

    return Action(turn, polling=COMPUTE_ACTION, seconds=seconds, accepts_first=True, allowed=may_turn)


def _power_off(state: State, vm: Resource, request: Request) -> None:
    """Stop it, gently or, with `skipShutdown=true`, at once. A deallocated VM has nothing to stop."""
    skip = request.query.get("skipshutdown", "false")
    if skip.lower() not in ("true", "false"):
        message = f"The value of parameter skipShutdown is invalid: '{skip}'."
        raise ArmError(400, "InvalidParameter", message, target="skipShutdown")
    require_allocated(vm, "powerOff")
    _STOP.perform(state, vm, request)


def _restart(state: State, vm: Resource, request: Request) -> None:
    """Only what runs can be started again."""
    require_allocated(vm, "restart")
    require_running(vm)
    boot(state, vm)
    state.settle(vm, vm.phase)


def boot(state: State, vm: Resource) -> None:
    """What a VM does when it starts: DHCP tells it its name servers, and its services read their configuration."""
    vm.state["started"] = state.now
    renew(state, vm)
    state.perform("start_services", vm)


def require_special(vm: Resource, operation: str) -> None:
    """Refuse what would have a generalized VM run: it is there to be copied.

    Source of the words: https://github.com/Azure/azure-powershell/issues/2818
    """
    if vm.state.get("generalized"):
        message = f"Operation '{operation}' is not allowed on VM '{vm.id.name}' since the VM is generalized."
        raise ArmError(409, "OperationNotAllowed", message)


def require_allocated(vm: Resource, operation: str) -> None:
    """Refuse what needs a VM to have a place, switched on or not."""
    if vm.state["power"] == DEALLOCATED:
        message = (
            f"Operation '{operation}' is not allowed on VM '{vm.id.name}' since the VM is either deallocated or "
            "marked to be deallocated. Please refer to https://aka.ms/vmpowerstates  to learn about different VM power "
            "states."
        )
        raise ArmError(409, "OperationNotAllowed", message)


_STOP = _turn(STOPPED, seconds=11)
SWITCHES = {
    "start": _turn(RUNNING, seconds=11),
    "powerOff": Action(_power_off, polling=COMPUTE_ACTION, seconds=11),
    "deallocate": replace(_turn(DEALLOCATED, seconds=28), unmodelled_query=("hibernate",)),
    "restart": Action(_restart, polling=COMPUTE_ACTION, seconds=11),
}

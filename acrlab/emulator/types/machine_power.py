"""Switching a virtual machine on and off. A stopped machine keeps its place, a deallocated one only its disks.

Source: https://learn.microsoft.com/azure/virtual-machines/states-billing
"""

from __future__ import annotations

from acrlab.emulator.core.http import ArmError, Request
from acrlab.emulator.core.schema import Action, Resource, Tenant
from acrlab.emulator.types.followed import COMPUTE_ACTION

RUNNING, STOPPED, DEALLOCATED = "running", "stopped", "deallocated"
ON_THE_WAY = {RUNNING: "starting", STOPPED: "stopping", DEALLOCATED: "deallocating"}


def power_of(tenant: Tenant, machine: Resource) -> str:
    """What the machine is, or on its way to be: `running`, `starting`, `stopped`, …"""
    power: str = machine.state["power"]
    on_its_way = machine.state.get("switching") and SWITCHES.keys() & tenant.perform("under_way", machine.id)
    return ON_THE_WAY[power] if on_its_way else power


def require_running(machine: Resource) -> None:
    """Refuse what needs the agent on the machine."""
    if machine.state["power"] != RUNNING:
        message = "Cannot modify extensions in the VM when the VM is not running."
        raise ArmError(409, "OperationNotAllowed", message)


def _turn(power: str, *, seconds: float) -> Action:
    def turn(tenant: Tenant, machine: Resource, request: Request) -> None:
        """Switch the machine; what it holds on its disk stays. To ask for what it is already is no error."""
        machine.state |= {"power": power, "switching": machine.state["power"] != power}
        tenant.settle(machine, machine.phase)

    return Action(turn, asynchrony=COMPUTE_ACTION, seconds=seconds)


def _power_off(tenant: Tenant, machine: Resource, request: Request) -> None:
    """Stop it, gently or, with `skipShutdown=true`, at once. A deallocated machine has nothing to stop."""
    skip = request.query.get("skipshutdown", "false")
    if skip.lower() not in ("true", "false"):
        message = f"The value of parameter skipShutdown is invalid: '{skip}'."
        raise ArmError(400, "InvalidParameter", message, target="skipShutdown")
    _require_allocated(machine, "powerOff")
    _STOP.perform(tenant, machine, request)


def _restart(tenant: Tenant, machine: Resource, request: Request) -> None:
    """Only what runs can be started again."""
    _require_allocated(machine, "restart")
    if machine.state["power"] != RUNNING:
        raise ArmError(409, "OperationNotAllowed", "The operation requires the VM to be running (or set to run).")


def _require_allocated(machine: Resource, operation: str) -> None:
    if machine.state["power"] == DEALLOCATED:
        message = (
            f"Operation '{operation}' is not allowed on VM '{machine.id.name}' since the VM is either deallocated or "
            "marked to be deallocated. Please refer to https://aka.ms/vmpowerstates  to learn about different VM power "
            "states."
        )
        raise ArmError(409, "OperationNotAllowed", message)


_STOP = _turn(STOPPED, seconds=11)
SWITCHES = {
    "start": _turn(RUNNING, seconds=11),
    "powerOff": Action(_power_off, asynchrony=COMPUTE_ACTION, seconds=11),
    "deallocate": _turn(DEALLOCATED, seconds=28),
    "restart": Action(_restart, asynchrony=COMPUTE_ACTION, seconds=11),
}

__all__ = ["DEALLOCATED", "RUNNING", "STOPPED", "SWITCHES", "power_of", "require_running"]

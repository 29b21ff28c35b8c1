"""Switching a virtual machine on and off. A stopped machine keeps its place, a deallocated one only its disks."""

from __future__ import annotations

from acrlab.emulator.schema import Action, Resource, Tenant
from acrlab.emulator.types.followed import COMPUTE_ACTION
from acrlab.emulator.wire import Request

RUNNING, STOPPED, DEALLOCATED = "running", "stopped", "deallocated"


def _turn(power: str, *, seconds: float) -> Action:
    def turn(tenant: Tenant, machine: Resource, request: Request) -> None:
        """Switch the machine; what it holds on its disk stays."""
        machine.state["power"] = power
        tenant.settle(machine, machine.phase)

    return Action(turn, asynchrony=COMPUTE_ACTION, seconds=seconds)


SWITCHES = {
    "start": _turn(RUNNING, seconds=11),
    "powerOff": _turn(STOPPED, seconds=11),
    "deallocate": _turn(DEALLOCATED, seconds=28),
    "restart": _turn(RUNNING, seconds=11),
}

__all__ = ["DEALLOCATED", "RUNNING", "STOPPED", "SWITCHES"]

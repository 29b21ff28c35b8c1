"""The instance view of a VM: what the platform reports of it, and what the agent inside does.

Source: https://learn.microsoft.com/azure/virtual-machines/states-billing
"""

from __future__ import annotations

from acrlab.emulator.core import lateness
from acrlab.emulator.core.calendar import whole_second, with_offset
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import CREATING, SUCCEEDED, Resource, State
from acrlab.emulator.types.compute import boot_diagnostics, vm_extension_view
from acrlab.emulator.types.compute.vm_availability import domains
from acrlab.emulator.types.compute.vm_disks import names
from acrlab.emulator.types.compute.vm_image import generation_of, system_of
from acrlab.emulator.types.compute.vm_power import RUNNING, power_of


def instance_view(state: State, vm: Resource, request: Request) -> JSON:
    """What the platform and the agent on the VM report."""
    power, changed = power_of(state, vm), state.timestamp(vm.changed)
    disks = [{"name": name, "statuses": [_provisioned("succeeded", changed)]} for name in names(vm)]
    diagnostics = boot_diagnostics.shown(state, vm)
    generalized = {"code": "OSState/generalized", "level": "Info", "displayStatus": "VM generalized"}
    return {
        **domains(state, vm),
        **_seen_inside(state, vm, power),
        **({} if diagnostics is None else {"bootDiagnostics": diagnostics}),
        "disks": disks,
        "hyperVGeneration": generation_of(vm.properties["storageProfile"]["imageReference"]),
        "statuses": [
            _phase(vm, changed),
            *([generalized] if vm.state.get("generalized") else []),
            {"code": f"PowerState/{power}", "level": "Info", "displayStatus": f"VM {power}"},
        ],
    }


def _phase(vm: Resource, changed: str) -> JSON:
    """How far its last operation is; a VM that is being made sets up its system, and tells no time of it."""
    if vm.phase == CREATING:
        code = "ProvisioningState/creating/osProvisioningInProgress"
        return {"code": code, "level": "Info", "displayStatus": "OS provisioning in progress"}
    return _provisioned("succeeded" if vm.phase == SUCCEEDED else vm.phase.lower(), changed)


def _provisioned(phase: str, moment: str) -> JSON:
    shown = {"succeeded": "Provisioning succeeded"}.get(phase, phase.capitalize())
    status = {"code": f"ProvisioningState/{phase}", "level": "Info", "displayStatus": shown}
    return {**status, "time": with_offset(moment)}


def _seen_inside(state: State, vm: Resource, power: str) -> JSON:
    """What only the agent can tell; a stopped VM's agent tells nothing, and a new VM's has yet to start."""
    if power != RUNNING or vm.phase == CREATING:
        return {}
    moment = whole_second(state.timestamp(vm.changed))
    if not lateness.has_arrived(state, vm, seconds=lateness.BOOT_S):
        status = {"code": "ProvisioningState/Unavailable", "level": "Warning", "displayStatus": "Not Ready"}
        told = {**status, "message": "VM status blob is found but not yet populated.", "time": moment}
        return {"vmAgent": {"vmAgentVersion": "Unknown", "statuses": [told]}}
    name, version = system_of(vm.properties["storageProfile"]["imageReference"], vm.state["exactVersion"])
    ready = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready"}
    told = {**ready, "message": "Guest Agent is running", "time": moment}
    return {
        "computerName": vm.properties["osProfile"]["computerName"],
        "osName": name,
        "osVersion": version,
        "vmAgent": {
            "vmAgentVersion": "2.11.1.12",
            "statuses": [told],
            "extensionHandlers": vm_extension_view.handlers(state, vm),
        },
        **vm_extension_view.views(state, vm),
    }

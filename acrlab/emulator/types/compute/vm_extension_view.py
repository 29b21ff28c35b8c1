"""What the agent on a VM reports of its extensions: how each went, and that its handler is there.

Source: `az vm extension show --instance-view` and `az vm get-instance-view` in
https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/vm/tests/latest/recordings/test_vm_extension.yaml
and https://learn.microsoft.com/azure/virtual-machines/extensions/features-linux#view-extension-status (a failed one)
"""

from __future__ import annotations

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State

SEGMENT = "extensions"


def handler_of(extension: Resource) -> str:
    """Name what runs an extension, as it was sent."""
    return f"{extension.properties['publisher']}.{extension.properties['type']}"


def view(extension: Resource) -> JSON:
    """How one extension went, or that it is at work."""
    return {
        "name": extension.id.name,
        "type": handler_of(extension),
        "typeHandlerVersion": extension.state["version"],
        "statuses": [_status(extension.state)],
    }


def _status(kept: JSON) -> JSON:
    if "message" not in kept:
        return {"code": "ProvisioningState/transitioning", "level": "Info", "displayStatus": "Transitioning"}
    word, level = ("failed", "Error") if kept["failed"] else ("succeeded", "Info")
    code = "ProvisioningState/failed/0" if kept["failed"] else "ProvisioningState/succeeded"
    return {"code": code, "level": level, "displayStatus": f"Provisioning {word}", "message": kept["message"]}


def views(state: State, vm: Resource) -> JSON:
    """What a VM's instance view tells of its extensions; nothing where it has none."""
    found = [view(extension) for extension in state.children(vm.id, SEGMENT)]
    return {"extensions": found} if found else {}


def handlers(state: State, vm: Resource) -> list[JSON]:
    """The handlers that the agent has enabled."""
    status = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Ready",
        "message": "Plugin enabled",
    }
    return [
        {"type": handler_of(one), "typeHandlerVersion": one.state["version"], "status": status}
        for one in state.children(vm.id, SEGMENT)
        if "message" in one.state
    ]


def resources(state: State, vm: Resource) -> list[JSON] | None:
    """A VM's extensions as it shows them itself, beside its properties."""
    return [state.show(extension) for extension in state.children(vm.id, SEGMENT)] or None


def ids(state: State, vm: Resource) -> list[JSON]:
    """What a list of VMs shows of them. Source: https://github.com/ansible/ansible/pull/38279"""
    return [{"id": str(extension.id)} for extension in state.children(vm.id, SEGMENT)]

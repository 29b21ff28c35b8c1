"""Microsoft.Compute/virtualMachines/extensions: what a VM's agent installs, and runs when its settings change.

Of Azure's extensions one is modelled: the custom script extension for Linux.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Only
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import FAILED, Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Field, Flag, Region, Scene, Tags, Text
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.compute import custom_script
from acrlab.emulator.types.compute.run_command import NOT_RUNNING
from acrlab.emulator.types.compute.vm_extension_image import is_known, newest
from acrlab.emulator.types.compute.vm_extension_view import SEGMENT, handler_of, view
from acrlab.emulator.types.compute.vm_power import RUNNING, require_running
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.polling import COMPUTE, COMPUTE_ACTION

# What makes the agent run an extension again when it changes.
# Source: https://learn.microsoft.com/azure/virtual-machines/extensions/features-linux#rerun-a-vm-extension
RUNS_AGAIN = ("settings", "protectedSettings", "forceUpdateTag")
HELP = "More information on troubleshooting is available at https://aka.ms/VMExtensionCSELinuxTroubleshoot. "


def vm_of(state: State, extension: Resource) -> Resource:
    return state.get(ArmId(extension.id.scope, VM_TYPE, extension.id.names[:1]))


# -- what is refused ---------------------------------------------------------------------------------------------------


def stays_what_it_is(state: State, extension: Resource, old: Resource | None) -> None:
    """An extension can't become another. Source: https://github.com/hashicorp/terraform-provider-azurerm/issues/1506"""
    for name in ("publisher", "type"):
        if old and extension.properties[name].lower() != old.properties[name].lower():
            message = f"Changing property '{name}' is not allowed."
            raise ArmError(409, "PropertyChangeNotAllowed", message, target=name)


def is_offered(state: State, extension: Resource, old: Resource | None) -> None:
    """What another publisher offers may be in Azure and is not here; a version that one never had is refused.

    Source: https://github.com/MicrosoftDocs/azure-docs/issues/10862
    """
    given = extension.properties
    publisher, type, version = given["publisher"], given["type"], given["typeHandlerVersion"]
    if not is_known(publisher, type):
        raise NotEmulated(f"the extension {publisher}.{type}", supported="Microsoft.Azure.Extensions.CustomScript")
    if not _installed(extension):
        message = (
            f"Extension with publisher '{publisher}', type '{type}', and type handler version '{version}' could not "
            "be found in the extension repository."
        )
        raise ArmError(404, "ArtifactNotFound", message)


def stands_alone(state: State, extension: Resource, old: Resource | None) -> None:
    """A VM has one extension of a kind: another name is another extension.

    Source: https://github.com/MicrosoftDocs/azure-docs/issues/55085 and, where they differ in version,
    https://github.com/Azure/azure-rest-api-specs/issues/17102
    """
    for other in state.children(vm_of(state, extension).id, SEGMENT):
        if other.id.key == extension.id.key or handler_of(other).lower() != handler_of(extension).lower():
            continue
        if _version(other) != _version(extension):
            version, minor = _version(other)
            message = (
                f"Cannot update handlerVersion or autoUpgradeMinorVersion for VM extension '{extension.id.name}'. "
                f"Change is in conflict with other extensions under handler '{handler_of(other)}', with typeHandler "
                f"version '{version}' and autoUpgradeMinorVersion '{minor}'."
            )
            raise ArmError(409, "OperationNotAllowed", message)
        message = (
            f"Multiple VMExtensions per handler not supported for OS type 'Linux'. VMExtension '{other.id.name}' with "
            f"handler '{handler_of(other)}' already added or specified in input."
        )
        raise ArmError(400, "BadRequest", message)


def _version(extension: Resource) -> tuple[str, bool]:
    return extension.properties["typeHandlerVersion"], extension.properties.get("autoUpgradeMinorVersion", False)


def _installed(extension: Resource) -> str:
    wanted, minor = _version(extension)
    return newest(extension.properties["publisher"], extension.properties["type"], wanted, minor=minor)


def agent_is_there(state: State, extension: Resource, old: Resource | None) -> None:
    """Extensions are the agent's business, and it works only while the VM runs."""
    vm = vm_of(state, extension)
    linux = vm.properties.get("osProfile", {}).get("linuxConfiguration", {})
    if not linux.get("provisionVMAgent", True):
        raise NotEmulated("an extension of a VM without an agent")
    if extension.location != vm.location:
        raise NotEmulated("an extension in another region than its VM")
    require_running(vm, NOT_RUNNING)


def settings_are_modelled(state: State, extension: Resource, old: Resource | None) -> None:
    """What is wrong with settings the extension itself reports; what they may ask for and is not here, we do."""
    custom_script.require_modelled(*_settings(extension))


def agent_can_remove_it(state: State, extension: Resource) -> None:
    """To remove one is work for the agent, too. Source: https://github.com/microsoft/AzureTRE/issues/2138"""
    require_running(vm_of(state, extension), NOT_RUNNING)


def _settings(extension: Resource) -> tuple[JSON, JSON]:
    return extension.properties.get("settings", {}), extension.properties.get("protectedSettings", {})


# -- what happens ------------------------------------------------------------------------------------------------------


def hand_over(state: State, extension: Resource, old: Resource | None) -> None:
    """The agent gets new settings under the next number; to say again what it knows makes it do nothing."""
    if old and all(old.properties.get(name) == extension.properties.get(name) for name in RUNS_AGAIN):
        extension.state["version"] = _installed(extension)
        return
    number = old.state["sequence"] + 1 if old else 0
    extension.state = {"sequence": number, "version": _installed(extension)}


def enable(state: State, extension: Resource) -> JSON | None:
    """Let the agent run the extension, and end the operation as the extension reports. Templates are tried without."""
    if state.perform("only_trying"):
        return None
    if "message" not in extension.state:
        vm = vm_of(state, extension)
        if vm.state["power"] != RUNNING:
            raise NotEmulated("a VM that stops before its extension is done")
        report = custom_script.run(state, vm, *_settings(extension), extension.state["sequence"])
        extension.state |= {"failed": report.failed, "message": report.message}
    state.settle(extension, FAILED if extension.state["failed"] else extension.phase)
    return _failure(extension) if extension.state["failed"] else None


def _failure(extension: Resource) -> JSON:
    """What Azure makes of an extension's report.

    Source: the answers printed in https://github.com/hashicorp/terraform-provider-azurerm (October 2025)
    """
    given = extension.properties
    message = (
        f"VM has reported a failure when processing extension '{extension.id.name}' (publisher '{given['publisher']}' "
        f"and type '{given['type']}'). Error message: '{extension.state['message']}'. {HELP}"
    )
    return {"code": "VMExtensionProvisioningError", "message": message}


def remove(state: State, extension: Resource) -> None:
    """The handler takes its own files with it; a VM that goes as well needs no tidying."""
    if vm := state.find(extension.id.parent or ""):
        custom_script.uninstall(state, vm)


def instance_view(state: State, extension: Resource, request: Request) -> JSON:
    """Tell how it went. It is a part of the extension and has no address of its own."""
    if "$expand" not in request.query:
        raise NotEmulated(f"GET instanceView of {extension.id.type}", supported="$expand=instanceView")
    return view(extension)


@dataclass(frozen=True)
class _Bag:
    """Settings that only the extension reads. `hidden`: they are kept for it and never shown."""

    hidden: bool = False

    def admit(self, at: str, value: Any, scene: Scene) -> JSON:
        if not isinstance(value, dict):
            raise NotEmulated(f"{at} of {scene.type} that is not an object")
        return value

    def show(self, value: JSON, scene: Scene) -> JSON | None:
        return None if self.hidden else value


VM_EXTENSION = ResourceType(
    type=f"{VM_TYPE}/{SEGMENT}",
    source="https://learn.microsoft.com/rest/api/compute/virtual-machine-extensions/create-or-update",
    envelope={"location": Field(Region(), required=True), "tags": Field(Tags(), inert=True)},
    properties={
        "autoUpgradeMinorVersion": Field(Flag()),
        "forceUpdateTag": Field(Text()),
        "enableAutomaticUpgrade": Field(Only(False), since="2019-12-01"),
        "suppressFailures": Field(Only(False), since="2021-07-01"),
        "publisher": Field(Text(), required=True),
        "type": Field(Text(), required=True),
        "typeHandlerVersion": Field(Text(r"\d+\.\d+", unmodelled=r"\d+"), required=True),
        "settings": Field(_Bag()),
        "protectedSettings": Field(_Bag(hidden=True)),
    },
    read_only=("instanceView",),
    patched_whole=("settings", "protectedSettings"),
    rules=(stays_what_it_is, is_offered, stands_alone, agent_is_there, settings_are_modelled),
    delete_rules=(agent_can_remove_it,),
    on_put=hand_over,
    on_ready=enable,
    on_delete=remove,
    polling={"PUT": COMPUTE, "PATCH": COMPUTE, "DELETE": COMPUTE_ACTION},
    seconds={"PUT": 19, "DELETE": 10},
    actions={"instanceView": Action(instance_view, method="GET")},
    versions=api_versions.COMPUTE,
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Compute/virtualMachines/extensions",
        what="A VM whose extension failed is itself still `Succeeded`.",
        impact="On Azure the VM may show `Failed`, too, until its extension is repaired.",
        reason="Which states of the VM follow from an extension's is not documented.",
        workaround="Look at the extension's `provisioningState` and instance view.",
    ),
    Deviation(
        of="Microsoft.Compute/virtualMachines/extensions",
        what="A failed extension that is set again with the same settings fails again at once, with the same words.",
        impact="On Azure it may take longer to say so; there, too, nothing is run.",
        reason="That nothing is run again is documented, the operation's end is not.",
        workaround="Change `forceUpdateTag`, a setting or its `timestamp`.",
    ),
)

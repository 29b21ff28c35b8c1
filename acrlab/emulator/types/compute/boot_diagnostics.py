"""Where a VM writes down what it says while it boots: a storage account of Azure's own, or one that is named.

Compute looks for the account when it is about to start the VM, so a bad one ends the operation and not the request.
Source: https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/error-messages,
Azure/azure-quickstart-templates#673 and Azure/azure-powershell#5189
"""

from __future__ import annotations

import re
from typing import Any

from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Field, Flag, Scene, Text
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.storage.storage_names import ACCOUNT_TYPE
from acrlab.emulator.types.storage.storage_places import HOSTS

BLOBS = re.compile(rf"https?://(?P<name>[a-z0-9]{{3,24}})\.blob\.{re.escape(HOSTS)}/?", re.IGNORECASE)
SUPPORTED = ("Standard_GRS", "Standard_LRS", "Standard_RAGRS")


class AccountAddress(Text):
    """The address of an account's blobs; nothing, where a client means Azure's own account."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        text = super().admit(at, value, scene)
        if text and not BLOBS.fullmatch(text):
            raise NotEmulated(f"{at} of {VM_TYPE} as {text!r}", supported=f"https://NAME.blob.{HOSTS}/")
        return text


DIAGNOSTICS = Shape(
    {"bootDiagnostics": Field(Shape({"enabled": Field(Flag(), inert=True), "storageUri": Field(AccountAddress())}))}
)


def shown(state: State, vm: Resource) -> JSON | None:
    """Where the account has what the VM says and shows. Of Azure's own account nothing is told; None: nothing is kept.

    Source: Azure/azure-powershell#4168; of the VM's name the first nine letters and digits are in the address, see
    Azure/azure-sdk-for-java#1960
    """
    asked = _asked(vm)
    if not asked.get("enabled"):
        return None
    match = BLOBS.fullmatch(asked.get("storageUri", ""))
    if match is None:
        return {}
    id, start = state.guid(vm, "machine"), re.sub(r"[^a-z0-9]", "", vm.id.name.lower())[:9]
    place = f"https://{match['name'].lower()}.blob.{HOSTS}/bootdiagnostics-{start}-{id}/{vm.id.name}.{id}"
    return {
        "consoleScreenshotBlobUri": f"{place}.screenshot.bmp",
        "serialConsoleLogBlobUri": f"{place}.serialconsole.log",
    }


def refusal(state: State, vm: Resource) -> ArmError | None:
    """Return why a VM cannot start with the account that it names; None: it can, or names none."""
    asked = _asked(vm)
    match = BLOBS.fullmatch(asked.get("storageUri", "")) if asked.get("enabled") else None
    return _refusal(state, vm, match["name"].lower()) if match else None


def _asked(vm: Resource) -> JSON:
    asked: JSON = vm.properties.get("diagnosticsProfile", {}).get("bootDiagnostics", {})
    return asked


def _refusal(state: State, vm: Resource, name: str) -> ArmError | None:
    account = next(iter(state.named(ACCOUNT_TYPE, name)), None)
    if account is None:
        return ArmError(
            409,
            "StorageAccountNotFound",
            f"Storage account '{name}' not found. Ensure storage account is not deleted and belongs to the same Azure "
            "location as the VM.",
        )
    if account.id.subscription.lower() != vm.id.subscription.lower():
        message = f"Storage account {name} doesn't belong to subscription {vm.id.subscription}."
        return ArmError(409, "StorageAccountSubscriptionMismatch", message)
    if account.location != vm.location:
        return ArmError(
            409,
            "StorageAccountLocationMismatch",
            f"Could not resolve storage account {name}. Please ensure it was created through the Storage Resource "
            "Provider in the same location as the compute resource.",
        )
    sku = account.body["sku"]["name"]
    if sku not in SUPPORTED:
        return ArmError(
            409,
            "StorageAccountTypeNotSupported",
            f"Storage account {name} is of {sku} type. Boot Diagnostics supports {','.join(SUPPORTED)} storage account "
            "types.",
        )
    return None

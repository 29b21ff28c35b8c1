"""The profiles of a VM: what a caller may set in them, and what each api-version shows.

Source of the api-versions: the SDK's models of each, and
https://learn.microsoft.com/rest/api/compute/virtual-machines/get
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acrlab.emulator.core.domains import Listing, Only, Shape
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Anything, Field, Flag, Plain, Scene, Secret, Text, Unfit, choice
from acrlab.emulator.types.compute import vm_disks
from acrlab.emulator.types.compute.vm_image import generation_of


@dataclass(frozen=True)
class Told(Shape):
    """A part of a VM of which the service tells more than a caller may set.

    Attributes:
        tell: what it tells, for the newest api-version.
        more: what it tells beside `fields`, or in another shape.
    """

    tell: Callable[[State, Resource], JSON] = field(kw_only=True)
    more: Mapping[str, Field] = field(default_factory=dict, kw_only=True)

    def show(self, value: JSON, scene: Scene) -> JSON:
        return Shape({**self.fields, **self.more}).show(self.tell(scene.state, scene.resource), scene)


# -- disks and image ---------------------------------------------------------------------------------------------------


def _stored(state: State, vm: Resource) -> JSON:
    profile: JSON = vm.properties["storageProfile"]
    reference = profile["imageReference"]
    told = {
        **profile,
        "imageReference": {**reference, "exactVersion": vm.state["exactVersion"]},
        "osDisk": vm_disks.shown_os_disk(state, vm),
        "dataDisks": vm_disks.shown_data_disks(state, vm),
    }
    return {**told, "diskControllerType": "SCSI"} if generation_of(reference) == "V2" else told


_IMAGE = {name: Field(Text()) for name in ("publisher", "offer", "sku", "version")}
STORAGE = Told(
    {
        "imageReference": Field(Shape(_IMAGE, ("exactVersion",))),
        "osDisk": Field(vm_disks.OS_DISK),
        "dataDisks": Field(Listing(vm_disks.DATA_DISK)),
        "diskControllerType": Field(choice("SCSI", unmodelled=("NVMe",)), since="2022-08-01"),
    },
    tell=_stored,
    more={
        "imageReference": Field(Shape({**_IMAGE, "exactVersion": Field(Text(), since="2019-07-01")})),
        "osDisk": Field(vm_disks.SHOWN_OS_DISK),
    },
)

# -- the system on it --------------------------------------------------------------------------------------------------


# What every VM here has, and is shown with though it was not asked for.
_ALWAYS: JSON = {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}


def _set_up(state: State, vm: Resource) -> JSON:
    """What the VM was set up with."""
    return {**vm.properties["osProfile"], **_ALWAYS}


_KEY = Shape({"path": Field(Text()), "keyData": Field(Text(), required=True)})
_PATCHES = {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"}
LINUX_DEFAULTS: JSON = {"disablePasswordAuthentication": False, "provisionVMAgent": True, "patchSettings": _PATCHES}
_LINUX = Shape(
    {
        "disablePasswordAuthentication": Field(Flag(), default=False),
        "ssh": Field(Shape({"publicKeys": Field(Listing(_KEY))})),
        "provisionVMAgent": Field(Flag(), default=True),
        "patchSettings": Field(Anything(), default=_PATCHES, inert=True, since="2020-12-01"),
        "enableVMAgentPlatformUpdates": Field(Flag(), inert=True),
    }
)
OS = Told(
    {
        "computerName": Field(Text()),
        "adminUsername": Field(Text(), required=True),
        "adminPassword": Field(Secret()),
        "customData": Field(Secret(), inert=True),
        "linuxConfiguration": Field(_LINUX),
        **{name: Field(Only(value)) for name, value in _ALWAYS.items()},
    },
    tell=_set_up,
)


@dataclass(frozen=True)
class TimeBudget(Plain):
    """How long all extensions together may take to start: 15 to 120 minutes, as in ISO 8601. None takes that long here.

    Source: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
    """

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        text = Text().admit(at, value, scene)
        parts = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?", text)
        hours, minutes = (int(part or 0) for part in parts.groups()) if parts else (0, 0)
        if not 15 <= 60 * hours + minutes <= 120:
            raise Unfit(at, value, "a time from PT15M to PT2H")
        return text


# -- interfaces --------------------------------------------------------------------------------------------------------

_INTERFACE = Shape(
    {
        "id": Field(Text(), required=True),
        "properties": Field(
            Shape({"primary": Field(Flag()), "deleteOption": Field(vm_disks.DELETE_OPTION, since="2021-03-01")})
        ),
    }
)
NETWORK = Shape({"networkInterfaces": Field(Listing(_INTERFACE, least=1), required=True)})


def keep_interfaces(vm: Resource) -> None:
    """An interface of which is told whether it is the primary one is kept when the VM goes, unless told otherwise."""
    for reference in vm.properties["networkProfile"]["networkInterfaces"]:
        if "primary" in reference.get("properties", {}):
            reference["properties"].setdefault("deleteOption", "Detach")

"""What the disks of a VM must be before it is made or changed, in Compute's own words of refusal."""

from __future__ import annotations

import re

from acrlab.emulator.core.error_texts import invalid_entity
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.compute.disk import DISK_TYPE, vm_of
from acrlab.emulator.types.compute.size_catalogue import size_of
from acrlab.emulator.types.compute.vm_disks import IMAGE_GB, data_disks, disk_id, named, os_disk
from acrlab.emulator.types.names import COMPUTE_NAME


def keeps_its_system(state: State, vm: Resource, old: Resource | None) -> None:
    """The disk that a VM starts from has room for the image, and is never exchanged."""
    _require_own(vm, old)
    disk = os_disk(vm)
    if old is not None and disk.get("name", os_disk(old)["name"]) != os_disk(old)["name"]:
        message = "Changing property 'osDisk.name' is not allowed."
        raise ArmError(409, "PropertyChangeNotAllowed", message, target="osDisk.name")
    size = disk.get("diskSizeGB", IMAGE_GB)
    if size < IMAGE_GB:
        message = (
            f"Disk with size {size}GB, which is smaller than the size {IMAGE_GB}GB of corresponding disk in Image, is "
            "not allowed."
        )
        raise ArmError(409, "OperationNotAllowed", message)
    if old is None and "name" in disk and state.find(disk_id(vm, disk)):
        raise _taken(vm, disk["name"])
    if "name" in disk:
        _require_legal("osDisk.name", disk["name"])


def _require_own(vm: Resource, old: Resource | None) -> None:
    """What is made of an image cannot be a disk that is there; exported templates say both, and so does what is read.

    Source: https://github.com/Azure/azure-quickstart-templates/issues/3290
    """
    named = os_disk(vm).get("managedDisk", {}).get("id")
    if named and old is None:
        parameter = "osDisk.managedDisk.id"
        raise ArmError(400, "InvalidParameter", f"Parameter '{parameter}' is not allowed.", target=parameter)
    if named and old and disk_id(old, os_disk(old)).key != named.lower():
        raise NotEmulated(f"another disk for the system of {vm.id.name}")


def data_disks_fit(state: State, vm: Resource, old: Resource | None) -> None:
    """Each data disk has a place of its own; one that is attached exists, near, and belongs to no other VM."""
    disks = [named(state, vm, disk) for disk in data_disks(vm)]
    for disk in disks:
        if sum(other["lun"] == disk["lun"] for other in disks) > 1:
            raise ArmError(
                400, "InvalidParameter", f"A disk at LUN {disk['lun']} already exists.", target="dataDisk.lun"
            )
        _require_legal("dataDisk.name", disk["name"])
        _require_usable(state, vm, disk)
    most = size_of(vm)[1].data_disks
    if len(disks) > most:
        message = f"The maximum number of data disks allowed to be attached to a VM of this size is {most}."
        raise ArmError(409, "OperationNotAllowed", message, target="dataDisks")


def _require_legal(field: str, name: str) -> None:
    if not re.fullmatch(COMPUTE_NAME, name):
        raise invalid_entity(field)


def _require_usable(state: State, vm: Resource, disk: JSON) -> None:
    found = state.find(disk_id(vm, disk))
    owner = vm_of(state, found) if found else None
    if owner is not None and owner.id.key == vm.id.key:
        return
    if disk["createOption"] == "Empty":
        if found is not None:
            raise _taken(vm, disk["name"])
        if "diskSizeGB" not in disk:
            message = "Required parameter 'dataDisk.diskSizeGB' is missing (null)."
            raise ArmError(400, "InvalidParameter", message, target="dataDisk.diskSizeGB")
    elif found is None or found.location != vm.location:
        raise ArmError(404, "NotFound", f"Disk {disk['name']} is not found.", target="dataDisk.managedDisk.id")
    elif owner is not None:
        message = f"Disk '{found.id}' cannot be attached as the disk is already owned by VM '{owner.id}'."
        raise ArmError(409, "ConflictingUserInput", message, target="dataDisk.managedDisk.id")


def _taken(vm: Resource, name: str) -> ArmError:
    message = f"Disk {name} already exists in resource group {vm.id.group}. Only CreateOption.Attach is supported."
    return ArmError(409, "ConflictingUserInput", message, target=str(vm.id.sibling(DISK_TYPE, name)))


def kinds_stay(state: State, vm: Resource, old: Resource | None) -> None:
    """A disk is given another kind when it is attached, or by itself; not through the VM that has it."""
    if old is None:
        return
    before = {disk_id(old, disk).key: disk for disk in (os_disk(old), *data_disks(old))}
    system = {"name": os_disk(old)["name"], **os_disk(vm)}
    for disk in (system, *(named(state, vm, disk) for disk in data_disks(vm))):
        id, asked = disk_id(vm, disk), _kind(disk)
        found = state.find(id)
        if asked and found and id.key in before and asked not in (_kind(before[id.key]), found.body["sku"]["name"]):
            raise NotEmulated(f"another storageAccountType of {found.id.name}, which is attached to {vm.id.name}")


def _kind(disk: JSON) -> str:
    return str(disk.get("managedDisk", {}).get("storageAccountType", ""))


RULES = (keeps_its_system, data_disks_fit, kinds_stay)

"""The disks of a VM: made with it or attached to it, and what becomes of them when it goes."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Field, Flag, Text, Whole, choice
from acrlab.emulator.types.disk import DISK_TYPE, new_disk
from acrlab.emulator.types.vm_image import generation_of

IMAGE_GB = 30  # of every image in the catalogue
SKU = "Premium_LRS"


def os_disk(vm: Resource) -> JSON:
    """The disk that a VM starts from, as its profile has it."""
    disk: JSON = vm.properties["storageProfile"].setdefault("osDisk", {})
    return disk


def data_disks(vm: Resource) -> list[JSON]:
    """Those that the VM is to have: what is to be detached is no longer among them."""
    listed: list[JSON] = vm.properties["storageProfile"].get("dataDisks", [])
    return [disk for disk in listed if not disk.get("toBeDetached")]


def disk_id(vm: Resource, disk: JSON) -> ArmId:
    """The id of the disk that an entry of the profile means."""
    own = disk.get("managedDisk", {}).get("id")
    return ArmId.parse(own) if own else vm.id.sibling(DISK_TYPE, disk["name"])


def named(state: State, vm: Resource, disk: JSON) -> JSON:
    """A disk that was given no name gets one after its place."""
    own = disk.get("managedDisk", {}).get("id")
    suffix = state.guid(vm, f"disk {disk['lun']}").replace("-", "")
    return {"name": ArmId.parse(own).name if own else f"{vm.id.name}_disk{disk['lun'] + 2}_{suffix}", **disk}


# -- effects -----------------------------------------------------------------------------------------------------------


def fit(state: State, vm: Resource, old: Resource | None) -> None:
    """Give a VM the disks that its profile lists: make those that are not there, let go of all others."""
    _give_system(state, vm, old)
    profile = vm.properties["storageProfile"]
    if old is not None:
        profile.setdefault("dataDisks", old.properties["storageProfile"].get("dataDisks", []))
    wanted = [named(state, vm, disk) for disk in data_disks(vm)]
    if "dataDisks" in profile:
        profile["dataDisks"] = wanted
    for disk in wanted:
        id = disk_id(vm, disk)
        size, sku = disk.get("diskSizeGB", 0), disk.get("managedDisk", {}).get("storageAccountType", SKU)
        found = state.find(id) or new_disk(state, id, vm, size, sku, creationData={"createOption": "Empty"})
        _attach(state, vm, found)
    ids = {disk_id(vm, disk).key for disk in (*wanted, os_disk(vm))}
    for found in state.referrers(vm.id, DISK_TYPE):
        if found.id.key not in ids:
            _detach(state, found)


def _give_system(state: State, vm: Resource, old: Resource | None) -> None:
    disk = os_disk(vm)
    if old is not None:
        disk |= {**os_disk(old), **disk}
        return
    suffix = state.guid(vm, "disk").replace("-", "")
    disk.setdefault("name", f"{vm.id.name}_disk1_{suffix}")
    disk.setdefault("osType", "Linux")
    reference = vm.properties["storageProfile"]["imageReference"]
    image = (
        f"/Subscriptions/{vm.id.subscription}/Providers/Microsoft.Compute/Locations/{vm.location}"
        f"/Publishers/{reference['publisher']}/ArtifactTypes/VMImage/Offers/{reference['offer']}"
        f"/Skus/{reference['sku']}/Versions/{vm.state['exactVersion']}"
    )
    sku = disk.get("managedDisk", {}).get("storageAccountType", SKU)
    creation = {"createOption": "FromImage", "imageReference": {"id": image}}
    more = {"osType": "Linux", "hyperVGeneration": generation_of(reference), "creationData": creation}
    size = disk.get("diskSizeGB", IMAGE_GB)
    _attach(state, vm, new_disk(state, disk_id(vm, disk), vm, size, sku, **more))


def _attach(state: State, vm: Resource, disk: Resource) -> None:
    disk.state["vm"] = str(vm.id)
    state.put(disk)


def _detach(state: State, disk: Resource) -> None:
    disk.state.pop("vm", None)
    state.put(disk)


def let_go(state: State, vm: Resource) -> None:
    """Disks with `deleteOption: Delete` go with their VM; the others are free for another."""
    for disk in (os_disk(vm), *data_disks(vm)):
        found = state.find(disk_id(vm, disk))
        if found is not None:
            _detach(state, found)
            if disk.get("deleteOption") == "Delete":
                state.remove(found)


# -- how they are shown ------------------------------------------------------------------------------------------------


def shown_os_disk(state: State, vm: Resource) -> JSON:
    return _shown(state, vm, {"caching": "ReadWrite", **os_disk(vm)})


def shown_data_disks(state: State, vm: Resource) -> list[JSON]:
    return [{**_shown(state, vm, {"caching": "None", **disk}), "toBeDetached": False} for disk in data_disks(vm)]


def _shown(state: State, vm: Resource, disk: JSON) -> JSON:
    """As the disk itself is now: it may have grown since it was attached."""
    found = state.find(disk_id(vm, disk))
    sku = found.body["sku"]["name"] if found else SKU
    size = found.properties["diskSizeGB"] if found else disk.get("diskSizeGB", IMAGE_GB)
    managed = {"storageAccountType": sku, "id": str(found.id if found else disk_id(vm, disk))}
    return {"deleteOption": "Detach", **disk, "diskSizeGB": size, "managedDisk": managed}


def names(vm: Resource) -> list[str]:
    """Names of all disks, the one that it starts from first."""
    return [disk["name"] for disk in (os_disk(vm), *data_disks(vm))]


# -- what a caller may set --------------------------------------------------------------------------------------------

_CACHING = Field(choice("None", "ReadOnly", "ReadWrite"), inert=True)
_DELETE = Field(choice("Delete", "Detach"))

OS_DISK = Shape(
    {
        "name": Field(Text()),
        "osType": Field(choice("Linux", unmodelled=("Windows",))),
        "caching": _CACHING,
        "createOption": Field(choice("FromImage", unmodelled=("Attach", "Empty", "Restore")), default="FromImage"),
        "managedDisk": Field(Shape({"storageAccountType": Field(Text())}, ("id",))),
        "diskSizeGB": Field(Whole(1, 4095)),
        "deleteOption": _DELETE,
    }
)
DATA_DISK = Shape(
    {
        "lun": Field(Whole(0, 63), required=True),
        "name": Field(Text()),
        "caching": _CACHING,
        "createOption": Field(choice("Empty", "Attach", unmodelled=("FromImage", "Copy", "Restore")), required=True),
        "managedDisk": Field(Shape({"id": Field(Text()), "storageAccountType": Field(Text())})),
        "diskSizeGB": Field(Whole(1, 32767)),
        "deleteOption": _DELETE,
        "toBeDetached": Field(Flag()),
        "writeAcceleratorEnabled": Field(Flag(), inert=True),
    },
    ("diskIOPSReadWrite", "diskMBpsReadWrite"),
)

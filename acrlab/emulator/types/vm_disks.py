"""The disks of a virtual machine: made with it or attached to it, and what becomes of them when it goes."""

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


def os_disk(machine: Resource) -> JSON:
    """The disk that a machine starts from, as its profile has it."""
    disk: JSON = machine.properties["storageProfile"].setdefault("osDisk", {})
    return disk


def data_disks(machine: Resource) -> list[JSON]:
    """Those that the machine is to have: what is to be detached is no longer among them."""
    listed: list[JSON] = machine.properties["storageProfile"].get("dataDisks", [])
    return [disk for disk in listed if not disk.get("toBeDetached")]


def disk_id(machine: Resource, disk: JSON) -> ArmId:
    """The id of the disk that an entry of the profile means."""
    own = disk.get("managedDisk", {}).get("id")
    return ArmId.parse(own) if own else machine.id.sibling(DISK_TYPE, disk["name"])


def named(state: State, machine: Resource, disk: JSON) -> JSON:
    """A disk that was given no name gets one after its place."""
    own = disk.get("managedDisk", {}).get("id")
    suffix = state.guid(machine, f"disk {disk['lun']}").replace("-", "")
    return {"name": ArmId.parse(own).name if own else f"{machine.id.name}_disk{disk['lun'] + 2}_{suffix}", **disk}


# -- effects -----------------------------------------------------------------------------------------------------------


def fit(state: State, machine: Resource, old: Resource | None) -> None:
    """Give a machine the disks that its profile lists: make those that are not there, let go of all others."""
    _give_system(state, machine, old)
    profile = machine.properties["storageProfile"]
    if old is not None:
        profile.setdefault("dataDisks", old.properties["storageProfile"].get("dataDisks", []))
    wanted = [named(state, machine, disk) for disk in data_disks(machine)]
    if "dataDisks" in profile:
        profile["dataDisks"] = wanted
    for disk in wanted:
        id = disk_id(machine, disk)
        size, sku = disk.get("diskSizeGB", 0), disk.get("managedDisk", {}).get("storageAccountType", SKU)
        found = state.find(id) or new_disk(state, id, machine, size, sku, creationData={"createOption": "Empty"})
        _attach(state, machine, found)
    ids = {disk_id(machine, disk).key for disk in (*wanted, os_disk(machine))}
    for found in state.referrers(machine.id, DISK_TYPE):
        if found.id.key not in ids:
            _detach(state, found)


def _give_system(state: State, machine: Resource, old: Resource | None) -> None:
    disk = os_disk(machine)
    if old is not None:
        disk |= {**os_disk(old), **disk}
        return
    suffix = state.guid(machine, "disk").replace("-", "")
    disk.setdefault("name", f"{machine.id.name}_disk1_{suffix}")
    disk.setdefault("osType", "Linux")
    reference = machine.properties["storageProfile"]["imageReference"]
    image = (
        f"/Subscriptions/{machine.id.subscription}/Providers/Microsoft.Compute/Locations/{machine.location}"
        f"/Publishers/{reference['publisher']}/ArtifactTypes/VMImage/Offers/{reference['offer']}"
        f"/Skus/{reference['sku']}/Versions/{machine.state['exactVersion']}"
    )
    sku = disk.get("managedDisk", {}).get("storageAccountType", SKU)
    creation = {"createOption": "FromImage", "imageReference": {"id": image}}
    more = {"osType": "Linux", "hyperVGeneration": generation_of(reference), "creationData": creation}
    size = disk.get("diskSizeGB", IMAGE_GB)
    _attach(state, machine, new_disk(state, disk_id(machine, disk), machine, size, sku, **more))


def _attach(state: State, machine: Resource, disk: Resource) -> None:
    disk.state["machine"] = str(machine.id)
    state.put(disk)


def _detach(state: State, disk: Resource) -> None:
    disk.state.pop("machine", None)
    state.put(disk)


def let_go(state: State, machine: Resource) -> None:
    """Disks with `deleteOption: Delete` go with their machine; the others are free for another."""
    for disk in (os_disk(machine), *data_disks(machine)):
        found = state.find(disk_id(machine, disk))
        if found is not None:
            _detach(state, found)
            if disk.get("deleteOption") == "Delete":
                state.remove(found)


# -- how they are shown ------------------------------------------------------------------------------------------------


def shown_os_disk(state: State, machine: Resource) -> JSON:
    return _shown(state, machine, {"caching": "ReadWrite", **os_disk(machine)})


def shown_data_disks(state: State, machine: Resource) -> list[JSON]:
    return [
        {**_shown(state, machine, {"caching": "None", **disk}), "toBeDetached": False} for disk in data_disks(machine)
    ]


def _shown(state: State, machine: Resource, disk: JSON) -> JSON:
    """As the disk itself is now: it may have grown since it was attached."""
    found = state.find(disk_id(machine, disk))
    sku = found.body["sku"]["name"] if found else SKU
    size = found.properties["diskSizeGB"] if found else disk.get("diskSizeGB", IMAGE_GB)
    managed = {"storageAccountType": sku, "id": str(found.id if found else disk_id(machine, disk))}
    return {"deleteOption": "Detach", **disk, "diskSizeGB": size, "managedDisk": managed}


def names(machine: Resource) -> list[str]:
    """Names of all disks, the one that it starts from first."""
    return [disk["name"] for disk in (os_disk(machine), *data_disks(machine))]


# -- what a caller may set --------------------------------------------------------------------------------------------

_CACHING = Field(choice("None", "ReadOnly", "ReadWrite"), inert=True)
_DELETE = Field(choice("Delete", "Detach"))

OS_DISK = Shape(
    {
        "name": Field(Text()),
        "osType": Field(choice("Linux")),
        "caching": _CACHING,
        "createOption": Field(choice("FromImage"), default="FromImage"),
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
        "createOption": Field(choice("Empty", "Attach"), required=True),
        "managedDisk": Field(Shape({"id": Field(Text()), "storageAccountType": Field(Text())})),
        "diskSizeGB": Field(Whole(1, 32767)),
        "deleteOption": _DELETE,
        "toBeDetached": Field(Flag()),
        "writeAcceleratorEnabled": Field(Flag(), inert=True),
    },
    ("diskIOPSReadWrite", "diskMBpsReadWrite"),
)

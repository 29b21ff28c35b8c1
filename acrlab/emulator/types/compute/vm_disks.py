"""The disks of a VM: made with it or attached to it, and what becomes of them when it goes."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.domains import Only, Shape
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import CREATING, UPDATING, Resource, State
from acrlab.emulator.core.values import Field, Flag, Text, Whole, choice
from acrlab.emulator.types.compute.disk import DISK_TYPE, SKUS, new_disk
from acrlab.emulator.types.compute.vm_image import generation_of
from acrlab.emulator.types.compute.vm_power import DEALLOCATED, power_of

IMAGE_GB = 30  # of every image in the catalogue
SKU = "Premium_LRS"


def os_disk(vm: Resource) -> JSON:
    """The disk that a VM starts from, as its profile has it."""
    disk: JSON = vm.properties["storageProfile"].setdefault("osDisk", {})
    return disk


def listed(vm: Resource) -> list[JSON]:
    """All data disks of a VM, with those that its operation is detaching."""
    disks: list[JSON] = vm.properties["storageProfile"].get("dataDisks", [])
    return disks


def data_disks(vm: Resource) -> list[JSON]:
    """Those that the VM is to have: what is to be detached is no longer among them."""
    return [disk for disk in listed(vm) if not disk.get("toBeDetached")]


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
    """Give a VM the disks that its profile lists, and mark for the operation's end those that it is to let go of."""
    made = [_give_system(state, vm, old)]
    profile = vm.properties["storageProfile"]
    if old is not None:
        profile.setdefault("dataDisks", listed(old))
    wanted = [named(state, vm, disk) for disk in data_disks(vm)]
    for disk in wanted:
        made.append(_give(state, vm, disk))
    if "dataDisks" in profile:
        profile["dataDisks"] = _with_leaving(vm, wanted, old)
    vm.state["new disks"] = [id.key for id in made if id]


def _give(state: State, vm: Resource, disk: JSON) -> ArmId | None:
    """Attach a data disk, of the kind that is asked for. Returns: its id where it had to be made first."""
    id, sku = disk_id(vm, disk), disk.get("managedDisk", {}).get("storageAccountType")
    found = state.find(id)
    if found is None:
        made = new_disk(state, id, vm, disk.get("diskSizeGB", 0), sku or SKU, creationData={"createOption": "Empty"})
        _attach(state, vm, made)
        return id
    if sku and found.state.get("vm") is None:
        found.body["sku"] = {"name": sku}
    _attach(state, vm, found)
    return None


def _with_leaving(vm: Resource, wanted: list[JSON], old: Resource | None) -> list[JSON]:
    """The data disks with those that are leaving, each of these in its old place."""
    disks, kept = list(wanted), {disk_id(vm, disk).key for disk in wanted}
    for place, disk in enumerate(listed(old) if old else ()):
        if disk_id(vm, disk).key not in kept:
            disks.insert(place, {**disk, "toBeDetached": True})
    return disks


def part(state: State, vm: Resource) -> None:
    """Detach what was to be detached."""
    for disk in listed(vm):
        found = state.find(disk_id(vm, disk)) if disk.get("toBeDetached") else None
        if found is not None:
            _detach(state, found)
    if listed(vm):
        vm.properties["storageProfile"]["dataDisks"] = data_disks(vm)


def _give_system(state: State, vm: Resource, old: Resource | None) -> ArmId | None:
    disk = os_disk(vm)
    if old is not None:
        disk |= {**os_disk(old), **disk}
        return None
    suffix = state.guid(vm, "disk").replace("-", "")
    disk.setdefault("name", f"{vm.id.name}_disk1_{suffix}")
    disk.setdefault("osType", "Linux")
    disk.setdefault("createOption", "FromImage")
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
    return disk_id(vm, disk)


def _attach(state: State, vm: Resource, disk: Resource) -> None:
    disk.state["vm"] = str(vm.id)
    state.put(disk)


def _detach(state: State, disk: Resource) -> None:
    disk.state.pop("vm", None)
    state.put(disk)


def let_go(state: State, vm: Resource) -> None:
    """Disks with `deleteOption: Delete` go with their VM; the others are free for another."""
    for disk in (os_disk(vm), *listed(vm)):
        found = state.find(disk_id(vm, disk))
        if found is not None:
            _detach(state, found)
            if disk.get("deleteOption") == "Delete":
                state.remove(found)


# -- how they are shown ------------------------------------------------------------------------------------------------


def shown_os_disk(state: State, vm: Resource) -> JSON:
    return _shown(state, vm, {"caching": "ReadWrite", **os_disk(vm)})


def shown_data_disks(state: State, vm: Resource) -> list[JSON]:
    return [_shown(state, vm, {"caching": "None", "toBeDetached": False, **disk}) for disk in listed(vm)]


def _shown(state: State, vm: Resource, disk: JSON) -> JSON:
    """As the disk itself is now: it may have grown since it was attached.

    Of a deallocated VM's disks only the ids are told, and of a disk that is just being made everything else.
    """
    id = disk_id(vm, disk)
    found = state.find(id)
    told = {"deleteOption": "Detach", **disk}
    if power_of(state, vm) == DEALLOCATED:
        told.pop("diskSizeGB", None)
        return {**told, "managedDisk": {"id": str(found.id if found else id)}}
    managed = {"storageAccountType": found.body["sku"]["name"] if found else SKU}
    if vm.phase not in (CREATING, UPDATING) or id.key not in vm.state.get("new disks", ()):
        managed["id"] = str(found.id if found else id)
    size = found.properties["diskSizeGB"] if found else disk.get("diskSizeGB", IMAGE_GB)
    return {**told, "diskSizeGB": size, "managedDisk": managed}


def names(vm: Resource) -> list[str]:
    """Names of all disks, the one that it starts from first."""
    return [disk["name"] for disk in (os_disk(vm), *listed(vm))]


# -- what a caller may set --------------------------------------------------------------------------------------------

_CACHING = Field(choice("None", "ReadOnly", "ReadWrite"), inert=True)
DELETE_OPTION = choice("Delete", "Detach")
_ACCELERATED = Field(Only(False))  # for sizes of the M series alone, of which there is none here
_DELETE = Field(DELETE_OPTION, since="2021-03-01")

_MANAGED = Shape({"storageAccountType": Field(SKUS), "id": Field(Text())})
OS_DISK = Shape(
    {
        "name": Field(Text()),
        "osType": Field(choice("Linux", unmodelled=("Windows",))),
        "caching": _CACHING,
        "createOption": Field(
            choice("FromImage", unmodelled=("Attach", "Copy", "Empty", "Restore")), default="FromImage"
        ),
        "managedDisk": Field(_MANAGED),
        "diskSizeGB": Field(Whole(1, 4095)),
        "writeAcceleratorEnabled": _ACCELERATED,
        "deleteOption": _DELETE,
    }
)
SHOWN_OS_DISK = Shape({**OS_DISK.fields, "managedDisk": Field(_MANAGED)})
DATA_DISK = Shape(
    {
        "lun": Field(Whole(0, 63), required=True),
        "name": Field(Text()),
        "caching": _CACHING,
        "createOption": Field(choice("Empty", "Attach", unmodelled=("FromImage", "Copy", "Restore")), required=True),
        "managedDisk": Field(_MANAGED),
        "diskSizeGB": Field(Whole(1, 32767)),
        "deleteOption": _DELETE,
        "toBeDetached": Field(Flag()),
        "writeAcceleratorEnabled": _ACCELERATED,
    },
    ("diskIOPSReadWrite", "diskMBpsReadWrite"),
)

"""Microsoft.Compute/disks: what VMs keep their bytes on. A disk outlives its VM unless it was told to go."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Flag, Region, Tags, Text, Whole, choice
from acrlab.emulator.types import api_versions, zone_rules
from acrlab.emulator.types.compute.vm_power import DEALLOCATED
from acrlab.emulator.types.names import COMPUTE_NAME
from acrlab.emulator.types.polling import DISK_DELETE, DISK_PUT
from acrlab.emulator.types.region import zones_exist

DISK_TYPE = "Microsoft.Compute/disks"
GIB = 2**30

# Largest size in GiB of a Premium tier -> its name, operations a second, MB a second.
# Source: https://learn.microsoft.com/azure/virtual-machines/disks-types
PREMIUM_TIERS = {
    4: ("P1", 120, 25),
    8: ("P2", 120, 25),
    16: ("P3", 120, 25),
    32: ("P4", 120, 25),
    64: ("P6", 240, 50),
    128: ("P10", 500, 100),
    256: ("P15", 1100, 125),
    512: ("P20", 2300, 150),
    1024: ("P30", 5000, 200),
    2048: ("P40", 7500, 250),
    4096: ("P50", 7500, 250),
    8192: ("P60", 16000, 500),
    16384: ("P70", 18000, 750),
    32767: ("P80", 20000, 900),
}


def new_disk(state: State, id: ArmId, vm: Resource, size: int, sku: str, **properties: object) -> Resource:
    """Make the disk that a VM brings with it, where the VM is."""
    place = ("location",) if sku.endswith("_ZRS") else ("location", "zones")
    body: JSON = {k: vm.body[k] for k in place if k in vm.body}
    body |= {"sku": {"name": sku}, "properties": {**DEFAULTS, "diskSizeGB": size, **properties}}
    return state.new(id, body)


def vm_of(state: State, disk: Resource) -> Resource | None:
    """The VM that a disk is attached to."""
    return state.find(disk.state.get("vm", ""))


def is_made_empty(state: State, disk: Resource, old: Resource | None) -> None:
    """A disk of one's own starts empty, of a size; how it started never changes."""
    creation = disk.properties["creationData"]
    if old is not None:
        if creation != old.properties["creationData"]:
            message = "Changing property 'creationData' is not allowed."
            raise ArmError(409, "PropertyChangeNotAllowed", message, target="creationData")
    elif creation["createOption"] != "Empty":
        raise NotEmulated(f"createOption {creation['createOption']} of {DISK_TYPE}", supported="Empty")
    if "diskSizeGB" not in disk.properties:
        message = "Required parameter 'disk.diskSizeGB' is missing (null)."
        raise ArmError(400, "InvalidParameter", message, target="disk.diskSizeGB")


def only_grows(state: State, disk: Resource, old: Resource | None) -> None:
    """What is on a disk needs its room; and the disk that a VM runs from grows only while it is switched off."""
    if old is None or disk.properties["diskSizeGB"] == old.properties["diskSizeGB"]:
        return
    if disk.properties["diskSizeGB"] < old.properties["diskSizeGB"]:
        message = (
            f"Disk {disk.id.name} cannot be resized from {old.properties['diskSizeGB']} GB to "
            f"{disk.properties['diskSizeGB']} GB: shrinking a disk is not supported."
        )
        raise ArmError(409, "OperationNotAllowed", message)
    vm = vm_of(state, disk)
    if vm and "osType" in disk.properties and vm.state["power"] != DEALLOCATED:
        message = (
            f"Cannot resize disk {disk.id.name} while it is attached to running VM {vm.id}. Resizing a disk of an "
            "Azure Virtual Machine requires the virtual machine to be deallocated. Please stop your VM and retry the "
            "operation."
        )
        raise ArmError(409, "OperationNotAllowed", message)


def is_not_attached(state: State, disk: Resource) -> None:
    """A VM keeps its disks."""
    vm = vm_of(state, disk)
    if vm is not None:
        raise ArmError(409, "OperationNotAllowed", f"Disk {disk.id.name} is attached to VM {vm.id}.")


def state(state: State, disk: Resource) -> str:
    """A VM that is deallocated keeps its disks, too, but is not at work on them."""
    vm = vm_of(state, disk)
    if vm is None:
        return "Unattached"
    return "Reserved" if vm.state["power"] == DEALLOCATED else "Attached"


def sku(state: State, disk: Resource) -> JSON:
    name = disk.body["sku"]["name"]
    return {"name": name, "tier": "Premium" if name.startswith("Premium") else "Standard"}


def performs_as_its_kind(state: State, disk: Resource, old: Resource | None) -> None:
    """Clients send back how a disk performs. Of the kinds that are emulated none is told how to."""
    said = {name: disk.properties.pop(name, None) for name in PERFORMANCE}
    told = [dict(zip(PERFORMANCE, _performance(one), strict=True)) for one in (disk, old) if one]
    for name, value in said.items():
        if value is not None and value not in [one[name] for one in told]:
            raise NotEmulated(f"{name} {value} of {DISK_TYPE}", supported=f"{told[0][name]}, as its kind and size have")


def _performance(disk: Resource) -> tuple[str | None, int, int]:
    """Tier, operations a second, MB a second."""
    if not disk.body["sku"]["name"].startswith("Premium"):
        return None, 500, 60 if disk.body["sku"]["name"].startswith("Standard_") else 100
    return PREMIUM_TIERS[min(size for size in PREMIUM_TIERS if size >= disk.properties["diskSizeGB"])]


MADE_FROM = ("Empty", "FromImage", "Attach", "Copy", "CopyStart", "Import", "Restore", "Upload")
PERFORMANCE = ("tier", "diskIOPSReadWrite", "diskMBpsReadWrite")
CREATION = Shape(
    {
        "createOption": Field(
            choice(*MADE_FROM, unmodelled=("CopyFromSanSnapshot", "ImportSecure", "UploadPreparedSecure")),
            required=True,
        ),
        "imageReference": Field(Shape({"id": Field(Text(), required=True)})),
    }
)
DEFAULTS: JSON = {
    "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
    "networkAccessPolicy": "AllowAll",
    "publicNetworkAccess": "Enabled",
}
SKUS = choice(
    "Standard_LRS",
    "StandardSSD_LRS",
    "StandardSSD_ZRS",
    "Premium_LRS",
    "Premium_ZRS",
    unmodelled=("PremiumV2_LRS", "UltraSSD_LRS"),
)

ENCRYPTION = choice(
    "EncryptionAtRestWithPlatformKey",
    unmodelled=("EncryptionAtRestWithCustomerKey", "EncryptionAtRestWithPlatformAndCustomerKeys"),
)

DISK = ResourceType(
    type=DISK_TYPE,
    source="https://learn.microsoft.com/rest/api/compute/disks/create-or-update",
    name=COMPUTE_NAME,
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "sku": Field(Shape({"name": Field(SKUS, default="Standard_LRS")}, ("tier",)), default={"name": "Standard_LRS"}),
        "zones": Field(Listing(Text())),
    },
    properties={
        "osType": Field(choice("Linux", unmodelled=("Windows",)), inert=True),
        "hyperVGeneration": Field(choice("V1", "V2"), inert=True),
        "creationData": Field(CREATION, required=True),
        "diskSizeGB": Field(Whole(1, 32767)),
        "encryption": Field(
            Shape({"type": Field(ENCRYPTION)}),
            default=DEFAULTS["encryption"],
            inert=True,
        ),
        "networkAccessPolicy": Field(
            choice("AllowAll", "DenyAll", unmodelled=("AllowPrivate",)), default="AllowAll", inert=True
        ),
        "publicNetworkAccess": Field(choice("Enabled", "Disabled"), default="Enabled", inert=True),
        "supportsHibernation": Field(Flag(), inert=True),
        "tier": Field(Text()),
        "diskIOPSReadWrite": Field(Whole()),
        "diskMBpsReadWrite": Field(Whole()),
    },
    computed={
        "diskState": state,
        "timeCreated": lambda state, disk: with_offset(state.timestamp(disk.created)),
        "uniqueId": lambda state, disk: state.guid(disk, "disk"),
        "diskSizeBytes": lambda state, disk: disk.properties["diskSizeGB"] * GIB,
        "tier": lambda state, disk: _performance(disk)[0],
        "diskIOPSReadWrite": lambda state, disk: _performance(disk)[1],
        "diskMBpsReadWrite": lambda state, disk: _performance(disk)[2],
    },
    computed_envelope={"sku": sku, "managedBy": lambda state, disk: disk.state.get("vm")},
    rules=(is_made_empty, performs_as_its_kind, only_grows, zones_exist, *zone_rules.COMPUTE),
    delete_rules=(is_not_attached,),
    polling={"PUT": DISK_PUT, "PATCH": DISK_PUT, "DELETE": DISK_DELETE},
    seconds={"PUT": 2, "DELETE": 2},
    versions=api_versions.DISKS,
)

DEVIATIONS = (
    Deviation(
        of=DISK_TYPE,
        what="A disk holds nothing: what a VM wrote goes with the VM, and a data disk is not a device on it.",
        impact="`lsblk` and `mount` on the VM know no data disks; a disk that is kept brings nothing to another.",
        reason="Disks are modelled for what they cost and who they belong to, not for their content.",
        workaround="Keep what has to last in the registry.",
    ),
)

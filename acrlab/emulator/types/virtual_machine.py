"""Microsoft.Compute/virtualMachines: a computer in a subnet, with an identity, that runs commands when asked to."""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Anything, Field, Flag, Listing, Region, Secret, Shape, Tags, Text, choice
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.schema import Resource, ResourceType, Tenant
from acrlab.emulator.types import api_versions, machine_disk_rules, machine_disks, machine_rules
from acrlab.emulator.types.followed import COMPUTE, COMPUTE_ACTION
from acrlab.emulator.types.machine_actions import ACTIONS
from acrlab.emulator.types.machine_power import RUNNING
from acrlab.emulator.types.network_interface import MACHINE_TYPE


def start_up(tenant: Tenant, machine: Resource, old: Resource | None) -> None:
    """A new machine runs at once; its disks and its computer get names. A changed one keeps its log-in."""
    machine.state.setdefault("power", RUNNING)
    machine.state.setdefault("disk", {})
    machine_disks.fit(tenant, machine, old)
    before = old.properties["osProfile"] if old else {"computerName": machine.id.name}
    machine.properties["osProfile"] = {**before, **machine.properties.get("osProfile", {})}


def release(tenant: Tenant, machine: Resource) -> None:
    """What was attached with `deleteOption: Delete` goes with the machine; everything else stays."""
    tenant.delete(machine.id)
    machine_disks.let_go(tenant, machine)
    for reference in machine.properties["networkProfile"]["networkInterfaces"]:
        interface = tenant.find(reference["id"])
        if interface and reference.get("properties", {}).get("deleteOption") == "Delete":
            tenant.remove(interface)


def identity(tenant: Tenant, machine: Resource) -> JSON | None:
    """The account that Azure keeps for the machine; it lives and dies with it."""
    kind = machine.body.get("identity", {}).get("type", "None")
    if kind == "None":
        return None
    return {"type": kind, "principalId": principal_of(tenant, machine), "tenantId": tenant.setting("tenant")}


def principal_of(tenant: Tenant, machine: Resource) -> str:
    return tenant.guid(machine, "principal")


def os_profile(tenant: Tenant, machine: Resource) -> JSON:
    """What the machine was set up with, but for its secrets."""
    profile = machine.properties["osProfile"]
    more = {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}
    return {k: v for k, v in profile.items() if k not in ("adminPassword", "customData")} | more


def storage_profile(tenant: Tenant, machine: Resource) -> JSON:
    profile: JSON = machine.properties["storageProfile"]
    image = {**profile["imageReference"], "exactVersion": machine.state["exactVersion"]}
    disks = {
        "osDisk": machine_disks.shown_os_disk(tenant, machine),
        "dataDisks": machine_disks.shown_data_disks(tenant, machine),
    }
    return {**profile, "imageReference": image, **disks}


KEY = Shape({"path": Field(Text()), "keyData": Field(Text(), required=True)})
PATCHES = {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"}
LINUX = Shape(
    {
        "disablePasswordAuthentication": Field(Flag(), default=False),
        "ssh": Field(Shape({"publicKeys": Field(Listing(KEY))})),
        "provisionVMAgent": Field(Flag(), default=True),
        "patchSettings": Field(Anything(), default=PATCHES, inert=True),
        "enableVMAgentPlatformUpdates": Field(Flag(), inert=True),
    }
)
INTERFACE = Shape(
    {
        "id": Field(Text(), required=True),
        "properties": Field(Shape({"primary": Field(Flag()), "deleteOption": Field(choice("Delete", "Detach"))})),
    }
)
IMAGE = Shape({k: Field(Text()) for k in ("publisher", "offer", "sku", "version")}, ("exactVersion",))
OS_PROFILE = Shape(
    {
        "computerName": Field(Text()),
        "adminUsername": Field(Text(), required=True),
        "adminPassword": Field(Secret()),
        "customData": Field(Secret(), inert=True),
        "linuxConfiguration": Field(LINUX),
    },
    ("secrets", "allowExtensionOperations", "requireGuestProvisionSignal"),
)

VIRTUAL_MACHINE = ResourceType(
    type=MACHINE_TYPE,
    source="https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update",
    versions=api_versions.COMPUTE,
    name=r"[A-Za-z0-9]([\w.-]{0,62}[A-Za-z0-9])?",
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "identity": Field(
            Shape({"type": Field(choice("SystemAssigned", "None"), required=True)}, ("principalId", "tenantId"))
        ),
        "zones": Field(Listing(Text()), inert=True),
    },
    properties={
        "hardwareProfile": Field(Shape({"vmSize": Field(Text(), default="Standard_D2s_v5")}), required=True),
        "storageProfile": Field(
            Shape(
                {
                    "imageReference": Field(IMAGE),
                    "osDisk": Field(machine_disks.OS_DISK),
                    "dataDisks": Field(Listing(machine_disks.DATA_DISK)),
                }
            ),
            required=True,
        ),
        "osProfile": Field(OS_PROFILE),
        "networkProfile": Field(
            Shape({"networkInterfaces": Field(Listing(INTERFACE, least=1), required=True)}), required=True
        ),
        "securityProfile": Field(Anything(), inert=True),
        "diagnosticsProfile": Field(Anything(), inert=True),
    },
    read_only=("vmId", "timeCreated", "instanceView"),
    computed={
        "vmId": lambda tenant, machine: tenant.guid(machine, "machine"),
        "timeCreated": lambda tenant, machine: tenant.timestamp(machine.created),
        "osProfile": os_profile,
        "storageProfile": storage_profile,
    },
    computed_envelope={"identity": identity},
    rules=(*machine_rules.RULES, *machine_disk_rules.RULES),
    on_put=start_up,
    on_delete=release,
    asynchrony={"PUT": COMPUTE, "PATCH": COMPUTE, "DELETE": COMPUTE_ACTION},
    seconds={"PUT": 60, "DELETE": 28},
    etag="counted",
    etag_since="2024-07-01",
    actions=ACTIONS,
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Compute/virtualMachines",
        what="A machine is a small shell with the commands that the article needs.",
        impact="Other commands answer `command not found`; nobody can log in by SSH.",
        reason="Nothing is virtualised; what its commands do is real work against the emulated network and registry.",
        workaround="Run scripts with run-command, or `acrlab.run_on_vm`.",
    ),
)

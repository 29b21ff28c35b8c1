"""Microsoft.Compute/virtualMachines: a computer in a subnet, with an identity, that runs commands when asked to."""

from __future__ import annotations

from acrlab.emulator.domains import Anything, Field, Flag, Listing, Region, Shape, Tags, Text, Whole, choice
from acrlab.emulator.schema import Action, Resource, ResourceType, Tenant, missing_reference
from acrlab.emulator.types.followed import COMPUTE, COMPUTE_ACTION
from acrlab.emulator.types.machine_image import SIZES, find_image
from acrlab.emulator.types.network_interface import MACHINE_TYPE
from acrlab.emulator.wire import JSON, ArmError, Request

RUNNING, STOPPED, DEALLOCATED = "running", "stopped", "deallocated"


def size_exists(tenant: Tenant, machine: Resource, old: Resource | None) -> None:
    """A machine has one of the sizes that its region offers."""
    size = machine.properties["hardwareProfile"]["vmSize"]
    if size.lower() not in (name.lower() for name in SIZES):
        message = (
            f"The value {size} provided for the VM size is not valid. The valid sizes in the current region are: "
            f"{','.join(SIZES)}."
        )
        raise ArmError(400, "InvalidParameter", message)


def image_exists(tenant: Tenant, machine: Resource, old: Resource | None) -> None:
    """A machine starts from an image that its publisher still offers."""
    reference = machine.properties.get("storageProfile", {}).get("imageReference", {})
    exact = find_image(reference)
    if not exact:
        urn = ":".join(reference.get(k, "") for k in ("publisher", "offer", "sku", "version"))
        message = (
            f"The platform image '{urn}' is not available. Verify that all fields in the storage profile are correct. "
            "For more details about storage profile information, please refer to https://aka.ms/storageprofile"
        )
        raise ArmError(404, "PlatformImageNotFound", message)
    machine.state["exactVersion"] = exact


def interfaces_are_free(tenant: Tenant, machine: Resource, old: Resource | None) -> None:
    """A machine stands on interfaces that are there and belong to no other machine."""
    for reference in machine.properties["networkProfile"]["networkInterfaces"]:
        if tenant.find(reference["id"]) is None:
            raise missing_reference(machine, reference["id"])
        for other in tenant.referrers(reference["id"], MACHINE_TYPE):
            if other.id.key != machine.id.key:
                message = f"Network Interface {reference['id']} is used by existing resource {other.id}."
                raise ArmError(400, "NicInUse", message)


def start_up(tenant: Tenant, machine: Resource, old: Resource | None) -> None:
    """A new machine runs at once; its disk gets a name, its identity a principal."""
    machine.state.setdefault("power", RUNNING)
    machine.state.setdefault("disk", {})
    disk = machine.properties["storageProfile"].setdefault("osDisk", {})
    suffix = tenant.guid(machine, "disk").replace("-", "")
    disk.setdefault("name", f"{machine.id.name}_disk1_{suffix}")
    disk.setdefault("osType", "Linux")


def release(tenant: Tenant, machine: Resource) -> None:
    """What was attached with `deleteOption: Delete` goes with the machine; everything else stays."""
    tenant.delete(machine.id)
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


def os_profile(tenant: Tenant, machine: Resource) -> JSON | None:
    """What the machine was set up with, but for its password."""
    profile = machine.properties.get("osProfile")
    if not profile:
        return None
    more = {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}
    return {k: v for k, v in profile.items() if k not in ("adminPassword", "customData")} | more


def storage_profile(tenant: Tenant, machine: Resource) -> JSON:
    profile: JSON = machine.properties["storageProfile"]
    disk = {"caching": "ReadWrite", "createOption": "FromImage", "diskSizeGB": 30, **profile["osDisk"]}
    disk["managedDisk"] = {"storageAccountType": "Premium_LRS", **disk.get("managedDisk", {})} | {
        "id": str(machine.id.sibling("Microsoft.Compute/disks", disk["name"]))
    }
    image = {**profile["imageReference"], "exactVersion": machine.state["exactVersion"]}
    return {**profile, "imageReference": image, "osDisk": disk, "dataDisks": []}


def instance_view(tenant: Tenant, machine: Resource, request: Request) -> JSON:
    """What the machine itself reports."""
    power, made = machine.state["power"], tenant.timestamp(machine.created)
    shown = {RUNNING: "VM running", STOPPED: "VM stopped", DEALLOCATED: "VM deallocated"}[power]
    agent = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready", "time": made}
    return {
        "computerName": machine.properties.get("osProfile", {}).get("computerName", machine.id.name),
        "osName": "ubuntu",
        "vmAgent": {
            "vmAgentVersion": "2.11.1.12",
            "statuses": [agent] if power == RUNNING else [],
            "extensionHandlers": [],
        },
        "hyperVGeneration": "V2",
        "statuses": [
            {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
                "time": made,
            },
            {"code": f"PowerState/{power}", "level": "Info", "displayStatus": shown},
        ],
    }


def _turn(power: str) -> Action:
    def turn(tenant: Tenant, machine: Resource, request: Request) -> None:
        """Switch the machine; what it holds on its disk stays."""
        machine.state["power"] = power
        tenant.settle(machine, machine.phase)

    return Action(turn, asynchrony=COMPUTE_ACTION, seconds=28 if power == DEALLOCATED else 11)


def run_command(tenant: Tenant, machine: Resource, request: Request) -> JSON:
    """Hand a script to the agent on the machine and bring back what it printed."""
    sent = request.json()
    if sent.get("commandId") != "RunShellScript":
        message = f"The entity was not found: run command '{sent.get('commandId')}'. Supported here: RunShellScript."
        raise ArmError(404, "NotFound", message)
    if machine.state["power"] != RUNNING:
        message = "Cannot modify extensions in the VM when the VM is not running."
        raise ArmError(409, "OperationNotAllowed", message)
    given = [f"{p['name']}='{p['value']}'" for p in sent.get("parameters") or []]
    outcome = tenant.perform("run_script", machine, "\n".join([*given, *sent.get("script", [])]))
    message = f"Enable succeeded: \n[stdout]\n{outcome.stdout}\n[stderr]\n{outcome.stderr}"
    status = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}
    return {"value": [{**status, "message": message}]}


KEY = Shape({"path": Field(Text()), "keyData": Field(Text(), required=True)})
LINUX = Shape(
    {
        "disablePasswordAuthentication": Field(Flag(), default=False),
        "ssh": Field(Shape({"publicKeys": Field(Listing(KEY))})),
        "provisionVMAgent": Field(Flag(), default=True),
        "patchSettings": Field(Anything(), inert=True),
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
DISK = Shape(
    {
        "name": Field(Text()),
        "osType": Field(choice("Linux")),
        "caching": Field(choice("None", "ReadOnly", "ReadWrite"), inert=True),
        "createOption": Field(choice("FromImage"), default="FromImage"),
        "managedDisk": Field(Shape({"storageAccountType": Field(Text(), inert=True)}, ("id",))),
        "diskSizeGB": Field(Whole(1, 4095), inert=True),
        "deleteOption": Field(choice("Delete", "Detach"), inert=True),
    }
)
OS_PROFILE = Shape(
    {
        "computerName": Field(Text()),
        "adminUsername": Field(Text(), required=True),
        "adminPassword": Field(Text()),
        "customData": Field(Text(), inert=True),
        "linuxConfiguration": Field(LINUX),
    },
    ("secrets", "allowExtensionOperations", "requireGuestProvisionSignal"),
)

VIRTUAL_MACHINE = ResourceType(
    type=MACHINE_TYPE,
    source="https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update",
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
                    "imageReference": Field(IMAGE, required=True),
                    "osDisk": Field(DISK),
                    "dataDisks": Field(Anything(), inert=True),
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
    rules=(size_exists, image_exists, interfaces_are_free),
    on_put=start_up,
    on_delete=release,
    asynchrony={"PUT": COMPUTE, "PATCH": COMPUTE, "DELETE": COMPUTE_ACTION},
    seconds={"PUT": 60, "DELETE": 28},
    actions={
        "instanceView": Action(instance_view, method="GET"),
        "runCommand": Action(run_command, asynchrony=COMPUTE_ACTION, seconds=17),
        "start": _turn(RUNNING),
        "powerOff": _turn(STOPPED),
        "deallocate": _turn(DEALLOCATED),
        "restart": _turn(RUNNING),
    },
)

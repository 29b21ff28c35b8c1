"""What a node pool may be set to, as part of its cluster and by itself."""

from __future__ import annotations

from acrlab.emulator.core.domains import Only
from acrlab.emulator.core.values import Anything, Field, Flag, Scene, Text, Whole, choice

SIZE = "Standard_DS2_v2"  # what AKS picks where none is asked for differs by region and subscription
MOST_NODES = 1000
DISK_GB, MOST_PODS = 128, 250


def _one(scene: Scene) -> int:
    return 1


READ_ONLY = ("currentOrchestratorVersion", "nodeImageVersion", "powerState", "provisioningState", "eTag")
POOL_FIELDS = {
    "count": Field(Whole(0, MOST_NODES), default=_one),
    "vmSize": Field(Text(), default=SIZE),
    "osDiskSizeGB": Field(Whole(0, 2048), default=DISK_GB, inert=True),
    "osDiskType": Field(choice("Managed", "Ephemeral"), default="Managed", inert=True),
    "kubeletDiskType": Field(choice("OS"), default="OS", inert=True),
    "vnetSubnetID": Field(Text()),
    "maxPods": Field(Whole(10, MOST_PODS), default=MOST_PODS, inert=True),
    "type": Field(
        choice("VirtualMachineScaleSets", unmodelled=("AvailabilitySet", "VirtualMachines")),
        default="VirtualMachineScaleSets",
    ),
    "enableAutoScaling": Field(Only(False), default=False),
    "scaleDownMode": Field(choice("Delete", "Deallocate"), default="Delete", inert=True),
    "orchestratorVersion": Field(Text()),
    "enableNodePublicIP": Field(Only(False), default=False),
    "nodeLabels": Field(Anything(), inert=True),
    "nodeTaints": Field(Only([])),
    "mode": Field(choice("System", "User", unmodelled=("Gateway",)), default="User"),
    "osType": Field(choice("Linux", unmodelled=("Windows",)), default="Linux"),
    "osSKU": Field(
        choice("Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux", unmodelled=("Windows2019", "Windows2022")),
        default="Ubuntu",
        inert=True,
    ),
    "scaleSetPriority": Field(choice("Regular", unmodelled=("Spot",)), inert=True),
    "scaleSetEvictionPolicy": Field(choice("Delete", "Deallocate"), inert=True),
    "spotMaxPrice": Field(Anything(), inert=True),
    "availabilityZones": Field(Anything(), inert=True),
    "upgradeSettings": Field(Anything(), default={"maxSurge": "10%"}, inert=True),
    "enableEncryptionAtHost": Field(Flag(), inert=True),
    "enableUltraSSD": Field(Flag(), inert=True),
    "enableFIPS": Field(Flag(), default=False, inert=True),
    "securityProfile": Field(Anything(), default={"enableVTPM": False, "enableSecureBoot": False}, inert=True),
    "networkProfile": Field(Anything(), inert=True),
    "tags": Field(Anything(), inert=True),
}

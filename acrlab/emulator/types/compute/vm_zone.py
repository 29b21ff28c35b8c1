"""What a VM uses has to be in its zone, too: its disks, its size, its public addresses."""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.compute.vm_disks import data_disks, disk_id
from acrlab.emulator.types.compute.vm_size import RESTRICTED
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.network.public_ip_address import ADDRESS_TYPE
from acrlab.emulator.types.zone_rules import zones_of


def size_is_in_the_zone(state: State, vm: Resource, old: Resource | None) -> None:
    """Some zones lack a size that their region has.

    Source, of the words: https://github.com/Azure/Azure-Network-Security/pull/30, and of the status
    https://github.com/Azure-Samples/azuresandbox/issues/70
    """
    size = vm.properties["hardwareProfile"]["vmSize"].lower()
    for (name, region), lacking in RESTRICTED.items():
        if (name.lower(), region) == (size, vm.location) and set(zones_of(vm)) & set(lacking):
            message = (
                f"The requested size for resource '{vm.id}' is currently not available in location '{region}' zones "
                f"'{','.join(zones_of(vm))}' for subscription '{vm.id.subscription}'. Please try another size or "
                "deploy to a different location or zones. See https://aka.ms/azureskunotavailable for details."
            )
            raise ArmError(409, "SkuNotAvailable", message)


def disks_are_in_its_zone(state: State, vm: Resource, old: Resource | None) -> None:
    """A disk is attached in its own zone; one that is in all zones, in any.

    Source, of the words: https://github.com/jenkins-infra/azure/pull/1406, https://github.com/jrudlin/Azure/pull/7 and
    https://github.com/hashicorp/terraform-provider-azurerm/issues/11992
    """
    for entry in data_disks(vm):
        disk = state.find(disk_id(vm, entry)) if entry.get("managedDisk", {}).get("id") else None
        if disk is not None and not disk.body["sku"]["name"].endswith("_ZRS"):
            _require_same_zone(vm, disk)


def _require_same_zone(vm: Resource, disk: Resource) -> None:
    own, its = "".join(zones_of(vm)), "".join(zones_of(disk))
    if own == its:
        return
    if vm.properties.get("availabilitySet"):
        message = (
            f"Zonal Disk '{disk.id}' cannot be attached to resource '{vm.id.name}' because the resource belongs to an "
            "Availability Set and this feature is not supported."
        )
    elif not its:
        message = f"Disk {disk.id} cannot be attached to the VM because it is not in zone '{own}'."
    else:
        message = (
            f"Disk {disk.id} cannot be attached to the VM because it is not in the same zone as the VM. VM zone: "
            f"'{own}'. Disk zone: '{its}'."
        )
    raise ArmError(400, "BadRequest", message)


def addresses_are_in_its_zone(state: State, vm: Resource, old: Resource | None) -> None:
    """A VM in a zone is reached by an address of that zone, of all zones or of none; a basic one is the region's.

    Source: https://github.com/fortinet/azure-templates/issues/43 and https://github.com/Azure/azurehpc/issues/317
    """
    for address in _addresses(state, vm) if old is None and zones_of(vm) else ():
        its = zones_of(address)
        regional = address.body["sku"]["name"] == "Basic"
        if regional or (len(its) == 1 and its != zones_of(vm)):
            message = (
                f"Compute resource {vm.id} has a zone constraint {zones_of(vm)[0]} but the PublicIPAddress "
                f"{address.id} used by the compute resource via NetworkInterface or LoadBalancer has a different zone "
                f"constraint {'Regional' if regional else its[0]}."
            )
            code = "ComputeResourceZoneConstraintDoesNotMatchPublicIPAddressZoneConstraint"
            raise ArmError(400, code, message)


def _addresses(state: State, vm: Resource) -> list[Resource]:
    """The public addresses of all interfaces of a VM."""
    interfaces = [state.find(one["id"]) for one in vm.properties["networkProfile"]["networkInterfaces"]]
    configurations = [c["properties"] for one in interfaces if one for c in one.properties["ipConfigurations"]]
    found = [state.find(c["publicIPAddress"]["id"]) for c in configurations if c.get("publicIPAddress")]
    return [one for one in found if one is not None and one.id.type == ADDRESS_TYPE]


RULES = (size_is_in_the_zone, disks_are_in_its_zone, addresses_are_in_its_zone)

DEVIATIONS = (
    Deviation(
        of=VM_TYPE,
        what="A VM in no zone is refused a disk in one with the words for a VM in another zone; an address is looked "
        "at when the VM is made, not when its interface gets another.",
        impact="Azure's words may be others; an address of another zone can be given to a zonal VM afterwards.",
        reason="No report has Azure's words for the one, nor says when the network service looks at the other.",
        workaround="Keep a VM, its disks and its addresses in one zone.",
    ),
)

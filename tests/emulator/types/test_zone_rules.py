"""Zones of VMs, disks, addresses and gateways: one each, for good, and the same for what belongs together."""

import pytest
from azure.core.exceptions import HttpResponseError

from tests.emulator.types.conftest import UBUNTU

EAST = {"location": "eastus"}
MISMATCH = "ComputeResourceZoneConstraintDoesNotMatchPublicIPAddressZoneConstraint"


@pytest.fixture
def subnet(cloud):
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    cloud.network.virtual_networks.begin_create_or_update("g", "v", {**EAST, "properties": space}).result()
    body = {"properties": {"addressPrefix": "10.0.0.0/24"}}
    return cloud.network.subnets.begin_create_or_update("g", "v", "s", body).result()


@pytest.fixture
def vm(cloud, subnet):
    """Make a VM in the East, or write it again."""

    def vm(*zones, address=None, size="Standard_D2s_v5", **more):
        public = {"publicIPAddress": {"id": address.id}} if address else {}
        configuration = {"name": "one", "properties": {"subnet": {"id": subnet.id}, **public}}
        interface = {**EAST, "properties": {"ipConfigurations": [configuration]}}
        made = cloud.network.network_interfaces.begin_create_or_update("g", "i", interface).result()
        properties = {
            "hardwareProfile": {"vmSize": size},
            "storageProfile": {"imageReference": UBUNTU},
            "osProfile": {"adminUsername": "azureuser", "adminPassword": "Kept 2 itself"},
            "networkProfile": {"networkInterfaces": [{"id": made.id}]},
            **more,
        }
        body = {**EAST, "properties": properties, **({"zones": list(zones)} if zones else {})}
        return cloud.compute.virtual_machines.begin_create_or_update("g", "m", body).result()

    return vm


def disk(cloud, *zones, sku="Premium_LRS"):
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}
    body = {**EAST, "sku": {"name": sku}, "zones": list(zones), "properties": properties}
    return cloud.compute.disks.begin_create_or_update("g", "d", body).result()


def address(cloud, *zones, sku="Standard"):
    body = {**EAST, "sku": {"name": sku}, "properties": {"publicIPAllocationMethod": "Static"}}
    body |= {"zones": list(zones)} if zones else {}
    return cloud.network.public_ip_addresses.begin_create_or_update("g", "a", body).result()


def attached(one):
    entry = {"lun": 0, "createOption": "Attach", "managedDisk": {"id": one.id}}
    return {"storageProfile": {"imageReference": UBUNTU, "dataDisks": [entry]}}


def error_of(call):
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.status_code, caught.value.error.code, caught.value.error.message


def test_a_vm_and_its_disk_are_in_its_zone_and_stay_there(cloud, vm):
    made = vm("2")

    assert (made.zones, [d.zones for d in cloud.compute.disks.list()]) == (["2"], [["2"]])
    assert vm().zones == ["2"]
    assert error_of(lambda: vm("3")) == (409, "PropertyChangeNotAllowed", "Changing property 'zones' is not allowed.")
    change = {"zones": ["1"]}
    assert error_of(lambda: cloud.compute.virtual_machines.begin_update("g", "m", change))[0] == 409


def test_a_disk_does_not_change_its_zone(cloud, refused):
    assert disk(cloud, "1").zones == ["1"]
    assert disk(cloud).zones == ["1"]
    assert refused(lambda: disk(cloud, "2")) == (409, "PropertyChangeNotAllowed")


def test_several_zones_of_a_vm_or_a_disk_are_not_emulated(cloud, vm, refused):
    assert refused(lambda: vm("1", "2")) == (501, "NotEmulated")
    assert refused(lambda: disk(cloud, "1", "2")) == (501, "NotEmulated")


def test_a_zone_may_lack_a_size(vm):
    status, code, message = error_of(lambda: vm("1", size="Standard_B2s"))

    assert (status, code) == (409, "SkuNotAvailable")
    assert "is currently not available in location 'eastus' zones '1' for subscription" in message
    assert vm("2", size="Standard_B2s").zones == ["2"]


@pytest.mark.parametrize(
    ("own", "its", "words"),
    [
        ("1", "2", "because it is not in the same zone as the VM. VM zone: '1'. Disk zone: '2'."),
        ("1", "", "because it is not in zone '1'."),
        ("", "2", "because it is not in the same zone as the VM. VM zone: ''. Disk zone: '2'."),
    ],
)
def test_a_disk_is_attached_in_its_own_zone(cloud, vm, own, its, words):
    made = disk(cloud, *its)

    assert error_of(lambda: vm(*own, **attached(made))) == (
        400,
        "BadRequest",
        f"Disk {made.id} cannot be attached to the VM {words}",
    )


def test_a_disk_in_all_zones_is_attached_anywhere(cloud, vm):
    assert len(vm("1", **attached(disk(cloud, sku="Premium_ZRS"))).storage_profile.data_disks) == 1


def test_a_vm_s_own_disk_in_all_zones_is_in_none(cloud, vm):
    system = {"createOption": "FromImage", "managedDisk": {"storageAccountType": "Premium_ZRS"}}
    vm("1", storageProfile={"imageReference": UBUNTU, "osDisk": system})

    assert [d.zones for d in cloud.compute.disks.list()] == [None]


def test_a_disk_in_a_zone_is_not_for_vms_in_a_set(cloud, vm):
    body = {**EAST, "sku": {"name": "Aligned"}, "properties": {"platformFaultDomainCount": 2}}
    av_set = cloud.compute.availability_sets.create_or_update("g", "s", body)
    made = disk(cloud, "1")

    status, code, message = error_of(lambda: vm(availabilitySet={"id": av_set.id}, **attached(made)))

    assert (status, code) == (400, "BadRequest")
    assert message == (
        f"Zonal Disk '{made.id}' cannot be attached to resource 'm' because the resource belongs to an Availability "
        "Set and this feature is not supported."
    )


def test_an_address_in_a_zone_is_for_vms_in_that_zone(cloud, vm):
    made = address(cloud, "2")

    status, code, message = error_of(lambda: vm("1", address=made))

    assert (status, code) == (400, MISMATCH)
    assert message.endswith("has a different zone constraint 2.")
    assert vm("2", address=made).zones == ["2"]


def test_a_basic_address_is_not_for_vms_in_a_zone(cloud, vm):
    status, code, message = error_of(lambda: vm("1", address=address(cloud, sku="Basic")))

    assert (status, code) == (400, MISMATCH)
    assert message.endswith("has a different zone constraint Regional.")


@pytest.mark.parametrize("zones", [(), ("1", "2", "3")])
def test_an_address_in_all_zones_or_none_is_for_every_vm(cloud, vm, zones):
    assert vm("1", address=address(cloud, *zones)).zones == ["1"]


def test_a_basic_address_is_in_no_zone(cloud, refused):
    assert refused(lambda: address(cloud, "1", sku="Basic")) == (400, "ZonesNotAllowedInBasicSkuResource")


def test_an_address_keeps_its_zones_and_has_to_name_them(cloud):
    address(cloud, "1")

    status, code, message = error_of(lambda: address(cloud))

    assert (status, code) == (400, "ResourceAvailabilityZonesCannotBeModified")
    assert "existing availability zone constraint 1 and the request has availability zone constraint NoZone" in message
    assert address(cloud, "1").zones == ["1"]
    cloud.network.public_ip_addresses.update_tags("g", "a", {"tags": {"a": "b"}})


def test_a_nat_gateway_is_in_one_zone_of_a_region_that_has_it(cloud, refused):
    def gateway(location, *zones):
        body = {"location": location, "sku": {"name": "Standard"}, "zones": list(zones), "properties": {}}
        return cloud.network.nat_gateways.begin_create_or_update("g", f"n-{location}", body).result()

    assert refused(lambda: gateway("westus", "1")) == (400, "LocationNotSupportAvailabilityZones")
    assert refused(lambda: gateway("eastus", "1", "2")) == (400, "ResourceCannotHaveMultipleZonesSpecified")
    assert gateway("eastus", "3").zones == ["3"]
    assert refused(lambda: gateway("eastus")) == (400, "ResourceAvailabilityZonesCannotBeModified")

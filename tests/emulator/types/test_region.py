"""Regions: what a subscription lists of them, and zones, which not every region has."""

import pytest

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.core.http import Request
from acrlab.emulator.types.region import PLACES


@pytest.fixture
def regions(cloud):
    manager, world = cloud.opened.azure.manager, cloud.opened.azure.world
    path = f"/subscriptions/{world.setting('subscription')}/locations"
    answer = manager.handle(Request("GET", "management.azure.com", path, {"api-version": "2022-12-01"}))
    return {region["name"]: region for region in answer.body["value"]}


def test_every_region_is_listed_with_its_geography(regions):
    assert list(regions) == list(REGIONS)
    assert set(PLACES) == set(REGIONS)
    assert regions["westeurope"]["metadata"]["geography"] == "Europe"
    assert regions["westeurope"]["regionalDisplayName"] == "(Europe) West Europe"
    assert regions["westus"]["metadata"]["regionCategory"] == "Other"


def test_a_pair_has_an_id_in_the_same_subscription(regions):
    (pair,) = regions["westeurope"]["metadata"]["pairedRegion"]

    assert pair == {"name": "northeurope", "id": regions["northeurope"]["id"]}
    assert regions["qatarcentral"]["metadata"]["pairedRegion"] == []


def test_a_region_with_zones_says_which_they_are(regions):
    mappings = regions["eastus"]["availabilityZoneMappings"]

    assert mappings[0] == {"logicalZone": "1", "physicalZone": "eastus-az1"}
    assert [mapping["logicalZone"] for mapping in mappings] == ["1", "2", "3"]
    assert "availabilityZoneMappings" not in regions["westus"]


def address(cloud, location, *zones):
    body = {"location": location, "sku": {"name": "Standard"}, "zones": list(zones)}
    body["properties"] = {"publicIPAllocationMethod": "Static"}
    return cloud.network.public_ip_addresses.begin_create_or_update("g", "a", body).result()


def test_a_region_with_zones_takes_them(cloud):
    assert address(cloud, "eastus", "3").zones == ["3"]


def test_an_address_in_two_zones_is_in_all_three(cloud):
    assert address(cloud, "eastus", "3", "1").zones == ["3", "1", "2"]


@pytest.mark.parametrize(
    ("location", "zone", "code"),
    [("westus", "1", "LocationNotSupportAvailabilityZones"), ("eastus", "4", "InvalidAvailabilityZone")],
)
def test_a_zone_that_is_not_there_is_refused(cloud, refused, location, zone, code):
    assert refused(lambda: address(cloud, location, zone)) == (400, code)


def test_a_disk_and_a_vm_need_a_region_with_the_zone(cloud, refused):
    empty = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}
    disk = {"location": "westus", "zones": ["1"], "properties": empty}
    vm = cloud.vm(cloud.interface(cloud.subnet()))
    vm.zones = ["1"]

    no_zones = (400, "LocationNotSupportAvailabilityZones")
    assert refused(lambda: cloud.compute.disks.begin_create_or_update("g", "d", disk).result()) == no_zones
    machines = cloud.compute.virtual_machines
    assert refused(lambda: machines.begin_create_or_update("g", "m", vm).result()) == no_zones

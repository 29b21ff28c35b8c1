"""Quotas, counted from what is there; and what a region offers."""

import pytest

from acrlab.emulator.core.http import Request


def compute(cloud, location="westus"):
    return {u.name.value: (u.current_value, u.limit) for u in cloud.compute.usage.list(location)}


def network(cloud, location="westus"):
    return {u.name.value: u.current_value for u in cloud.network.usages.list(location)}


def skus(cloud, **query):
    return list(cloud.compute.resource_skus.list(**query))


def test_cores_vms_and_disks_are_counted_where_they_are(cloud):
    subnet = cloud.subnet()
    cloud.vm(cloud.interface(subnet), hardwareProfile={"vmSize": "Standard_D4s_v5"})
    cloud.vm(cloud.interface(subnet, "j"), "n", hardwareProfile={"vmSize": "standard_b2s"})
    cloud.compute.virtual_machines.begin_deallocate("g", "n").result()
    disk = {"location": "westus", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}
    cloud.compute.disks.begin_create_or_update("g", "d", disk).result()

    used = {name: used for name, (used, _) in compute(cloud).items() if used}

    assert used == {
        "cores": 6,
        "virtualMachines": 2,
        "standardBSFamily": 2,
        "standardDSv5Family": 4,
        "StandardDiskCount": 1,
        "PremiumDiskCount": 2,
    }
    assert {used for used, _ in compute(cloud, "eastus").values()} == {0}


def test_usages_begin_with_what_there_may_be_of_each_kind(cloud):
    assert list(compute(cloud).items())[:7] == [
        ("availabilitySets", (0, 2500)),
        ("cores", (0, 100)),
        ("virtualMachines", (0, 25000)),
        ("virtualMachineScaleSets", (0, 2500)),
        ("dedicatedVCpus", (0, 3000)),
        ("cloudServices", (0, 2500)),
        ("lowPriorityCores", (0, 100)),
    ]


def test_what_the_network_service_holds_is_counted(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    static = {"location": "westus", "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    cloud.network.public_ip_addresses.begin_create_or_update("g", "a", static).result()

    assert {name: used for name, used in network(cloud).items() if used} == {
        "VirtualNetworks": 1,
        "StaticPublicIPAddresses": 1,
        "PublicIPAddresses": 1,
        "NetworkInterfaces": 1,
        "PrivateEndpoints": 1,
        "StandardSkuPublicIpAddresses": 1,
    }
    assert set(network(cloud, "eastus").values()) == {0}
    (first, *_) = cloud.network.usages.list("westus")
    assert first.id.endswith("/providers/Microsoft.Network/locations/westus/usages/VirtualNetworks")
    assert (first.name.localized_value, first.limit, first.unit) == ("Virtual Networks", 1000, "Count")


def test_the_network_service_lists_its_quotas_in_its_own_order(cloud):
    names = list(network(cloud))

    assert (len(names), names[:5], names[-1]) == (
        45,
        [
            "VirtualNetworks",
            "StaticPublicIPAddresses",
            "NetworkSecurityGroups",
            "PublicIPAddresses",
            "CustomIpPrefixes",
        ],
        "MinPublicIpInterNetworkPrefixLength",
    )


@pytest.mark.parametrize(
    ("version", "told"),
    [("2022-01-01", {True, False}), ("2021-08-01", {None}), ("2024-05-01", {True, False})],
)
def test_quotas_say_whether_they_can_be_raised_since_2022(cloud, version, told):
    path = f"/subscriptions/{cloud.world.setting('subscription')}/providers/Microsoft.Network/locations/westus/usages"
    query = {"api-version": version}

    answer = cloud.opened.azure.manager.handle(Request("GET", "", path, query, {}, b"", "https://m"))

    adjustable = {u["name"]["value"]: u.get("isAdjustable") for u in answer.body["value"]}
    assert set(adjustable.values()) == told
    assert [name for name, can in adjustable.items() if can is False] == (["NetworkWatchers"] if False in told else [])


def test_a_region_that_there_is_not_has_no_usages(cloud, refused):
    assert refused(lambda: compute(cloud, "atlantis")) == (400, "NoRegisteredProviderFound")
    assert refused(lambda: network(cloud, "atlantis")) == (400, "NoRegisteredProviderFound")


def test_a_region_offers_sizes_with_what_they_can_do(cloud):
    found = {s.name: s for s in skus(cloud, filter="location eq 'westus'") if s.resource_type == "virtualMachines"}

    size = found["Standard_B1ms"]
    able = {c.name: c.value for c in size.capabilities}
    assert (size.size, size.family, size.locations, size.restrictions) == ("B1ms", "standardBSFamily", ["westus"], [])
    assert (able["vCPUs"], able["MemoryGB"], able["MaxDataDiskCount"], able["PremiumIO"]) == ("1", "2", "2", "True")
    assert found["Standard_DS1_v2"].family == "standardDSv2Family"
    assert {c.name: c.value for c in found["Standard_DS1_v2"].capabilities}["MemoryGB"] == "3.5"


def test_every_size_counts_for_a_quota(cloud):
    quotas = compute(cloud)

    assert {s.family for s in skus(cloud) if s.resource_type == "virtualMachines"} <= set(quotas)


def test_a_region_offers_disks_too(cloud):
    found = [s for s in skus(cloud, filter="location eq 'eastus'") if s.resource_type == "disks"]

    able = {c.name: c.value for c in found[3].capabilities}
    assert (found[3].name, found[3].size) == ("Premium_LRS", "P4")
    assert (able["MinSizeGiB"], able["MaxSizeGiB"], able["MaxIOps"]) == ("17", "32", "120")


def test_another_question_about_skus_is_refused(cloud, refused):
    assert refused(lambda: skus(cloud, filter="name eq 'x'")) == (501, "NotEmulated")
    assert skus(cloud, filter="location eq 'atlantis'") == []


def test_a_size_that_one_zone_lacks_says_so_and_is_offered_all_the_same(cloud):
    found = {s.name: s for s in skus(cloud, filter="location eq 'eastus'") if s.resource_type == "virtualMachines"}

    (held,) = found["Standard_B2s"].restrictions
    assert (held.type, held.values_property, held.restriction_info.zones) == ("Zone", ["eastus"], ["1"])
    assert found["Standard_B2s"].location_info[0].zones == ["1", "2", "3"]
    assert not found["Standard_D2s_v3"].restrictions

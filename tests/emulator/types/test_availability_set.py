"""Availability sets: what they count, which VMs they take, and that they keep them."""

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Request

ALIGNED = {"name": "Aligned"}


@pytest.fixture
def sets(cloud):
    return cloud.compute.availability_sets


@pytest.fixture
def subnet(cloud):
    return cloud.subnet()


def make(sets, name="a", *, location="westus", sku="Aligned", **counts):
    counts = counts or {"platformFaultDomainCount": 2}
    return sets.create_or_update("g", name, {"location": location, "sku": {"name": sku}, "properties": counts})


def member(cloud, subnet, av_set, name="m"):
    return cloud.vm(cloud.interface(subnet, f"i-{name}"), name, availabilitySet={"id": av_set.id})


def counts(av_set):
    return av_set.platform_fault_domain_count, av_set.platform_update_domain_count


def error_of(call):
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.status_code, caught.value.error


# -- the set ----------------------------------------------------------------------------------------------------------


def test_a_set_is_shown_as_azure_shows_it(cloud, sets):
    made = make(sets)

    path = made.id
    answer = cloud.opened.azure.manager.handle(Request("GET", "", path, {"api-version": "2024-03-01"}))

    assert answer.body == {
        "name": "a",
        "id": path,
        "type": "Microsoft.Compute/availabilitySets",
        "location": "westus",
        "sku": {"name": "Aligned"},
        "properties": {"platformUpdateDomainCount": 5, "platformFaultDomainCount": 2, "virtualMachines": []},
    }


def test_the_answer_to_a_write_lists_no_vms(cloud):
    """As recorded by Azure/azure-service-operator."""
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Compute/availabilitySets/a"
    raw = b'{"location": "westus", "properties": {"platformFaultDomainCount": 2, "platformUpdateDomainCount": 3}}'
    query = {"api-version": "2024-11-01"}

    made, again = (cloud.opened.azure.manager.handle(Request("PUT", "", path, query, {}, raw)) for _ in range(2))

    told = {"platformUpdateDomainCount": 3, "platformFaultDomainCount": 2}
    assert [(a.status, a.body["properties"]) for a in (made, again)] == [(200, told)] * 2


def test_making_a_set_is_answered_with_200_at_once(cloud):
    group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g"
    path = f"{group}/providers/Microsoft.Compute/availabilitySets/a"
    body = b'{"location": "westus"}'

    answer = cloud.opened.azure.manager.handle(Request("PUT", "", path, {"api-version": "2024-03-01"}, {}, body))

    assert (answer.status, answer.body["sku"]) == (200, {"name": "Classic"})
    assert counts(cloud.compute.availability_sets.get("g", "a")) == (3, 5)


def test_sets_are_listed_by_group_and_subscription_and_change_their_tags(sets):
    make(sets)
    changed = sets.update("g", "a", {"tags": {"test": "success"}})

    assert (changed.tags, counts(changed)) == ({"test": "success"}, (2, 5))
    assert [s.name for s in sets.list("g")] == [s.name for s in sets.list_by_subscription()] == ["a"]


def test_a_set_offers_the_region_s_sizes(cloud, sets):
    make(sets)

    assert [s.name for s in sets.list_available_sizes("g", "a")] == [
        s.name for s in cloud.compute.virtual_machine_sizes.list("westus")
    ]


def test_an_empty_set_can_be_deleted(sets):
    make(sets)

    sets.delete("g", "a")

    assert list(sets.list("g")) == []


@pytest.mark.parametrize(
    ("location", "sku", "count", "most"),
    [
        ("westus", "Aligned", 4, 3),
        ("westus2", "Aligned", 3, 2),
        ("westus2", "Classic", 4, 3),
        ("westus", "Aligned", 0, 3),
    ],
)
def test_a_region_has_so_many_fault_domains(sets, location, sku, count, most):
    status, error = error_of(lambda: make(sets, location=location, sku=sku, platformFaultDomainCount=count))

    assert (status, error.code, error.target) == (400, "InvalidParameter", "platformFaultDomainCount")
    assert error.message == f"The specified fault domain count {count} must fall in the range 1 to {most}."


def test_a_region_tells_how_many_fault_domains_it_has(cloud):
    found = list(cloud.compute.resource_skus.list(filter="location eq 'westus2'"))

    told = {s.name: s.capabilities[0].value for s in found if s.resource_type == "availabilitySets"}
    assert told == {"Classic": "3", "Aligned": "2"}
    assert [s.location_info[0].zones for s in found if s.resource_type == "availabilitySets"] == [[], []]


def test_a_set_has_at_most_twenty_update_domains(sets, refused):
    assert make(sets, platformFaultDomainCount=2, platformUpdateDomainCount=20).platform_update_domain_count == 20
    too_many = {"platformFaultDomainCount": 2, "platformUpdateDomainCount": 21}
    assert refused(lambda: make(sets, "b", **too_many)) == (400, "InvalidParameter")


def test_several_update_domains_with_one_fault_domain_are_not_emulated(sets, refused):
    assert counts(make(sets, platformFaultDomainCount=1, platformUpdateDomainCount=1)) == (1, 1)
    assert refused(lambda: make(sets, "b", platformFaultDomainCount=1)) == (501, "NotEmulated")


@pytest.mark.parametrize("name", ["platformFaultDomainCount", "platformUpdateDomainCount"])
def test_a_set_keeps_its_domains(sets, name):
    make(sets)

    status, error = error_of(lambda: make(sets, **{name: 3}))

    assert (status, error.code, error.target) == (409, "PropertyChangeNotAllowed", name)
    assert error.message == f"Changing property '{name}' is not allowed."


def test_a_set_is_converted_for_managed_disks_and_not_back(sets):
    make(sets, location="westus2", sku="Classic", platformFaultDomainCount=3)

    status, error = error_of(lambda: make(sets, location="westus2", platformFaultDomainCount=3))
    converted = make(sets, location="westus2", platformFaultDomainCount=2)
    back, why = error_of(lambda: make(sets, location="westus2", sku="Classic", platformFaultDomainCount=2))

    assert (status, error.code) == (400, "InvalidParameter")
    assert (converted.sku.name, counts(converted)) == ("Aligned", (2, 5))
    assert (back, why.code) == (409, "OperationNotAllowed")
    assert why.message == "Changing availability set SKU from 'Aligned' to 'Classic' is not allowed."


# -- its VMs ----------------------------------------------------------------------------------------------------------


def test_a_vm_and_its_set_name_each_other_in_capitals(cloud, sets, subnet):
    made = make(sets)

    vm = member(cloud, subnet, made)

    assert vm.availability_set.id == made.id.removesuffix("a") + "A"
    (listed,) = sets.get("g", "a").virtual_machines
    assert listed.id == vm.id.removesuffix("m") + "M"


def test_vms_are_spread_over_the_domains_and_a_place_that_is_free_is_taken(cloud, sets, subnet):
    made = make(sets, platformFaultDomainCount=2, platformUpdateDomainCount=3)
    for name in "abcd":
        member(cloud, subnet, made, name)

    def domains(name):
        view = cloud.compute.virtual_machines.instance_view("g", name)
        return view.platform_fault_domain, view.platform_update_domain

    assert [domains(name) for name in "abcd"] == [(0, 0), (1, 1), (0, 2), (1, 0)]
    cloud.compute.virtual_machines.begin_delete("g", "b").result()
    member(cloud, subnet, made, "e")
    assert domains("e") == (1, 1)


def test_a_vm_that_is_deallocated_or_in_no_set_has_no_domains(cloud, sets, subnet):
    member(cloud, subnet, make(sets))
    cloud.vm(cloud.interface(subnet), "alone")
    machines = cloud.compute.virtual_machines
    machines.begin_deallocate("g", "m").result()

    for name in ("m", "alone"):
        assert machines.instance_view("g", name).platform_fault_domain is None
    machines.begin_start("g", "m").result()
    assert machines.get("g", "m", expand="instanceView").instance_view.platform_fault_domain == 0


def test_a_set_with_vms_stays(cloud, sets, subnet):
    member(cloud, subnet, make(sets))

    status, error = error_of(lambda: sets.delete("g", "a"))

    assert (status, error.code) == (409, "OperationNotAllowed")
    assert error.message == (
        "Availability Set a cannot be deleted. Before deleting an Availability Set please ensure that it does not "
        "contain any VM."
    )
    cloud.compute.virtual_machines.begin_delete("g", "m").result()
    sets.delete("g", "a")


def test_a_group_goes_with_a_set_and_its_vms(cloud, sets, subnet):
    member(cloud, subnet, make(sets))

    cloud.resources.resource_groups.begin_delete("g").result()

    assert list(cloud.resources.resources.list()) == []


def test_a_vm_enters_a_set_only_when_it_is_made(cloud, sets, subnet):
    cloud.vm(cloud.interface(subnet))
    asked = {"properties": {"availabilitySet": {"id": make(sets).id}}}

    status, error = error_of(lambda: cloud.compute.virtual_machines.begin_update("g", "m", asked))

    assert (status, error.code, error.target) == (409, "PropertyChangeNotAllowed", "availabilitySet.id")
    assert error.message == "Changing property 'availabilitySet.id' is not allowed."


def test_a_vm_does_not_change_its_set_and_can_be_sent_back_as_it_was_read(cloud, sets, subnet, refused):
    vm = member(cloud, subnet, make(sets))
    machines = cloud.compute.virtual_machines

    again = machines.begin_create_or_update("g", "m", vm).result()
    without = cloud.vm(cloud.network.network_interfaces.get("g", "i-m"))
    vm.availability_set.id = make(sets, "b").id

    assert again.availability_set.id == without.availability_set.id
    changed = refused(lambda: machines.begin_create_or_update("g", "m", vm))
    assert changed == (409, "PropertyChangeNotAllowed")


@pytest.mark.parametrize("there", ["nowhere", "in another region", "in another group", "something else"])
def test_a_set_has_to_be_there_and_near(cloud, sets, subnet, there):
    made = make(sets, location="eastus" if there == "in another region" else "westus")
    cloud.resources.resource_groups.create_or_update("h", {"location": "westus"})
    other = sets.create_or_update("h", "a", {"location": "westus", "sku": ALIGNED, "properties": {}})
    asked = {"nowhere": f"{made.id}x", "in another group": other.id, "something else": subnet.id}.get(there, made.id)
    interface = cloud.interface(subnet)

    status, error = error_of(lambda: cloud.vm(interface, availabilitySet={"id": asked}))

    assert (status, error.code, error.message) == (404, "NotFound", f"The Availability Set {asked} cannot be found.")


def test_a_classic_set_takes_no_vm_with_managed_disks(cloud, sets, subnet):
    made = make(sets, sku="Classic")

    status, error = error_of(lambda: member(cloud, subnet, made))

    assert (status, error.code) == (400, "BadRequest")
    assert error.message.startswith("Addition of a VM with managed disks to non-managed Availability Set")


def test_a_vm_is_in_a_set_or_in_a_zone(cloud, sets):
    made = make(sets, location="eastus")
    body = {
        "location": "eastus",
        "zones": ["1"],
        "properties": {
            "hardwareProfile": {},
            "storageProfile": {},
            "networkProfile": {"networkInterfaces": [{"id": made.id}]},
            "availabilitySet": {"id": made.id},
        },
    }

    status, error = error_of(lambda: cloud.compute.virtual_machines.begin_create_or_update("g", "m", body))

    assert (status, error.code) == (400, "BadRequest")
    assert "both Availability Zone and Availability Set were specified" in error.message


def test_sets_count_for_their_quota(cloud, sets):
    make(sets)

    first = next(iter(cloud.compute.usage.list("westus")))

    assert (first.name.value, first.current_value, first.limit) == ("availabilitySets", 1, 2500)

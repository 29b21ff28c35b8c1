"""Disks: those that come with a VM, those of one's own, and how they meet."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Request
from tests.emulator.types.conftest import UBUNTU

WEST = {"location": "westus"}


@pytest.fixture
def disks(cloud):
    return cloud.compute.disks


@pytest.fixture
def interface(cloud):
    return cloud.interface(cloud.subnet())


def empty(disks, name="d", size=8, **more):
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": size}
    return disks.begin_create_or_update("g", name, {**WEST, "properties": properties, **more}).result()


def vm(cloud, interface, *data, **system):
    profile = {"imageReference": UBUNTU, "osDisk": {"createOption": "FromImage", **system}, "dataDisks": list(data)}
    return cloud.vm(interface, storageProfile=profile)


def attached(disk, lun=0, **more):
    return {"lun": lun, "createOption": "Attach", "managedDisk": {"id": disk.id}, **more}


def change_disks(cloud, *data):
    body = {"properties": {"storageProfile": {"dataDisks": list(data)}}}
    return cloud.compute.virtual_machines.begin_update("g", "m", body).result()


def test_a_vm_s_own_disk_is_a_resource(cloud, disks, interface):
    made = cloud.vm(interface)

    (disk,) = disks.list()

    assert disk.id == made.storage_profile.os_disk.managed_disk.id
    assert (disk.managed_by, disk.disk_state, disk.os_type) == (made.id, "Attached", "Linux")
    assert (disk.disk_size_gb, disk.disk_size_bytes, disk.sku.name, disk.sku.tier) == (
        30,
        32212254720,
        "Premium_LRS",
        "Premium",
    )
    assert (disk.tier, disk.disk_iops_read_write, disk.disk_m_bps_read_write) == ("P4", 120, 25)
    assert disk.creation_data.image_reference.id.endswith("/Skus/22_04-lts-gen2/Versions/22.04.202601080")
    listed = {r.type: r.managed_by for r in cloud.resources.resources.list()}
    assert listed["Microsoft.Compute/disks"] == made.id


def test_size_and_kind_come_from_the_vm(cloud, disks, interface):
    vm(cloud, interface, name="own", diskSizeGB=64, managedDisk={"storageAccountType": "StandardSSD_LRS"})

    disk = disks.get("g", "own")

    assert (disk.disk_size_gb, disk.sku.name, disk.sku.tier, disk.tier) == (64, "StandardSSD_LRS", "Standard", None)


def test_a_vm_made_of_an_image_cannot_name_a_disk_for_its_system(cloud, interface):
    there = f"{cloud.resources.resource_groups.get('g').id}/providers/Microsoft.Compute/disks/d"

    with pytest.raises(HttpResponseError) as refusal:
        vm(cloud, interface, managedDisk={"id": there})

    told = refusal.value.error
    assert (refusal.value.status_code, told.code, told.target) == (400, "InvalidParameter", "osDisk.managedDisk.id")
    assert told.message == "Parameter 'osDisk.managedDisk.id' is not allowed."


def test_a_vm_that_is_written_again_may_name_the_disk_that_it_has(cloud, disks, interface):
    made = cloud.vm(interface)

    again = cloud.compute.virtual_machines.begin_create_or_update("g", made.name, made).result()

    assert again.storage_profile.os_disk.managed_disk.id == made.storage_profile.os_disk.managed_disk.id


def test_the_disk_that_a_vm_starts_from_is_not_exchanged(cloud, disks, interface):
    made, other = cloud.vm(interface), empty(disks, size=30)
    made.storage_profile.os_disk.managed_disk.id = other.id

    with pytest.raises(HttpResponseError) as refusal:
        cloud.compute.virtual_machines.begin_create_or_update("g", made.name, made)

    assert (refusal.value.status_code, refusal.value.error.code) == (501, "NotEmulated")


def test_a_disk_is_made_empty_and_grows_and_never_shrinks(disks, refused):
    made = empty(disks)

    grown = disks.begin_update("g", "d", {"properties": {"diskSizeGB": 16}}).result()

    assert (made.disk_state, made.sku.name, made.managed_by) == ("Unattached", "Standard_LRS", None)
    assert (made.creation_data.create_option, made.network_access_policy) == ("Empty", "AllowAll")
    assert grown.disk_size_gb == 16
    assert refused(lambda: disks.begin_update("g", "d", {"properties": {"diskSizeGB": 8}})) == (
        409,
        "OperationNotAllowed",
    )


def test_a_disk_needs_a_size_and_is_not_copied(disks, refused):
    no_size = {**WEST, "properties": {"creationData": {"createOption": "Empty"}}}
    copy = {**WEST, "properties": {"creationData": {"createOption": "Copy"}, "diskSizeGB": 4}}

    assert refused(lambda: disks.begin_create_or_update("g", "d", no_size)) == (400, "InvalidParameter")
    assert refused(lambda: disks.begin_create_or_update("g", "d", copy)) == (501, "NotEmulated")


def test_a_disk_is_made_by_an_operation(disks):
    body = {**WEST, "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}

    disks.begin_create_or_update("g", "d", body, polling=False)

    assert disks.get("g", "d").provisioning_state == "Updating"
    assert disks.begin_create_or_update("g", "d", body).result().provisioning_state == "Succeeded"


def test_an_attached_disk_can_not_be_deleted(cloud, disks, interface, refused):
    disk = empty(disks)
    made = vm(cloud, interface, attached(disk))

    assert made.storage_profile.data_disks[0].name == "d"
    assert disks.get("g", "d").managed_by == made.id
    assert refused(lambda: disks.begin_delete("g", "d")) == (409, "OperationNotAllowed")


def test_a_detached_disk_is_free_again(cloud, disks, interface):
    disk = empty(disks)
    vm(cloud, interface, attached(disk))

    changed = change_disks(cloud)

    assert changed.storage_profile.data_disks == []
    assert disks.get("g", "d").disk_state == "Unattached"
    disks.begin_delete("g", "d").result()
    assert [d.name.startswith("m_disk1_") for d in disks.list()] == [True]


def test_a_vm_that_is_written_again_need_not_name_its_image(cloud, disks, interface, refused):
    vm(cloud, interface)

    again = cloud.vm(interface, storageProfile={"dataDisks": [attached(empty(disks))]})

    assert (again.storage_profile.image_reference.sku, len(again.storage_profile.data_disks)) == ("22_04-lts-gen2", 1)
    other = cloud.interface(cloud.network.subnets.get("g", "v", "s"), "other")
    assert refused(lambda: cloud.vm(other, "n", storageProfile={})) == (400, "InvalidParameter")


def test_the_result_of_making_a_disk_is_the_disk(cloud, disks):
    body = b'{"location": "westus", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}'
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Compute/disks/d"
    query = {"api-version": "2024-03-02"}
    manager = cloud.opened.azure.manager
    location = urlsplit(manager.handle(Request("PUT", "", path, query, {}, body, "https://m")).headers["Location"])

    poll = Request("GET", "", location.path, dict(parse_qsl(location.query)), {}, b"", "https://m")
    running = manager.handle(poll)
    cloud.world.advance_to(cloud.world.now + 2)
    done = manager.handle(poll)

    assert (running.status, done.status) == (202, 200)
    assert (done.body["id"], done.body["properties"]["provisioningState"]) == (path, "Succeeded")


def test_making_a_disk_answers_what_was_sent_and_its_operation_the_disk(cloud):
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
    body = {"location": "eastus2", "sku": {"name": "Premium_LRS"}, "zones": ["2"], "tags": {"a": "b"}}
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Compute/disks/d"
    sent = json.dumps({**body, "properties": properties}).encode()
    manager = cloud.opened.azure.manager

    made = manager.handle(Request("PUT", "", path, {"api-version": "2024-03-02"}, {}, sent, "https://m"))
    cloud.world.advance_to(cloud.world.now + 2)
    status = urlsplit(made.headers["Azure-AsyncOperation"])
    done = manager.handle(Request("GET", "", status.path, dict(parse_qsl(status.query)), {}, b"", "https://m")).body

    assert (made.status, made.body) == (
        202,
        {
            "name": "d",
            "id": path,
            "type": "Microsoft.Compute/disks",
            "location": "eastus2",
            "tags": {"a": "b"},
            "sku": {"name": "Premium_LRS"},
            "properties": {**properties, "provisioningState": "Updating"},
        },
    )
    output = done["properties"]["output"]
    assert (output["id"], output["zones"], output["properties"]["tier"]) == (path, ["2"], "P1")
    for moment in (done["startTime"], done["endTime"], output["properties"]["timeCreated"]):
        assert moment.endswith("+00:00")


def test_a_disk_can_be_marked_to_be_detached(cloud, disks, interface):
    disk = empty(disks)
    vm(cloud, interface, attached(disk))

    changed = change_disks(cloud, attached(disk, toBeDetached=True))

    assert changed.storage_profile.data_disks == []
    assert disks.get("g", "d").managed_by is None


def test_a_change_of_something_else_leaves_the_disks(cloud, disks, interface):
    disk = empty(disks)
    vm(cloud, interface, attached(disk))

    cloud.compute.virtual_machines.begin_update("g", "m", {"tags": {"a": "b"}}).result()
    again = cloud.vm(interface)

    assert [d.name for d in again.storage_profile.data_disks] == ["d"]
    assert len(list(disks.list())) == 2


def test_a_data_disk_can_be_made_with_its_vm(cloud, disks, interface):
    made = vm(cloud, interface, {"lun": 1, "createOption": "Empty", "diskSizeGB": 4, "deleteOption": "Delete"})

    (shown,) = made.storage_profile.data_disks

    assert shown.name.startswith("m_disk3_")
    assert (shown.disk_size_gb, shown.managed_disk.storage_account_type) == (4, "Premium_LRS")
    assert disks.get("g", shown.name).managed_by == made.id
    names = {made.storage_profile.os_disk.name, shown.name}
    assert {d.name for d in cloud.compute.virtual_machines.instance_view("g", "m").disks} == names


def test_a_vm_that_goes_takes_along_what_it_was_told_to(cloud, disks, interface):
    kept = empty(disks)
    new = {"lun": 1, "createOption": "Empty", "diskSizeGB": 4, "deleteOption": "Delete"}
    vm(cloud, interface, attached(kept), new, deleteOption="Delete")

    cloud.compute.virtual_machines.begin_delete("g", "m").result()

    assert [(d.name, d.disk_state) for d in disks.list()] == [("d", "Unattached")]


def test_a_vm_s_own_disk_stays_where_nothing_was_said(cloud, disks, interface):
    made = cloud.vm(interface)

    cloud.compute.virtual_machines.begin_delete("g", "m").result()

    assert [(d.name, d.disk_state) for d in disks.list()] == [(made.storage_profile.os_disk.name, "Unattached")]


def test_a_group_with_a_vm_and_its_disks_can_be_deleted(cloud, disks, interface):
    vm(cloud, interface, attached(empty(disks)))

    cloud.resources.resource_groups.begin_delete("g").result()

    assert list(cloud.resources.resources.list()) == []


@pytest.mark.parametrize(
    ("entry", "status", "code"),
    [
        ({"lun": 0, "createOption": "Empty"}, 400, "InvalidParameter"),
        ({"lun": 0, "createOption": "Empty", "name": "d", "diskSizeGB": 4}, 409, "ConflictingUserInput"),
        ({"lun": 0, "createOption": "Attach", "name": "missing"}, 404, "NotFound"),
        ({"lun": 64, "createOption": "Empty", "diskSizeGB": 4}, 400, "InvalidParameter"),
    ],
)
def test_an_entry_that_means_no_usable_disk_is_refused(cloud, disks, interface, refused, entry, status, code):
    empty(disks)

    assert refused(lambda: vm(cloud, interface, entry)) == (status, code)


def test_a_disk_belongs_to_one_vm_and_a_place_to_one_disk(cloud, disks, interface, refused):
    disk = empty(disks)
    vm(cloud, interface, attached(disk))
    second = cloud.interface(cloud.network.subnets.get("g", "v", "s"), "second")
    profile = {"imageReference": UBUNTU, "dataDisks": [attached(disk)]}

    taken = refused(lambda: cloud.vm(second, "other", storageProfile=profile))
    other = empty(disks, "e")

    assert taken == (409, "ConflictingUserInput")
    assert refused(lambda: change_disks(cloud, attached(disk), attached(other))) == (400, "InvalidParameter")


def test_a_size_of_vm_takes_so_many_disks(cloud, disks, interface, refused):
    entries = [{"lun": n, "createOption": "Empty", "diskSizeGB": 4} for n in range(5)]

    assert refused(lambda: vm(cloud, interface, *entries)) == (409, "OperationNotAllowed")


def test_the_disk_that_a_vm_starts_from_grows_only_while_it_is_deallocated(cloud, disks, interface, refused):
    made = vm(cloud, interface, name="own")
    grow = {"properties": {"diskSizeGB": 64}}

    running = refused(lambda: disks.begin_update("g", "own", grow))
    cloud.compute.virtual_machines.begin_deallocate("g", made.name).result()
    state = disks.get("g", "own").disk_state
    disks.begin_update("g", "own", grow).result()

    assert (running, state) == ((409, "OperationNotAllowed"), "Reserved")
    cloud.compute.virtual_machines.begin_start("g", "m").result()
    assert cloud.compute.virtual_machines.get("g", "m").storage_profile.os_disk.disk_size_gb == 64


def shown_disks(cloud):
    """The data disks as Azure answers them: name, whether they are leaving, what is told of the managed disk."""
    profile = cloud.compute.virtual_machines.get("g", "m").as_dict()["properties"]["storageProfile"]
    return [(disk["name"], disk["toBeDetached"], sorted(disk["managedDisk"])) for disk in profile["dataDisks"]]


def begin_change(cloud, *data):
    body = {"properties": {"storageProfile": {"dataDisks": list(data)}}}
    return cloud.compute.virtual_machines.begin_update("g", "m", body, polling=False)


def test_of_a_deallocated_vm_s_disks_only_the_ids_are_told(cloud, disks, interface):
    vm(cloud, interface, attached(empty(disks)))

    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()

    profile = cloud.compute.virtual_machines.get("g", "m").as_dict()["properties"]["storageProfile"]
    for disk in (profile["osDisk"], *profile["dataDisks"]):
        assert (list(disk["managedDisk"]), "diskSizeGB" in disk) == (["id"], False)


def test_a_deallocated_vm_is_written_back_as_it_is_told(cloud, disks, interface):
    made = vm(cloud, interface, attached(empty(disks)))
    vms = cloud.compute.virtual_machines
    vms.begin_deallocate("g", "m").result()

    vms.begin_create_or_update("g", "m", vms.get("g", "m")).result()
    vms.begin_start("g", "m").result()

    assert vms.get("g", "m").storage_profile.as_dict() == made.storage_profile.as_dict()


def test_a_disk_that_leaves_is_listed_until_the_operation_has_ended(cloud, disks, interface):
    first, second = empty(disks, "d"), empty(disks, "e")
    vm(cloud, interface, attached(first), attached(second, 1))
    both = ["id", "storageAccountType"]

    begin_change(cloud, attached(second, 1))
    meanwhile, owner = shown_disks(cloud), disks.get("g", "d").managed_by
    cloud.world.advance_to(cloud.world.now + 60)

    assert meanwhile == [("d", True, both), ("e", False, both)]
    assert owner.endswith("/m")
    assert shown_disks(cloud) == [("e", False, both)]
    assert disks.get("g", "d").managed_by is None


def test_a_new_disk_has_no_id_until_the_operation_has_ended(cloud, interface):
    vm(cloud, interface)

    begin_change(cloud, {"lun": 0, "name": "d", "createOption": "Empty", "diskSizeGB": 4})
    meanwhile = shown_disks(cloud)
    cloud.world.advance_to(cloud.world.now + 60)

    assert meanwhile == [("d", False, ["storageAccountType"])]
    assert shown_disks(cloud) == [("d", False, ["id", "storageAccountType"])]


def test_a_disk_is_attached_as_another_kind(cloud, disks, interface):
    disk = empty(disks)
    another = {"id": disk.id, "storageAccountType": "Premium_LRS"}

    vm(cloud, interface, attached(disk, managedDisk=another))

    profile = cloud.compute.virtual_machines.get("g", "m").storage_profile
    assert profile.data_disks[0].managed_disk.storage_account_type == "Premium_LRS"
    assert (disk.sku.name, disks.get("g", "d").sku.name) == ("Standard_LRS", "Premium_LRS")


def test_the_kind_of_an_attached_disk_is_not_changed_through_its_vm(cloud, disks, interface, refused):
    disk = empty(disks)
    vm(cloud, interface, attached(disk))
    another = {"id": disk.id, "storageAccountType": "Premium_LRS"}

    assert refused(lambda: change_disks(cloud, attached(disk, managedDisk=another))) == (501, "NotEmulated")


def test_the_disk_of_the_system_has_room_for_the_image_and_keeps_its_name(cloud, interface, refused):
    assert refused(lambda: vm(cloud, interface, diskSizeGB=20)) == (409, "OperationNotAllowed")
    vm(cloud, interface)
    assert refused(lambda: vm(cloud, interface, name="other")) == (409, "PropertyChangeNotAllowed")


@pytest.mark.parametrize("change", [{"tier": "P50"}, {"diskIOPSReadWrite": 5000}, {"diskMBpsReadWrite": 900}])
def test_a_disk_is_not_told_how_to_perform(disks, refused, change):
    made = empty(disks, sku={"name": "Premium_LRS"})

    assert refused(lambda: disks.begin_update("g", "d", {"properties": change})) == (501, "NotEmulated")
    assert (made.tier, made.disk_iops_read_write, made.disk_m_bps_read_write) == ("P2", 120, 25)


def test_a_disk_that_grows_may_be_sent_with_its_old_performance(disks):
    made = empty(disks, sku={"name": "Premium_LRS"}).as_dict()

    changed = disks.begin_create_or_update(
        "g", "d", {**made, "properties": {**made["properties"], "diskSizeGB": 128}}
    ).result()

    assert (changed.tier, changed.disk_iops_read_write, changed.disk_m_bps_read_write) == ("P10", 500, 100)


@pytest.mark.parametrize("option", ["ImportSecure", "UploadPreparedSecure", "CopyFromSanSnapshot"])
def test_a_disk_from_elsewhere_is_not_a_mistake(disks, refused, option):
    body = {**WEST, "properties": {"creationData": {"createOption": option}, "diskSizeGB": 8}}

    assert refused(lambda: disks.begin_create_or_update("g", "d", body)) == (501, "NotEmulated")


def test_a_new_disk_is_asked_for_again_in_two_seconds_and_one_that_goes_when_the_client_likes(cloud):
    """As recorded by Azure/azure-service-operator."""
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Compute/disks/d"
    body = {**WEST, "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}}
    raw, query = json.dumps(body).encode(), {"api-version": "2024-03-02"}

    made = cloud.opened.azure.manager.handle(Request("PUT", "", path, query, {}, raw))
    cloud.world.advance_to(cloud.world.now + 100)
    gone = cloud.opened.azure.manager.handle(Request("DELETE", "", path, query))

    assert (made.status, made.headers["Retry-After"]) == (202, "2")
    assert (gone.status, "Retry-After" in gone.headers) == (202, False)

"""What is done to a VM beside switching it, and the lists of VMs."""

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Request


@pytest.fixture
def vms(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    return cloud.compute.virtual_machines


def power(vms):
    return vms.instance_view("g", "m").statuses[-1].code


def ask(cloud, method, path, **query):
    root = f"/subscriptions/{cloud.opened.subscription}"
    asked = {"api-version": "2024-07-01", **query}
    return cloud.opened.azure.manager.handle(Request(method, "", root + path, asked, {}, b"", "https://m"))


VM = "/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m"


def test_a_stopped_vm_that_is_redeployed_runs(vms):
    vms.begin_power_off("g", "m").result()

    vms.begin_redeploy("g", "m").result()

    assert power(vms) == "PowerState/running"


def test_a_deallocated_vm_is_on_no_host_to_be_moved_from(vms, refused):
    vms.begin_deallocate("g", "m").result()

    assert refused(lambda: vms.begin_redeploy("g", "m")) == (409, "OperationNotAllowed")


def test_what_failed_can_be_applied_again(cloud, vms):
    found = cloud.world.find(vms.get("g", "m").id)
    cloud.world.settle(found, "Failed")

    vms.begin_reapply("g", "m").result()

    assert vms.get("g", "m").provisioning_state == "Succeeded"


def test_a_generalized_vm_never_starts_again(cloud, vms):
    vms.begin_power_off("g", "m").result()

    answer = ask(cloud, "POST", f"{VM}/generalize")

    statuses = [(status.code, status.display_status) for status in vms.instance_view("g", "m").statuses]
    assert (answer.status, answer.body) == (200, None)
    assert statuses[1:] == [("OSState/generalized", "VM generalized"), ("PowerState/stopped", "VM stopped")]
    with pytest.raises(HttpResponseError) as caught:
        vms.begin_start("g", "m")
    assert (caught.value.status_code, caught.value.error.code) == (409, "OperationNotAllowed")
    assert caught.value.error.message == "Operation 'start' is not allowed on VM 'm' since the VM is generalized."


def test_a_running_vm_is_not_generalized_and_a_generalized_one_not_changed(vms, refused):
    running = refused(lambda: vms.generalize("g", "m"))
    vms.begin_deallocate("g", "m").result()
    vms.generalize("g", "m")

    assert running == (409, "OperationNotAllowed")
    assert refused(lambda: vms.begin_update("g", "m", {"tags": {"a": "b"}})) == (501, "NotEmulated")
    assert refused(lambda: vms.begin_redeploy("g", "m")) == (409, "OperationNotAllowed")


@pytest.mark.parametrize("operation", ["performMaintenance", "simulateEviction", "assessPatches", "capture", "reimage"])
def test_other_operations_are_gaps_with_their_own_names(cloud, vms, operation):
    answer = ask(cloud, "POST", f"{VM}/{operation}")

    assert answer.status == 501
    assert f"POST {operation} on Microsoft.Compute/virtualMachines" in answer.body["error"]["message"]


def test_a_vm_is_offered_the_sizes_of_its_region(cloud, vms):
    offered = [size.name for size in vms.list_available_sizes("g", "m")]

    assert offered == [size.name for size in cloud.compute.virtual_machine_sizes.list("westus")]


def test_vms_are_listed_by_region(vms):
    assert [vm.name for vm in vms.list_by_location("westus")] == ["m"]
    assert list(vms.list_by_location("eastus")) == []


@pytest.mark.parametrize("query", [{"statusonly": "true"}, {"$expand": "instanceView"}])
def test_a_list_with_the_vms_states_is_a_gap(cloud, vms, query):
    path = "/providers/Microsoft.Compute/virtualMachines"

    assert ask(cloud, "GET", path, **query).status == 501
    assert ask(cloud, "GET", path, statusonly="false").status == 200


def test_a_vm_is_not_hibernated(vms, refused):
    assert refused(lambda: vms.begin_deallocate("g", "m", hibernate=True)) == (501, "NotEmulated")
    assert power(vms) == "PowerState/running"

    vms.begin_deallocate("g", "m", hibernate=False).result()

    assert power(vms) == "PowerState/deallocated"


@pytest.mark.parametrize("wanted", ["instanceView", "InstanceView"])
def test_a_vm_is_shown_with_its_view_however_that_is_spelled(vms, cloud, wanted):
    shown = ask(cloud, "GET", VM, **{"$expand": wanted}).body

    assert shown["properties"]["instanceView"]["statuses"][-1]["code"] == "PowerState/running"


def test_the_user_data_of_a_vm_is_asked_for_in_vain(vms, cloud):
    assert ask(cloud, "GET", VM, **{"$expand": "userData"}).body == ask(cloud, "GET", VM).body


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (VM, "vmSizes"),
        ("/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v", "subnets/ipConfigurations"),
        ("/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/i", "networkSecurityGroup"),
        ("/resourceGroups/g/providers/Microsoft.Network/networkInterfaces", "networkSecurityGroup"),
    ],
)
def test_what_would_be_shown_in_more_detail_is_not_passed_over(vms, cloud, path, wanted):
    answer = ask(cloud, "GET", path, **{"$expand": wanted})

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")

"""A VM that names a storage account for what it says while it boots."""

import json

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core import registration, subscriptions
from acrlab.emulator.core.http import Request
from tests.emulator.types.conftest import UBUNTU
from tests.emulator.types.test_storage_account import ACCOUNTS, VERSION

URI = "https://{}.blob.core.windows.net/"


@pytest.fixture
def interface(cloud):
    return cloud.interface(cloud.subnet())


def account(cloud, name="contoso", sku="Standard_LRS", location="westus"):
    id = f"/subscriptions/{cloud.world.setting('subscription')}/resourceGroups/g/providers/{ACCOUNTS}/{name}"
    body = {"location": location, "kind": "StorageV2", "sku": {"name": sku}, "properties": {}}
    cloud.resources.resources.begin_create_or_update_by_id(id, body, api_version=VERSION).result()
    return id


def profile(uri, *, enabled=True):
    return {"bootDiagnostics": {"enabled": enabled, "storageUri": uri}}


def make(cloud, interface, name="contoso", **more):
    return cloud.vm(interface, diagnosticsProfile=profile(URI.format(name), **more))


def refusal(call):
    with pytest.raises(HttpResponseError) as raised:
        call()
    return raised.value.error.code, raised.value.error.message


def test_an_account_that_is_there_is_taken(cloud, interface):
    account(cloud)

    made = make(cloud, interface)

    diagnostics = made.diagnostics_profile.boot_diagnostics
    assert (diagnostics.enabled, diagnostics.storage_uri) == (True, URI.format("contoso"))
    assert made.provisioning_state == "Succeeded"


def test_an_instance_view_tells_where_the_account_has_it(cloud, interface):
    account(cloud)
    vm = make(cloud, interface)

    view = cloud.compute.virtual_machines.instance_view("g", "m").boot_diagnostics

    place = f"{URI.format('contoso')}bootdiagnostics-m-{vm.vm_id}/m.{vm.vm_id}"
    assert view.console_screenshot_blob_uri == f"{place}.screenshot.bmp"
    assert view.serial_console_log_blob_uri == f"{place}.serialconsole.log"


def test_the_address_has_the_start_of_a_vm_s_name(cloud, interface):
    account(cloud)
    cloud.vm(interface, "swarm-Agent-0", diagnosticsProfile=profile(URI.format("contoso")))

    view = cloud.compute.virtual_machines.instance_view("g", "swarm-Agent-0").boot_diagnostics

    assert "/bootdiagnostics-swarmagen-" in view.serial_console_log_blob_uri
    assert "/swarm-Agent-0." in view.serial_console_log_blob_uri


@pytest.mark.parametrize(("asked", "told"), [({"enabled": True}, {}), ({"enabled": False}, None)])
def test_of_azures_own_account_nothing_is_told(cloud, interface, asked, told):
    vm = cloud.vm(interface, diagnosticsProfile={"bootDiagnostics": asked})

    answer = cloud.opened.azure.manage(Request("GET", "", f"{vm.id}/instanceView", {"api-version": "2024-07-01"}))

    assert answer.body.get("bootDiagnostics") == told


def test_an_account_of_azures_own_needs_no_name(cloud, interface):
    made = cloud.vm(interface, diagnosticsProfile={"bootDiagnostics": {"enabled": True}})

    assert made.diagnostics_profile.boot_diagnostics.storage_uri is None


def test_an_account_that_is_not_used_is_not_looked_for(cloud, interface):
    assert make(cloud, interface, "nowhere", enabled=False).provisioning_state == "Succeeded"


def test_an_account_that_is_not_there_ends_the_vm_s_operation(cloud, interface):
    """The request is taken; Compute looks for the account when it starts the VM."""
    code, message = refusal(lambda: make(cloud, interface))
    assert code == "StorageAccountNotFound"
    assert message == (
        "Storage account 'contoso' not found. Ensure storage account is not deleted and belongs to the same Azure "
        "location as the VM."
    )

    vm = cloud.compute.virtual_machines.get("g", "m", expand="instanceView")
    assert vm.provisioning_state == "Failed"
    assert "PowerState/running" not in [status.code for status in vm.instance_view.statuses]


def test_a_failed_vm_starts_when_its_account_is_there(cloud, interface):
    refusal(lambda: make(cloud, interface))
    start = cloud.compute.virtual_machines.begin_start

    assert refusal(lambda: start("g", "m").result())[0] == "StorageAccountNotFound"
    account(cloud)
    start("g", "m").result()

    view = cloud.compute.virtual_machines.instance_view("g", "m")
    assert "PowerState/running" in [status.code for status in view.statuses]


def test_a_running_vm_goes_on_when_its_change_names_no_account(cloud, interface):
    cloud.vm(interface)
    change = {"properties": {"diagnosticsProfile": profile(URI.format("nowhere"))}}

    code, _ = refusal(lambda: cloud.compute.virtual_machines.begin_update("g", "m", change).result())

    view = cloud.compute.virtual_machines.instance_view("g", "m")
    assert code == "StorageAccountNotFound"
    assert "PowerState/running" in [status.code for status in view.statuses]


def test_an_account_elsewhere_is_refused(cloud, interface):
    account(cloud, location="eastus")

    code, message = refusal(lambda: make(cloud, interface))
    assert code == "StorageAccountLocationMismatch"
    assert message == (
        "Could not resolve storage account contoso. Please ensure it was created through the Storage Resource Provider "
        "in the same location as the compute resource."
    )


def test_an_account_in_zones_is_refused(cloud):
    account(cloud, sku="Standard_ZRS", location="westus2")
    body = {"location": "westus2", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    body["properties"]["subnets"] = [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    network = cloud.network.virtual_networks.begin_create_or_update("g", "v", body).result()
    one = {"name": "one", "properties": {"subnet": {"id": network.subnets[0].id}}}
    body = {"location": "westus2", "properties": {"ipConfigurations": [one]}}
    interface = cloud.network.network_interfaces.begin_create_or_update("g", "i", body).result()

    def make_there():
        vm = {
            "hardwareProfile": {"vmSize": "Standard_B2s"},
            "storageProfile": {"imageReference": UBUNTU, "osDisk": {"createOption": "FromImage"}},
            "osProfile": {"computerName": "m", "adminUsername": "azureuser", "adminPassword": "Kept 2 itself"},
            "networkProfile": {"networkInterfaces": [{"id": interface.id}]},
            "diagnosticsProfile": profile(URI.format("contoso")),
        }
        body = {"location": "westus2", "properties": vm}
        cloud.compute.virtual_machines.begin_create_or_update("g", "m", body).result()

    code, message = refusal(make_there)
    assert code == "StorageAccountTypeNotSupported"
    assert message == (
        "Storage account contoso is of Standard_ZRS type. Boot Diagnostics supports "
        "Standard_GRS,Standard_LRS,Standard_RAGRS storage account types."
    )


def test_an_address_of_another_form_is_not_emulated(cloud, interface, refused):
    uri = "https://diagnostics.example.org/"

    assert refused(lambda: cloud.vm(interface, diagnosticsProfile=profile(uri))) == (501, "NotEmulated")


def test_what_a_vm_said_is_not_emulated(cloud, interface):
    vm = cloud.vm(interface)
    query = {"api-version": "2024-07-01"}

    answer = cloud.opened.azure.manage(Request("POST", "", f"{vm.id}/retrieveBootDiagnosticsData", query))

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_an_account_of_another_subscription_is_refused(cloud, interface):
    other = subscriptions.add(cloud.world, "Spokes").id
    registration.register(cloud.world, "Microsoft.Storage", other)
    for path, body in (
        (f"/subscriptions/{other}/resourceGroups/g", {"location": "westus"}),
        (
            f"/subscriptions/{other}/resourceGroups/g/providers/{ACCOUNTS}/contoso",
            {"location": "westus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}},
        ),
    ):
        request = Request("PUT", "", path, {"api-version": VERSION}, {}, json.dumps(body).encode())
        assert cloud.opened.azure.manage(request).status in (201, 202)

    assert refusal(lambda: make(cloud, interface)) == (
        "StorageAccountSubscriptionMismatch",
        f"Storage account contoso doesn't belong to subscription {cloud.world.setting('subscription')}.",
    )

"""The VM reached as learners reach it: through Azure's run-command, with nothing put there by hand."""

import pytest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator.transport import open_azure
from tests.sdk import client

LOCATED = {"location": "westus"}
UBUNTU = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-server-jammy",
    "sku": "22_04-lts-gen2",
    "version": "latest",
}


@pytest.fixture
def compute():
    """The SDK's client of a subscription with one VM, which has a public address."""
    opened = open_azure()
    network, compute, resources = (
        client(kind, opened) for kind in (NetworkManagementClient, ComputeManagementClient, ResourceManagementClient)
    )
    resources.resource_groups.create_or_update("g", LOCATED)
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    made = network.virtual_networks.begin_create_or_update(
        "g", "v", LOCATED | {"properties": space | {"subnets": subnets}}
    )
    static = {"properties": {"publicIPAllocationMethod": "Static"}}
    address = network.public_ip_addresses.begin_create_or_update("g", "a", LOCATED | static).result()
    place = {"subnet": {"id": made.result().subnets[0].id}, "publicIPAddress": {"id": address.id}}
    configurations = {"ipConfigurations": [{"name": "one", "properties": place}]}
    interface = network.network_interfaces.begin_create_or_update("g", "i", LOCATED | {"properties": configurations})
    properties = {
        "hardwareProfile": {"vmSize": "Standard_B2s"},
        "storageProfile": {"imageReference": UBUNTU, "osDisk": {"createOption": "FromImage"}},
        "osProfile": {"computerName": "m", "adminUsername": "azureuser", "adminPassword": "Kept 2 itself"},
        "networkProfile": {"networkInterfaces": [{"id": interface.result().id}]},
    }
    compute.virtual_machines.begin_create_or_update("g", "m", LOCATED | {"properties": properties}).result()
    yield compute
    opened.close()


def run(compute, *script):
    command = {"commandId": "RunShellScript", "script": list(script)}
    return compute.virtual_machines.begin_run_command("g", "m", command).result().value[0].message


def test_run_command_brings_back_both_streams(compute):
    message = run(compute, "whoami", "nonsense", "hostname -I")
    assert message == (
        "Enable succeeded: \n[stdout]\nroot\n10.0.0.4 \n\n[stderr]\nbash: line 2: nonsense: command not found\n"
    )


def test_article_installs_docker_and_runs_its_first_container(compute):
    assert "Setting up docker.io" in run(compute, "sudo apt-get update", "sudo apt install docker.io -y")
    assert "Hello from Docker!" in run(compute, "sudo docker run hello-world")


def test_parameters_are_variables(compute):
    command = {
        "commandId": "RunShellScript",
        "script": ["echo $name"],
        "parameters": [{"name": "name", "value": "a b"}],
    }
    message = compute.virtual_machines.begin_run_command("g", "m", command).result().value[0].message
    assert "[stdout]\na b\n" in message


def test_tags_do_not_reset_the_disk(compute):
    run(compute, "echo kept > /srv/file")
    compute.virtual_machines.begin_update("g", "m", {"tags": {"owner": "learner"}}).result()
    assert "kept" in run(compute, "cat /srv/file")

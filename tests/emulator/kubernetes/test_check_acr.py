"""`az aks check-acr` on the emulated VM: with the VM's rights, from the cluster's nodes."""

import pytest

from acrlab.emulator.shell import run_script

CHECK = "az aks check-acr -g g -n k --acr contoso.azurecr.io"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


@pytest.fixture
def on_vm(place, cluster):
    place.vm(disk={"packages": {"azure-cli": "2.91.0"}})

    def on_vm(script):
        vm = place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm"))
        return run_script(place.delivery, vm, script)

    return on_vm


@pytest.fixture
def allowed(place, cluster, on_vm):
    """Let the VM's identity work with the cluster."""
    place.assign(CONTRIBUTOR, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), cluster.resource)
    assert on_vm("az login --identity").exit_code == 0


def test_it_says_that_the_cluster_can_pull(on_vm, allowed):
    told = on_vm(CHECK)

    assert told.exit_code == 0
    assert told.stdout.endswith("\nYour cluster can pull images from contoso.azurecr.io!\n")


def test_it_says_why_it_cannot(place, on_vm, allowed):
    place.world.delete(place.id("Microsoft.Network/privateDnsZones/A", "privatelink.azurecr.io", "contoso"))

    told = on_vm(CHECK)

    assert told.exit_code == 1
    assert "returned non-zero exit status 52. Command output: " in told.stderr
    assert "Failed to resolve specified fqdn contoso.azurecr.io" in told.stderr


def test_who_may_not_have_the_credentials_asks_nothing(place, cluster, on_vm):
    registry = place.world.get(place.id("Microsoft.ContainerRegistry/registries", "contoso"))
    place.assign(CONTRIBUTOR, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), registry)
    on_vm("az login --identity")

    assert "(AuthorizationFailed)" in on_vm(CHECK).stderr

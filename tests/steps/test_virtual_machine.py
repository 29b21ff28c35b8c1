"""The VM's programs: installed as soon as its first boot lets them be, on an Azure that is late."""

import pytest

import acrlab
from acrlab.steps.virtual_machine import install_azure_cli, install_docker


@pytest.fixture
def late(lab, world):
    world.set_setting("timing", "as-azure")
    acrlab.bring_to(lab, "vm")
    return lab


def test_docker_and_the_cli_are_installed_on_a_vm_that_is_still_booting(late, world):
    begun = world.now

    install_docker(late)
    install_azure_cli(late)

    assert acrlab.run_on_vm(late, "docker --version > /dev/null; az version > /dev/null").exit_code == 0
    assert 60 < world.now - begun < 600


def test_a_program_that_is_there_is_not_waited_for(late, world):
    install_docker(late)
    begun = world.now

    install_docker(late)

    assert world.now - begun < 60


def test_a_vm_without_a_way_out_says_what_failed_in_the_end(lab, world):
    acrlab.bring_to(lab, "vm")
    interface = lab.network.network_interfaces.get("myResourceGroup", "myDockerVMVMNic")
    interface.ip_configurations[0].public_ip_address = None
    lab.network.network_interfaces.begin_create_or_update("myResourceGroup", interface.name, interface).result()
    begun = world.now

    with pytest.raises(acrlab.RefusedError, match="failed with exit code 1"):
        install_docker(lab)

    assert world.now - begun < 900

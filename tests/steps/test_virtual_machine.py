"""The VM's programs: installed as soon as its first boot lets them be, on an Azure that is late."""

import sys

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


@pytest.mark.parametrize("with_cryptography", [True, False])
def test_the_vm_gets_the_public_half_of_a_key_that_is_kept(lab, monkeypatch, with_cryptography):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

    with monkeypatch.context() as patch:
        if not with_cryptography:  # as in a browser's Python
            patch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
        acrlab.bring_to(lab, "vm")
    vm = acrlab.ensure_vm(lab)

    kept = load_ssh_private_key(lab.backend.memory.read("ssh/id_ed25519").encode(), None)

    public = kept.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert vm.os_profile.linux_configuration.ssh.public_keys[0].key_data == f"{public} acrlab"

"""Availability sets and zones as `az vm` has them."""

from __future__ import annotations

import pytest

G = "-g sets"
LOG_IN = "--admin-username azureuser --generate-ssh-keys"


@pytest.fixture(scope="module")
def shell(shell):
    """A group with a set, and a VM in it."""
    shell.run(
        f"""
        set -e
        az group create -n sets -l westus
        az vm availability-set create {G} -n web
        az vm create {G} -n vm --image Ubuntu2204 --availability-set web {LOG_IN} --public-ip-address '' --nsg ''
        set +e
        """
    )
    return shell


def test_a_set_and_its_vm_name_each_other(shell):
    made = shell.json(f"az vm availability-set show {G} -n web")

    assert (made["platformFaultDomainCount"], made["platformUpdateDomainCount"]) == (2, 5)
    assert [vm["id"].rpartition("/")[2] for vm in made["virtualMachines"]] == ["VM"]
    assert shell.text(f"az vm show {G} -n vm --query availabilitySet.id -o tsv").endswith("/availabilitySets/WEB")
    assert shell.json(f"az vm get-instance-view {G} -n vm --query instanceView.platformFaultDomain") == 0


def test_sets_are_listed_changed_and_asked_for_sizes(shell):
    assert shell.json(f"az vm availability-set update {G} -n web --set tags.a=b --query tags") == {"a": "b"}
    assert shell.json("az vm availability-set list --query '[].name'") == ["web"]
    assert shell.json(f"az vm availability-set list-sizes {G} -n web --query 'length(@)'") > 0
    assert shell.json("az vm list-skus -l westus --resource-type availabilitySets --query '[].name'")[1] == "Aligned"


def test_a_classic_set_is_converted(shell):
    shell.run(f"az vm availability-set create {G} -n old --unmanaged")

    assert shell.json(f"az vm availability-set convert {G} -n old --query sku.name") == "Aligned"
    shell.run(f"az vm availability-set delete {G} -n old")


def test_a_set_that_is_not_there_takes_no_vm(shell):
    done = shell.run(f"az vm create {G} -n n --image Ubuntu2204 --availability-set none {LOG_IN}", check=False)

    assert done.returncode
    assert "Availability set 'none' does not exist." in done.stderr


def test_a_set_with_a_vm_can_not_be_deleted(shell):
    done = shell.run(f"az vm availability-set delete {G} -n web", check=False)

    assert done.returncode
    assert "please ensure that it does not contain any VM" in done.stderr


def test_a_vm_in_a_zone_takes_no_disk_of_another(shell):
    shell.run("az group create -n zones -l eastus && az disk create -g zones -n d --size-gb 4 --zone 1")
    place = f"-g zones -n z --image Ubuntu2204 --size Standard_D2s_v5 --zone 2 {LOG_IN} --nsg ''"

    assert shell.json(f"az vm create {place} --query zones") == "2"
    assert shell.json("az network public-ip list -g zones --query '[0].zones'") == ["2"]
    done = shell.run("az vm disk attach -g zones --vm-name z --name d", check=False)
    assert done.returncode
    assert "VM zone: '2'. Disk zone: '1'." in done.stderr

"""What the doctor prints where no fault of the practice leads to it, typed into the real CLI in a small lab."""

from __future__ import annotations

import pytest

from tests.real_clients.az import printed


@pytest.fixture(scope="module")
def shell(shell):
    """A registry with a replica, and a VM, named as in the course."""
    shell.run("az group create -n myResourceGroup -l westus")
    shell.run("az acr create -g myResourceGroup -n myregistry --sku Premium")
    shell.run("az acr replication create -r myregistry -l eastus")
    shell.run(
        "az vm create -g myResourceGroup -n myDockerVM --image Ubuntu2204 --admin-username azureuser "
        "--generate-ssh-keys --nsg-rule NONE"
    )
    shell.run("az network route-table create -g myResourceGroup -n t")
    shell.run(
        "az network route-table route create -g myResourceGroup --route-table-name t -n away "
        "--address-prefix 10.0.0.0/24 --next-hop-type None"
    )
    return shell


@pytest.mark.parametrize("command", [*printed.DOCTOR, *printed.REGIONS])
def test_it_is_taken_as_it_is_printed(shell, command):
    shell.run(command)

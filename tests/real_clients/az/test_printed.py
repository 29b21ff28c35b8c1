"""The sections' commands from the first to the last, in one lab, as they are printed; and what is printed beside them.

`$acrID` and the addresses live on from one command to the next, as in a reader's shell. What is for the VM is typed
there.
"""

from __future__ import annotations

import shlex

import pytest

import acrlab
from tests.real_clients.az import printed

ON_THE_VM = ("docker", "azure-cli", "verify-access")
PORTAL = (
    "az group create -n myPortalResourceGroup -l westus",
    "az network vnet create -g myPortalResourceGroup -n myPortalVNET --address-prefixes 10.1.0.0/16",
    """az network vnet subnet create -g myPortalResourceGroup --vnet-name myPortalVNET -n myPortalSubnet \
        --address-prefixes 10.1.0.0/24 --disable-private-endpoint-network-policies""",
)
SECTIONS = printed.sections()
SECTIONS_TYPED = tuple(SECTIONS)


@pytest.fixture(scope="module")
def lab(world):
    """The lab that the shell makes, to run on its VM what is for the VM."""
    opened = acrlab.connect(world=str(world), registry_name="myregistry")
    yield opened
    opened.close()


@pytest.mark.parametrize("name", SECTIONS_TYPED)
def test_a_section_s_commands_work_as_printed(shell, lab, name):
    if name == "the-portal-s-way":
        for command in PORTAL:
            shell.run(command)
    if name == "clean-up":
        _beside(shell, lab)
        # It asks a person, and there has to be a terminal to ask in.
        shell.run(f"script --quiet --return --command {shlex.quote(SECTIONS[name])} /dev/null <<< y")
    elif name in ON_THE_VM:
        acrlab.run_on_vm(lab, SECTIONS[name])
    else:
        shell.run(f"set -e\n{SECTIONS[name]}\nset +e")


def _beside(shell, lab):
    """What a page or a message prints once, while all of the lab is there."""
    shell.run(printed.CHOOSE.replace("ID", "$(az account show --query id --output tsv)"))
    shell.run(printed.TASKS_PASS.replace("ID", "$acrID"))
    assert "myregistry" in shell.text(printed.LISTED)
    assert shell.json(printed.SCOPE_MAP)["name"] == "_repositories_pull"
    shell.run(printed.SCOPED)
    shell.run(f"set -e\n{acrlab.az(lab.settings, 'reader-role')}\nset +e")
    health = acrlab.run_on_vm(lab, "az login --identity", "az acr login --name myregistry", printed.HEALTH, check=False)
    assert "DNS routing to private endpoint" in f"{health}"
    shell.run(printed.LINK_FALLS_BACK)
    shell.run(printed.RECORD_LOST)


def test_all_is_gone_at_the_end(shell):
    assert shell.text("az group exists --name myResourceGroup") == "false"


def test_last_another_cloud_is_chosen(shell):
    """Whoever changes clouds has to sign in again."""
    shell.run(printed.CLOUD)

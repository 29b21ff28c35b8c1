"""What chapters show beside Python, typed as it is shown, in the chapters' order: the article's and the lab's."""

from __future__ import annotations

import json

import pytest

import acrlab

SETTINGS = acrlab.Settings.from_parameters(registry_name="myregistry")
PORTAL = (
    "az group create -n myPortalResourceGroup -l westus",
    "az network vnet create -g myPortalResourceGroup -n myPortalVNET --address-prefixes 10.1.0.0/16",
    """az network vnet subnet create -g myPortalResourceGroup --vnet-name myPortalVNET -n myPortalSubnet \
        --address-prefixes 10.1.0.0/24 --disable-private-endpoint-network-policies""",
)


@pytest.fixture
def typed(shell):
    """Type what a chapter shows. Returns: what the last command printed."""

    def run(anchor: str) -> str:
        return shell.run(acrlab.az(SETTINGS, anchor).text).stdout.strip()

    return run


def test_a_lab(typed):
    for anchor in (
        "prerequisites",
        "create-a-docker-enabled-virtual-machine",
        "let-the-vm-pull",
        "disable-subnet-private-endpoint-policies",
    ):
        typed(anchor)


def test_the_role_is_the_vm_s(shell):
    roles = shell.json(
        "az role assignment list --scope $acrID --fill-principal-name false --query '[].roleDefinitionName'"
    )

    assert roles == ["AcrPull"]


def test_the_vm_is_asked_for_a_name(typed):
    assert "192.0.2." in typed("look-from-the-vm")


def test_approved_and_rejected_by_hand(typed, shell):
    typed("manually-approve-private-endpoint-connection")
    typed("change-your-mind")

    assert shell.json("az acr private-endpoint-connection list -r myregistry") == []


def test_the_portal_s_way(typed, shell):
    for command in PORTAL:
        shell.run(command)
    typed("the-portal-s-way")

    listed = "az network private-dns record-set a list -g myPortalResourceGroup -z privatelink.azurecr.io"
    assert shell.json(f"{listed} --query '[].name'") == ["myregistry.westus.data", "myregistry"]
    typed("take-the-portal-s-lab-away")


def test_enabled_again_it_is_still_closed(typed, shell):
    typed("enable-again")

    assert typed("look-who-may-connect").split() == ["[", '"Enabled",', '"Deny",', '"AzureServices"', "]"]


def test_tags_are_found(shell, typed):
    shell.run("az group update --name myResourceGroup --tags acrlab=myregistry")
    shell.run("az resource tag --tags acrlab=myregistry --ids $acrID")

    assert [one["name"] for one in json.loads(typed("look-at-the-tags"))] == ["myregistry"]


def test_gone(typed, shell):
    shell.run(f"{acrlab.az(SETTINGS, 'clean-up-resources').text} --yes")

    exists, free = typed("prove-absence").split("\n", 1)
    assert (exists, json.loads(free)["nameAvailable"]) == ("false", True)

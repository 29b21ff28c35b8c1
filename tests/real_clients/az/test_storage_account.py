"""A storage account as `az` makes it, and a VM that names it for its boot diagnostics."""

from __future__ import annotations

import pytest

G = "-g stored"
MADE = f"""
az group create -n stored -l westus
az storage account create {G} -n storedthings --sku Standard_LRS
az network vnet create {G} -n net --subnet-name sub
"""


@pytest.fixture(scope="module")
def shell(shell):
    """One group with an account and a network in it."""
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


def test_an_account_is_shown_listed_and_its_name_is_taken(shell):
    shown = shell.json(f"az storage account show {G} -n storedthings")

    assert (shown["provisioningState"], shown["kind"], shown["sku"]["name"]) == (
        "Succeeded",
        "StorageV2",
        "Standard_LRS",
    )
    assert [one["name"] for one in shell.json(f"az storage account list {G}")] == ["storedthings"]
    assert shell.json("az storage account check-name -n storedthings")["reason"] == "AlreadyExists"
    assert shell.json("az storage account show-usage -l westus")["currentValue"] == 1


def test_an_account_is_changed(shell):
    change = "--access-tier Cool --min-tls-version TLS1_2 --yes"

    changed = shell.json(f"az storage account update {G} -n storedthings {change}")

    assert (changed["accessTier"], changed["minimumTlsVersion"]) == ("Cool", "TLS1_2")


def test_a_key_is_renewed(shell):
    before, after = (
        {key["keyName"]: key["value"] for key in shell.json(command)}
        for command in (
            f"az storage account keys list {G} -n storedthings",
            f"az storage account keys renew {G} -n storedthings --key primary",
        )
    )

    assert before["key1"] != after["key1"]
    assert before["key2"] == after["key2"]


def test_a_vm_names_an_account(shell):
    make = (
        f"az vm create {G} -n vm --image Ubuntu2204 --vnet-name net --subnet sub --admin-username azureuser "
        "--generate-ssh-keys --nsg '' --public-ip-address '' --boot-diagnostics-storage"
    )
    shell.run(f"{make} storedthings")

    shown = shell.json(f"az vm show {G} -n vm")["diagnosticsProfile"]["bootDiagnostics"]
    assert shown == {"enabled": True, "storageUri": "https://storedthings.blob.core.windows.net/"}


def test_a_vm_does_not_name_an_account_that_is_not_there(shell):
    bad = "https://nowherestored.blob.core.windows.net/"

    refused = shell.run(f"az vm boot-diagnostics enable {G} -n vm --storage {bad}", check=False)

    assert refused.returncode != 0
    assert "(StorageAccountNotFound) Storage account 'nowherestored' not found." in refused.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"az storage account create {G} -n storedvault --kind BlockBlobStorage --sku Premium_LRS", "(NotEmulated)"),
        (f"az storage account create {G} -n stored-things", "stored-things is not a valid storage account name"),
        (f"az vm boot-diagnostics get-boot-log-uris {G} -n vm", "(NotEmulated)"),
    ],
)
def test_a_refusal_is_said_in_azures_words(shell, command, said):
    refused = shell.run(command, check=False)

    assert refused.returncode != 0
    assert said in refused.stderr


def test_an_account_is_deleted(shell):
    shell.run(f"az storage account delete {G} -n storedthings --yes")

    assert shell.json(f"az storage account list {G}") == []

"""User-assigned identities by plain `az`: made, given to a VM as it is made, and signed in with on that VM."""

from __future__ import annotations

import pytest

G = "-g identities"
MADE = f"""
az group create -n identities -l westus
az network vnet create {G} -n net --address-prefixes 10.0.0.0/16 --subnet-name sub --subnet-prefixes 10.0.0.0/24
az acr create {G} -n identitiesregistry --sku Premium
az identity create {G} -n worker
az vm create {G} -n vm --image Ubuntu2204 --vnet-name net --subnet sub --admin-username azureuser \\
    --generate-ssh-keys --assign-identity $(az identity show {G} -n worker --query id -o tsv)
"""
ON_VM = f"az vm run-command invoke {G} -n vm --command-id RunShellScript --scripts"


@pytest.fixture(scope="module")
def shell(shell):
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


def test_1_the_vm_has_the_identity_and_none_of_its_own(shell):
    worker = shell.json(f"az identity show {G} -n worker")

    found = shell.json(f"az vm identity show {G} -n vm")

    assert (found["type"], found.get("principalId")) == ("UserAssigned", None)
    (told,) = found["userAssignedIdentities"].values()
    assert (told["principalId"], told["clientId"]) == (worker["principalId"], worker["clientId"])
    assert [one["name"] for one in shell.json(f"az identity list {G}")] == ["worker"]


def test_2_its_role_lets_the_vm_sign_in_to_the_registry(shell):
    shell.run(
        f"az role assignment create --role AcrPull --assignee-object-id $(az identity show {G} -n worker --query "
        "principalId -o tsv) --assignee-principal-type ServicePrincipal --scope "
        "$(az acr show -n identitiesregistry --query id -o tsv)"
    )
    client = shell.json(f"az identity show {G} -n worker")["clientId"]
    shell.run(
        f"{ON_VM} 'apt-get update; apt-get install -y docker.io; curl -sL https://aka.ms/InstallAzureCLIDeb | bash'"
    )

    told = shell.json(
        f"{ON_VM} 'az login --identity --client-id {client} -o none && az acr login -n identitiesregistry'"
    )["value"][0]["message"]

    assert "Login Succeeded" in told


def test_3_it_is_taken_away_and_deleted(shell):
    shell.run(f"az vm identity remove {G} -n vm --identities $(az identity show {G} -n worker --query id -o tsv)")
    shell.run(f"az identity delete {G} -n worker")

    assert shell.json(f"az identity list {G}") == []
    assert shell.run(f"az vm identity show {G} -n vm").stdout.strip() in ("", '{\n  "type": "None"\n}')

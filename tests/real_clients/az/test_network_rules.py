"""`az acr network-rule`: addresses and subnets, as they are written, listed, refused and taken away. Report BR-08."""

import pytest

G, NAME = "-g rules", "rulesregistry"
SUBNET = "$(az network vnet subnet show -g rules --vnet-name net -n sub --query id -o tsv)"


@pytest.fixture(scope="module")
def shell(shell):
    shell.run(f"""set -e
az group create -n rules -l westus
az network vnet create {G} -n net --address-prefixes 10.0.0.0/16 --subnet-name sub --subnet-prefixes 10.0.0.0/24
az acr create {G} -n {NAME} --sku Premium
az acr import -n {NAME} --source mcr.microsoft.com/hello-world --image hello-world:v1
set +e""")
    return shell


def test_a_rule_for_a_subnet_is_shown_under_both_names(shell):
    refused = shell.run(f"az acr network-rule add -n {NAME} --subnet {SUBNET}", check=False)
    assert refused.returncode
    assert "do not have ServiceEndpoints for Microsoft.ContainerRegistry" in refused.stderr

    shell.run(
        f"az network vnet subnet update {G} --vnet-name net -n sub --service-endpoints Microsoft.ContainerRegistry"
    )
    shell.run(f"az acr update -n {NAME} --default-action Deny")
    shell.run(f"az acr network-rule add -n {NAME} --subnet {SUBNET}")

    subnet = shell.text(f"echo {SUBNET}")
    (rule,) = shell.json(f"az acr network-rule list -n {NAME}")["virtualNetworkRules"]
    assert rule == {
        "action": "Allow",
        "virtualNetworkResourceId": subnet,
        "virtualNetworkSubnetResourceId": subnet,
    }

    shell.run(f"az acr network-rule remove -n {NAME} --subnet {SUBNET}")

    assert shell.json(f"az acr network-rule list -n {NAME}") == {"ipRules": [], "virtualNetworkRules": []}


def test_a_rule_for_an_address_lets_it_in(shell):
    shell.run(f"az acr update -n {NAME} --default-action Deny")
    refused = shell.run(f"az acr repository list -n {NAME}", check=False)
    assert refused.returncode
    assert "Looks like you don't have access to registry" in refused.stderr

    shell.run(f"az acr network-rule add -n {NAME} --ip-address 198.51.100.20")

    assert shell.json(f"az acr repository list -n {NAME}") == ["hello-world"]
    shell.run(f"az acr network-rule remove -n {NAME} --ip-address 198.51.100.20")
    assert shell.run(f"az acr repository list -n {NAME}", check=False).returncode

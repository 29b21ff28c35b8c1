"""A cluster by plain `az aks`: made in a subnet, attached to a registry and detached, grown, and deleted."""

from __future__ import annotations

import pytest

from tests.real_clients.az import printed

G = "-g clusters"
ACR = "$(az acr show -n clustersregistry --query id -o tsv)"
SUBNET = f"$(az network vnet subnet show {G} --vnet-name net -n sub --query id -o tsv)"
MADE = f"""
az group create -n clusters -l westus
az network vnet create {G} -n net --address-prefixes 10.0.0.0/16 --subnet-name sub --subnet-prefixes 10.0.0.0/24
az acr create {G} -n clustersregistry --sku Premium
"""
CREATE = (
    f"az aks create {G} -n k --vnet-subnet-id {SUBNET} --node-count 2 --node-vm-size Standard_B2s --generate-ssh-keys"
)


@pytest.fixture(scope="module")
def shell(shell):
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


def roles(shell, scope=ACR):
    """Who has which role at a scope, itself alone."""
    query = "--fill-principal-name false --query '[].[principalId, roleDefinitionName]'"
    return [tuple(one) for one in shell.json(f"az role assignment list --scope {scope} {query}")]


@pytest.fixture
def kubelet(shell):
    return shell.text(f"az aks show {G} -n k --query identityProfile.kubeletidentity.objectId -o tsv")


def test_1_the_usual_service_addresses_do_not_fit_the_lab_s_network(shell):
    done = shell.run(CREATE, check=False)

    assert done.returncode != 0
    assert "ServiceCidrOverlapExistingSubnetsCidr" in done.stderr


def test_2_a_cluster_is_made_in_a_subnet_and_may_pull(shell):
    services = "--service-cidr 10.2.0.0/16 --dns-service-ip 10.2.0.10"
    made = shell.json(f"{CREATE} {services} --attach-acr clustersregistry")

    assert (made["provisioningState"], made["nodeResourceGroup"]) == ("Succeeded", "MC_clusters_k_westus")
    assert made["identityProfile"]["kubeletidentity"]["resourceId"].endswith("/userAssignedIdentities/k-agentpool")
    assert roles(shell) == [(made["identityProfile"]["kubeletidentity"]["objectId"], "AcrPull")]
    assert roles(shell, SUBNET) == [(made["identity"]["principalId"], "Network Contributor")]


def test_3_a_name_is_used_once(shell):
    done = shell.run(CREATE, check=False)

    assert done.returncode != 0
    assert "already exists. Please use command 'az aks update'" in done.stderr


def test_4_it_is_detached_and_attached_again(shell, kubelet):
    shell.run(f"{printed.DETACH} clustersregistry")
    assert roles(shell) == []

    shell.run(f"{printed.ATTACH} {ACR}")
    assert roles(shell) == [(kubelet, "AcrPull")]


def test_5_a_pool_comes_and_goes(shell):
    shell.run(
        f"az aks nodepool add {G} --cluster-name k -n more --node-count 1 --node-vm-size Standard_B2s "
        f"--vnet-subnet-id {SUBNET}"
    )
    names = f"az aks nodepool list {G} --cluster-name k --query 'sort([].name)'"
    assert shell.json(names) == ["more", "nodepool1"]

    shell.run(f"az aks nodepool delete {G} --cluster-name k -n more")
    assert shell.json(names) == ["nodepool1"]


def test_6_its_credentials_are_merged(shell):
    done = shell.run(f"az aks get-credentials {G} -n k -f config.yaml; cat config.yaml")

    assert 'Merged "k" as current context in config.yaml' in done.stderr
    assert ".hcp.westus.azmk8s.io:443" in done.stdout


def test_7_it_is_deleted_with_its_nodes(shell):
    shell.run(f"az aks delete {G} -n k --yes")

    assert shell.json("az aks list") == []
    assert shell.json("az group list --query '[].name'") == ["clusters"]

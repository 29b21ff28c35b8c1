"""A second subscription, and one of another tenant, by the real `az`: approval across by resource id."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.real_clients.az import printed
from tests.real_clients.conftest import ACRLAB

G = "-g spokes"
TENANT = "11111111-2222-4333-8444-555555555555"
ENDPOINT = "az network private-endpoint create -g {group} -n {name} --vnet-name v --subnet s --connection-name c"
MADE = """
az group create -n hub -l westus
az acr create -g hub -n hubregistry --sku Premium
"""
NETWORK = """
az group create -n spokes -l westus
az network vnet create -g spokes -n v --address-prefixes 10.1.0.0/16 --subnet-name s --subnet-prefixes 10.1.0.0/24
az network vnet subnet update -g spokes --vnet-name v -n s --private-endpoint-network-policies Disabled
"""


@pytest.fixture(scope="module")
def lab(world):
    """Call the lab's own command."""
    return lambda words: f"{shlex.quote(ACRLAB)} emulator subscription {words} --world {world}"


@pytest.fixture(scope="module")
def home(shell, lab):
    """The first subscription's id; its registry is there, and a second subscription beside it is in use."""
    shell.run(f"set -e\n{MADE}\nset +e")
    id = shell.text("az account show --query id -o tsv")
    shell.run(f"set -e\n{lab('add Spokes')}\n{printed.REFRESH}\naz account set -s Spokes\n{NETWORK}\nset +e")
    return id


@pytest.fixture(scope="module")
def registry(shell, home):
    return shell.text(f"az acr show -n hubregistry -g hub --subscription {home} --query id -o tsv")


def create(name, registry, *, group="spokes", more=""):
    asked = f"--group-id registry --private-connection-resource-id {registry}"
    return f"{ENDPOINT.format(group=group, name=name)} {asked} {more}"


def status(shell, home, name):
    shown = shell.json(f"az acr private-endpoint-connection list -r hubregistry --subscription {home}")
    return next(
        c["privateLinkServiceConnectionState"]["status"]
        for c in shown
        if c["privateEndpoint"]["id"].endswith(f"/privateEndpoints/{name}")
    )


def test_both_are_listed_and_one_is_chosen(shell, home):
    accounts = shell.json("az account list")

    assert {a["name"]: a["isDefault"] for a in accounts} == {"acrlab emulated subscription": False, "Spokes": True}
    assert shell.json("az group list --query [].name") == ["spokes"]
    assert shell.json(f"az group list --subscription {home} --query [].name") == ["hub"]


def test_az_registers_what_a_command_needs_and_no_more(shell, home):
    said = shell.json("az provider list --query '[].{n:namespace, s:registrationState}'")

    assert {p["n"]: p["s"] for p in said}["Microsoft.Network"] == "Registered"
    assert {p["n"]: p["s"] for p in said}["Microsoft.ContainerRegistry"] == "NotRegistered"


def test_an_endpoint_is_approved_by_itself_once_its_subscription_has_the_provider(shell, home, registry):
    refused = shell.run(create("auto", registry), check=False)
    shell.run("az provider register --namespace Microsoft.ContainerRegistry --wait")
    made = shell.json(create("auto", registry))

    assert "Microsoft.ContainerRegistry provider must be registered on subscription" in refused.stderr
    assert made["provisioningState"] == "Succeeded"
    assert status(shell, home, "auto") == "Approved"


def test_a_request_is_approved_by_its_resource_id_in_the_registrys_subscription(shell, home, registry):
    shell.run(create("asked", registry, more="--manual-request true --request-message please"))
    assert status(shell, home, "asked") == "Pending"

    query = "[?properties.privateLinkServiceConnectionState.status=='Pending'].id"
    listed = f'az network private-endpoint-connection list --id {registry} --query "{query}" -o tsv'
    shell.run(f"az network private-endpoint-connection approve --id $({listed}) --description welcome")

    assert status(shell, home, "asked") == "Approved"


def test_without_the_right_on_the_registry_it_has_to_be_asked_for(shell, lab, home):
    shell.run("az acr create -g spokes -n spokesregistry --sku Premium")
    id = shell.text("az acr show -n spokesregistry --query id -o tsv")
    shell.run(f"az account set -s {home}\n{NETWORK.replace('spokes', 'mine')}\n{lab('role Spokes Reader')}")

    refused = shell.run(create("p", id, group="mine"), check=False)
    shell.run(create("p", id, group="mine", more="--manual-request true"))
    shell.run(f"{lab('role Spokes Owner')}\naz account set -s Spokes")

    assert "(LinkedAuthorizationFailed)" in refused.stderr
    assert "PrivateEndpointConnectionsApproval/action" in refused.stderr
    query = "[0].privateLinkServiceConnectionState.status"
    assert shell.text(f"az acr private-endpoint-connection list -r spokesregistry --query {query} -o tsv") == "Pending"


def test_from_another_tenant_only_a_request_gets_there(shell, lab, home, registry):
    account = '-u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET"'
    shell.run(f"{lab(f'add Partner --tenant {TENANT}')}\naz login --service-principal {account} --tenant {TENANT}")
    shell.run(f"az account set -s Partner\n{NETWORK}")
    shell.run(printed.PROVIDER)
    accounts = json.loads(shell.run("az account list").stdout)

    refused = shell.run(create("far", registry), check=False)
    shell.run(create("far", registry, more="--manual-request true"))

    assert {a["name"] for a in accounts} == {"acrlab emulated subscription", "Spokes", "Partner"}
    assert "is not authorized to access linked subscription" in refused.stderr
    assert status(shell, home, "far") == "Pending"

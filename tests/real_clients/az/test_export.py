"""`az group export`, as today's CLI asks for it, and the deployment of what it prints."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def group(shell):
    """A network with a subnet, and a registry."""
    shell.run("az group create -n from -l westus")
    shell.run("az network vnet create -g from -n net --subnet-name sub")
    shell.run("az acr create -g from -n exported --sku Basic")
    return "from"


def test_what_could_not_be_got_is_said_beside_the_template(shell, group):
    done = shell.run(f"az group export -n {group}")

    assert "WARNING: Export template operation completed with errors. Some resources were not exported." in done.stderr
    assert "'Microsoft.ContainerRegistry/registries/connectedRegistries'" in done.stderr
    template = json.loads(done.stdout)
    assert set(template["parameters"]) == {"virtualNetworks_net_name", "registries_exported_name"}
    assert template["parameters"]["registries_exported_name"] == {"type": "String"}


def test_resources_and_options_are_passed_on(shell, group):
    net = shell.text(f"az network vnet show -g {group} -n net --query id -o tsv")

    template = shell.json(f"az group export -n {group} --resource-ids {net} --skip-all-params --include-comments")

    assert [r["name"] for r in template["resources"]] == ["net", "net/sub"]
    assert template["resources"][0]["comments"] == f"Generalized from resource: '{net}'."
    assert template["parameters"] == {}


def test_what_was_exported_is_deployed(shell, group):
    net = shell.text(f"az network vnet show -g {group} -n net --query id -o tsv")
    shell.run(f"az group export -n {group} --resource-ids {net} --include-parameter-default-value > template.json")
    shell.run("az group create -n to -l westus")

    shell.run("az deployment group create -g to -n d --template-file template.json")

    assert shell.text("az network vnet subnet list -g to --vnet-name net --query [].name -o tsv") == "sub"

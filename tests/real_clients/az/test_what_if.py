"""`az deployment … what-if`, for a group and for a subscription, before and after the deployment itself."""

from __future__ import annotations

import json

import pytest

SPACE = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
NETWORK = {
    "type": "Microsoft.Network/virtualNetworks",
    "apiVersion": "2024-01-01",
    "name": "net",
    "location": "westus",
    "properties": SPACE,
}
GROUP = {
    "type": "Microsoft.Resources/resourceGroups",
    "apiVersion": "2024-03-01",
    "name": "whole",
    "location": "westus",
}
INNER = {
    "type": "Microsoft.Resources/deployments",
    "apiVersion": "2024-03-01",
    "name": "inner",
    "resourceGroup": "whole",
    "dependsOn": ["whole"],
    "properties": {"mode": "Incremental"},
}


@pytest.fixture
def template(shell):
    """Write a template. Returns: the words that name it."""

    def template(*resources, of="deploymentTemplate"):
        schema = f"https://schema.management.azure.com/schemas/2019-04-01/{of}.json#"
        text = {"$schema": schema, "contentVersion": "1.0.0.0", "resources": list(resources)}
        file = shell.home / "template.json"
        file.write_text(json.dumps(text))
        return f"--template-file {file}"

    return template


def test_a_groups_deployment(shell, template):
    shell.run("az group create -n asked -l westus")
    words = template(NETWORK)
    told = shell.text(f"az deployment group what-if -g asked {words}")
    assert "1 to create" in told
    assert shell.json("az network vnet list -g asked") == []

    shell.run(f"az deployment group create -g asked {words}")
    wider = {**NETWORK, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "10.1.0.0/16"]}}}

    assert "1 no change" in shell.text(f"az deployment group what-if -g asked {words}")
    told = shell.text(f"az deployment group what-if -g asked {template(wider)}")
    assert "1 to modify" in told
    assert "10.1.0.0/16" in told


def test_what_is_not_named_is_ignored_or_deleted(shell, template):
    words = template()

    assert "1 to ignore" in shell.text(f"az deployment group what-if -g asked {words}")
    assert "1 to delete" in shell.text(f"az deployment group what-if -g asked --mode Complete {words}")


def test_a_subscriptions_deployment(shell, template):
    nested = {"template": {"$schema": "x", "contentVersion": "1.0.0.0", "resources": [NETWORK]}}
    inner = {**INNER, "properties": {**INNER["properties"], **nested}}
    words = f"-l westus {template(GROUP, inner, of='subscriptionDeploymentTemplate')}"

    assert "2 to create" in shell.text(f"az deployment sub what-if {words}")
    shell.run(f"az deployment sub create -n all {words}")

    assert shell.json("az network vnet list -g whole --query [].name") == ["net"]
    assert "2 no change" in shell.text(f"az deployment sub what-if {words}")
    assert shell.json("az deployment sub show -n all")["properties"]["provisioningState"] == "Succeeded"


def test_a_template_that_would_be_refused(shell, template):
    lost = {**NETWORK, "type": "Microsoft.Network/virtualNetworks/subnets", "name": "none/a"}

    refused = shell.run(f"az deployment group what-if -g asked {template(lost)}", check=False)

    assert refused.returncode
    assert "ParentResourceNotFound" in refused.stderr

"""Every line of the cheat sheet, typed as printed: `az` here, the rest on the VM; each says what the sheet promises."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.handouts.cheat_sheet import HUB, QUESTIONS, commands
from acrlab.steps.beyond import hub, replicas

ASKED = (*QUESTIONS, *HUB)

# What each line prints on a link that works; the sheet says it in words.
SAID = {
    "sku.name": '"Premium"',
    "--query provisioningState": '"Succeeded"',
    "privateLinkServiceConnectionState": '"Approved"',
    "virtualNetwork.id": "/virtualNetworks/myDockerVMVNET",
    "record-set a list": "contoso42.westus.data\t10.0.0.5",
    "resolvectl": "10.0.0.6",
    "peering list": "mySpokeVNET\tConnected",
    "dnsServers": '"myDockerVMVNET"',
    "@168.63.129.16": "10.0.0.6",
    "dnsForwardingRulesets": "myRuleset",
    "replication list": "eastus\tSucceeded",
    "nic show": "contoso42.eastus.data.azurecr.io",
    ".data.azurecr.io": "10.0.0.5",
    "curl": "401",
    "publicNetworkAccess": "Enabled\tAllow",
    "docker pull": "Status: Downloaded newer image for contoso42.azurecr.io/hello-world:v1",
}


@pytest.fixture(scope="module")
def lab(world):
    """A link that works, in a hub with a spoke, on the world that the shell talks to."""
    opened = acrlab.connect(world=str(world), registry_name="contoso42")
    acrlab.bring_to(opened, "sample-image", "pull-right", "docker", "records")
    replicas.ensure_replica(opened, "eastus")
    acrlab.ensure_records(opened)
    hub.ensure_client(spoke := hub.spoke(opened))
    hub.ensure_peering(opened, spoke)
    hub.ensure_ruleset(opened, hub.ensure_resolver(opened))
    yield opened
    opened.close()


@pytest.mark.parametrize("number", range(len(ASKED)), ids=lambda number: f"{number}-{ASKED[number].hop}")
def test_a_line_works_as_printed(shell, lab, number):
    command = commands(lab.settings)[number]
    (expected,) = [text for part, text in SAID.items() if part in ASKED[number].command]

    if command.startswith("az ") and "docker" not in command:
        said = shell.run(command)
        told = getattr(said, "stdout", said)
    else:
        told = acrlab.run_on_vm(lab, command).stdout

    assert expected in "\t".join(str(told).splitlines()) if expected == "Enabled\tAllow" else expected in str(told)

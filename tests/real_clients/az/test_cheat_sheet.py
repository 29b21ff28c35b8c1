"""Every line of the cheat sheet, typed as printed: `az` here, the rest on the VM; each says what the sheet promises."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.handouts.cheat_sheet import QUESTIONS, commands

# What each line prints on a link that works; the sheet says it in words.
SAID = {
    "sku.name": '"Premium"',
    "provisioningState": '"Succeeded"',
    "privateLinkServiceConnectionState": '"Approved"',
    "virtualNetwork.id": "/virtualNetworks/myDockerVMVNET",
    "record-set a list": "contoso42.westus.data\t10.0.0.5",
    "resolvectl": "10.0.0.6",
    ".data.azurecr.io": "10.0.0.5",
    "curl": "401",
    "publicNetworkAccess": "Enabled\tAllow",
    "docker pull": "Status: Downloaded newer image for contoso42.azurecr.io/hello-world:v1",
}


@pytest.fixture(scope="module")
def lab(world):
    """A link that works, on the world that the shell talks to."""
    opened = acrlab.connect(world=str(world), registry_name="contoso42")
    acrlab.bring_to(opened, "sample-image", "pull-right", "docker", "records")
    yield opened
    opened.close()


@pytest.mark.parametrize("number", range(len(QUESTIONS)), ids=lambda number: f"{number}-{QUESTIONS[number].hop}")
def test_a_line_works_as_printed(shell, lab, number):
    command = commands(lab.settings)[number]
    (expected,) = [text for part, text in SAID.items() if part in QUESTIONS[number].command]

    if command.startswith("az ") and "docker" not in command:
        said = shell.run(command)
        told = getattr(said, "stdout", said)
    else:
        told = acrlab.run_on_vm(lab, command).stdout

    assert expected in "\t".join(str(told).splitlines()) if expected == "Enabled\tAllow" else expected in str(told)

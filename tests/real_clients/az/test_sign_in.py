"""Signing in with the real Azure CLI: as a program, with a device code, in a cloud of its own or as if on Azure."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ACRLAB = str(Path(sys.executable).with_name("acrlab"))


@pytest.fixture
def fresh(shell, tmp_path):
    """A shell whose Azure CLI was never used, and knows no more than the variables say."""
    shell.run(f"AZURE_CONFIG_DIR={tmp_path / 'azure'}")
    yield shell
    shell.run("AZURE_CONFIG_DIR=$HOME/nowhere")


def test_a_program_signs_in_as_on_azure_itself(fresh):
    """Through the proxy every address is Azure's own: no cloud to register, no option to set."""
    fresh.run(
        "az login --service-principal -u $AZURE_CLIENT_ID --password=$AZURE_CLIENT_SECRET --tenant $AZURE_TENANT_ID"
    )

    assert fresh.text("az account show --query environmentName -o tsv") == "AzureCloud"
    assert fresh.json("az group list") == []


def test_a_wrong_secret_is_refused_in_entras_words(fresh):
    refused = fresh.run(
        "az login --service-principal -u $AZURE_CLIENT_ID -p wrong --tenant $AZURE_TENANT_ID", check=False
    )

    assert refused.returncode != 0
    assert "AADSTS7000215" in refused.stderr


def test_a_cloud_is_registered_from_its_own_description(fresh):
    fresh.run("az cloud register -n lab --endpoint-resource-manager $ACRLAB_ARM && az cloud set -n lab")
    fresh.run(
        "az login --service-principal -u $AZURE_CLIENT_ID --password=$AZURE_CLIENT_SECRET --tenant $AZURE_TENANT_ID"
    )

    assert fresh.text("az cloud show --query suffixes.acrLoginServerEndpoint -o tsv") == ".azurecr.io"
    assert fresh.json("az group list") == []


APPROVED = """\
az login --use-device-code > signed-in 2> told &
until code=$(grep -o 'approve [0-9A-F]*' told); do sleep 0.2; done
{acrlab} emulator approve "${{code#approve }}" --world {world} && wait $!
"""


def test_a_person_signs_in_with_a_device_code(fresh, world):
    fresh.run("az cloud register -n lab --endpoint-resource-manager $ACRLAB_ARM && az cloud set -n lab")
    fresh.run(APPROVED.format(acrlab=shlex.quote(ACRLAB), world=world))

    user = fresh.json("az account show")["user"]
    assert (user["name"].partition("@")[0], user["type"]) == ("learner", "user")


@pytest.mark.usefixtures("installed")
def test_acrlab_az_needs_no_server_and_no_preparation(tmp_path):
    """One command, in an empty folder; what it prints is az's own, and so is its exit code."""
    variables = {**os.environ, "HOME": str(tmp_path), "ACRLAB_HOME": str(tmp_path / "lab")}

    def az(words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([ACRLAB, "az", *shlex.split(words)], capture_output=True, text=True, env=variables)

    assert json.loads(az("group create -n g -l westus").stdout)["name"] == "g"
    assert az("group list --query [].name -o tsv").stdout == "g\n"
    assert az("group show -n other").returncode == 3
    assert az("--help").stdout.count("Group") > 0
    assert not (tmp_path / ".azure").exists()

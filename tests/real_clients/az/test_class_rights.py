"""Rights for a class, given by the script as it is written: with them alone a learner does chapters, and no more."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.real_clients.conftest import ACRLAB

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"


@pytest.fixture(scope="module")
def subscription(shell, world):
    """A subscription of the class, which its teacher owns for now."""
    lab = f"{shlex.quote(ACRLAB)} emulator subscription"
    shell.run(f"{lab} add Class --world {world}\naz account list --refresh -o none\naz account set -s Class")
    return shell.text("az account show --query id -o tsv")


@pytest.fixture(scope="module")
def classroom(shell, subscription):
    """The class's folder: Ada is who signs in here, and Bob another."""
    ada = shell.text("az account get-access-token --query accessToken -o tsv").split(".")[1]
    decode = "import base64,json,sys; print(json.loads(base64.urlsafe_b64decode(sys.argv[1] + '=='))['oid'])"
    ada = shell.text(f"python3 -c {shlex.quote(decode)} {ada}")
    bob = "11111111-2222-4333-8444-555555555555"
    (shell.home / "class.csv").write_text(f"id,object_id\nada,{ada}\nbob,{bob}\n")
    azure = f"--backend azure --subscription {subscription}"
    shell.run(f"{shlex.quote(ACRLAB)} class plan class.csv {azure} --location westus --out class || test $? = 1")
    shell.run(f"{shlex.quote(ACRLAB)} class rights class.csv")
    return shell.home / "class"


def group(subscription, name):
    return f"/subscriptions/{subscription}/resourceGroups/acrlab-{name}"


def test_1_the_script_gives_each_learner_their_groups_and_can_be_run_again(shell, subscription, classroom):
    first = shell.run(f"bash {classroom}/rights-give.sh")
    again = shell.run(f"bash {classroom}/rights-give.sh")

    assert first.stdout.split() == again.stdout.split() == ["ada", "bob"]
    assert first.stderr.count("ERROR") == again.stderr.count("ERROR") == 0
    roles = shell.json("az role definition list --custom-role-only true --query [].roleName")
    assert sorted(roles) == ["acrlab class", "acrlab learner"]
    tags = shell.json("az group show -n acrlab-bob --query tags")
    assert tags == {"class": "acrlab", "acrlab-owner": "bob"}
    listed = "az role assignment list --fill-principal-name false --fill-role-definition-name false"
    assert len(shell.json(f"{listed} --scope {group(subscription, 'bob')}")) == 1


def test_2_with_these_rights_alone_chapters_01_to_09_run(shell, world, subscription, classroom):
    shell.run(f"{shlex.quote(ACRLAB)} emulator subscription role Class none --world {world}")
    ada = classroom / "ada"

    chapters = "--from 01 --to 09"
    done = shell.run(
        f"cd {ada} && AZURE_SUBSCRIPTION_ID={subscription} {shlex.quote(ACRLAB)} run {chapters} --yes "
        f"--notebooks {NOTEBOOKS} --out {classroom}/runs",
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_3_a_neighbour_s_group_is_out_of_reach(shell, subscription):
    for command in (
        "az group show -n acrlab-bob",
        "az network vnet create -g acrlab-bob -n v --address-prefixes 10.9.0.0/16",
        "az group update -n acrlab-bob --tags a=b",
        f"az role assignment list --scope {group(subscription, 'bob')}",
        "az group create -n acrlab-cy -l westus",
    ):
        done = shell.run(command, check=False)
        assert "(AuthorizationFailed)" in done.stderr, (command, done.stderr)
    assert shell.json("az group list --query [].name") == ["acrlab-ada", "acrlab-ada-portal"]
    role = json.dumps({"Name": "More", "Actions": ["*"], "AssignableScopes": [f"/subscriptions/{subscription}"]})
    done = shell.run(f"az role definition create --role-definition {shlex.quote(role)}", check=False)
    assert "(AuthorizationFailed)" in done.stderr


def test_4_the_rights_are_taken_away_and_empty_groups_go(shell, world, subscription, classroom):
    shell.run(f"{shlex.quote(ACRLAB)} emulator subscription role Class Owner --world {world}")
    shell.run("az network nsg create -g acrlab-ada -n left-behind")  # chapter 08 has deleted what the chapters made

    first = shell.run(f"bash {classroom}/rights-take.sh")
    again = shell.run(f"bash {classroom}/rights-take.sh")

    assert "The group acrlab-ada stays: something is in it" in first.stderr
    assert first.stdout.split() == again.stdout.split() == ["ada", "bob"]
    assert shell.json("az role definition list --custom-role-only true") == []
    assert shell.json("az group list --query [].name") == ["acrlab-ada"]

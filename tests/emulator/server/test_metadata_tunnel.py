"""Managed identity from outside: the metadata service of one VM, for a caller that was told its address."""

import subprocess
import sys

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.entra import tokens
from acrlab.emulator.server.metadata_tunnel import door_of
from acrlab.errors import ConfigurationError

ASKED = {"api-version": "2018-02-01", "resource": "https://management.azure.com/"}
METADATA = {"Metadata": "true"}


def put_vm(served, name="myDockerVM", group="g", identity="SystemAssigned"):
    world = served.world
    id = ArmId(str(ArmId.of_group(world.setting("subscription"), group)), "Microsoft.Compute/virtualMachines", (name,))
    body = {"location": "westus", "properties": {"networkProfile": {"networkInterfaces": []}}}
    with world.transaction():
        return world.put(world.new(id, body | {"identity": {"type": identity}}))


@pytest.fixture
def vm(served):
    return put_vm(served)


def ask(served, door, headers=METADATA, **query):
    return served.http.get(f"{door}/metadata/identity/oauth2/token", params=ASKED | query, headers=headers)


def test_whoever_knows_the_key_gets_the_vms_token(served, vm):
    answer = ask(served, door_of(served.world, "myDockerVM")).json()

    held = tokens.read(served.world, answer["access_token"])
    assert held["oid"] == served.world.guid(vm, "principal")
    assert answer["resource"] == "https://management.azure.com/"
    assert served.arm("GET", "/resourcegroups", token=answer["access_token"]).status_code == 403


def test_nobody_else_gets_one(served, vm):
    door = door_of(served.world, "myDockerVM")

    for wrong in ("/vms/0", "/vms/" + "0" * 64, door[:-1], f"{door}0", "/vms/myDockerVM"):
        answer = ask(served, wrong)
        assert answer.status_code in (401, 404)
        assert "access_token" not in answer.text


def test_the_key_of_one_vm_is_not_anothers(served, vm):
    put_vm(served, "other")

    assert door_of(served.world, "myDockerVM") != door_of(served.world, "other")


def test_a_vm_that_is_made_anew_has_another_key(served, vm):
    before = door_of(served.world, "myDockerVM")
    with served.world.transaction():
        served.world.delete(vm.id)
    put_vm(served)

    assert door_of(served.world, "myDockerVM") != before
    assert ask(served, before).status_code == 404


@pytest.mark.parametrize(
    ("headers", "query", "problem"),
    [
        ({}, {}, "Required metadata header not specified"),
        (METADATA, {"api-version": ""}, "Required query variable 'api-version' is missing"),
        (METADATA, {"resource": ""}, "Required query variable 'resource' is missing"),
        (METADATA, {"client_id": "00000000-0000-4000-8000-000000000000"}, "Identity not found"),
    ],
)
def test_the_service_refuses_in_its_own_words(served, vm, headers, query, problem):
    answer = ask(served, door_of(served.world, "myDockerVM"), headers=headers, **query)

    assert (answer.status_code, answer.json()["error_description"]) == (400, problem)


def test_a_vm_without_an_identity_has_no_token(served):
    put_vm(served, identity="None")

    answer = ask(served, door_of(served.world, "myDockerVM"))

    assert (answer.status_code, answer.json()["error_description"]) == (400, "Identity not found")


def test_the_rest_of_the_metadata_service_is_not_emulated(served, vm):
    door = door_of(served.world, "myDockerVM")

    answer = served.http.get(f"{door}/metadata/instance", params={"api-version": "2021-02-01"}, headers=METADATA)

    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotEmulated")


def test_a_vm_is_found_by_its_name(served, vm):
    with pytest.raises(ConfigurationError, match=r"there is no VM called other\. The world has: myDockerVM"):
        door_of(served.world, "other")


def test_a_name_that_two_vms_have_is_refused(served, vm):
    put_vm(served, group="h")

    with pytest.raises(ConfigurationError, match="several VMs are called myDockerVM"):
        door_of(served.world, "myDockerVM")


PROGRAM = """
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

for credential in (ManagedIdentityCredential(), DefaultAzureCredential()):
    print(credential.get_token("https://management.azure.com/.default").token)
"""


def test_the_sdks_sign_in_as_the_vm(served, vm):
    environment = {
        "PATH": "/usr/bin:/bin",
        "REQUESTS_CA_BUNDLE": served.connection.ca,
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": served.connection.arm + door_of(served.world, "myDockerVM"),
        "AZURE_CLIENT_ID": "",
        "AZURE_CLIENT_SECRET": "",
    }

    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-2000:]
    holders = [tokens.read(served.world, token)["oid"] for token in done.stdout.split()]
    assert holders == [served.world.guid(vm, "principal")] * 2

"""The Azure CLI on the VM: the VM's own identity, and what a registry makes of it."""

import json

import pytest

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
FORBIDDEN = "ERROR: Looks like you don't have access to registry 'contoso.azurecr.io'. To see configured firewall "


def allow(place, role=ACR_PULL):
    registry = place.registry()
    place.assign(role, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), registry)


def test_version_is_told(tools):
    assert tools.out("az version --output tsv").startswith("2.91.0\t2.91.0\t")
    assert json.loads(tools.out("az version"))["azure-cli"] == "2.91.0"


def test_signing_in_lists_the_subscription(place, tools):
    allow(place)
    accounts = json.loads(tools.out("az login --identity"))
    assert [a["id"] for a in accounts] == [place.world.setting("subscription")]
    assert accounts[0]["user"]["assignedIdentityInfo"] == "MSI"
    assert json.loads(tools.out("az account show"))["id"] == accounts[0]["id"]


def test_identity_without_any_right_finds_no_subscription(tools):
    assert tools.run("az login --identity").stderr.startswith(
        "ERROR: No access was configured for the managed identity, hence no subscriptions were found. If this "
        "is expected, use "
    )
    assert "tenant level account" in tools.out("az login --identity --allow-no-subscriptions")


def test_vm_without_identity_cannot_sign_in(place, tools):
    vm = place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm"))
    place.put("Microsoft.Compute/virtualMachines", "vm", properties=vm.properties, identity={"type": "None"})
    outcome = tools.run("az login --identity")
    assert outcome.stderr == (
        "ERROR: Identity not found\nRun the command below to authenticate interactively; additional arguments may be "
        "added as needed:\naz login\n"
    )


def test_vm_without_a_way_out_cannot_sign_in(place, tools):
    place.vm(public="", disk={"packages": {"azure-cli": "2.91.0"}})
    assert "HTTPSConnectionPool(host='management.azure.com'" in tools.run("az login --identity").stderr


def test_registry_login_needs_a_sign_in_first(place, tools):
    place.registry()
    outcome = tools.run("az acr login --name contoso")
    assert outcome.exit_code == 1
    assert "Please run 'az login' to setup account." in outcome.stderr
    assert outcome.stderr.endswith("Please specify both username and password in non-interactive mode.\n")


def test_registry_login_gives_docker_a_credential(place, tools):
    allow(place)
    assert tools.out("az login --identity > /dev/null; az acr login --name contoso") == "Login Succeeded\n"
    kept = json.loads(tools.out("cat ~/.docker/config.json"))
    assert list(kept["auths"]) == ["contoso.azurecr.io"]


def test_registry_login_takes_the_login_server_for_the_name(place, tools):
    allow(place)
    outcome = tools.run("az login --identity > /dev/null; az acr login -n Contoso.azurecr.io")
    assert outcome.stdout == "Login Succeeded\n"
    assert "is automatically omitted" in outcome.stderr


def test_identity_without_a_right_to_the_registry_is_denied(place, tools):
    allow(place, role="acdd72a7-3385-48ef-bd42-f606fba81ae7")
    outcome = tools.run("az login --identity > /dev/null; az acr login --name fabrikam")
    place.registry("fabrikam")
    outcome = tools.run("az acr login --name fabrikam")
    assert outcome.stderr.startswith(
        "WARNING: Unable to get AAD authorization tokens with message: 2026-01-05 09:00:00.000000 An error occurred: "
        "CONNECTIVITY_REFRESH_TOKEN_ERROR\nAccess to registry 'fabrikam.azurecr.io' was denied. Response code: 401. "
        "Please try running 'az login' again to refresh permissions.\n"
        "WARNING: Unable to get admin user credentials with message: "
    )


def test_closed_registry_is_told_in_the_clis_words(place, tools):
    allow(place)
    tools.out("az login --identity > /dev/null")
    place.registry(publicNetworkAccess="Disabled")
    outcome = tools.run("az acr login --name contoso")
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith(FORBIDDEN)
    place.linked()
    assert tools.out("az acr login --name contoso") == "Login Succeeded\n"


def test_registry_whose_name_does_not_resolve_is_unreachable(place, tools):
    allow(place)
    place.endpoint()
    place.zone()
    outcome = tools.run("az login --identity > /dev/null; az acr login --name contoso")
    assert "ERROR: Could not connect to the registry login server 'contoso.azurecr.io'." in outcome.stderr


def test_token_can_be_shown_instead(place, tools):
    allow(place)
    shown = json.loads(
        tools.out("az login --identity > /dev/null; az acr login -n contoso --expose-token 2> /dev/null")
    )
    assert shown["loginServer"] == "contoso.azurecr.io"
    assert shown["accessToken"].count(".") == 2
    assert shown["refreshToken"] == shown["accessToken"]


def test_registry_login_needs_docker(place, tools):
    place.vm(disk={"packages": {"azure-cli": "2.91.0"}})
    assert tools.run("az acr login -n contoso").stderr == (
        "WARNING: You may want to use 'az acr login -n contoso --expose-token' to get a refresh token, which does not "
        "require Docker to be installed.\n"
        "ERROR: 2026-01-05 09:00:00.000000 An error occurred: DOCKER_COMMAND_ERROR\n"
        "Please verify if Docker client is installed and running.\n"
    )


@pytest.mark.parametrize(
    "script",
    ["az acr check-health -n contoso --yes", "az login", "az group list", "az acr login", "az version --query x", "az"],
)
def test_what_is_not_emulated_never_succeeds(tools, script):
    outcome = tools.run(script)
    assert outcome.exit_code
    assert outcome.stderr.startswith("ERROR: ")

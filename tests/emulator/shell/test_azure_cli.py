"""The Azure CLI on the VM: the VM's own identity, and what a registry makes of it."""

import json

import pytest

import acrlab
from acrlab.course.practice import plant

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
FORBIDDEN = "ERROR: Looks like you don't have access to registry 'contoso.azurecr.io'. To see configured firewall "


def allow(place, role=ACR_PULL):
    registry = place.registry()
    place.assign(role, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), registry)


def test_version_is_told(tools):
    assert tools.out("az version --output tsv").startswith("2.91.0\t2.91.0\t")
    assert json.loads(tools.out("az version"))["azure-cli"] == "2.91.0"


def test_one_value_is_asked_for_by_its_name(tools):
    assert tools.out("az version --query extensions") == "{}\n"
    assert tools.out("az version --query extensions.none") == ""


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
    assert "WARNING: Registry name is 'Contoso'. The following suffix '.azurecr.io' is automatically omitted.\n" in (
        outcome.stderr
    )


def test_a_registry_with_a_label_is_signed_in_to_by_its_hash_where_it_cannot_be_read(place, tools):
    """Azure's AcrPull reads no registry, so that the CLI has nothing to look its login server up in."""
    registry = place.put(
        "Microsoft.ContainerRegistry/registries", "contoso", properties={}, state={"label": "contoso-0123456789abcdef"}
    )
    allow(place)
    tools.run("az login --identity > /dev/null")

    by_name = tools.run("az acr login --name contoso")
    by_hash = tools.run("az acr login --name contoso --suffix 0123456789abcdef")
    by_server = tools.run("az acr login --name contoso-0123456789abcdef.azurecr.io")

    assert registry.state["label"] == "contoso-0123456789abcdef"
    assert "Could not connect to the registry login server 'contoso.azurecr.io'" in by_name.stderr
    assert by_hash.stdout == "Login Succeeded\n"
    assert list(json.loads(tools.out("cat ~/.docker/config.json"))["auths"]) == ["contoso-0123456789abcdef.azurecr.io"]
    assert "The following suffix '-0123456789abcdef.azurecr.io' is automatically omitted." in by_server.stderr
    assert tools.run("az acr login --name contoso-0123456789abcdef").stderr.endswith(
        "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters\n"
    )


def test_registry_login_at_a_region_needs_an_identity_that_may_read_the_registry(place, tools):
    allow(place, role="acdd72a7-3385-48ef-bd42-f606fba81ae7")
    place.registry(regionalEndpoints="Enabled")
    tools.run("az login --identity > /dev/null")
    reader = tools.run("az acr login --name contoso --endpoint westus")
    both = tools.run("az acr login --name contoso --endpoint westus --expose-token")
    elsewhere = tools.run("az acr login --name contoso --endpoint eastus")

    assert "Logging in to regional endpoint: contoso.westus.geo.azurecr.io" in reader.stderr
    assert both.stderr == "ERROR: `--expose-token` cannot be combined with `--endpoint`.\n"
    assert elsewhere.stderr.endswith(
        "Regional endpoint for 'eastus' not found. Aborting login. Run 'az acr show-endpoints -n contoso' to list "
        "available regional endpoints.\n"
    )


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
    [
        "az acr check-health -n contoso",
        "az login",
        "az group list",
        "az acr login",
        "az version --query a[*]",
        "az",
    ],
)
def test_what_is_not_emulated_never_succeeds(tools, script):
    outcome = tools.run(script)
    assert outcome.exit_code
    assert outcome.stderr.startswith("ERROR: ")


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("az version --query '\"azure-cli\"' -o tsv", None),
        ("az version --query extensions -o tsv", "\n"),
        ("az version --query nothing", ""),
        ("az version --query nothing.below -o tsv", "\n"),
        ("az login --identity --query '[0].name' -o tsv", "acrlab emulated subscription\n"),
        ("az login --identity --query '[].user.type' -o tsv", "servicePrincipal\n"),
        ("az login --identity --query '[-1].isDefault' -o tsv", "true\n"),
        ("az login --identity --query '[9].name'", ""),
    ],
)
def test_a_query_names_what_is_in_an_answer(place, tools, script, printed):
    vm = place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm"))
    place.assign(ACR_PULL, vm, place.registry())
    outcome = tools.run(script)

    if printed is None:
        assert "not emulated: --query" in outcome.stderr
    else:
        assert (outcome.stdout, outcome.exit_code) == (printed, 0)


def test_the_login_server_is_told_without_docker(place, tools):
    vm = place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm"))
    place.assign(ACR_PULL, vm, place.registry())
    asked = "az acr login -n contoso --expose-token -o tsv --query loginServer"

    assert tools.out(f"az login --identity > /dev/null; {asked}") == "contoso.azurecr.io\n"


HEALTH = "az acr check-health -n contoso42 --vnet myDockerVMVNET --yes --ignore-errors"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def read_all(lab):
    """Let the VM's identity read the group."""
    vm = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
    path = f"{lab.group_id()}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001"
    properties = {
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        "principalId": vm.identity.principal_id,
    }
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(path, api_version="2022-04-01", parameters={"properties": properties}).result()


def take_pull_role(lab):
    vm = lab.id_of("Microsoft.Compute/virtualMachines", "myDockerVM")
    for right in acrlab.steps.rights_of(lab, vm, lab.registry_id):
        lab.resources.resources.begin_delete_by_id(right["id"], api_version="2022-04-01").result()


@pytest.fixture
def healthy(lab):
    acrlab.bring_to(lab, "records", "pull-right", "sample-image")
    read_all(lab)
    acrlab.run_on_vm(lab, "az login --identity")
    return lab


def said(lab, command=HEALTH):
    outcome = acrlab.run_on_vm(lab, command, check=False)
    return outcome.exit_code, outcome.stderr


def test_check_health_of_a_private_link_that_works(healthy):
    code, lines = said(healthy)

    assert code == 0
    assert lines.splitlines() == [
        "WARNING: Docker daemon status: available",
        "WARNING: Docker version: 26.1.3, build 26.1.3-, platform linux/amd64",
        "WARNING: Docker pull of 'mcr.microsoft.com/mcr/hello-world:latest' : OK",
        "WARNING: Azure CLI version: 2.91.0",
        "WARNING: DNS lookup to contoso42.azurecr.io at IP 10.0.0.6 : OK",
        "WARNING: Challenge endpoint https://contoso42.azurecr.io/v2/ : OK",
        "WARNING: Fetch refresh token for registry 'contoso42.azurecr.io' : OK",
        "WARNING: Fetch access token for registry 'contoso42.azurecr.io' : OK",
        "WARNING: DNS routing to private endpoint : OK",
        lines.splitlines()[9],
        "Please verify if Helm is installed.",
        "WARNING: ",
        "Please refer to https://aka.ms/acr/health-check for more information.",
    ]
    assert lines.splitlines()[9].startswith("ERROR: ")
    assert lines.splitlines()[9].endswith(" An error occurred: HELM_COMMAND_ERROR")


def test_check_health_ends_at_the_first_error_unless_it_is_told_to_go_on(healthy):
    code, lines = said(healthy, HEALTH.removesuffix(" --ignore-errors"))

    assert code == 1
    assert lines.endswith(
        "Please verify if Helm is installed.\n\nPlease refer to https://aka.ms/acr/errors#helm_command_error for more "
        "information."
    )


def test_check_health_names_a_record_that_is_missing_and_one_that_is_wrong(healthy):
    plant.delete_data_record(healthy)
    missing = said(healthy)
    plant.swap_records(healthy)
    wrong = said(healthy)

    name = "contoso42.westus.data.azurecr.io"
    assert f"WARNING: Error resolving DNS for {name}. Ex: [Errno -2] Name or service not known\n" in missing[1]
    assert missing[1].endswith("ERROR: DNS routing verification failed")
    assert 'to registry "contoso42" through private IP is incorrect. Expect: 10.0.0.5, Actual: 10.0.0.6\n' in wrong[1]
    assert "CONNECTIVITY_SSL_ERROR" in wrong[1]
    assert (missing[0], wrong[0]) == (1, 1)


def test_check_health_does_not_see_what_stops_a_layer(healthy):
    """It sends nothing to the data endpoint."""
    rule = {"priority": 200, "direction": "Outbound", "access": "Deny", "protocol": "Tcp", "sourcePortRange": "*"}
    rule |= {"sourceAddressPrefix": "*", "destinationAddressPrefix": "10.0.0.5", "destinationPortRange": "443"}
    names = ("myResourceGroup", "myDockerVMNSG", "NoData")
    healthy.network.security_rules.begin_create_or_update(*names, {"properties": rule}).result()

    assert said(healthy)[0] == 0
    assert acrlab.diagnose(healthy).codes == ("security-group-blocks-https",)


@pytest.mark.parametrize(
    ("break_it", "title"),
    [
        (plant.drop_https, "CONNECTIVITY_CHALLENGE_ERROR\nRegistry 'contoso42.azurecr.io' did not issue a challenge."),
        (plant.delete_all_records, "CONNECTIVITY_DNS_ERROR\nFailed to reach DNS for registry 'contoso42.azurecr.io'."),
        (
            take_pull_role,
            "CONNECTIVITY_REFRESH_TOKEN_ERROR\nAccess to registry 'contoso42.azurecr.io' was denied",
        ),
    ],
)
def test_check_health_says_which_step_fails(healthy, break_it, title):
    break_it(healthy)

    assert title in said(healthy)[1]


def test_check_health_needs_to_read_the_registry_and_its_endpoint(lab):
    acrlab.bring_to(lab, "records", "pull-right")
    acrlab.run_on_vm(lab, "az login --identity")

    code, lines = said(lab)

    assert code == 1
    assert "The resource with name 'contoso42' and type 'Microsoft.ContainerRegistry/registries' could not be" in lines


def test_check_health_of_a_network_without_an_endpoint(healthy):
    assert "doesn't have private endpoints in the vnet of" in said(healthy, HEALTH.replace("VMVNET", "VNET"))[1]
    assert said(healthy, "az acr check-health --yes --ignore-errors")[0] == 0


def test_check_health_does_not_ask_where_no_one_can_answer(healthy):
    assert said(healthy, "az acr check-health -n contoso42")[1].startswith("ERROR: not emulated: ")


def test_an_identity_that_the_vm_was_given_signs_in_by_its_client_id(place, tools):
    registry = place.registry()
    identity = place.put("Microsoft.ManagedIdentity/userAssignedIdentities", "worker", location="westus")
    vm = place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm"))
    given = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {str(identity.id): {}}}
    place.put("Microsoft.Compute/virtualMachines", "vm", properties=vm.properties, identity=given)
    place.assign(ACR_PULL, identity, registry)
    client = place.world.guid(identity, "client")

    assert "No access was configured" in tools.run("az login --identity").stderr
    user = json.loads(tools.out(f"az login --identity --client-id {client}"))[0]["user"]
    assert (user["name"], user["assignedIdentityInfo"]) == ("userAssignedIdentity", f"MSIClient-{client}")
    assert tools.out("az acr login --name contoso") == "Login Succeeded\n"

"""Every command of today's article, in order and with its variables, typed into a shell with the real Azure CLI.

Each test is a section and stands on the ones before it. What the article leaves to its reader, as the name of a
subnet, is written in; what it runs on the VM goes there by run-command.
"""

from __future__ import annotations

import re
import shlex

import pytest

from tests.benchmarks.todays_commands import (
    ADD,
    ADDRESS,
    APPROVE,
    BUILD,
    CHECK_HEALTH,
    CHOOSE,
    CONNECTIONS,
    COUNT,
    DATA_ADD,
    DATA_ADDRESS,
    DATA_NAME,
    DATA_RECORD,
    DELETE,
    DIG,
    DISABLE,
    ENDPOINT,
    INTERFACE,
    LINK,
    LOGIN,
    NAME,
    POLICIES,
    PULL,
    RECORD,
    REGIONAL,
    REGIONAL_ADDRESS,
    REGIONAL_NAME,
    REGISTER,
    REGISTRY_ID,
    REMOVE_RULE,
    REPLICA_ADD,
    REPLICA_ADDRESS,
    REPLICA_LOCATION,
    REPLICA_NAME,
    REPLICA_RECORD,
    RULES,
    SHOW_ENDPOINTS,
    VARIABLES,
    ZONE,
)

SERVER = "myregistry.azurecr.io"
READER = (
    "az role assignment create --role Reader --assignee-principal-type ServicePrincipal "
    "--assignee-object-id $(az vm show -g myResourceGroup -n myDockerVM --query identity.principalId -o tsv)"
)
COUNTED = (
    COUNT.replace("<subnet-name>", "$SUBNET_NAME")
    .replace("<vnet-name>", "$NETWORK_NAME")
    .replace("<resource-group>", "$RESOURCE_GROUP")
    .replace("--output table", "--output json")
)
MEMBERS = (
    "az network nic show --ids $NETWORK_INTERFACE_ID "
    "--query 'ipConfigurations[].privateLinkConnectionProperties.requiredMemberName'"
)
SETUP = """
az group create -n myResourceGroup -l westeurope
az vm create -g myResourceGroup -n myDockerVM --image Ubuntu2204 --size Standard_B2s --assign-identity \\
    --admin-username azureuser --generate-ssh-keys
az acr create -n myregistry -g myResourceGroup --sku Premium
az acr import -n myregistry --source mcr.microsoft.com/hello-world --image hello-world:v1
az role assignment create --role AcrPull --scope $(az acr show -n myregistry --query id -o tsv) \\
    --assignee-object-id $(az vm show -g myResourceGroup -n myDockerVM --query identity.principalId -o tsv) \\
    --assignee-principal-type ServicePrincipal
"""


@pytest.fixture
def vm(shell):
    """Run a script on the VM. Returns: what it printed."""

    def run(script: str) -> str:
        command = "az vm run-command invoke -g myResourceGroup -n myDockerVM --command-id RunShellScript"
        found = shell.json(f"{command} --scripts {shlex.quote(script)}")
        return str(found["value"][0]["message"])

    return run


def used(shell) -> int:
    return int(shell.json(COUNTED)["usedIPs"])


def test_prerequisites(shell, vm):
    """A network with a VM that has Docker and the CLI, and a Premium registry with an image."""
    shell.run("\n".join(f"{name}={value}" for name, value in VARIABLES.items()))
    shell.run(SETUP)
    vm("apt-get update; apt-get install -y docker.io; curl -sL https://aka.ms/InstallAzureCLIDeb | bash")

    version = tuple(map(int, shell.json("az version")["azure-cli"].split(".")))
    assert version >= (2, 6, 0)
    assert shell.json("az network vnet list -g $RESOURCE_GROUP --query '[].[name, subnets[0].name]'") == [
        [VARIABLES["NETWORK_NAME"], VARIABLES["SUBNET_NAME"]]
    ]


def test_register_the_provider(shell):
    subscription = shell.text("az account show --query id -o tsv")
    shell.run(re.sub(r"<.*>", subscription, CHOOSE))
    shell.run(REGISTER)

    state = "az provider show --namespace Microsoft.ContainerRegistry --query registrationState -o tsv"
    assert shell.text(state) in ("Registering", "Registered")


def test_disable_network_policies_in_subnet(shell):
    assert shell.json(POLICIES)["privateEndpointNetworkPolicies"] == "Disabled"


def test_zone_and_link(shell):
    assert shell.json(ZONE)["name"] == "privatelink.azurecr.io"
    assert shell.json(LINK)["virtualNetworkLinkState"] == "Completed"


def test_create_a_private_registry_endpoint(shell):
    before = used(shell)
    shell.run(REGISTRY_ID)
    (connection,) = shell.json(ENDPOINT)["privateLinkServiceConnections"]

    assert connection["privateLinkServiceConnectionState"]["status"] == "Approved"
    assert used(shell) == before + 2


def test_addresses_and_names_of_the_endpoint(shell):
    for command in (INTERFACE, ADDRESS, DATA_ADDRESS, NAME, DATA_NAME):
        shell.run(command)

    assert shell.text("echo $REGISTRY_PRIVATE_IP $DATA_ENDPOINT_PRIVATE_IP") == "10.0.0.6 10.0.0.5"
    assert shell.text("echo $REGISTRY_FQDN $DATA_ENDPOINT_FQDN") == f"{SERVER} myregistry.westeurope.data.azurecr.io"


def test_a_replica_takes_one_address_more(shell):
    """Four with three regions: one for the registry, and one for each region's data."""
    before = used(shell)
    shell.run("az acr replication create --registry $REGISTRY_NAME --location eastus")
    shell.run("az acr replication create --registry $REGISTRY_NAME --location northeurope")
    for command in (REPLICA_LOCATION, REPLICA_ADDRESS, REPLICA_NAME):
        shell.run(command)

    assert used(shell) == before + 2
    assert len(shell.json(MEMBERS)) == 4
    assert shell.text("echo $GEO_REPLICA_DATA_ENDPOINT_FQDN") == "myregistry.eastus.data.azurecr.io"
    assert shell.text("echo $GEO_REPLICA_DATA_ENDPOINT_PRIVATE_IP") == "10.0.0.7"


def test_regional_endpoints_take_one_more_for_each_region(shell):
    """Seven, as the article counts."""
    shell.run(f"{REGIONAL} --name $REGISTRY_NAME")
    for command in (REGIONAL_ADDRESS, REGIONAL_NAME):
        shell.run(command)

    members = shell.json(MEMBERS)
    assert len(members) == 7
    assert {"registry", "registry_eastus", "registry_northeurope", "registry_westeurope"} <= set(members)
    assert shell.text("echo $GEO_REPLICA_REGIONAL_ENDPOINT_FQDN") == "myregistry.eastus.geo.azurecr.io"
    assert re.fullmatch(r"10\.0\.0\.\d+", shell.text("echo $GEO_REPLICA_REGIONAL_ENDPOINT_PRIVATE_IP"))


def test_all_endpoints_are_shown(shell):
    shown = shell.json(SHOW_ENDPOINTS.replace("<registry-name>", "$REGISTRY_NAME"))

    assert shown["loginServer"] == SERVER
    assert [one["endpoint"] for one in shown["regionalEndpoints"]] == [
        f"myregistry.{region}.geo.azurecr.io" for region in ("eastus", "northeurope", "westeurope")
    ]


def test_records_for_each_name(shell):
    for command in (RECORD, DATA_RECORD, ADD, DATA_ADD, REPLICA_RECORD, REPLICA_ADD):
        shell.run(command)

    listed = shell.json(
        "az network private-dns record-set a list -g $RESOURCE_GROUP -z privatelink.azurecr.io "
        '--query "[].[name, aRecords[0].ipv4Address, ttl]"'
    )
    assert listed == [
        ["myregistry.eastus.data", "10.0.0.7", 3600],
        ["myregistry.westeurope.data", "10.0.0.5", 3600],
        ["myregistry", "10.0.0.6", 3600],
    ]


def test_each_replica_and_each_regional_endpoint_needs_a_record_of_its_own(shell):
    """The article's commands again, for what it leaves to its reader."""
    held = shell.json(
        "az network nic show --ids $NETWORK_INTERFACE_ID --query "
        "'ipConfigurations[].[privateLinkConnectionProperties.fqdns[0], privateIPAddress]'"
    )
    there = {SERVER, "myregistry.westeurope.data.azurecr.io", "myregistry.eastus.data.azurecr.io"}
    left = {name: address for name, address in held if name not in there}
    assert len(left) == 4
    for name, address in left.items():
        record = name.removesuffix(".azurecr.io")
        own = REPLICA_RECORD.replace("${REGISTRY_NAME}.${REPLICA_LOCATION}.data", record)
        add = REPLICA_ADD.replace("${REGISTRY_NAME}.${REPLICA_LOCATION}.data", record)
        shell.run(own)
        shell.run(add.replace("$GEO_REPLICA_DATA_ENDPOINT_PRIVATE_IP", address))


def test_disable_public_access(shell):
    made = shell.json(DISABLE)

    assert (made["publicNetworkAccess"], made["networkRuleSet"]["defaultAction"]) == ("Disabled", "Deny")


def test_a_build_no_longer_works(shell):
    (shell.home / "src").mkdir()
    (shell.home / "src/Dockerfile").write_text(f"FROM {SERVER}/hello-world:v1\n")
    done = shell.run(f"{BUILD} --registry $REGISTRY_NAME --image app:v1 src", check=False)

    assert done.returncode == 1
    assert "is not allowed access" in done.stdout
    assert "Run failed" in done.stderr


def test_a_name_outside_and_inside(shell, vm):
    """Inside: an alias, kept longer, and the endpoint's address. Outside: the chain of aliases to a public one."""
    inside = vm("export REGISTRY_NAME=myregistry\n" + DIG)

    assert re.search(rf"^{SERVER}\.\s+\d+\s+IN\s+CNAME\s+myregistry\.privatelink\.azurecr\.io\.$", inside, re.MULTILINE)
    assert re.search(r"^myregistry\.privatelink\.azurecr\.io\.\s+\d+\s+IN\s+A\s+10\.0\.0\.6$", inside, re.MULTILINE)


def test_operations_over_the_private_link(vm):
    told = vm(f"REGISTRY_NAME=myregistry\naz login --identity\n{LOGIN}\n{PULL}")

    assert "Login Succeeded" in told
    assert f"Status: Downloaded newer image for {SERVER}/hello-world:v1" in told


def test_no_rule_is_left_of_a_service_endpoint(shell):
    """A rule for a subnet of another network, which may have one; it is taken away, as the article says."""
    shell.run(
        "az network vnet create -g $RESOURCE_GROUP -n other --address-prefixes 10.9.0.0/16 --subnet-name s "
        "--subnet-prefixes 10.9.0.0/24"
    )
    shell.run(
        "az network vnet subnet update -g $RESOURCE_GROUP --vnet-name other -n s "
        "--service-endpoints Microsoft.ContainerRegistry"
    )
    rule = (
        "--name $REGISTRY_NAME --subnet "
        "$(az network vnet subnet show -g $RESOURCE_GROUP --vnet-name other -n s --query id -o tsv)"
    )
    shell.run(f"az acr network-rule add {rule}")
    assert len(shell.json(f"{RULES} --name $REGISTRY_NAME")["virtualNetworkRules"]) == 1

    shell.run(f"{REMOVE_RULE} {rule}")
    assert shell.json(f"{RULES} --name $REGISTRY_NAME")["virtualNetworkRules"] == []


def test_manage_connections(shell):
    (connection,) = shell.json(CONNECTIONS)

    assert connection["privateLinkServiceConnectionState"]["status"] == "Approved"
    named = f"--registry-name $REGISTRY_NAME --name {connection['name']}"
    again = shell.json(f"{APPROVE} {named}")
    assert again["privateLinkServiceConnectionState"]["status"] == "Approved"


def test_check_health_compares_names_with_the_endpoint_s_addresses(shell, vm):
    """From the VM each name is right; from this computer none is, whatever its own resolver makes of the names."""
    words = f"{CHECK_HEALTH} --name myregistry --vnet {VARIABLES['NETWORK_NAME']} --yes --ignore-errors"
    shell.run(f"{READER} --scope $(az group show --name $RESOURCE_GROUP --query id -o tsv)")
    inside = vm(f"az login --identity >/dev/null\n{words}")
    outside = shell.run(words, check=False).stderr

    assert "DNS routing to private endpoint : OK" in inside
    assert "DNS routing verification failed" in outside
    assert "through private IP is incorrect" in outside or f"Error resolving DNS for {SERVER}" in outside
    assert "DNS routing to private endpoint : OK" not in outside


def test_clean_up(shell):
    shell.run(f"{DELETE} --yes")

    assert shell.text("az group exists --name myResourceGroup") == "false"

"""Every command of the article, in order and as written, typed into a shell with the real Azure CLI.

Each test is a section and stands on the ones before it. What the article runs on the VM goes there by run-command.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.benchmarks.article_commands import (
    ADD,
    ADDRESS,
    ALLOW,
    COMMANDS,
    DATA_ADD,
    DATA_ADDRESS,
    DATA_ADDRESS_EARLY,
    DATA_RECORD,
    DELETE,
    DENY,
    ENDPOINT,
    GROUP,
    INTERFACE,
    LINK,
    LOGIN,
    NETWORKS,
    POLICIES,
    PULL,
    RECORD,
    REGISTRY_ID,
    VM,
    ZONE,
)

ARTICLE = Path(__file__).resolve().parents[4] / "shared" / "article" / "article.md"
REGISTRY, SERVER = "myregistry", "myregistry.azurecr.io"


@pytest.fixture
def vm(shell):
    """Run a script on the VM. Returns: what it printed."""

    def run(script: str) -> str:
        command = "az vm run-command invoke -g myResourceGroup -n myDockerVM --command-id RunShellScript"
        found = shell.json(f"{command} --scripts {shlex.quote(script)}")
        return str(found["value"][0]["message"])

    return run


def test_all_commands_of_the_article_are_here():
    if not ARTICLE.exists():
        pytest.skip(f"{ARTICLE.name} is not beside this checkout")
    blocks = re.findall(r"```azurecli\n(.*?)```", ARTICLE.read_text("utf-8"), re.DOTALL)
    given = " ".join(" ".join(block.split()) for block in blocks)
    for command in COMMANDS:
        assert " ".join(command.split()) in given
    told = [line for line in given.replace("\\ ", "").split("az ") if line and not line.startswith("#")]
    assert sum(command.count("az ") for command in COMMANDS) == given.count("az "), told


def test_create_a_group(shell):
    assert shell.json(GROUP)["properties"]["provisioningState"] == "Succeeded"


def test_prerequisite_a_premium_registry_with_an_image(shell):
    made = shell.json("az acr create --name myregistry --resource-group myResourceGroup --sku Premium")
    shell.run("az acr import --name myregistry --source docker.io/library/hello-world:latest --image hello-world:v1")

    assert made["loginServer"] == SERVER
    assert shell.json(f"az acr repository show-tags --name {REGISTRY} --repository hello-world") == ["v1"]


def test_create_a_docker_enabled_virtual_machine(shell):
    """UbuntuLTS, too: the article's alias, which today's Azure has retired, works in the lab."""
    made = shell.json(VM)

    assert (made["powerState"], made["privateIpAddress"]) == ("VM running", "10.0.0.4")
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", made["publicIpAddress"])


def test_install_docker_on_the_vm(vm):
    vm("sudo apt-get update\nsudo apt install docker.io -y")

    assert "Hello from Docker!" in vm("sudo docker run hello-world")


def test_install_the_azure_cli(shell, vm):
    """And let the VM sign in as itself, and pull."""
    vm("curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash")
    principal = shell.json("az vm identity assign -g myResourceGroup -n myDockerVM")["systemAssignedIdentity"]
    shell.run(REGISTRY_ID)
    assign = f"az role assignment create --assignee-object-id {principal} --assignee-principal-type ServicePrincipal"
    shell.run(f"{assign} --role AcrPull --scope $acrID")

    assert '"azure-cli": "' in vm("az version")


def test_disable_subnet_private_endpoint_policies(shell):
    assert shell.json(NETWORKS) == [{"Name": "myDockerVMVNET", "Subnet": "myDockerVMSubnet"}]
    assert shell.json(POLICIES)["privateEndpointNetworkPolicies"] == "Disabled"


def test_configure_the_private_dns_zone(shell):
    assert shell.json(ZONE)["name"] == "privatelink.azurecr.io"


def test_create_an_association_link(shell):
    assert shell.json(LINK)["virtualNetworkLinkState"] == "Completed"


def test_create_a_private_endpoint(shell):
    shell.run(REGISTRY_ID)
    made = shell.json(ENDPOINT)

    (connection,) = made["privateLinkServiceConnections"]
    assert connection["privateLinkServiceConnectionState"]["status"] == "Approved"


def test_read_the_addresses_of_the_endpoint(shell):
    """By their place in the list, as the article does: data first, registry second."""
    shell.run(INTERFACE)
    shell.run("NIC_RESOURCE_ID=$networkInterfaceID")
    shell.run(DATA_ADDRESS_EARLY)
    shell.run(ADDRESS)
    shell.run(DATA_ADDRESS)

    assert shell.text("echo $dataEndpointPrivateIP $privateIP") == "10.0.0.5 10.0.0.6"


def test_create_dns_records_in_the_private_zone(shell):
    for command in (RECORD, DATA_RECORD, ADD, DATA_ADD):
        shell.run(command.replace("<region>", "westus"))

    listed = shell.json(
        "az network private-dns record-set a list -g myResourceGroup -z privatelink.azurecr.io "
        '--query "[].{name: name, address: aRecords[0].ipv4Address}"'
    )
    assert listed == [
        {"name": "myregistry.westus.data", "address": "10.0.0.5"},
        {"name": "myregistry", "address": "10.0.0.6"},
    ]


def test_manually_approve_private_endpoint_connection(shell):
    """The article's lines with its author's abbreviations written out, and `list` where it says `approve`."""
    shell.run(
        "az network private-endpoint create -n pl -g myResourceGroup --vnet-name myDockerVMVNET "
        "--subnet myDockerVMSubnet --private-connection-resource-id $acrID --group-ids registry "
        "--connection-name conn --manual-request"
    )
    pending = "[?privateLinkServiceConnectionState.status=='Pending'].name"
    shell.run(f'CONN_NAME=$(az acr private-endpoint-connection list -r myregistry -otsv --query "{pending}")')
    approved = shell.json("az acr private-endpoint-connection approve -r myregistry -n $CONN_NAME")

    assert approved["privateLinkServiceConnectionState"]["status"] == "Approved"
    shell.run("az network private-endpoint delete -n pl -g myResourceGroup")
    assert len(shell.json("az acr private-endpoint-connection list -r myregistry")) == 1


def test_deny_default_registry_access(shell):
    assert shell.json(DENY)["networkRuleSet"]["defaultAction"] == "Deny"


def test_verify_access_over_private_link(shell, vm):
    told = vm(f"az login --identity\n{LOGIN}\n{PULL}")

    assert "Login Succeeded" in told
    assert f"Status: Downloaded newer image for {SERVER}/hello-world:v1" in told


def test_another_host_is_refused(shell):
    """Its address is named, as Azure names it."""
    refused = shell.run(f"{LOGIN} --expose-token", check=False)

    assert refused.returncode != 0
    assert f"Looks like you don't have access to registry '{SERVER}'" in refused.stderr
    denied = shell.run(f"curl -s https://{SERVER}/v2/").stdout
    assert "client with IP '198.51.100.20' is not allowed access" in json.loads(denied)["errors"][0]["message"]


def test_restore_default_registry_access(shell):
    assert shell.json(ALLOW)["networkRuleSet"]["defaultAction"] == "Allow"
    assert shell.json(f"{LOGIN} --expose-token")["loginServer"] == SERVER


def test_clean_up_resources(shell):
    """The article's command asks first, as it does everywhere."""
    assert shell.run(f"echo n | {DELETE}", check=False).returncode != 0
    shell.run(f"{DELETE} --yes")

    assert shell.text("az group exists --name myResourceGroup") == "false"
    assert shell.json("az resource list") == []


def test_the_users_own_folders_were_not_touched(shell):
    assert not (shell.home / ".azure").exists()

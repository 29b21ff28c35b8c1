"""`az acr build`, `task` and `agentpool`: a closed registry refuses them in the run, and the ways out work."""

import json

import pytest

from tests.real_clients.az import printed

G, NAME = "-g builds", "buildsregistry"
ADD = f"az acr network-rule add -n {NAME} --ip-address"
TAG = "AzureContainerRegistry.EastUS"


@pytest.fixture(scope="module")
def shell(shell):
    """A registry in a region that has agent pools, closed, with a private endpoint; and a folder to build from."""
    (shell.home / "src").mkdir()
    (shell.home / "src/Dockerfile").write_text(f"FROM {NAME}.azurecr.io/hello-world:v1\nLABEL team=blue\n")
    shell.run(f"""set -e
az group create -n builds -l eastus
az network vnet create {G} -n net --address-prefixes 10.0.0.0/16 --subnet-name sub --subnet-prefixes 10.0.0.0/24
az network vnet subnet update {G} --vnet-name net -n sub --private-endpoint-network-policies Disabled
az acr create {G} -n {NAME} --sku Premium
az acr import -n {NAME} --source mcr.microsoft.com/hello-world --image hello-world:v1
az network private-dns zone create {G} -n privatelink.azurecr.io
az network private-dns link vnet create {G} -z privatelink.azurecr.io -n link -v net -e false
az network private-endpoint create {G} -n endpoint --vnet-name net --subnet sub --connection-name c \\
    --group-id registry --private-connection-resource-id $(az acr show -n {NAME} --query id -o tsv)
az network private-endpoint dns-zone-group create {G} --endpoint-name endpoint -n group \\
    --private-dns-zone privatelink.azurecr.io --zone-name acr
REGISTRY_NAME={NAME} SUBNET_ID=$(az network vnet subnet show {G} --vnet-name net -n sub --query id -o tsv)
set +e""")
    return shell


def build(shell, command=printed.BUILD):
    return shell.run(f"cd ~/src; {command}", check=False)


def test_a_build_makes_and_pushes_an_image(shell):
    done = build(shell)

    assert done.returncode == 0, done.stderr
    assert "Queued a build with ID: c" in done.stderr
    assert f"Successfully pushed image: {NAME}.azurecr.io/site:v1" in done.stdout
    assert shell.json(f"az acr repository list -n {NAME}") == ["hello-world", "site"]


def test_a_closed_registry_refuses_it_and_a_pool_in_the_network_is_let_in(shell):
    shell.run(f"az acr update -n {NAME} --public-network-enabled false")
    refused = build(shell)
    assert refused.returncode == 1
    assert "is not allowed access. Refer https://aka.ms/acr/firewall to grant access." in refused.stdout
    assert "Run failed" in refused.stderr

    regions = shell.run(printed.POOL_REGIONS).stdout.splitlines()
    assert "East US" in regions
    assert "West US" not in regions
    shell.run(printed.POOL)
    assert build(shell, printed.BUILD_IN_THE_POOL).returncode == 0
    assert shell.json(f"az acr agentpool show -r {NAME} -n pool1 --queue-count")["count"] == 0
    assert [pool["name"] for pool in shell.json(f"az acr agentpool list -r {NAME}")] == ["pool1"]
    shell.run(f"az acr agentpool delete -r {NAME} -n pool1 -y --no-wait")


def test_the_service_tag_of_the_region_is_let_in_by_rules(shell):
    shell.run(f"az acr update -n {NAME} --public-network-enabled true --default-action Deny")
    assert build(shell).returncode == 1

    query = f"values[?name=='{TAG}'].properties.addressPrefixes[]"
    for prefix in shell.json(f'{printed.TAGS} --query "{query}"'):
        shell.run(f"{ADD} {prefix}")

    assert build(shell).returncode == 0


def test_a_task_with_an_identity_is_let_in_as_a_trusted_service(shell):
    shell.run(f"az acr update -n {NAME} --public-network-enabled false")
    made = shell.json(
        f"az acr task create -r {NAME} -n rebuild -t app:{{{{.Run.ID}}}} -f Dockerfile --assign-identity "
        "--context https://github.com/Azure-Samples/acr-build-helloworld-node.git#main --commit-trigger-enabled false"
    )
    shell.run(
        f"az acr task credential add -r {NAME} -n rebuild --login-server {NAME}.azurecr.io --use-identity [system]"
    )
    shell.run(
        f"az role assignment create --role AcrPush --assignee-object-id {made['identity']['principalId']} "
        f"--assignee-principal-type ServicePrincipal --scope $(az acr show -n {NAME} --query id -o tsv)"
    )
    assert shell.run(f"az acr task run -r {NAME} -n rebuild -c src", check=False).returncode == 1

    shell.run(
        f"az resource update {G} --namespace Microsoft.ContainerRegistry --resource-type registries -n {NAME} "
        "--api-version 2025-05-01-preview --set properties.networkRuleBypassAllowedForTasks=true"
    )

    done = shell.run(f"az acr task run -r {NAME} -n rebuild -c src", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    runs = shell.json(f"az acr task list-runs -r {NAME} -n rebuild")
    assert sorted(run["status"] for run in runs) == ["Failed", "Succeeded"]
    logs = shell.run(f"{printed.LOGS} {runs[0]['runId']}", check=False)
    assert f"Run ID: {runs[0]['runId']}" in logs.stdout
    shell.run(f"az acr task delete -r {NAME} -n rebuild -y")
    assert json.loads(shell.run(f"az acr task list -r {NAME}").stdout) == []

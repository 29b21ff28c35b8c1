"""Repository permissions by `az`: the mode, roles with a condition, and what `az acr repository` then shows."""

import json

import pytest

from tests.real_clients.az import printed

NAME = "abacregistry"
CONDITION = (
    "((!(ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/content/read'}) AND "
    "!(ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/metadata/read'})) OR "
    "(@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEqualsIgnoreCase 'hello-world'))"
)


@pytest.fixture(scope="module")
def shell(shell):
    shell.run(f"""set -e
az group create -n abac -l westus
az acr create -g abac -n {NAME} --sku Premium
az acr import -n {NAME} --source mcr.microsoft.com/hello-world --image hello-world:v1
az acr import -n {NAME} --source mcr.microsoft.com/hello-world --image backend/api:v1
set +e""")
    return shell


def assign(shell, role, more=""):
    return shell.json(
        f'az role assignment create --role "{role}" --assignee-object-id {learner(shell)} '
        "--assignee-principal-type User "
        f"--scope $(az acr show -n {NAME} --query id -o tsv) {more}"
    )


def learner(shell):
    """Whose token `az` has: the object id in it."""
    read = "import base64,json,sys; t=sys.stdin.read().split('.')[1]; "
    read += "print(json.loads(base64.urlsafe_b64decode(t+'=='))['oid'])"
    return shell.text(f'az account get-access-token --query accessToken -o tsv | python3 -c "{read}"')


def test_az_goes_from_roles_for_registries_to_roles_for_repositories(shell):
    assert shell.json(f"az acr repository list -n {NAME}") == ["backend/api", "hello-world"]

    done = shell.run(f"REGISTRY_NAME={NAME}; {printed.BY_REPOSITORY}")

    assert json.loads(done.stdout)["roleAssignmentMode"] == "AbacRepositoryPermissions"
    assert "will not have data plane access" in done.stderr
    refused = shell.run(f"az acr repository show-tags -n {NAME} --repository hello-world", check=False)
    assert refused.returncode
    assert "authentication required" in refused.stderr.lower()

    made = assign(shell, "Container Registry Repository Reader", f'--condition "{CONDITION}" --condition-version 2.0')

    assert (made["condition"], made["conditionVersion"]) == (CONDITION, "2.0")
    assert shell.json(printed.TAGS_OF) == ["v1"]
    other = shell.run(f"az acr repository show-tags -n {NAME} --repository backend/api", check=False)
    assert other.returncode
    assert "authentication required" in other.stderr.lower()
    assert shell.run(f"az acr repository list -n {NAME}", check=False).returncode

    assign(shell, "Container Registry Repository Catalog Lister")

    assert shell.json(f"az acr repository list -n {NAME}") == ["backend/api", "hello-world"]
    shell.run(f"az acr update -n {NAME} --role-assignment-mode rbac")
    assert shell.json(f"az acr repository show-tags -n {NAME} --repository backend/api") == ["v1"]

"""`az vm create --assign-identity --role --scope`: one template makes a VM and gives its identity a role."""

from __future__ import annotations

G = "-g roles"


def test_the_vms_own_identity_has_the_role(shell):
    shell.run(f"set -e\naz group create -n roles -l westus\naz acr create {G} -n rolesregistry --sku Premium\nset +e")
    for name, scope in (("one", "az acr show -n rolesregistry"), ("two", "az group show -n roles")):
        shell.run(
            f"az vm create {G} -n {name} --image Ubuntu2204 --admin-username azureuser --generate-ssh-keys "
            f"--assign-identity --role AcrPull --scope $({scope} --query id -o tsv)"
        )
        principal = shell.json(f"az vm show {G} -n {name}")["identity"]["principalId"]

        given = shell.json(f"az role assignment list --fill-principal-name false --scope $({scope} --query id -o tsv)")

        assert principal in [one["principalId"] for one in given]

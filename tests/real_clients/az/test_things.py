"""List, show, change and delete each thing that the article makes, and what `az` says when Azure says no."""

from __future__ import annotations

import json

import pytest

G = "-g things"


MADE = f"""
az group create -n things -l westus --tags purpose=lab
az network vnet create {G} -n net --address-prefixes 10.0.0.0/16
az network vnet subnet create {G} --vnet-name net -n sub --address-prefixes 10.0.0.0/24
az network vnet subnet update {G} --vnet-name net -n sub --private-endpoint-network-policies Disabled
az network nsg create {G} -n nsg
az network nsg rule create {G} --nsg-name nsg -n web --priority 200 --destination-port-ranges 443
az network public-ip create {G} -n address --sku Standard
az network nic create {G} -n nic --vnet-name net --subnet sub
az acr create {G} -n thingsregistry --sku Premium --admin-enabled true
az acr import -n thingsregistry --source mcr.microsoft.com/hello-world --image hello-world:v1
az network private-dns zone create {G} -n privatelink.azurecr.io
az network private-dns link vnet create {G} -z privatelink.azurecr.io -n link -v net -e false
az network private-endpoint create {G} -n endpoint --vnet-name net --subnet sub --connection-name c \\
    --group-id registry --private-connection-resource-id $(az acr show -n thingsregistry --query id -o tsv)
az network private-endpoint dns-zone-group create {G} --endpoint-name endpoint -n group \\
    --private-dns-zone privatelink.azurecr.io --zone-name acr
az vm create {G} -n vm --image Ubuntu2204 --vnet-name net --subnet sub --admin-username azureuser \\
    --generate-ssh-keys --nsg '' --public-ip-address ''
"""


@pytest.fixture(scope="module")
def shell(shell):
    """One group with one of everything in it."""
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("az group show -n things", "things"),
        (f"az network vnet show {G} -n net", "net"),
        (f"az network vnet subnet show {G} --vnet-name net -n sub", "sub"),
        (f"az network nsg show {G} -n nsg", "nsg"),
        (f"az network nsg rule show {G} --nsg-name nsg -n web", "web"),
        (f"az network public-ip show {G} -n address", "address"),
        (f"az network nic show {G} -n nic", "nic"),
        ("az acr show -n thingsregistry", "thingsregistry"),
        (f"az network private-dns zone show {G} -n privatelink.azurecr.io", "privatelink.azurecr.io"),
        (f"az network private-dns link vnet show {G} -z privatelink.azurecr.io -n link", "link"),
        (f"az network private-dns record-set a show {G} -z privatelink.azurecr.io -n thingsregistry", "thingsregistry"),
        (f"az network private-endpoint show {G} -n endpoint", "endpoint"),
        (f"az network private-endpoint dns-zone-group show {G} --endpoint-name endpoint -n group", "group"),
        (f"az vm show {G} -n vm -d", "vm"),
    ],
)
def test_each_thing_is_shown(shell, command, name):
    assert shell.json(command)["name"] == name


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("az group list", ["things"]),
        (f"az network vnet list {G}", ["net"]),
        (f"az network vnet subnet list {G} --vnet-name net", ["sub"]),
        (f"az network nsg list {G}", ["nsg"]),
        (f"az network nsg rule list {G} --nsg-name nsg", ["web"]),
        (f"az network public-ip list {G}", ["address"]),
        (f"az acr list {G}", ["thingsregistry"]),
        (f"az network private-dns zone list {G}", ["privatelink.azurecr.io"]),
        (f"az network private-dns link vnet list {G} -z privatelink.azurecr.io", ["link"]),
        (f"az network private-dns record-set list {G} -z privatelink.azurecr.io", None),
        (f"az network private-endpoint list {G}", ["endpoint"]),
        (f"az network private-endpoint dns-zone-group list {G} --endpoint-name endpoint", ["group"]),
        (f"az vm list {G}", ["vm"]),
        (f"az disk list {G}", None),
        (f"az deployment group list {G}", None),
        ("az provider list", None),
        ("az account list-locations", None),
        ("az vm list-sizes -l westus", None),
    ],
)
def test_each_kind_is_listed(shell, command, names):
    listed = [one.get("name") or one["namespace"] for one in shell.json(command)]

    assert listed == names if names else listed


def test_what_a_registry_tells(shell):
    assert shell.json("az acr credential show -n thingsregistry")["username"] == "thingsregistry"
    assert shell.json("az acr repository list -n thingsregistry") == ["hello-world"]
    assert shell.json("az acr check-name -n thingsregistry")["nameAvailable"] is False
    assert shell.json("az acr show-usage -n thingsregistry")["value"]
    endpoints = shell.json("az acr show-endpoints -n thingsregistry")
    assert endpoints["loginServer"] == "thingsregistry.azurecr.io"


def test_a_replica_gets_an_address_on_the_endpoint(shell):
    shell.run("az acr replication create -r thingsregistry -l eastus")

    names = [c["fqdn"] for c in shell.json(f"az network private-endpoint show {G} -n endpoint")["customDnsConfigs"]]
    records = shell.json(f"az network private-dns record-set a list {G} -z privatelink.azurecr.io --query '[].name'")
    assert "thingsregistry.eastus.data" in records or "thingsregistry.eastus.data.azurecr.io" in names
    shell.run("az acr replication delete -r thingsregistry -n eastus")
    assert [r["name"] for r in shell.json("az acr replication list -r thingsregistry")] == ["westus"]


def test_a_vm_stops_and_starts(shell):
    power = f"az vm get-instance-view {G} -n vm --query instanceView.statuses[1].displayStatus -o tsv"
    for command, state in (("deallocate", "VM deallocated"), ("start", "VM running"), ("stop", "VM stopped")):
        shell.run(f"az vm {command} {G} -n vm")
        assert shell.text(power) == state
    shell.run(f"az vm start {G} -n vm")


def test_a_vm_is_switched_off_every_day_as_long_as_it_has_a_schedule(shell):
    made = shell.json(f"az vm auto-shutdown {G} -n vm --time 2130")

    assert (made["name"], made["dailyRecurrence"]["time"]) == ("shutdown-computevm-vm", "2130")
    shell.run(f"az vm auto-shutdown {G} -n vm --off")
    left = shell.json(f"az resource list {G} --resource-type Microsoft.DevTestLab/schedules")
    assert left == []


def test_a_disk_is_attached_grown_freed_and_deleted(shell):
    shell.run(f"az disk create {G} -n more --size-gb 8 --sku StandardSSD_LRS")
    shell.run(f"az vm disk attach {G} --vm-name vm --name more")
    refused = shell.run(f"az disk delete {G} -n more -y", check=False)

    assert "(OperationNotAllowed) Disk more is attached to VM" in refused.stderr
    assert shell.json(f"az disk update {G} -n more --size-gb 16")["diskSizeGB"] == 16
    shell.run(f"az vm disk detach {G} --vm-name vm --name more")
    shell.run(f"az disk delete {G} -n more -y")
    assert [d["diskState"] for d in shell.json(f"az disk list {G}")] == ["Attached"]


def test_a_command_is_kept_with_how_it_ended(shell):
    command = f"{G} --vm-name vm --run-command-name fails"
    shell.run(f"az vm run-command create {command} --script 'echo out; exit 3'")

    view = shell.json(f"az vm run-command show {command} --instance-view")["instanceView"]
    assert (view["executionState"], view["exitCode"], view["output"]) == ("Failed", 3, "out\n")
    shell.run(f"az vm run-command delete {command} --yes")


def test_a_lock_really_locks(shell):
    locked = f"{G} --resource nsg --resource-type Microsoft.Network/networkSecurityGroups"
    shell.run(f"az lock create -n keep --lock-type CanNotDelete {locked}")
    refused = shell.run(f"az network nsg delete {G} -n nsg", check=False)

    assert "(ScopeLocked)" in refused.stderr
    shell.run(f"az lock delete -n keep {locked}")


def test_a_link_falls_back_to_the_internet(shell):
    link = f"{G} -z privatelink.azurecr.io -n link"

    assert shell.json(f"az network private-dns link vnet show {link}")["resolutionPolicy"] == "Default"
    changed = shell.json(f"az network private-dns link vnet update {link} --resolution-policy NxDomainRedirect")
    assert changed["resolutionPolicy"] == "NxDomainRedirect"
    assert changed["registrationEnabled"] is False


def test_tags_are_kept(shell):
    shell.run(f"az resource tag --tags owner=me {G} -n net --resource-type Microsoft.Network/virtualNetworks")

    assert shell.json(f"az network vnet show {G} -n net")["tags"] == {"owner": "me"}
    assert [r["name"] for r in shell.json("az resource list --tag owner=me")] == ["net"]


def test_a_template_is_deployed(shell):
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"count": {"type": "int"}},
        "resources": [
            {
                "type": "Microsoft.Network/networkSecurityGroups",
                "apiVersion": "2024-01-01",
                "name": "[format('made{0}', copyIndex())]",
                "location": "[resourceGroup().location]",
                "copy": {"name": "loop", "count": "[parameters('count')]"},
                "properties": {},
            }
        ],
        "outputs": {
            "last": {"type": "string", "value": "[resourceId('Microsoft.Network/networkSecurityGroups', 'made1')]"}
        },
    }
    (shell.home / "template.json").write_text(f"// made by hand\n{json.dumps(template, indent=1)}")
    made = shell.json(f"az deployment group create {G} -n d --template-file template.json --parameters count=2")

    assert made["properties"]["outputs"]["last"]["value"].endswith("/networkSecurityGroups/made1")
    done = [one["properties"] for one in shell.json(f"az deployment operation group list {G} -n d")]
    assert [one["provisioningOperation"] for one in done] == ["Create", "Create", "EvaluateDeploymentOutput"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("az group show -n nothing", "(ResourceGroupNotFound) Resource group 'nothing' could not be found."),
        (
            f"az network vnet show {G} -n nothing",
            "(ResourceNotFound) The Resource 'Microsoft.Network/virtualNetworks/no",
        ),
        (
            f"az acr create {G} -n thingsregistry2 --sku Basic --public-network-enabled false",
            "not supported for the SKU",
        ),
        (f"az network vnet delete {G} -n net", "(InUseSubnetCannotBeDeleted)"),
        (f"az vm create {G} -n other --image Ubuntu2204 --size Standard_Bogus --generate-ssh-keys", "Standard_Bogus"),
        (f"az storage account create {G} -n thingsstorage --kind BlockBlobStorage --sku Premium_LRS", "(NotEmulated)"),
    ],
)
def test_a_refusal_is_said_in_azures_words(shell, command, said):
    refused = shell.run(command, check=False)

    assert refused.returncode != 0
    assert said in refused.stderr


@pytest.mark.parametrize(
    "command",
    [
        f"az network private-endpoint dns-zone-group delete {G} --endpoint-name endpoint -n group",
        f"az network private-endpoint delete {G} -n endpoint",
        f"az network private-dns link vnet delete {G} -z privatelink.azurecr.io -n link --yes",
        f"az network private-dns zone delete {G} -n privatelink.azurecr.io --yes",
        "az acr delete -n thingsregistry --yes",
        f"az vm delete {G} -n vm --yes",
        f"az network nic delete {G} -n nic",
        f"az network public-ip delete {G} -n address",
        f"az network nsg rule delete {G} --nsg-name nsg -n web",
        f"az network nsg delete {G} -n nsg",
    ],
)
def test_each_thing_is_deleted(shell, command):
    shell.run(command)
    shown = command.replace(" delete ", " show ").replace(" --yes", "")

    assert shell.run(shown, check=False).returncode != 0


def test_a_repository_token_opens_its_repository_and_no_other(shell):
    shell.run("az group create -n tokens -l westus -o none")
    shell.run("az acr create -g tokens -n tokenregistry --sku Premium -o none")
    for repository in ("mine", "theirs"):
        source = "mcr.microsoft.com/hello-world:latest"
        shell.run(f"az acr import -n tokenregistry --source {source} --image {repository}:v1")
    rights = "--repository mine content/read metadata/read"
    made = shell.json(f"az acr token create -n build-01 -r tokenregistry {rights} --only-show-errors")
    password = made["credentials"]["passwords"][0]["value"]
    show = "az acr repository show-tags -n tokenregistry -u build-01"

    assert shell.json(f"{show} -p '{password}' --repository mine") == ["v1"]
    assert shell.run(f"{show} -p '{password}' --repository theirs", check=False).returncode == 1
    shell.run("az acr token credential delete -n build-01 -r tokenregistry --password1 --password2 -o none")
    assert shell.run(f"{show} -p '{password}' --repository mine", check=False).returncode == 1

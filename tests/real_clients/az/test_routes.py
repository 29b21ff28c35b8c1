"""Route tables, NAT gateways and what an interface tells of them, by the real `az`: what is shown is what happens."""

from __future__ import annotations

import pytest

G = "-g routed"
ON_VM = f"az vm run-command invoke {G} -n work --command-id RunShellScript --query value[0].message -o tsv --scripts"
MADE = f"""
az group create -n routed -l westus
az network vnet create {G} -n net --address-prefixes 10.0.0.0/16 --subnet-name work --subnet-prefixes 10.0.0.0/24
az network vnet subnet update {G} --vnet-name net -n work --private-endpoint-network-policies Disabled
az acr create {G} -n routedregistry --sku Premium
az vm create {G} -n work --image Ubuntu2204 --vnet-name net --subnet work --admin-username azureuser \\
    --generate-ssh-keys --public-ip-address ""
az network private-endpoint create {G} -n endpoint --vnet-name net --subnet work --connection-name c \\
    --group-id registry --private-connection-resource-id $(az acr show -n routedregistry --query id -o tsv)
"""
SUBNET = f"az network vnet subnet update {G} --vnet-name net -n work"


@pytest.fixture(scope="module")
def shell(shell):
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


def nic(shell):
    id = shell.text(f"az vm show {G} -n work --query networkProfile.networkInterfaces[0].id -o tsv")
    return id.rpartition("/")[2]


def update(shell):
    return shell.text(f'{ON_VM} "apt-get update"')


def test_a_nat_gateway_is_a_way_out(shell):
    assert "Could not connect" in update(shell)
    shell.run(f"az network public-ip create {G} -n out --sku Standard --allocation-method Static")
    shell.run(f"az network nat gateway create {G} -n nat --public-ip-addresses out")
    shell.run(f"{SUBNET} --nat-gateway nat")

    assert "Reading package lists" in update(shell)
    assert "Could not connect" not in update(shell)


def test_a_default_route_to_an_appliance_ends_it(shell):
    shell.run(f"az network route-table create {G} -n table")
    more = "--address-prefix 0.0.0.0/0 --next-hop-type VirtualAppliance --next-hop-ip-address 10.0.9.4"
    shell.run(f"az network route-table route create {G} --route-table-name table -n out {more}")
    shell.run(f"{SUBNET} --route-table table")

    assert "Could not connect" in update(shell)


def test_the_interface_tells_its_routes(shell):
    shown = shell.text(f"az network nic show-effective-route-table {G} -n {nic(shell)} -o table")

    rows = [line.split() for line in shown.splitlines()[2:]]
    assert ["Default", "Active", "10.0.0.0/16", "VnetLocal"] in rows
    assert ["Default", "Active", "10.0.0.5/32", "InterfaceEndpoint"] in rows
    assert ["Default", "Invalid", "0.0.0.0/0", "Internet"] in rows
    assert ["User", "Active", "0.0.0.0/0", "VirtualAppliance", "10.0.9.4"] in rows


def test_the_interface_tells_its_rules(shell):
    shown = shell.json(f"az network nic list-effective-nsg {G} -n {nic(shell)}")

    names = [rule["name"] for rule in shown["value"][0]["effectiveSecurityRules"]]
    assert "defaultSecurityRules/DenyAllInBound" in names


def test_a_table_in_use_stays_until_its_subnet_lets_it_go(shell):
    refused = shell.run(f"az network route-table delete {G} -n table", check=False)
    shell.run(f"{SUBNET} --route-table null\naz network route-table delete {G} -n table")

    assert "InUseRouteTableCannotBeDeleted" in refused.stderr
    assert "Could not connect" not in update(shell)


def test_application_security_groups_stand_in_rules(shell):
    shell.run(f"az network asg create {G} -n web")
    shell.run(f"az network nsg create {G} -n rules")
    named = "--source-asgs web --destination-address-prefixes Internet --destination-port-ranges 80 443"
    more = "--priority 100 --direction Outbound --access Deny --protocol Tcp"
    made = shell.json(f"az network nsg rule create {G} --nsg-name rules -n no-web {named} {more}")

    assert made["sourceApplicationSecurityGroups"][0]["id"].endswith("/applicationSecurityGroups/web")


def test_a_stopped_vm_tells_nothing(shell):
    name = nic(shell)
    shell.run(f"az vm deallocate {G} -n work")

    refused = shell.run(f"az network nic show-effective-route-table {G} -n {name}", check=False)

    assert refused.returncode
    assert "running virtual machine" in refused.stderr

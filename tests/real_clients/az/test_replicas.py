"""Replicas and regional endpoints by plain `az`: seven addresses, and a full subnet that rolls a replica back."""

from __future__ import annotations

import pytest

G = "-g regions"
ZONE = "privatelink.azurecr.io"
REGISTRY = "regionsregistry"
MEMBER = "privateLinkConnectionProperties.requiredMemberName"
THREE = ("westus", "eastus", "westeurope")

# A /28 has eleven addresses to give, of which seven will be the endpoint's.
MADE = f"""
az group create -n regions -l westus
az network vnet create {G} -n net --address-prefixes 10.0.0.0/16 --subnet-name room --subnet-prefixes 10.0.0.0/28
az network vnet subnet update {G} --vnet-name net -n room --private-endpoint-network-policies Disabled
az acr create {G} -n {REGISTRY} --sku Premium
az network private-endpoint create {G} -n endpoint --vnet-name net --subnet room --connection-name c \\
    --group-id registry --private-connection-resource-id $(az acr show -n {REGISTRY} --query id -o tsv)
az network private-dns zone create {G} -n {ZONE}
az network private-endpoint dns-zone-group create {G} --endpoint-name endpoint -n group \\
    --private-dns-zone {ZONE} --zone-name acr
az acr replication create -r {REGISTRY} -l eastus
az acr replication create -r {REGISTRY} -l westeurope
az acr update -n {REGISTRY} --regional-endpoints Enabled --data-endpoint-enabled true
"""


@pytest.fixture(scope="module")
def shell(shell):
    """A registry with three regions and regional endpoints, linked by an endpoint whose zone group writes records."""
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


def addresses(shell, endpoint="endpoint"):
    """Member -> private address, as the article asks for them."""
    nic = f"$(az network private-endpoint show {G} -n {endpoint} --query networkInterfaces[0].id -o tsv)"
    found = shell.json(f"az network nic show --ids {nic} --query 'ipConfigurations[].[{MEMBER}, privateIPAddress]'")
    return dict(found)


def records(shell):
    listed = shell.json(f"az network private-dns record-set a list {G} -z {ZONE}")
    return {one["name"]: (one["aRecords"][0]["ipv4Address"], one["metadata"]["creator"]) for one in listed}


def replicas(shell):
    return sorted(r["name"] for r in shell.json(f"az acr replication list -r {REGISTRY}"))


def test_1_three_regions_and_regional_endpoints_are_seven_addresses(shell):
    names = {"registry", *(f"registry_data_{r}" for r in THREE), *(f"registry_{r}" for r in THREE)}

    found = addresses(shell)

    assert set(found) == names
    assert len(set(found.values())) == 7


def test_2_each_has_a_record_that_says_who_wrote_it(shell):
    found, held = records(shell), addresses(shell)

    assert found[f"{REGISTRY}.eastus.geo"][0] == held["registry_eastus"]
    assert found[f"{REGISTRY}.eastus.data"][0] == held["registry_data_eastus"]
    assert len(found) == 7
    assert all(who.startswith("created by private endpoint endpoint with resource guid ") for _, who in found.values())


def test_3_show_endpoints_names_them_by_region(shell):
    shown = shell.json(f"az acr show-endpoints -n {REGISTRY}")

    assert shown["loginServer"] == f"{REGISTRY}.azurecr.io"
    for kind, label in (("dataEndpoints", "data"), ("regionalEndpoints", "geo")):
        expected = [{"region": r, "endpoint": f"{REGISTRY}.{r}.{label}.azurecr.io"} for r in sorted(THREE)]
        assert shown[kind] == expected


def test_4_a_full_subnet_rolls_a_replica_back_without_a_word_about_it(shell):
    for number in range(3):
        shell.run(f"az network nic create {G} -n nic{number} --vnet-name net --subnet room")
    before = addresses(shell)

    refused = shell.run(f"az acr replication create -r {REGISTRY} -l westus2", check=False)

    assert refused.returncode == 1
    assert "(BadRequest) Failed to replicate private endpoint." in refused.stderr
    assert "subnet" not in refused.stderr.lower()
    assert replicas(shell) == sorted(THREE)
    assert addresses(shell) == before


def test_5_an_endpoint_with_addresses_of_its_own_makes_the_next_replica_fail_and_stay(shell):
    shell.run("; ".join(f"az network nic delete {G} -n nic{number}" for number in range(3)))
    shell.run(f"az acr update -n {REGISTRY} --regional-endpoints Disabled")
    shell.run(f"az network vnet subnet create {G} --vnet-name net -n own --address-prefixes 10.0.1.0/24")
    shell.run(f"az network vnet subnet update {G} --vnet-name net -n own --private-endpoint-network-policies Disabled")
    members = ("registry", *(f"registry_data_{r}" for r in THREE))
    chosen = " ".join(
        f"--ip-config name={m} group-id=registry member-name={m} private-ip-address=10.0.1.{20 + i}"
        for i, m in enumerate(members)
    )
    shell.run(
        f"az network private-endpoint create {G} -n static --vnet-name net --subnet own --connection-name c "
        f"--group-id registry --private-connection-resource-id $(az acr show -n {REGISTRY} --query id -o tsv) {chosen}"
    )

    refused = shell.run(f"az acr replication create -r {REGISTRY} -l westus2", check=False)

    assert "Failed to replicate private endpoint. Private Endpoint" in refused.stderr
    assert "MemberName: registry_data_westus2, IpVersion: IPv4" in refused.stderr
    assert shell.json(f"az acr replication show -r {REGISTRY} -n westus2")["provisioningState"] == "Failed"


def test_6_without_them_the_replica_is_made(shell):
    shell.run(f"az network private-endpoint update {G} -n static --set ipConfigurations=[]")

    made = shell.json(f"az acr replication create -r {REGISTRY} -l westus2")

    assert made["provisioningState"] == "Succeeded"
    assert "registry_data_westus2" in addresses(shell, "static")


def test_7_regional_endpoints_are_for_premium_registries(shell):
    shell.run(f"az acr create {G} -n regionsbasic --sku Basic -o none")

    refused = shell.run("az acr update -n regionsbasic --regional-endpoints Enabled", check=False)

    assert "Regional endpoints are only supported for managed registries in Premium SKU." in refused.stderr


def test_8_both_protocols_need_data_endpoints(shell):
    both = f"az acr update -n {REGISTRY} --endpoint-protocol IPv4AndIPv6"
    refused = shell.run(f"{both} --data-endpoint-enabled false", check=False)
    shown = shell.json(f"{both} --data-endpoint-enabled true")

    assert "EndpointProtocolNotSupported" in refused.stderr
    assert shown["endpointProtocol"] == "IPv4AndIPv6"

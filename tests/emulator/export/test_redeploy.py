"""The proof of an export: what was exported deploys again into a fresh world, as far as Azure's would."""

from __future__ import annotations

import pytest

from acrlab.emulator import types
from acrlab.emulator.core.http import JSON
from acrlab.emulator.export.selection import UNKNOWN
from tests.emulator.export.conftest import Desk

REGISTRY = "Microsoft.ContainerRegistry/registries"
MAPS, CONNECTIONS = f"{REGISTRY}/scopeMaps", f"{REGISTRY}/privateEndpointConnections"
DEFAULTS = "IncludeParameterDefaultValue"


@pytest.fixture
def fresh():
    fresh = Desk()
    yield fresh
    fresh.opened.azure.close()


def deployable(template: JSON) -> JSON:
    """What everyone has to change in Azure's own exports before they deploy: see the tests of each refusal."""
    kept = [r for r in template["resources"] if not r["name"].partition("/")[2].startswith("_repositories_")]
    kept = [r for r in kept if r["type"] != CONNECTIONS]
    for machine in (r["properties"] for r in kept if r["type"] == "Microsoft.Compute/virtualMachines"):
        del machine["storageProfile"]["osDisk"]["managedDisk"]["id"]
        machine["osProfile"]["adminPassword"] = "Kept 2 itself"
    for cluster in (r["properties"] for r in kept if r["type"] == "Microsoft.ContainerService/managedClusters"):
        del cluster["identityProfile"]  # made with the cluster, where it has an identity of its own
    return {**template, "resources": kept}


def stable(desk: Desk, *ids: str) -> list[JSON]:
    """What an export says of resources, but for the addresses that they were given."""
    resources = deployable(desk.export(*ids)["template"])["resources"]
    for resource in resources:
        resource["properties"].pop("aRecords", None)
        for part in resource["properties"].get("ipConfigurations", ()):
            part["properties"].pop("privateIPAddress", None)
    return resources


def test_the_article_s_lab_deploys_again_and_is_what_it_was(lab, fresh):
    template = deployable(lab.export(options=DEFAULTS)["template"])

    deployed = fresh.deploy(template)

    assert (deployed["provisioningState"], deployed.get("error")) == ("Succeeded", None)
    assert stable(fresh) == stable(lab)
    endpoint = fresh.network.private_endpoints.get("g", "e")
    assert endpoint.private_link_service_connections[0].private_link_service_connection_state.status == "Approved"
    assert {r.name for r in fresh.dns.record_sets.list("g", "privatelink.azurecr.io")} == {
        "@",
        "contoso",
        "contoso.westus.data",
    }


def test_other_names_make_another_lab(lab, fresh):
    template = deployable(lab.export()["template"])
    values = {name: f"other{i}" for i, name in enumerate(template["parameters"])}

    deployed = fresh.deploy(template, **{**values, "privateDnsZones_privatelink_azurecr_io_name": "other.internal"})

    assert deployed["provisioningState"] == "Succeeded"
    machine = fresh.compute.virtual_machines.get("g", values["virtualMachines_machine_name"])
    assert machine.os_profile.computer_name == machine.name
    assert machine.storage_profile.os_disk.name.startswith(f"{machine.name}_disk1_")


def test_without_their_defaults_parameters_have_to_be_given(lab, fresh):
    refused = fresh.deploy(deployable(lab.export()["template"]))

    assert refused["code"] == "InvalidTemplate"


def refused_for(desk: Desk, template: JSON, **kept: str) -> JSON:
    """Deploy what of a template is of one type beside all else, made deployable; returns the refusal."""
    whole, type = deployable(dict(template)), kept["type"]
    others = [r for r in whole["resources"] if r["type"] != type]
    own = [r for r in template["resources"] if r["type"] == type]
    error = desk.deploy({**template, "resources": [*others, *own]})
    return dict(error["details"][0])


def test_maps_of_the_system_are_refused(lab, fresh):
    """Source: https://github.com/Azure/acr/issues/312"""
    template = lab.export(options=DEFAULTS)["template"]

    assert refused_for(fresh, template, type=MAPS)["code"] == "ScopeMapSystemDefined"


def test_a_vm_is_refused_as_it_was_exported(lab, fresh):
    """Source: https://github.com/Azure/azure-quickstart-templates/issues/3290"""
    template = lab.export(options=DEFAULTS)["template"]
    (machine,) = (r for r in template["resources"] if r["type"] == "Microsoft.Compute/virtualMachines")
    disk = machine["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    again = deployable(template)
    machine["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] = disk

    refused = fresh.deploy(again)

    assert refused["details"][0] == {
        "code": "InvalidParameter",
        "message": "Parameter 'osDisk.managedDisk.id' is not allowed.",
        "target": "osDisk.managedDisk.id",
    }


# -- one of each type --------------------------------------------------------------------------------------------------

SUBNET = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
NETWORK_TYPES = "Microsoft.Network"
WEST = {"location": "westus"}


def put(desk: Desk, path: str, properties: JSON, **more: object) -> str:
    """Make something and let it end; returns its id."""
    id = f"{desk.group}/providers/{path}"
    answer = desk.send("PUT", id, {**more, "properties": properties}, "2024-05-01")
    assert answer.status < 300, answer.body
    desk.world.advance_to(desk.world.now + 300)
    return id


def network(desk: Desk, delegated: str = "") -> str:
    delegation = [{"name": "d", "properties": {"serviceName": delegated}}] if delegated else []
    inner = {"addressPrefix": "10.0.0.0/24", "delegations": delegation}
    space = {**SUBNET, "subnets": [{"name": "s", "properties": inner}]}
    return put(desk, "Microsoft.Network/virtualNetworks/v", space, **WEST)


def peering(desk: Desk) -> None:
    near = network(desk)
    far = put(
        desk, "Microsoft.Network/virtualNetworks/far", {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}, **WEST
    )
    put(desk, f"{near.partition('/providers/')[2]}/virtualNetworkPeerings/p", {"remoteVirtualNetwork": {"id": far}})


def tables(desk: Desk) -> None:
    put(desk, "Microsoft.Network/routeTables/t", {}, **WEST)
    put(desk, "Microsoft.Network/routeTables/t/routes/r", {"addressPrefix": "10.2.0.0/16", "nextHopType": "None"})


def gateway(desk: Desk) -> None:
    address = put(
        desk,
        "Microsoft.Network/publicIPAddresses/p",
        {"publicIPAllocationMethod": "Static"},
        sku={"name": "Standard"},
        **WEST,
    )
    put(
        desk,
        "Microsoft.Network/natGateways/n",
        {"publicIpAddresses": [{"id": address}]},
        sku={"name": "Standard"},
        **WEST,
    )


def records(desk: Desk) -> None:
    desk.zone("contoso.internal")
    zone = "Microsoft.Network/privateDnsZones/contoso.internal"
    put(desk, f"{zone}/A/a", {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.9"}]})
    put(desk, f"{zone}/AAAA/aaaa", {"ttl": 60, "aaaaRecords": [{"ipv6Address": "2001:db8::9"}]})
    put(desk, f"{zone}/CNAME/c", {"ttl": 60, "cnameRecord": {"cname": "a.contoso.internal"}})
    put(desk, f"{zone}/MX/m", {"ttl": 60, "mxRecords": [{"preference": 1, "exchange": "a.contoso.internal"}]})
    put(desk, f"{zone}/PTR/p", {"ttl": 60, "ptrRecords": [{"ptrdname": "a.contoso.internal"}]})
    srv = {"priority": 1, "weight": 1, "port": 1, "target": "a.contoso.internal"}
    put(desk, f"{zone}/SRV/s", {"ttl": 60, "srvRecords": [srv]})
    put(desk, f"{zone}/TXT/t", {"ttl": 60, "txtRecords": [{"value": ["one"]}]})


def resolver(desk: Desk) -> None:
    whole = network(desk, "Microsoft.Network/dnsResolvers")
    home = put(desk, "Microsoft.Network/dnsResolvers/r", {"virtualNetwork": {"id": whole}}, **WEST)
    path = home.partition("/providers/")[2]
    out = put(desk, f"{path}/outboundEndpoints/out", {"subnet": {"id": f"{whole}/subnets/s"}}, **WEST)
    rules = put(
        desk, "Microsoft.Network/dnsForwardingRulesets/f", {"dnsResolverOutboundEndpoints": [{"id": out}]}, **WEST
    )
    rules = rules.partition("/providers/")[2]
    servers = [{"ipAddress": "10.3.0.4", "port": 53}]
    put(desk, f"{rules}/forwardingRules/x", {"domainName": "contoso.com.", "targetDnsServers": servers})
    put(desk, f"{rules}/virtualNetworkLinks/l", {"virtualNetwork": {"id": whole}})


def inbound(desk: Desk) -> None:
    whole = network(desk, "Microsoft.Network/dnsResolvers")
    put(desk, "Microsoft.Network/dnsResolvers/r", {"virtualNetwork": {"id": whole}}, **WEST)
    part = {"subnet": {"id": f"{whole}/subnets/s"}, "privateIpAllocationMethod": "Dynamic"}
    put(desk, "Microsoft.Network/dnsResolvers/r/inboundEndpoints/in", {"ipConfigurations": [part]}, **WEST)


def registry(desk: Desk) -> None:
    desk.registry()
    scope = put(desk, f"{REGISTRY}/contoso/scopeMaps/reader", {"actions": ["repositories/app/content/read"]})
    put(desk, f"{REGISTRY}/contoso/tokens/robot", {"scopeMapId": scope, "status": "enabled"})
    put(desk, f"{REGISTRY}/contoso/replications/eastus", {}, location="eastus")
    source = {"sourceRepository": "docker.io/library/nginx", "targetRepository": "nginx"}
    put(desk, f"{REGISTRY}/contoso/cacheRules/nginx", source)
    secrets = {
        f"{what}SecretIdentifier": f"https://v.vault.azure.net/secrets/{what}" for what in ("username", "password")
    }
    login = {"loginServer": "docker.io", "authCredentials": [{"name": "Credential1", **secrets}]}
    put(desk, f"{REGISTRY}/contoso/credentialSets/docker", login, identity={"type": "SystemAssigned"})
    put(desk, f"{REGISTRY}/contoso/agentPools/pool", {"count": 1, "tier": "S1"}, location="eastus")
    step = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
    put(desk, f"{REGISTRY}/contoso/tasks/build", {"platform": {"os": "Linux"}, "step": step}, **WEST)


def machine(desk: Desk) -> None:
    made = desk.vm(desk.interface(desk.subnet()))
    plan = {
        "status": "Enabled",
        "taskType": "ComputeVmShutdownTask",
        "dailyRecurrence": {"time": "2100"},
        "timeZoneId": "UTC",
        "targetResourceId": made.id,
    }
    put(desk, "Microsoft.DevTestLab/schedules/shutdown-computevm-m", plan, **WEST)


def cluster(desk: Desk) -> None:
    pool = {"name": "one", "count": 1, "mode": "System", "osType": "Linux", "vmSize": "Standard_B2s"}
    properties = {"dnsPrefix": "k", "agentPoolProfiles": [pool]}
    identity = {"type": "SystemAssigned"}
    put(desk, "Microsoft.ContainerService/managedClusters/k", properties, identity=identity, **WEST)


def groups(desk: Desk) -> None:
    put(desk, "Microsoft.Network/applicationSecurityGroups/asg", {}, **WEST)
    put(desk, "Microsoft.ManagedIdentity/userAssignedIdentities/one", {}, **WEST)
    put(desk, "Microsoft.Compute/disks/d", {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}, **WEST)


def account(desk: Desk) -> None:
    kind = {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
    put(desk, "Microsoft.Storage/storageAccounts/kept", {}, **kind, **WEST)


def together(desk: Desk) -> None:
    domains = {"platformFaultDomainCount": 2, "platformUpdateDomainCount": 5}
    put(desk, "Microsoft.Compute/availabilitySets/together", domains, sku={"name": "Aligned"}, **WEST)


NEVER = ("microsoft.resources/", "microsoft.authorization/", *UNKNOWN)
DECLARED = {k.type for k in types.ALL if "PUT" in k.verbs and not k.type.lower().startswith(NEVER)}
# A type -> how to make one, and what belongs to it.
MAKERS = {
    "Microsoft.Compute/availabilitySets": together,
    "Microsoft.Compute/virtualMachines": machine,
    "Microsoft.ContainerRegistry/registries": registry,
    "Microsoft.ContainerService/managedClusters": cluster,
    "Microsoft.ManagedIdentity/userAssignedIdentities": groups,
    "Microsoft.Network/dnsForwardingRulesets": resolver,
    "Microsoft.Network/dnsResolvers/inboundEndpoints": inbound,
    "Microsoft.Network/natGateways": gateway,
    "Microsoft.Network/privateDnsZones": records,
    "Microsoft.Network/routeTables": tables,
    "Microsoft.Network/virtualNetworks": peering,
    "Microsoft.Storage/storageAccounts": account,
}
PROOFS = [make for type, make in MAKERS.items() if type in DECLARED]


@pytest.mark.parametrize("make", PROOFS, ids=lambda make: make.__name__)
def test_what_is_made_is_exported_and_deployed_and_exported_the_same(desk, fresh, make):
    make(desk)
    exported = deployable(desk.export(options=DEFAULTS)["template"])

    deployed = fresh.deploy(exported)

    assert deployed.get("provisioningState") == "Succeeded", deployed
    assert deployable(fresh.export(options=DEFAULTS)["template"]) == exported


# Exported, and deployed by no one as it is -> why.
NOT_AGAIN = {
    CONNECTIONS: "a connection is asked for by its endpoint, which gives it another name",
    f"{REGISTRY}/webhooks": "its address is a secret",
}


def test_each_declared_type_is_proven(lab, fresh):
    proven = {r["type"] for r in deployable(lab.export()["template"])["resources"]}
    for make in PROOFS:
        each = Desk()
        make(each)
        proven |= {r["type"] for r in each.export()["template"]["resources"]}
        each.opened.azure.close()

    assert DECLARED - proven - set(NOT_AGAIN) == set()


def test_a_webhook_is_exported_without_its_address(desk):
    desk.registry()
    put(
        desk,
        f"{REGISTRY}/contoso/webhooks/hooked",
        {"serviceUri": "https://contoso.com/x", "actions": ["push"]},
        **WEST,
    )

    exported = desk.exported()["registries/webhooks"]

    assert exported["properties"] == {"status": "enabled", "actions": ["push"]}


def test_a_cluster_is_exported_as_real_ones_are(desk):
    """Its addresses and the identity of its nodes lie in another group; its own name is in that group's."""
    cluster(desk)

    exported = desk.export()

    resources = {r["type"].rpartition("/")[2]: r for r in exported["template"]["resources"]}
    whole, pool = resources["managedClusters"]["properties"], resources["agentPools"]["properties"]
    assert "userAssignedIdentities_k_agentpool_externalid" in exported["template"]["parameters"]
    assert whole["nodeResourceGroup"] == "[concat('MC_g_', parameters('managedClusters_k_name'), '_westus')]"
    assert whole["servicePrincipalProfile"] == {"clientId": "msi"}
    assert pool["powerState"] == {"code": "Running"}
    assert "nodeImageVersion" not in pool
    assert [one["target"].rpartition("/")[2] for one in exported["error"]["details"]] == [
        "privateEndpointConnections",
        "trustedAccessRoleBindings",
    ]

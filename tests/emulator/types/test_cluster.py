"""Clusters: what AKS makes of them, shows of them, refuses, and takes away again."""

import base64
import json

import pytest

from acrlab.emulator.core.http import Request
from acrlab.lab.polling import poll_in_place

TYPE = "Microsoft.ContainerService/managedClusters"
VERSION = "2026-06-01"
SERVICES = {"serviceCidr": "10.2.0.0/16", "dnsServiceIP": "10.2.0.10"}


class Clusters:
    """Makes clusters by path, as a client does that has no library for them."""

    def __init__(self, cloud):
        self.cloud, self.root = cloud, f"/subscriptions/{cloud.opened.subscription}/resourceGroups"
        self.operations = cloud.resources.resources

    def id(self, name="k", pool=""):
        return f"{self.root}/g/providers/{TYPE}/{name}{f'/agentPools/{pool}' if pool else ''}"

    def pool(self, subnet="", name="nodepool1", count=2, **more):
        place = {"vnetSubnetID": subnet} if subnet else {}
        usual = {"name": name, "count": count, "mode": "System", "osType": "Linux", "vmSize": "Standard_B2s"}
        return {**usual, **place, **more}

    def body(self, name="k", pools=None, **more):
        properties = {
            "dnsPrefix": name,
            "agentPoolProfiles": pools or [self.pool()],
            "networkProfile": SERVICES,
            **more,
        }
        return {"location": "westus", "identity": {"type": "SystemAssigned"}, "properties": properties}

    def write(self, id, body):
        return self.operations.begin_create_or_update_by_id(id, body, api_version=VERSION).result().as_dict()

    def make(self, name="k", pools=None, **more):
        return self.write(self.id(name), self.body(name, pools, **more))

    def get(self, name="k", pool=""):
        return self.operations.get_by_id(self.id(name, pool), api_version=VERSION).as_dict()

    def delete(self, name="k", pool=""):
        self.operations.begin_delete_by_id(self.id(name, pool), api_version=VERSION).result()

    def put_pool(self, pool, name="k"):
        properties = {key: value for key, value in pool.items() if key != "name"}
        return self.write(self.id(name, pool["name"]), {"properties": properties})

    def send(self, method, path, body=None, version=VERSION):
        """Send one request and let no time pass."""
        raw = json.dumps(body).encode() if body else b""
        request = Request(method, "", path, {"api-version": version}, {}, raw, "https://x")
        return self.cloud.opened.azure.manager.handle(request)


@pytest.fixture
def clusters(cloud):
    poll_in_place(cloud.resources)
    return Clusters(cloud)


def holders(cloud, subnet="s"):
    found = cloud.network.subnets.get("g", "v", subnet).ip_configurations or []
    return [one.id.rpartition("/providers/")[2] for one in found]


def test_a_cluster_is_shown_as_aks_shows_it(cloud, clusters):
    made = clusters.make(pools=[clusters.pool(cloud.subnet().id)])

    shown = made["properties"]
    assert made["type"] == "Microsoft.ContainerService/ManagedClusters"
    assert "/resourcegroups/g/providers/" in made["id"]
    assert (shown["provisioningState"], shown["nodeResourceGroup"]) == ("Succeeded", "MC_g_k_westus")
    assert shown["fqdn"].endswith(".hcp.westus.azmk8s.io")
    (pool,) = shown["agentPoolProfiles"]
    assert (pool["name"], pool["count"], pool["provisioningState"]) == ("nodepool1", 2, "Succeeded")
    assert (made["identity"]["type"], shown["servicePrincipalProfile"]) == ("SystemAssigned", {"clientId": "msi"})


def test_the_identity_that_pulls_is_the_kubelets_own(cloud, clusters):
    made = clusters.make()

    kubelet = made["properties"]["identityProfile"]["kubeletidentity"]
    assert kubelet["resourceId"].endswith(
        "/resourcegroups/MC_g_k_westus/providers/Microsoft.ManagedIdentity/userAssignedIdentities/k-agentpool"
    )
    assert kubelet["objectId"] != made["identity"]["principalId"]
    identity = cloud.resources.resources.get_by_id(kubelet["resourceId"], api_version="2024-11-30").as_dict()
    assert identity["properties"]["principalId"] == kubelet["objectId"]


def test_it_shows_neither_identity_nor_address_while_it_is_made(clusters):
    made = clusters.send("PUT", clusters.id(), clusters.body())

    shown = clusters.send("GET", clusters.id()).body["properties"]

    assert shown["provisioningState"] == "Creating"
    assert (made.status, "api-version=2016-03-30" in made.headers["Azure-AsyncOperation"]) == (201, True)
    assert "identityProfile" not in shown
    assert "effectiveOutboundIPs" not in shown["networkProfile"]["loadBalancerProfile"]


def test_nodes_hold_addresses_in_their_subnet(cloud, clusters):
    subnet = cloud.subnet()
    cloud.interface(subnet)
    clusters.make(pools=[clusters.pool(subnet.id)])

    sets = [id for id in holders(cloud) if id.startswith("Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-")]

    assert len(sets) == 2
    another = cloud.interface(subnet, "another")
    assert another.ip_configurations[0].private_ip_address == "10.0.0.7"


def test_a_subnet_with_nodes_stays(cloud, clusters, refused):
    clusters.make(pools=[clusters.pool(cloud.subnet().id)])

    assert refused(lambda: cloud.network.subnets.begin_delete("g", "v", "s")) == (400, "InUseSubnetCannotBeDeleted")


def test_a_cluster_without_a_subnet_gets_a_network_of_its_own(cloud, clusters):
    clusters.make()

    (network,) = cloud.network.virtual_networks.list("MC_g_k_westus")
    assert network.name.startswith("aks-vnet-")
    assert len(network.subnets[0].ip_configurations) == 2
    kinds = {one.type for one in cloud.resources.resources.list_by_resource_group("MC_g_k_westus")}
    assert "Microsoft.ManagedIdentity/userAssignedIdentities" in kinds


def test_its_group_goes_with_it(cloud, clusters):
    clusters.make(pools=[clusters.pool(cloud.subnet().id)])

    clusters.delete()

    assert [group.name for group in cloud.resources.resource_groups.list()] == ["g"]
    assert holders(cloud) == []


def test_it_goes_with_its_own_group(cloud, clusters):
    clusters.make()

    cloud.resources.resource_groups.begin_delete("g").result()

    assert list(cloud.resources.resource_groups.list()) == []


def test_a_subnet_has_room_for_the_nodes_and_one_more(cloud, clusters, refused):
    subnet = cloud.subnet(prefix="10.0.0.0/29")

    assert refused(lambda: clusters.make(pools=[clusters.pool(subnet.id, count=3)])) == (400, "InsufficientSubnetSize")
    assert clusters.make(pools=[clusters.pool(subnet.id, count=2)])["properties"]["provisioningState"] == "Succeeded"


def test_the_services_addresses_are_no_subnets(cloud, clusters, refused):
    pools = [clusters.pool(cloud.subnet().id)]
    usual = {"serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.0.0.10"}

    code = refused(lambda: clusters.make(pools=pools, networkProfile=usual))

    assert code == (400, "ServiceCidrOverlapExistingSubnetsCidr")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"vnetSubnetID": "missing"}, "InvalidParameter"),
        ({"vmSize": "Standard_B1s"}, "SystemPoolSkuTooLow"),
        ({"vmSize": "Standard_Odd"}, "BadRequest"),
        ({"mode": "User"}, "MissingSystemPool"),
        ({"orchestratorVersion": "1.2"}, "K8sVersionNotSupported"),
    ],
)
def test_what_is_refused_of_a_pool(clusters, refused, change, code):
    assert refused(lambda: clusters.make(pools=[clusters.pool() | change])) == (400, code)


def test_a_size_that_is_not_modelled_is_not_said_to_be_missing(clusters, refused):
    pools = [clusters.pool() | {"vmSize": "Standard_D8s_v5"}]

    assert refused(lambda: clusters.make(pools=pools)) == (501, "NotEmulated")


def test_a_subnet_that_is_not_there_is_named(cloud, clusters, refused):
    missing = f"{cloud.subnet().id}x"

    assert refused(lambda: clusters.make(pools=[clusters.pool(missing)])) == (400, "SubnetNotFound")


def test_a_name_that_aks_does_not_take(clusters, refused):
    assert refused(lambda: clusters.make("-k"))[0] == 400


def test_a_pool_comes_and_goes(cloud, clusters, refused):
    subnet = cloud.subnet()
    clusters.make(pools=[clusters.pool(subnet.id)])

    clusters.put_pool(clusters.pool(subnet.id, "more", 3, mode="User"))
    assert len(holders(cloud)) == 5
    assert [pool["name"] for pool in clusters.get()["properties"]["agentPoolProfiles"]] == ["nodepool1", "more"]

    clusters.delete(pool="more")
    assert len(holders(cloud)) == 2
    assert refused(lambda: clusters.delete(pool="nodepool1")) == (400, "OperationNotAllowed")


def test_what_is_read_can_be_written_back(cloud, clusters):
    clusters.make(pools=[clusters.pool(cloud.subnet().id)])
    read, before = clusters.get(), holders(cloud)

    kept = clusters.write(clusters.id(), {**read, "tags": {"purpose": "lab"}})

    assert {**kept, "tags": None} == {**read, "tags": None}
    assert holders(cloud) == before


def test_tags_change_nothing_else(cloud, clusters):
    clusters.make(pools=[clusters.pool(cloud.subnet().id)])

    clusters.operations.begin_update_by_id(clusters.id(), {"tags": {"purpose": "lab"}}, api_version=VERSION).result()

    assert (clusters.get()["tags"], len(holders(cloud))) == ({"purpose": "lab"}, 2)


def test_the_kubeconfig_names_the_cluster(clusters):
    made = clusters.make()

    (config,) = clusters.send("POST", f"{clusters.id()}/listClusterUserCredential").body["kubeconfigs"]

    text = base64.b64decode(config["value"]).decode()
    assert config["name"] == "clusterUser"
    assert f"server: https://{made['properties']['fqdn']}:443" in text
    assert "current-context: k\n" in text


def test_a_command_s_result_is_asked_for_until_it_is_there(cloud, clusters):
    clusters.make(pools=[clusters.pool(cloud.subnet().id)])

    begun = clusters.send("POST", f"{clusters.id()}/runCommand", {"command": "kubectl get nodes", "context": ""})
    path = begun.headers["Location"].removeprefix("https://x").partition("?")[0]
    running = clusters.send("GET", path)
    cloud.world.advance_to(cloud.world.now + 10)
    done = clusters.send("GET", path)

    assert (begun.status, running.status, done.status) == (202, 202, 200)
    assert running.body["properties"]["provisioningState"] == "Running"
    shown = done.body["properties"]
    assert (shown["provisioningState"], shown["exitCode"]) == ("Succeeded", 0)
    assert [line.split()[1] for line in shown["logs"].splitlines()] == ["STATUS", "Ready", "Ready"]


def test_a_command_can_be_forbidden_and_must_say_something(clusters):
    clusters.make(apiServerAccessProfile={"disableRunCommand": True})
    path = f"{clusters.id()}/runCommand"

    assert clusters.send("POST", path, {"command": "kubectl get nodes"}).body["error"]["code"] == "RunCommandDisabled"
    clusters.make("open")
    assert clusters.send("POST", f"{clusters.id('open')}/runCommand", {"command": ""}).status == 400


def test_what_was_not_said_of_nodes_is_not_shown_and_storage_is_there(clusters):
    """As recorded by Azure/azure-service-operator: these three are what `az` sends."""
    shown = clusters.make()["properties"]

    (pool,) = shown["agentPoolProfiles"]
    assert not {"enableEncryptionAtHost", "enableUltraSSD"} & set(pool)
    assert "disableLocalAccounts" not in shown
    assert shown["storageProfile"] == {
        "diskCSIDriver": {"enabled": True},
        "fileCSIDriver": {"enabled": True},
        "snapshotController": {"enabled": True},
    }


@pytest.mark.parametrize(("version", "known"), [("2024-09-01", False), ("2025-08-01", True)])
def test_a_cluster_tells_its_kind_and_how_it_gets_nodes_from_one_version_on(clusters, version, known):
    clusters.make()

    shown = clusters.send("GET", clusters.id(), version=version).body

    assert shown.get("kind") == ("Base" if known else None)
    nodes = {"mode": "Manual", "defaultNodePools": "Auto"} if known else None
    assert shown["properties"].get("nodeProvisioningProfile") == nodes
    assert ("bootstrapProfile" in shown["properties"]) is known

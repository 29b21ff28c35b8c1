"""A cluster in the network of the article's end, and its `kubectl`."""

from dataclasses import dataclass

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.types.aks import pool
from tests.emulator.conftest import ACR_PULL

CLUSTER = "Microsoft.ContainerService/managedClusters"
NETWORK = "Microsoft.Network/virtualNetworks"


@dataclass
class Cluster:
    """Runs commands in the cluster `k`, whose nodes stand in the subnet `sub` of a network."""

    place: object

    @property
    def world(self):
        return self.place.world

    @property
    def resource(self):
        return self.world.get(self.place.id(CLUSTER, "k"))

    @property
    def kubelet(self):
        return self.world.get(ArmId.parse(self.resource.state["kubelet"]))

    def invoke(self, command, context=""):
        """Run a command; return what it tells."""
        with self.world.transaction():
            return self.world.perform("run_in_cluster", self.resource, command, context)

    def out(self, command):
        """What a command that has to succeed writes."""
        told = self.invoke(command)
        assert told["exit"] == 0, told
        return told["logs"]

    def later(self, seconds):
        self.world.advance_to(self.world.now + seconds)

    def check(self, registry="contoso.azurecr.io"):
        """What `az aks check-acr` runs: exit code and lines, without their times."""
        with self.world.transaction():
            status, text = self.world.perform("check_acr", self.resource.id, registry)
        return status, [line.partition("] ")[2] for line in text.splitlines() if line.startswith("[")]

    def events(self, pod="hello"):
        """Reason and message of what was told of a pod."""
        kept = self.resource.state["kube"]["events"]
        return [(e["reason"], e["message"]) for e in kept if e["object"] == f"pod/{pod}"]

    def waiting(self, pod="hello"):
        """Why a pod waits."""
        return self.resource.state["kube"]["pods"][f"default/{pod}"]["waiting"]


@pytest.fixture
def make(place):
    """Make the cluster `k` with two nodes in a network; the kubelets may pull unless told otherwise."""

    def make(network="net", *, role=ACR_PULL, servers=("168.63.129.16",)):
        subnet = str(place.id(f"{NETWORK}/subnets", network, "sub"))
        identity = place.put("Microsoft.ManagedIdentity/userAssignedIdentities", "k-agentpool", location="westus")
        outbound = place.public_address("outbound", "203.0.113.90")
        profile = {"outboundType": "loadBalancer", "serviceCidr": "10.9.0.0/16", "podCidr": "10.244.0.0/16"}
        place.put(
            CLUSTER,
            "k",
            properties={"dnsPrefix": "k", "networkProfile": profile},
            state={"kubelet": str(identity.id), "outbound": str(outbound.id)},
            identity={"type": "SystemAssigned"},
            location="westus",
        )
        nodes = [
            {"name": f"aks-nodepool1-00000001-vmss00000{at}", "address": f"10.0.0.{20 + at}", "since": 0.0, "disk": {}}
            | {"servers": list(servers), "configuration": f"ipconfig{at}"}
            for at in range(2)
        ]
        state = {"subnet": subnet, "nodes": nodes, "made": 2}
        place.put(pool.AGENT_POOL.type, "k", "nodepool1", properties={"count": 2, "mode": "System"}, state=state)
        if role:
            place.assign(role, identity, place.world.get(place.id("Microsoft.ContainerRegistry/registries", "contoso")))
        return Cluster(place)

    return make


@pytest.fixture
def registry(place):
    """A registry with an image, closed to the internet, behind an endpoint in `net`."""
    place.network()
    place.subnet()
    made = place.registry(publicNetworkAccess="Disabled")
    place.import_hello(made)
    place.linked()
    return made


@pytest.fixture
def cluster(registry, make):
    return make()

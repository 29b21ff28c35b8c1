"""What AKS makes for a cluster in a resource group of its own, and takes away with it."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.aks import names
from acrlab.emulator.types.identity import IDENTITY_TYPE
from acrlab.emulator.types.network.network_space import NETWORK_TYPE
from acrlab.emulator.types.network.public_ip_address import ADDRESS_TYPE, allocate
from acrlab.emulator.types.network.security_group import GROUP_TYPE

NETWORK, SUBNET = "10.224.0.0/12", "10.224.0.0/16"  # Source: https://learn.microsoft.com/azure/aks/concepts-network


def make_group(state: State, cluster: Resource) -> None:
    """Make the group that the parts lie in."""
    id = names.node_group(cluster)
    managed = {"managedBy": names.shown_id(state, cluster), "tags": {}}
    state.put(state.new(id, {"location": cluster.location, **managed, "properties": {}}))


def make_network(state: State, cluster: Resource) -> str:
    """Make the network of a cluster that was given no subnet; return the id of its subnet."""
    root, digits = str(names.node_group(cluster)), names.digits(state, cluster)
    network = ArmId(root, NETWORK_TYPE, (f"aks-vnet-{digits}",))
    subnet = network.child("subnets", "aks-subnet")
    if state.find(network) is None:
        space: JSON = {"addressSpace": {"addressPrefixes": [NETWORK]}, "enableDdosProtection": False}
        state.put(state.new(network, {"location": cluster.location, "properties": space}))
        own: JSON = {"addressPrefix": SUBNET, "privateEndpointNetworkPolicies": "Disabled", "delegations": []}
        state.put(state.new(subnet, {"properties": own}))
    return str(subnet)


def make_parts(state: State, cluster: Resource) -> None:
    """Make the security group of the nodes, the address that they go out by, and the identity that they pull with."""
    root, digits = str(names.node_group(cluster)), names.digits(state, cluster)
    security = ArmId(root, GROUP_TYPE, (f"aks-agentpool-{digits}-nsg",))
    if state.find(security) is None:
        state.put(state.new(security, {"location": cluster.location, "properties": {}}))
    if cluster.properties["networkProfile"]["outboundType"] == "loadBalancer" and "outbound" not in cluster.state:
        cluster.state["outbound"] = _make_address(state, cluster, root)
    asked = cluster.properties.get("identityProfile", {}).get("kubeletidentity", {}).get("resourceId")
    cluster.state["kubelet"] = asked or cluster.state.get("kubelet") or _make_identity(state, cluster, root)


def _make_address(state: State, cluster: Resource, root: str) -> str:
    id = ArmId(root, ADDRESS_TYPE, (state.guid(cluster, "outbound"),))
    body: JSON = {
        "location": cluster.location,
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4", "ipTags": []},
    }
    address = state.new(id, body)
    allocate(state, address, None)
    state.put(address)
    return str(id)


def _make_identity(state: State, cluster: Resource, root: str) -> str:
    id = ArmId(root, IDENTITY_TYPE, (f"{cluster.id.name}-agentpool",))
    if state.find(id) is None:
        state.put(state.new(id, {"location": cluster.location, "properties": {"isolationScope": "None"}}))
    return str(id)


def remove_all(state: State, cluster: Resource) -> None:
    """A cluster's group goes with it. The pools go first: their nodes hold addresses."""
    state.delete(cluster.id)
    group = state.find(names.node_group(cluster))
    if group is not None:
        state.remove(group)

"""What the parts of a cluster are called.

Source: https://learn.microsoft.com/azure/aks/faq
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.resource import Resource, State

CLUSTER_TYPE = "Microsoft.ContainerService/managedClusters"
POOLS = "agentPools"
POOL_TYPE = f"{CLUSTER_TYPE}/{POOLS}"
LONGEST_GROUP = 80
BASE_36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def node_group(cluster: Resource) -> ArmId:
    """Return the id of the group with a cluster's nodes: as it was asked for, or `MC_group_cluster_region`."""
    usual = f"MC_{cluster.id.group}_{cluster.id.name}_{cluster.location}"[:LONGEST_GROUP]
    return ArmId.of_group(cluster.id.subscription, str(cluster.properties.get("nodeResourceGroup") or usual))


def digits(state: State, cluster: Resource) -> str:
    """Return the eight digits that the names of a cluster's parts share."""
    return str(int(state.guid(cluster, "digits")[:8], 16) % 10**8).zfill(8)


def scale_set(state: State, cluster: Resource, pool: str) -> str:
    return f"aks-{pool}-{digits(state, cluster)}-vmss"


def node_name(set: str, number: int) -> str:
    """Return the name of a scale set's node: six digits of 36 behind the set's own."""
    text = ""
    for _ in range(6):
        number, digit = divmod(number, 36)
        text = BASE_36[digit] + text
    return f"{set}{text}"


def host(state: State, cluster: Resource) -> str:
    """Return the name of a cluster's API server, without the domain."""
    return f"{cluster.properties['dnsPrefix']}-{state.guid(cluster, 'host')[:8]}"


def shown_id(state: State, resource: Resource) -> str:
    """Spell an id as AKS does, whose `resourcegroups` has no capital."""
    return str(resource.id).replace("/resourceGroups/", "/resourcegroups/")

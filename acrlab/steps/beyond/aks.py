"""A cluster beside the registry: its nodes' subnet, the kubelets' right to pull, and pods that show what they get.

Pods have a module of their own; a notebook takes all of it from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from acrlab.azure.cloud import ACR_PULL, CLUSTER, ROLES_VERSION
from acrlab.azure.cloud import CLUSTERS_VERSION as VERSION
from acrlab.errors import RefusedError
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import (
    assignments,
    is_given_by_lab,
    is_the_learner_s,
    let_pull,
    own_assignments,
    require_own,
    role_guid,
    role_name,
    tags_of,
)
from acrlab.steps.beyond.node_subnet import ensure_node_subnet as ensure_node_subnet
from acrlab.steps.beyond.node_subnet import node_subnet_id, remove_node_subnet
from acrlab.steps.beyond.pods import DONE as DONE
from acrlab.steps.beyond.pods import NAME as NAME
from acrlab.steps.beyond.pods import Pod as Pod
from acrlab.steps.beyond.pods import events as events
from acrlab.steps.beyond.pods import invoke as invoke
from acrlab.steps.beyond.pods import logs as logs
from acrlab.steps.beyond.pods import look_at as look_at
from acrlab.steps.beyond.pods import pod_until as pod_until
from acrlab.steps.beyond.pods import run_pod as run_pod
from acrlab.steps.beyond.pods import set_image as set_image
from acrlab.steps.prerequisites import register_providers

NAMESPACE = "Microsoft.ContainerService"
POOL = "nodepool1"
NODES, SIZE = 1, "Standard_B2s"
# Kubernetes' own addresses may be those of no subnet, and its default, 10.0.0.0/16, is the article's network.
SERVICES, DNS = "172.16.0.0/16", "172.16.0.10"
PAUSE = "mcr.microsoft.com/oss/kubernetes/pause:3.9"


@dataclass(frozen=True)
class Cluster:
    """A cluster as Azure shows it.

    Attributes:
        kubelet: principal of the identity that its nodes pull images with; empty while it is made.
        identity: principal of its own, which has no part in pulls.
        subnet: id of the subnet that its nodes stand in.
        node_group: name of the group that AKS made for what it is made of.
        tags: whose it is, among others.
    """

    id: str
    name: str
    state: str
    version: str
    kubelet: str
    identity: str
    subnet: str
    node_group: str
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)


# -- the cluster -------------------------------------------------------------------------------------------------------


def cluster_id(lab: Lab, name: str = NAME) -> str:
    """Write the id of a cluster of the lab's group."""
    return lab.id_of(CLUSTER, name)


def find_cluster(lab: Lab, name: str = NAME) -> Cluster | None:
    """Read a cluster; None: there is none."""
    try:
        return _cluster(lab.arm.get(cluster_id(lab, name), VERSION))
    except RefusedError as problem:
        if problem.status != 404:
            raise
        return None


def ensure_cluster(lab: Lab, subnet: str = "", *, name: str = NAME, nodes: int = NODES) -> Cluster:
    """Create a cluster whose nodes stand in a subnet, and wait until it is there: some minutes on a real Azure.

    Args:
        subnet: id; empty: the lab's own for nodes.

    Raises:
        ConfigurationError: on a real subscription, no one has confirmed the cost.
        RefusedError: Azure refused, or an earlier creation failed and the cluster belongs to someone else.
    """
    found = find_cluster(lab, name)
    if found is not None and found.state == "Succeeded":
        return found
    require_own(lab, cluster_id(lab, name))
    require_confirmation(lab, "16")
    place = subnet or ensure_node_subnet(lab)
    pool = {"name": POOL, "count": nodes, "vmSize": SIZE, "mode": "System", "osType": "Linux", "vnetSubnetID": place}
    body = {
        "location": lab.settings.location,
        "tags": tags_of(lab),
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "dnsPrefix": f"{name}-{lab.settings.registry_name}"[:50].rstrip("-"),
            "agentPoolProfiles": [pool],
            "networkProfile": {
                "networkPlugin": "azure",
                "networkPluginMode": "overlay",
                "serviceCidr": SERVICES,
                "dnsServiceIP": DNS,
            },
        },
    }
    return _cluster(lab.arm.put(cluster_id(lab, name), VERSION, body, f"Creating {name}"))


def remove_cluster(lab: Lab, name: str = NAME) -> bool:
    """Delete a cluster with its nodes, their subnet, and what let it pull. Returns: whether it was there.

    Raises: RefusedError: the cluster belongs to someone else, or the network does, so that the subnet stays.
    """
    id, found = cluster_id(lab, name), find_cluster(lab, name)
    if found is None:
        return False
    require_own(lab, id)
    if found.kubelet:
        detach(lab, name)
    lab.arm.remove(id, VERSION, f"Deleting {name}")
    if found.subnet.lower() == node_subnet_id(lab).lower():
        remove_node_subnet(lab)
    return True


def _cluster(found: dict[str, Any]) -> Cluster:
    properties = found["properties"]
    kubelet = (properties.get("identityProfile") or {}).get("kubeletidentity") or {}
    pools = properties.get("agentPoolProfiles") or [{}]
    return Cluster(
        id=found["id"],
        name=found["name"],
        state=properties.get("provisioningState", ""),
        version=properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion", ""),
        kubelet=kubelet.get("objectId", ""),
        identity=(found.get("identity") or {}).get("principalId", ""),
        subnet=pools[0].get("vnetSubnetID", ""),
        node_group=properties.get("nodeResourceGroup", ""),
        tags=found.get("tags") or {},
    )


# -- the right to pull -------------------------------------------------------------------------------------------------


def attach(lab: Lab, name: str = NAME, *, principal: str = "") -> str:
    """Give a cluster's kubelets AcrPull on the registry, as `az aks update --attach-acr` does; return the principal.

    Args:
        principal: who is given it in their place; empty: the kubelets' own identity.
    """
    cluster = find_cluster(lab, name)
    whom = principal or (cluster.kubelet if cluster else "")
    if not whom:
        message = f"{name} has no kubelet identity yet: create the cluster first."
        raise RefusedError(message, status=0, code="NoIdentity", resource_id=cluster_id(lab, name))
    if "AcrPull" not in kubelet_roles(lab, whom):
        let_pull(lab, lab.registry_id, whom)
    return whom


def detach(lab: Lab, name: str = NAME) -> None:
    """Take AcrPull on the registry from a cluster's kubelets, as `az aks update --detach-acr` does.

    What others gave the kubelets stays, unless the cluster is the lab's own.
    """
    cluster = find_cluster(lab, name)
    if cluster is None or not cluster.kubelet:
        return
    ours = is_the_learner_s(lab, cluster.tags)
    for right in own_assignments(lab, lab.registry_id, cluster.kubelet):
        if role_guid(right) == ACR_PULL and (ours or is_given_by_lab(lab, right, lab.registry_id)):
            lab.arm.remove(right["id"], ROLES_VERSION, "Taking AcrPull away")


def kubelet_roles(lab: Lab, principal: str) -> tuple[str, ...]:
    """Name the roles that a principal has on the registry, there or above it."""
    return tuple(sorted({role_name(one) for one in assignments(lab, lab.registry_id, principal)}))


def register(lab: Lab) -> None:
    """Let the subscription use AKS, where it may not yet; waits until it may."""
    register_providers(lab, NAMESPACE)

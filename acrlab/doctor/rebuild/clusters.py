"""Rebuild AKS clusters: their nodes where they stood, what their identities may do, and the pods that wait."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import CLUSTERS_VERSION
from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.machines import assign
from acrlab.doctor.rebuild.networks import location_of
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.cluster import Cluster, NodePool, WaitingPod
from acrlab.steps.beyond.pods import run_in

SIZE = "Standard_B2s"  # of every node
# For Kubernetes' own services: the first that no subnet has is taken.
SERVICES = ("10.0.0.0/16", "172.16.0.0/16", "192.168.0.0/16", "100.112.0.0/16")
IDENTITIES_VERSION = "2023-01-31"
NAMESPACE = "default"  # the one that every cluster has
FAILED_S = 60  # in which a first pull has failed, be it by a time-out


def made_by_aks(seen: Snapshot, id: str) -> bool:
    """Say whether an id is in a group that AKS makes for a cluster, and in which nothing was seen that has to be there.

    A network that AKS made for the nodes was seen: it is made before the cluster, which then gets another group.
    """
    group = str(ArmId.parse(id).group_id or "")
    return any(same(group, _node_group(c)) and not _is_taken(seen, c) for c in seen.clusters if c.node_group)


def build_clusters(builder: Builder, seen: Snapshot) -> None:
    """Create each cluster, and give its identities the roles that they had on the registry."""
    for cluster in seen.clusters:
        if not cluster.pools:
            builder.note(cluster.id, "its nodes were not seen, and without them it is not rebuilt")
        elif builder.put(cluster.id, _body(builder, seen, cluster), CLUSTERS_VERSION) is not None:
            _give_roles(builder, seen, cluster)


def _body(builder: Builder, seen: Snapshot, cluster: Cluster) -> dict[str, Any]:
    services = _services(seen, cluster)
    network = next((n for n in seen.networks if same(n.id, cluster.network)), None)
    properties: dict[str, Any] = {
        "dnsPrefix": f"{cluster.name}-dns"[:54].replace("_", "-").replace(".", "-"),
        "agentPoolProfiles": [_pool(seen, cluster, pool) for pool in cluster.pools],
        "networkProfile": {
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "serviceCidr": str(services),
            "dnsServiceIP": str(services[10]),
        },
    }
    if cluster.node_group:
        properties["nodeResourceGroup"] = cluster.node_group
    if _is_taken(seen, cluster):
        properties["nodeResourceGroup"] = f"{cluster.node_group[:70]}-nodes"
        builder.note(cluster.id, f"its parts are in {properties['nodeResourceGroup']} here, beside the nodes' network")
    if cluster.state != "Succeeded":
        builder.note(cluster.id, f"its last change was {cluster.state}, and is Succeeded here")
    location = network.location if network and network.location else location_of(seen)
    return {"location": location, "identity": {"type": "SystemAssigned"}, "properties": properties}


def _pool(seen: Snapshot, cluster: Cluster, pool: NodePool) -> dict[str, Any]:
    body = {"name": pool.name, "count": pool.count, "vmSize": SIZE, "mode": pool.mode, "osType": "Linux"}
    subnet = pool.subnet or _own_subnet(seen, cluster)
    return {**body, "vnetSubnetID": subnet} if subnet else body


def _own_subnet(seen: Snapshot, cluster: Cluster) -> str:
    """The subnet that AKS made for the nodes, where it was seen; empty: AKS makes one here."""
    subnets = (s for n in seen.networks if same(n.id, cluster.network) for s in n.subnets)
    return next((s.id for s in subnets if s.node_groups), "")


def _services(seen: Snapshot, cluster: Cluster) -> ipaddress.IPv4Network:
    prefixes = (p for n in seen.networks if same(n.id, cluster.network) for s in n.subnets for p in s.prefixes)
    taken = [ipaddress.ip_network(prefix) for prefix in prefixes]
    free = (one for one in map(ipaddress.IPv4Network, SERVICES) if not any(one.overlaps(held) for held in taken))
    return next(free, ipaddress.IPv4Network(SERVICES[0]))


def _node_group(cluster: Cluster) -> str:
    return str(ArmId.of_group(ArmId.parse(cluster.id).subscription, cluster.node_group))


def _is_taken(seen: Snapshot, cluster: Cluster) -> bool:
    """Say whether a network that was seen is in the group that AKS made."""
    return any(same(str(ArmId.parse(n.id).group_id), _node_group(cluster)) for n in seen.networks if cluster.node_group)


def _give_roles(builder: Builder, seen: Snapshot, cluster: Cluster) -> None:
    made = builder.read(cluster.id) or {}
    kubelet = ((made.get("properties") or {}).get("identityProfile") or {}).get("kubeletidentity") or {}
    own = str((made.get("identity") or {}).get("principalId"))
    for principal, roles in ((str(kubelet.get("objectId")), cluster.kubelet_roles), (own, cluster.own_roles)):
        for role in roles or ():
            assign(builder, seen, role, principal)
    if not cluster.kubelet and kubelet:
        builder.delete(str(kubelet["resourceId"]), IDENTITIES_VERSION)


# -- pods --------------------------------------------------------------------------------------------------------------


def run_pods(builder: Builder, seen: Snapshot) -> None:
    """Run what waited for an image, and let the kubelets try."""
    for cluster in seen.clusters:
        there = {pod.workload or pod.name: pod for pod in cluster.waiting}
        for pod in there.values():
            count = sum(one.workload == pod.workload for one in cluster.waiting)
            _apply(builder, cluster, pod, _manifest(pod, count))
        if there:
            builder.lab.backend.pause(FAILED_S)


def _apply(builder: Builder, cluster: Cluster, pod: WaitingPod, manifest: dict[str, Any]) -> None:
    command = f"kubectl apply -f - <<'END'\n{json.dumps(manifest)}\nEND"
    builder.tried(cluster.id, lambda: run_in(builder.lab, cluster.id, command))
    if pod.name.partition("/")[0] != NAMESPACE:
        builder.note(pod.name, f"it is in the namespace {NAMESPACE} here")


def _manifest(pod: WaitingPod, count: int) -> dict[str, Any]:
    kind, _, name = pod.workload.partition("/")
    labels = {"app": name or pod.name.rpartition("/")[2]}
    spec: dict[str, Any] = {"containers": [_container(pod)]}
    if kind != "deployment":
        metadata = {"name": pod.name.rpartition("/")[2], "labels": labels}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**spec, "restartPolicy": "Never"}}
    template = {"metadata": {"labels": labels}, "spec": spec}
    told = {"replicas": count, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": told}


def _container(pod: WaitingPod) -> dict[str, str]:
    name = pod.container or pod.name.rpartition("/")[2]
    return {"name": name, "image": pod.image, "imagePullPolicy": "Always"}

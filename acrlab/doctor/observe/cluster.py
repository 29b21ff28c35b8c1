"""Read the AKS clusters whose nodes stand near, who pulls for them, and which of their pods wait for an image."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from acrlab.doctor.observe.reader import Reader
from acrlab.doctor.observe.vm import roles_of
from acrlab.snapshot.cluster import Cluster, NodePool, WaitingPod
from acrlab.snapshot.network import Network
from acrlab.snapshot.registry import Registry

CLUSTER_TYPE = "Microsoft.ContainerService/managedClusters"
GROUPS_VERSION = "2022-09-01"
WAITING = ("ErrImagePull", "ImagePullBackOff")
PODS = "kubectl get pods -A -o json"


def clusters_near(
    reader: Reader, networks: Iterable[Network], registry: Registry | None, named: str
) -> tuple[Cluster, ...]:
    """Read the clusters whose nodes hold addresses in these networks, and the one that was named.

    Without any nothing is read: a subnet tells which groups its nodes belong to.

    Args:
        named: id of a cluster; empty: none was.
    """
    groups = {group.lower(): group for n in networks for s in n.subnets for group in s.node_groups}
    ids = [named, *(_owner(reader, group) for group in groups.values())]
    found = [reader.at("clusters", id) for id in {id.lower(): id for id in ids if id}.values()]
    return tuple(sorted((_cluster(reader, c, registry) for c in found if c is not None), key=lambda c: c.id.lower()))


def _owner(reader: Reader, group: str) -> str:
    """The id of the cluster that a group was made for; empty: none is known."""
    found = reader.tried("clusters", group, lambda: reader.lab.arm.get(group, GROUPS_VERSION))
    owner = str((found or {}).get("managedBy") or "")
    return owner if f"/{CLUSTER_TYPE}/".lower() in owner.lower() else ""


def _cluster(reader: Reader, found: dict[str, Any], registry: Registry | None) -> Cluster:
    properties = found["properties"]
    kubelet = ((properties.get("identityProfile") or {}).get("kubeletidentity") or {}).get("objectId") or ""
    own = (found.get("identity") or {}).get("principalId") or ""
    return Cluster(
        id=found["id"],
        name=found["name"],
        state=properties.get("provisioningState") or "",
        network=network_of(reader, found),
        kubelet=kubelet,
        identity=own,
        kubelet_roles=roles_of(reader, registry.id, kubelet) if registry and kubelet else (),
        own_roles=roles_of(reader, registry.id, own) if registry and own else (),
        pools=tuple(_pool(one) for one in properties.get("agentPoolProfiles") or []),
        node_group=properties.get("nodeResourceGroup") or "",
    )


def _pool(found: dict[str, Any]) -> NodePool:
    return NodePool(found["name"], found.get("vnetSubnetID") or "", found.get("count") or 0, found.get("mode") or "")


def network_of(reader: Reader, found: dict[str, Any]) -> str:
    """The id of the network that a cluster's nodes stand in: its own in their group where it was given no subnet."""
    pools = found["properties"].get("agentPoolProfiles") or []
    subnet = next((p["vnetSubnetID"] for p in pools if p.get("vnetSubnetID")), "")
    if subnet:
        return str(subnet.rpartition("/subnets/")[0])
    root = found["id"].split("/resource", 1)[0]
    group = f"{root}/resourceGroups/{found['properties'].get('nodeResourceGroup', '')}"
    listed = reader.members("networks", f"{group}/providers/Microsoft.Network/virtualNetworks") or []
    return next((str(one["id"]) for one in listed), "")


def with_pods(
    reader: Reader, clusters: Iterable[Cluster], named: str, registry: Registry | None
) -> tuple[Cluster, ...]:
    """Look which pods of the cluster that was named wait for an image of the registry; of others nothing is run."""
    return tuple(
        replace(one, waiting=_waiting(reader, one, registry)) if registry and one.id.lower() == named.lower() else one
        for one in clusters
    )


def _waiting(reader: Reader, cluster: Cluster, registry: Registry) -> tuple[WaitingPod, ...]:
    body = {"command": PODS, "context": "", "clusterToken": ""}
    act = f"{cluster.id}/runCommand"
    answer = reader.tried(
        "pods",
        cluster.id,
        lambda: reader.lab.arm.act(act, "2025-05-01", body, f"Looking at the pods of {cluster.name}"),
    )
    try:
        items = json.loads(((answer or {}).get("properties") or {}).get("logs") or "")["items"]
    except (ValueError, KeyError, TypeError):
        return ()  # longer than what comes back, or the pod did not start
    return tuple(pod for item in items for pod in _of_pod(item, registry.login_server))


def _of_pod(item: dict[str, Any], host: str) -> Iterable[WaitingPod]:
    name = f"{item['metadata'].get('namespace', 'default')}/{item['metadata']['name']}"
    for status in item.get("status", {}).get("containerStatuses") or []:
        waiting = (status.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in WAITING and re.match(rf"{re.escape(host)}/", status["image"], re.IGNORECASE):
            told = waiting.get("message") or ""
            yield WaitingPod(
                name, status["image"], waiting["reason"], told, status["name"], _workload(item["metadata"])
            )


def _workload(metadata: dict[str, Any]) -> str:
    """What says which image a pod has: of a replica set the deployment, whose name it has with a mark behind."""
    owners = metadata.get("ownerReferences") or []
    owner = next((one for one in owners if one.get("controller")), None)
    if owner is None:
        return f"pod/{metadata['name']}"
    if owner["kind"] == "ReplicaSet":
        return f"deployment/{owner['name'].rpartition('-')[0]}"
    return f"{owner['kind'].lower()}/{owner['name']}" if owner["kind"] in ("StatefulSet", "DaemonSet") else ""

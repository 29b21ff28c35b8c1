"""A cluster beside the registry: its nodes' subnet, the kubelets' right to pull, and pods that show what they get.

Everything goes by Resource Manager alone, `kubectl` included: the cluster runs it (`az aks command invoke`), so that it
needs neither a client here nor a way to the cluster's API.
"""

from __future__ import annotations

import json
import shlex
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
    require_own,
    role_guid,
    role_name,
    tags_of,
)
from acrlab.lab.waiting import look_until
from acrlab.steps.beyond.node_subnet import ensure_node_subnet as ensure_node_subnet
from acrlab.steps.beyond.node_subnet import node_subnet_id, remove_node_subnet
from acrlab.steps.prerequisites import register_providers
from acrlab.steps.run_command import Outcome

NAMESPACE = "Microsoft.ContainerService"
NAME, POOL = "myAKSCluster", "nodepool1"
NODES, SIZE = 1, "Standard_B2s"
# Kubernetes' own addresses may be those of no subnet, and its default, 10.0.0.0/16, is the article's network.
SERVICES, DNS = "172.16.0.0/16", "172.16.0.10"
PAUSE = "mcr.microsoft.com/oss/kubernetes/pause:3.9"
KEPT_S, BY_OLDER_ANSWERS = 3600, ("403 Forbidden", "no such host", "i/o timeout")
DONE = ("Running", "Completed", "CrashLoopBackOff")


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


@dataclass(frozen=True)
class Pod:
    """How a pod is doing.

    Attributes:
        status: the word that `kubectl get pods` shows.
        message: why it waits, in the kubelet's words; empty where it does not.
    """

    name: str
    status: str
    message: str
    node: str


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
    return _cluster(lab.arm.put(cluster_id(lab, name), VERSION, body, f"Making {name}"))


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
        message = f"{name} has no kubelet identity yet: make the cluster first."
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
    for right in assignments(lab, lab.registry_id, cluster.kubelet):
        here = right["properties"]["scope"].lower() == lab.registry_id.lower()
        if here and role_guid(right) == ACR_PULL and (ours or is_given_by_lab(lab, right, lab.registry_id)):
            lab.arm.remove(right["id"], ROLES_VERSION, "Taking AcrPull away")


def kubelet_roles(lab: Lab, principal: str) -> tuple[str, ...]:
    """Name the roles that a principal has on the registry, there or above it."""
    return tuple(sorted({role_name(one) for one in assignments(lab, lab.registry_id, principal)}))


# -- inside ------------------------------------------------------------------------------------------------------------


def invoke(lab: Lab, command: str, name: str = NAME, *, check: bool = True) -> Outcome:
    """Run a command in a pod of the cluster, as `az aks command invoke` does; stdout and stderr come as one.

    Raises: RefusedError: the cluster is not the lab's, its pod did not start, or the command failed and `check` is set.
    """
    what, id = f"Running a command in {name}", cluster_id(lab, name)
    require_own(lab, id)
    answer = lab.arm.act(f"{id}/runCommand", VERSION, {"command": command, "context": "", "clusterToken": ""}, what)
    told = answer["properties"]
    if told["provisioningState"] != "Succeeded":
        message = f"{what}: its pod did not start: {told.get('reason', 'no reason was given')}."
        raise RefusedError(message, status=0, code="CommandFailed", resource_id=id)
    outcome = Outcome(told.get("logs") or "", "", int(told.get("exitCode") or 0))
    if check and outcome.exit_code:
        message = f"{what} failed with exit code {outcome.exit_code}: {command}\n{outcome!r}"
        raise RefusedError(message, status=0, code=f"ExitCode{outcome.exit_code}", resource_id=id)
    return outcome


def run_pod(lab: Lab, pod: str, image: str, name: str = NAME, *, always: bool = False) -> Pod:
    """Run an image in a pod, and wait until it runs, has run, or waits for an image that does not come.

    A pod of that name is deleted first.

    Args:
        always: the node asks the registry even where it has the image.

    Raises: NotReadyError: none of it within ten minutes.
    """
    policy = " --image-pull-policy=Always" if always else ""
    deleted = f"kubectl delete pod {pod} --now --ignore-not-found > /dev/null"
    invoke(lab, f"{deleted}; kubectl run {pod} --restart=Never{policy} --image={shlex.quote(image)}", name)
    return pod_until(lab, pod, *DONE, "ImagePullBackOff", name=name)


def pod_until(lab: Lab, pod: str, *statuses: str, name: str = NAME) -> Pod:
    """Look at a pod until it has one of these statuses: a kubelet tries again by itself, less and less often.

    What resolvers were told before stays for as long as its TTL says, and a pull that goes by it fails so long.

    Raises: NotReadyError: it had none of them ten minutes after the older answer was over.
    """
    return look_until(
        lambda seen: seen.status in statuses,
        lambda: look_at(lab, pod, name),
        what=f"{pod} is {' or '.join(statuses)}",
        resource_id=cluster_id(lab, name),
        pause=lab.backend.pause,
        told=lambda seen: f"{seen.status} {seen.message}",
        lasts_s=lambda seen: KEPT_S if seen.message.endswith(BY_OLDER_ANSWERS) else 0,
    )


def look_at(lab: Lab, pod: str, name: str = NAME) -> Pod:
    """Read how a pod is doing."""
    return _pod(json.loads(invoke(lab, f"kubectl get pod {shlex.quote(pod)} -o json", name).stdout))


def _pod(found: dict[str, Any]) -> Pod:
    status, spec = found["status"], found["spec"]
    state = ((status.get("containerStatuses") or [{}])[0].get("state")) or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    word = waiting.get("reason") or ended.get("reason") or status.get("phase", "")
    return Pod(found["metadata"]["name"], word, waiting.get("message", ""), spec.get("nodeName", ""))


def events(lab: Lab, pod: str, name: str = NAME) -> list[dict[str, str]]:
    """List what was told of a pod: type, reason and message of each event, the oldest first."""
    those = f"--field-selector involvedObject.name={shlex.quote(pod)} --sort-by=.lastTimestamp"
    items = json.loads(invoke(lab, f"kubectl get events {those} -o json", name).stdout)["items"]
    return [{"type": one["type"], "reason": one["reason"], "message": one["message"]} for one in items]


def logs(lab: Lab, pod: str, name: str = NAME) -> str:
    """Read what a pod's container wrote."""
    return invoke(lab, f"kubectl logs {shlex.quote(pod)}", name).stdout


def register(lab: Lab) -> None:
    """Let the subscription use AKS, where it may not yet; waits until it may."""
    register_providers(lab, NAMESPACE)

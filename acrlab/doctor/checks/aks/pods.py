"""Check what a cluster's pods wait for, and whether other clusters near read the zone."""

from __future__ import annotations

import difflib
import shlex

from acrlab.doctor import az
from acrlab.doctor.facts import linked_zones, zone_name
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.cluster import Cluster, WaitingPod

PULLS = "https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/extensions/cannot-pull-image-from-acr-to-aks-cluster"
PRIVATE = "https://learn.microsoft.com/azure/aks/cluster-container-registry-integration"

ALIKE = 0.8  # from which share of letters on two names may be one name and a slip


def _waiting(snapshot: Snapshot) -> list[WaitingPod]:
    return [pod for cluster in snapshot.clusters for pod in cluster.waiting]


def image_missing(snapshot: Snapshot) -> Finding | None:
    """Where the registry itself says that there is no such image, the way to it is open."""
    registry = snapshot.registry
    found = ((c, p) for c in snapshot.clusters for p in c.waiting if p.message.endswith(f"{p.image}: not found"))
    cluster, pod = next(found, (None, None))
    if cluster is None or pod is None or registry is None:
        return None
    repository, asked = _repository(pod.image), pod.image.partition("/")[2]
    meant = _meant(snapshot, repository) if pod.workload and pod.container else ""
    look = f"az acr repository show-tags --name {registry.name} --repository {repository}"
    why = "The registry was reached, took the sign-in, and answered. Repository or tag are not what was pushed."
    known = f" Known here is {meant}. If that is not what was meant, see what there is: {look}."
    return Finding(
        code="pod-image-missing",
        severity="error",
        title=f"{registry.name} has no {asked}, which {pod.name} needs.",
        evidence=(f"{pod.name} is in {pod.reason}", pod.message),
        why=why + known if meant else why,
        remedy=_with_image(cluster, pod, f"{registry.login_server}/{meant}") if meant else Remedy((look,), ""),
        source=PULLS,
    )


def _repository(image: str) -> str:
    """Take the repository out of an image's name, which has its registry before it, and tag or digest behind."""
    path = image.partition("/")[2].partition("@")[0]
    return path.rpartition(":")[0] or path


def _meant(snapshot: Snapshot, repository: str) -> str:
    """Tell the image that the data path is tried with, where a pod's may be a slip for it; empty: it is another."""
    known = snapshot.subject.image
    own = known.partition(":")[0]
    return known if own and difflib.get_close_matches(repository, [own], cutoff=ALIKE) else ""


def _with_image(cluster: Cluster, pod: WaitingPod, image: str) -> Remedy:
    namespace, (group, name) = pod.name.partition("/")[0], az.place(cluster.id)
    invoke = az.az("aks command invoke", resource_group=group, name=name)
    words = f"kubectl set image --namespace {namespace} {pod.workload} {pod.container}={image}"
    told = (cluster.id, namespace, pod.workload, pod.container, image)
    return Remedy(
        (f"{invoke} --command {shlex.quote(words)}",),
        f"acrlab.remedies.set_image(lab, {', '.join(map(repr, told))})",
    )


def still_waiting(snapshot: Snapshot) -> Finding | None:
    """A kubelet tries again less and less often: what was fixed shows minutes later."""
    pod = next((p for p in _waiting(snapshot) if not p.message.endswith(": not found")), None)
    if pod is None:
        return None
    return Finding(
        code="pods-wait",
        severity="note",
        title=f"{pod.name} is waiting for {pod.image}.",
        evidence=(f"{pod.name} is in {pod.reason}", pod.message),
        why=(
            "Its message is that of the last attempt. The kubelet waits 10 seconds before the next one, then twice as "
            "long each time, up to 5 minutes: what was fixed since shows at that attempt, or in a new pod."
        ),
        remedy=Remedy(),
        source="https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff",
    )


def others_read_no_zone(snapshot: Snapshot) -> Finding | None:
    """Of several clusters, those in other networks need a link of their own."""
    zone = next((z for z in linked_zones(snapshot) if z.name == zone_name(snapshot)), None)
    if zone is None:
        return None
    linked = [link.network for link in zone.links or ()]
    for cluster in snapshot.clusters:
        here = same(cluster.network, snapshot.subject.network)
        if cluster.network and not here and not any(same(cluster.network, network) for network in linked):
            return Finding(
                code="cluster-reads-no-zone",
                severity="note",
                title=f"The nodes of {cluster.name} are in a network that is not linked to {zone.name}.",
                evidence=(f"nodes in {cluster.network.rpartition('/')[2]}", f"{zone.name} has {len(linked)} links"),
                why=(
                    "They get the registry's public address, unless their name servers ask from a network that is "
                    f"linked. Look from there: acrlab doctor --cluster {cluster.name}."
                ),
                remedy=Remedy(),
                source=PRIVATE,
            )
    return None


CHECKS = (
    Check(
        "pod-image", "Is there the image that pods wait for?", image_missing, ("pods",), about=("registry", "cluster")
    ),
    Check("pods", "Does any pod wait for its image?", still_waiting, ("pods",), about=("registry", "cluster")),
    Check(
        "other-clusters", "Do other clusters near read the zone?", others_read_no_zone, ("links",), about=("cluster",)
    ),
)

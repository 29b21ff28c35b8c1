"""Check that a cluster's kubelets may pull, with the identity that they pull with."""

from __future__ import annotations

from acrlab.doctor import az
from acrlab.doctor.checks.closed import repository_roles
from acrlab.doctor.checks.closed.repository_roles import READER, READING
from acrlab.doctor.checks.data_path import KNOWN, PULL
from acrlab.doctor.finding import Check, Finding, Remedy, Severity
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.cluster import Cluster
from acrlab.snapshot.registry import Registry

ATTACH = "https://learn.microsoft.com/azure/aks/cluster-container-registry-integration"
IDENTITIES = "https://learn.microsoft.com/azure/aks/use-managed-identity"
WHY = (
    "Nodes pull with the identity of their kubelets, NAME-agentpool in the group that AKS created. A kubelet "
    "without the role continues without signing in: its pods show 401 Unauthorized for an anonymous token."
)
BY_REPOSITORY = (
    "In this mode permissions are given for repositories: az aks update --attach-acr still assigns AcrPull, which has "
    f"no effect on images there, and az aks check-acr finds nothing wrong. {READER} lets the kubelets pull."
)


def no_right(snapshot: Snapshot) -> Finding | None:
    """A cluster's own identity makes networks and disks; images are pulled with another one.

    Where the registry asks for repositories, roles for the whole of it do not count.
    """
    registry = snapshot.registry
    if registry is None:
        return None
    pulling = READING if registry.asks_for_repositories else PULL
    cluster = next((c for c in _in_order(snapshot) if _lacks_right(c, pulling)), None)
    if cluster is None:
        return None
    mistaken = bool(set(cluster.own_roles or ()) & (pulling - {"Owner", "Contributor"}))
    # Nodes that only stand near may pull elsewhere: then nothing is wrong.
    meant = mistaken or same(cluster.id, snapshot.subject.cluster)
    return _finding(registry, cluster, mistaken=mistaken, severity="error" if meant else "note")


def _in_order(snapshot: Snapshot) -> list[Cluster]:
    """The cluster that was named first."""
    return sorted(snapshot.clusters, key=lambda c: not same(c.id, snapshot.subject.cluster))


def _lacks_right(cluster: Cluster, pulling: set[str]) -> bool:
    roles = cluster.kubelet_roles
    return bool(cluster.kubelet) and roles is not None and not (set(roles) & pulling or set(roles) - KNOWN)


def _finding(registry: Registry, cluster: Cluster, *, mistaken: bool, severity: Severity) -> Finding:
    held, by_repository = ", ".join(cluster.kubelet_roles or ()), registry.asks_for_repositories
    ignored = by_repository and held and not mistaken
    told = f"roles of its kubelets' identity on the registry: {held or 'none'}"
    own = f"roles of its own identity: {', '.join(cluster.own_roles or ()) or 'none'}"
    mode = (f"roleAssignmentMode: {registry.role_mode}",) if by_repository else ()
    title = f"The nodes of {cluster.name} may not pull from {registry.name}."
    if mistaken:
        title = (
            f"The role to pull from {registry.name} was given to {cluster.name}'s own identity, but its nodes "
            "pull with another."
        )
    elif ignored:
        title = f"The nodes of {cluster.name} may not pull from {registry.name}: {held} has no effect there."
    role, call = (READER, "let_read") if by_repository else ("AcrPull", "let_pull")
    code = "role-of-the-wrong-identity" if mistaken else "kubelet-right-missing"
    return Finding(
        code="kubelet-role-not-honored" if ignored else code,
        severity=severity,
        title=title,
        evidence=(told, own, *mode, *(f"{pod.name}: {pod.message}" for pod in cluster.waiting[:1])),
        why=BY_REPOSITORY if ignored else WHY,
        remedy=Remedy(
            (
                az.az(
                    "role assignment create",
                    assignee_object_id=cluster.kubelet,
                    assignee_principal_type="ServicePrincipal",
                    role=role,
                    scope=registry.id,
                ),
            ),
            f"acrlab.remedies.{call}(lab, {registry.id!r}, {cluster.kubelet!r})",
        ),
        source=repository_roles.SOURCE if ignored else IDENTITIES if mistaken else ATTACH,
    )


def no_identity(snapshot: Snapshot) -> Finding | None:
    """A kubelet whose identity was deleted with its group signs in to nothing."""
    cluster = next((c for c in _in_order(snapshot) if c.state == "Succeeded" and not c.kubelet), None)
    if cluster is None:
        return None
    group, name = az.place(cluster.id)
    return Finding(
        code="kubelet-identity-missing",
        severity="error" if same(cluster.id, snapshot.subject.cluster) else "warning",
        title=f"The kubelets of {cluster.name} have no identity to pull with.",
        evidence=("identityProfile has no kubeletidentity",),
        why="It is in the group that AKS created for the nodes. If that was changed by hand, an update may help.",
        remedy=Remedy((az.az("aks update", resource_group=group, name=name, enable_managed_identity="", yes=""),), ""),
        source=IDENTITIES,
    )


CHECKS = (
    Check("kubelet-identity", "Have the kubelets an identity?", no_identity, ("clusters",), about=("cluster",)),
    Check("kubelet-right", "May the kubelets pull?", no_right, ("roles", "clusters"), about=("registry", "cluster")),
)

"""Kubeconfigs: how `kubectl` finds a cluster's API server, and what it shows there.

Source: https://learn.microsoft.com/rest/api/aks/managed-clusters/list-cluster-user-credentials
"""

from __future__ import annotations

import base64

from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action
from acrlab.emulator.types.aks.view import host_name


def _kubeconfig(state: State, cluster: Resource, kind: str) -> str:
    """The document in the order in which AKS writes it. Its token is the world's own, and opens nothing else."""
    name, user = cluster.id.name, f"{kind}_{cluster.id.group}_{cluster.id.name}"
    token = "".join(state.guid(cluster, f"{kind} {part}").replace("-", "") for part in range(4))
    return (
        "apiVersion: v1\n"
        "clusters:\n"
        f"- cluster:\n    server: https://{host_name(state, cluster)}:443\n  name: {name}\n"
        "contexts:\n"
        f"- context:\n    cluster: {name}\n    user: {user}\n  name: {name}\n"
        f"current-context: {name}\n"
        "kind: Config\n"
        "preferences: {}\n"
        "users:\n"
        f"- name: {user}\n  user:\n    token: {token}\n"
    )


def _answer(state: State, cluster: Resource, request: Request, kind: str) -> JSON:
    if cluster.properties.get("disableLocalAccounts"):
        message = "Getting static credential is not allowed because this cluster is set to disable local accounts."
        raise ArmError(400, "BadRequest", message)
    if request.query.get("format", "azure") not in ("azure", "exec"):
        raise NotEmulated(f"format {request.query['format']} of {cluster.id.type} credentials", supported="azure, exec")
    text = _kubeconfig(state, cluster, kind)
    return {"kubeconfigs": [{"name": kind, "value": base64.b64encode(text.encode()).decode()}]}


def user(state: State, cluster: Resource, request: Request) -> JSON:
    """The kubeconfig of `az aks get-credentials`."""
    return _answer(state, cluster, request, "clusterUser")


def admin(state: State, cluster: Resource, request: Request) -> JSON:
    """The kubeconfig of `az aks get-credentials --admin`."""
    return _answer(state, cluster, request, "clusterAdmin")


CREDENTIALS = {"listClusterUserCredential": Action(user), "listClusterAdminCredential": Action(admin)}

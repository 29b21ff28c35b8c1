"""What AKS shows of a cluster and of a pool beside what was set.

Source: recorded answers of the api-versions of 2025, https://github.com/Azure/azure-cli (acs/tests/latest/recordings)
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import CREATING, Resource, State
from acrlab.emulator.types.aks import names
from acrlab.emulator.types.identity import client_of, principal_of

VERSIONS = {"1.34": "1.34.2", "1.33": "1.33.6", "1.32": "1.32.10"}
USUAL = "1.33"
IMAGE = "AKSUbuntu-2204gen2containerd-202512.18.0"
RUNNING = {"code": "Running"}
MOST_POOLS = 100


def version_of(cluster: Resource) -> str:
    """Return the version that a cluster was asked for, or the usual one: `1.33` or `1.33.6`."""
    return str(cluster.properties.get("kubernetesVersion") or USUAL)


def current_version(cluster: Resource) -> str:
    """Return the version that a cluster runs, with its patch."""
    asked = version_of(cluster)
    return VERSIONS.get(asked, asked)


def pool_properties(state: State, cluster: Resource, pool: Resource) -> JSON:
    """What a pool shows, by itself and in its cluster."""
    shown = {**pool.properties}
    version = str(shown.get("orchestratorVersion") or version_of(cluster))
    return {
        **shown,
        "provisioningState": pool.phase,
        "powerState": RUNNING,
        "orchestratorVersion": version,
        "currentOrchestratorVersion": VERSIONS.get(version, version),
        "nodeImageVersion": IMAGE,
    }


def pools(state: State, cluster: Resource) -> list[JSON]:
    """The pools of a cluster, the oldest first."""
    children = state.children(cluster.id, names.POOLS)
    return [{"name": pool.id.name, **pool_properties(state, cluster, pool)} for pool in children]


def network_profile(state: State, cluster: Resource) -> JSON:
    """How a cluster's pods and services are connected; its outbound address shows once it is ready."""
    kept = cluster.properties["networkProfile"]
    shown: JSON = {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkPolicy": "none",
        "networkDataplane": "azure",
        "loadBalancerSku": "standard",
        **kept,
        "podCidrs": [kept["podCidr"]],
        "serviceCidrs": [kept["serviceCidr"]],
        "ipFamilies": ["IPv4"],
    }
    if kept["outboundType"] == "loadBalancer":
        balancer: JSON = {"managedOutboundIPs": {"count": 1}, "backendPoolType": "nodeIPConfiguration"}
        if address := cluster.state.get("outbound"):
            balancer["effectiveOutboundIPs"] = [{"id": address}]
        shown["loadBalancerProfile"] = balancer
    return shown


def identity_profile(state: State, cluster: Resource) -> JSON | None:
    """The identity that nodes pull images with, once it is there."""
    id = cluster.state.get("kubelet")
    found = state.find(id) if id and cluster.phase != CREATING else None
    if found is None:
        return None
    ids = {"clientId": client_of(state, found), "objectId": principal_of(state, found)}
    return {"kubeletidentity": {"resourceId": names.shown_id(state, found), **ids}}


def host_name(state: State, cluster: Resource) -> str:
    return f"{names.host(state, cluster)}.hcp.{cluster.location}.azmk8s.io"


COMPUTED = {
    "powerState": lambda state, cluster: RUNNING,
    "kubernetesVersion": lambda state, cluster: version_of(cluster),
    "currentKubernetesVersion": lambda state, cluster: current_version(cluster),
    "fqdn": host_name,
    "azurePortalFQDN": lambda state, cluster: f"{names.host(state, cluster)}.portal.hcp.{cluster.location}.azmk8s.io",
    "agentPoolProfiles": pools,
    "nodeResourceGroup": lambda state, cluster: names.node_group(cluster).name,
    "servicePrincipalProfile": lambda state, cluster: {"clientId": "msi"},
    "networkProfile": network_profile,
    "identityProfile": identity_profile,
    "maxAgentPools": lambda state, cluster: MOST_POOLS,
    "resourceUID": lambda state, cluster: state.guid(cluster, "uid").replace("-", "")[:24],
}


def cluster_of(state: State, pool: Resource) -> Resource:
    """Return the cluster that a pool belongs to."""
    return state.get(ArmId(pool.id.scope, names.CLUSTER_TYPE, pool.id.names[:1]))

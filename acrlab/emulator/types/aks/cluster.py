"""Microsoft.ContainerService/managedClusters: Kubernetes whose nodes stand in a subnet and pull images from there.

Images are pulled with the identity of the kubelets, `NAME-agentpool` in the group of the nodes, and not with the
cluster's own.
Sources: https://learn.microsoft.com/azure/aks/use-managed-identity, and the recordings of
Azure/azure-service-operator (clusters of api-versions 2024-09-01 and 2025-08-01)
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Only, Shape
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Address, Anything, Field, Flag, Prefix, Region, Tags, Text, choice
from acrlab.emulator.types import api_versions, identity
from acrlab.emulator.types.aks import names, parts, view
from acrlab.emulator.types.aks.cluster_rules import RULES, pools_of
from acrlab.emulator.types.aks.command import RUN_COMMAND
from acrlab.emulator.types.aks.credentials import CREDENTIALS
from acrlab.emulator.types.aks.pool import put_inline
from acrlab.emulator.types.aks.pool_body import POOL_FIELDS, READ_ONLY
from acrlab.emulator.types.polling import CLUSTER, CLUSTER_DELETE

UNMODELLED_WAYS = ("userDefinedRouting", "managedNATGateway", "userAssignedNATGateway", "block")


def begin(state: State, cluster: Resource, old: Resource | None) -> None:
    """Make the group of the nodes, and the nodes of each pool; pools are kept as resources of their own."""
    sent = pools_of(cluster)
    if old is None:
        parts.make_group(state, cluster)
    if sent:
        put_inline(state, cluster, sent)
    cluster.properties["agentPoolProfiles"] = []


def finish(state: State, cluster: Resource) -> None:
    """With the end of the operation the nodes are ready, with their identity and their way out."""
    parts.make_parts(state, cluster)
    for pool in state.children(cluster.id, names.POOLS):
        state.settle(pool, SUCCEEDED)
    state.settle(cluster, SUCCEEDED)


NETWORK_PROFILE = Shape(
    {
        "networkPlugin": Field(choice("azure", unmodelled=("kubenet", "none"))),
        "networkPluginMode": Field(choice("overlay")),
        "networkPolicy": Field(choice("none", unmodelled=("azure", "calico", "cilium"))),
        "networkDataplane": Field(choice("azure", unmodelled=("cilium",))),
        "loadBalancerSku": Field(choice("standard", unmodelled=("basic",)), default="standard"),
        "outboundType": Field(choice("loadBalancer", "none", unmodelled=UNMODELLED_WAYS), default="loadBalancer"),
        "podCidr": Field(Prefix(), default="10.244.0.0/16", inert=True),
        "serviceCidr": Field(Prefix(), default="10.0.0.0/16"),
        "dnsServiceIP": Field(Address(), default="10.0.0.10"),
    },
    ("loadBalancerProfile", "podCidrs", "serviceCidrs", "ipFamilies"),
)
STORAGE = {
    "diskCSIDriver": {"enabled": True},
    "fileCSIDriver": {"enabled": True},
    "snapshotController": {"enabled": True},
}
NO_NODES_BY_ITSELF = {"mode": "Manual", "defaultNodePools": "Auto"}
KUBELET = Shape({"resourceId": Field(Text(), required=True)}, ("clientId", "objectId"))
ACCESS = Shape({"disableRunCommand": Field(Flag()), "enablePrivateCluster": Field(Only(False))})

MANAGED_CLUSTER = ResourceType(
    type=names.CLUSTER_TYPE,
    source="https://learn.microsoft.com/rest/api/aks/managed-clusters/create-or-update",
    versions=api_versions.CLUSTERS,
    name=r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?",
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "identity": Field(identity.IDENTITY, required=True),
        "kind": Field(choice("Base", unmodelled=("Automatic",)), default="Base", since="2025-08-01"),
        "sku": Field(
            Shape(
                {
                    "name": Field(choice("Base", unmodelled=("Automatic",)), default="Base"),
                    "tier": Field(choice("Free", "Standard", "Premium"), default="Free", inert=True),
                }
            ),
            default={"name": "Base", "tier": "Free"},
        ),
    },
    properties={
        "kubernetesVersion": Field(Text()),
        "dnsPrefix": Field(Text(r"[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?"), required=True),
        "agentPoolProfiles": Field(
            Listing(Shape({"name": Field(Text(r"[a-z][a-z0-9]{0,11}"), required=True), **POOL_FIELDS}, READ_ONLY)),
            default=[],
        ),
        "linuxProfile": Field(Anything(), inert=True),
        "addonProfiles": Field(Only({})),
        "enableRBAC": Field(Flag(), default=True, inert=True),
        "nodeResourceGroup": Field(Text(r"[\w.()-]{0,79}[\w()-]")),
        "networkProfile": Field(NETWORK_PROFILE, default=lambda scene: NETWORK_PROFILE.admit("", {}, scene)),
        "disableLocalAccounts": Field(Flag()),
        "apiServerAccessProfile": Field(ACCESS),
        "identityProfile": Field(Shape({"kubeletidentity": Field(KUBELET)})),
        "supportPlan": Field(
            choice("KubernetesOfficial", "AKSLongTermSupport"), default="KubernetesOfficial", inert=True
        ),
        "autoUpgradeProfile": Field(Anything(), default={"nodeOSUpgradeChannel": "NodeImage"}, inert=True),
        "securityProfile": Field(Only({}), default={}),
        "storageProfile": Field(Anything(), default=STORAGE, inert=True),
        "oidcIssuerProfile": Field(Only({"enabled": False}), default={"enabled": False}),
        "workloadAutoScalerProfile": Field(Only({}), default={}),
        "metricsProfile": Field(
            Only({"costAnalysis": {"enabled": False}}), default={"costAnalysis": {"enabled": False}}
        ),
        "nodeProvisioningProfile": Field(Only(NO_NODES_BY_ITSELF), default=NO_NODES_BY_ITSELF, since="2025-08-01"),
        "bootstrapProfile": Field(
            Only({"artifactSource": "Direct"}), default={"artifactSource": "Direct"}, since="2024-10-01"
        ),
    },
    read_only=("privateFQDN", "status", "eTag"),
    computed=view.COMPUTED,
    computed_envelope={
        "id": names.shown_id,
        "type": lambda state, cluster: "Microsoft.ContainerService/ManagedClusters",
        "identity": identity.shown,
    },
    rules=(identity.identities_fit, *RULES),
    on_put=begin,
    on_ready=finish,
    on_delete=parts.remove_all,
    polling={"PUT": CLUSTER, "PATCH": CLUSTER, "DELETE": CLUSTER_DELETE},
    seconds={"PUT": 206, "PATCH": 20, "DELETE": 240},
    patch="tags",
    actions={**CREDENTIALS, "runCommand": RUN_COMMAND},
)

DEVIATIONS = (
    Deviation(
        of=names.CLUSTER_TYPE,
        what="No API server listens at the cluster's name: `kubectl` on this computer reaches none, and "
        "`az aks check-acr`, which runs it, ends where it asks the server for its version.",
        impact="Work with the cluster through `az aks command invoke`.",
        reason="Kubernetes' API is not emulated; the commands of a small `kubectl` are.",
        workaround="`az aks check-acr` on the emulated VM asks the same questions from a node.",
    ),
    Deviation(
        of=names.CLUSTER_TYPE,
        what="Scale sets, the load balancer `kubernetes` and Azure's own pods in `kube-system` are not resources here.",
        impact="`az vmss list` is not emulated; the subnet shows the ids of the nodes' ip configurations.",
        reason="A node is there to resolve names and to pull images from its subnet.",
        workaround="List nodes by `kubectl get nodes -o wide`.",
    ),
    Deviation(
        of=names.CLUSTER_TYPE,
        what="Polls tell the client to come again after 10 seconds; AKS leaves it to the client.",
        impact="Clients wait 10 seconds where they would wait 30.",
        reason="A learner should not wait.",
        workaround="None needed.",
    ),
    Deviation(
        of=names.CLUSTER_TYPE,
        what="Refusals of a network in another region, of pools in two networks, of a taken node resource group and of "
        "too small nodes have codes and words of our own.",
        impact="AKS refuses them too, in other words.",
        reason="Its words are not documented.",
        workaround="None needed.",
    ),
)

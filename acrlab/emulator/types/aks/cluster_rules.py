"""What a cluster must be before it is made or changed, in the words in which AKS refuses it."""

from __future__ import annotations

import ipaddress

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.aks.names import POOLS, node_group
from acrlab.emulator.types.aks.view import VERSIONS
from acrlab.emulator.types.compute.size_catalogue import SIZES, require_no_other
from acrlab.emulator.types.identity import IDENTITY_TYPE, TAKES_OTHERS, kind_of
from acrlab.emulator.types.network.subnet import KEPT_FIRST, KEPT_LAST, SUBNET_TYPE, prefix_of

LEAST_CORES, LEAST_MB = 2, 4096
SUBNET_HELP = (
    "If Autoscaler is enabled, the max-count from each nodepool is counted towards this total (which means that "
    "pre-allocated IPs count represents a theoretical max value, not the actual number of IPs requested). "
    "http://aka.ms/aks/insufficientsubnetsize"
)


def pools_of(cluster: Resource) -> list[JSON]:
    """Return the node pools of a cluster's body, as they are about to be made."""
    pools: list[JSON] = cluster.properties.get("agentPoolProfiles", [])
    return pools


# -- one node pool -----------------------------------------------------------------------------------------------------


def require_pool(state: State, cluster: Resource, name: str, pool: JSON) -> None:
    """Hold one node pool against the rules. Raises: ArmError."""
    _require_size(pool)
    _require_version(pool.get("orchestratorVersion", ""))
    if pool.get("vnetSubnetID"):
        subnet = find_subnet(state, cluster, pool["vnetSubnetID"])
        _require_room(state, cluster, subnet, name, pool)


def _require_size(pool: JSON) -> None:
    size = pool["vmSize"]
    known = {name.lower(): power for name, power in SIZES.items()}
    if size.lower() not in known:
        require_no_other(size)
        message = (
            f"The VM size of {size} is not allowed in your subscription in this location. "
            f"The available VM sizes are '{','.join(sorted(known))}'. For more details, please visit "
            "https://aka.ms/aks/quotas-skus-regions"
        )
        raise ArmError(400, "BadRequest", message)
    cores, memory = known[size.lower()][:2]
    if pool["mode"] == "System" and (cores < LEAST_CORES or memory < LEAST_MB):
        message = (
            f"System node pool must use VM sku with more than 2 cores and 4GB memory. Node pool uses {size} with "
            f"{cores} cores and {memory} MB."
        )
        raise ArmError(400, "SystemPoolSkuTooLow", message)


def _require_version(version: str) -> None:
    if version and not any(known == version or known.startswith(f"{version}.") for known in VERSIONS.values()):
        message = (
            f"Version {version} is not supported in this region. Please use [az aks get-versions] command to get the "
            "supported version list in this region. For more information, please check "
            "https://aka.ms/supported-version-list"
        )
        raise ArmError(400, "K8sVersionNotSupported", message)


def find_subnet(state: State, cluster: Resource, text: str) -> Resource:
    """Return the subnet that nodes are to stand in. Raises: ArmError: it is not there, or in another region."""
    try:
        id = ArmId.parse(text)
    except ValueError:
        id = None
    if id is None or id.type.lower() != SUBNET_TYPE.lower():
        message = f"The value of parameter agentPoolProfile.vnetSubnetID is invalid: {text}."
        raise ArmError(400, "InvalidParameter", message)
    subnet, network = state.find(id), state.find(id.parent) if id.parent else None
    if subnet is None or network is None:
        message = (
            f"Could not find subnet {id.name} in vnet {id.names[0]} from resource group {id.group} of subscription "
            f"{id.subscription}."
        )
        raise ArmError(400, "SubnetNotFound", message)
    if network.location != cluster.location:
        message = (
            f"The virtual network {network.id} is in region {network.location}, and the cluster in {cluster.location}. "
            "They have to be in the same region."
        )
        raise ArmError(400, "InvalidVnetLocation", message)
    return subnet


def _require_room(state: State, cluster: Resource, subnet: Resource, name: str, pool: JSON) -> None:
    """A node has one address, and an upgrade one or more beside them; pods have addresses of their own range."""
    wanted = pool["count"] + max(1, -(-pool["count"] // 10))
    there = prefix_of(subnet).num_addresses - KEPT_FIRST - KEPT_LAST
    kept = state.find(cluster.id.child(POOLS, name))
    own = len(kept.state["nodes"]) if kept and kept.state["subnet"].lower() == subnet.id.key else 0
    available = there - len(state.addresses_in(subnet.id)) + own
    if wanted > available:
        message = (
            f"Pre-allocated IPs {wanted} exceeds IPs available {available} in Subnet Cidr {prefix_of(subnet)}, Subnet "
            f"Name {subnet.id.name}. {SUBNET_HELP}"
        )
        raise ArmError(400, "InsufficientSubnetSize", message)


# -- the cluster -------------------------------------------------------------------------------------------------------


def pools_are_legal(state: State, cluster: Resource, old: Resource | None) -> None:
    """A cluster has a pool for its system, and pools that can be made."""
    pools = pools_of(cluster)
    if old is not None and not pools:
        return  # none are named: they stay as they are
    if not any(pool["mode"] == "System" for pool in pools):
        message = (
            "There has to be at least one system agent pool. For more information, see https://aka.ms/aks/systempool"
        )
        raise ArmError(400, "MissingSystemPool", message)
    _require_version(cluster.properties.get("kubernetesVersion", ""))
    for pool in pools:
        require_pool(state, cluster, pool["name"], pool)


def one_network_for_all(state: State, cluster: Resource, old: Resource | None) -> None:
    """All pools of a cluster stand in subnets of one network, or all in the network that AKS makes."""
    networks = {pool.get("vnetSubnetID", "").lower().rpartition("/subnets/")[0] for pool in pools_of(cluster)}
    if len(networks) > 1:
        message = "All agent pools have to be in the same virtual network."
        raise ArmError(400, "AgentPoolsNotInSameVnet", message)


def services_have_a_range_of_their_own(state: State, cluster: Resource, old: Resource | None) -> None:
    """The addresses of Kubernetes' services may not be those of a subnet of the nodes' network."""
    own = cluster.properties["networkProfile"]
    services = ipaddress.ip_network(own["serviceCidr"])
    if ipaddress.ip_address(own["dnsServiceIP"]) not in services:
        message = (
            f"The specified DNS service IP {own['dnsServiceIP']} is not in the range of service CIDR {services}. It "
            "must be within the Kubernetes service address range."
        )
        raise ArmError(400, "DNSServiceIPNotInServiceCIDR", message, target="networkProfile.dnsServiceIP")
    for text in {pool.get("vnetSubnetID", "") for pool in pools_of(cluster)} - {""}:
        network = ArmId.parse(text).parent
        for subnet in state.children(network, "subnets") if network else ():
            if prefix_of(subnet).overlaps(services):
                message = (
                    f"The specified service CIDR {services} is conflicted with an existing subnet CIDR "
                    f"{prefix_of(subnet)}"
                )
                raise ArmError(
                    400, "ServiceCidrOverlapExistingSubnetsCidr", message, target="networkProfile.serviceCIDR"
                )


def networking_is_emulated(state: State, cluster: Resource, old: Resource | None) -> None:
    """Pods have addresses of their own (overlay). With Azure CNI's plugin that has to be asked for."""
    sent = cluster.properties["networkProfile"]
    if sent.get("networkPlugin") == "azure" and sent.get("networkPluginMode") != "overlay":
        raise NotEmulated("networkPlugin azure without networkPluginMode", supported="overlay")


def stays_as_it_was_made(state: State, cluster: Resource, old: Resource | None) -> None:
    """What decides where a cluster's parts lie is decided once."""
    if old is None:
        return
    for name in ("dnsPrefix", "nodeResourceGroup"):
        before = old.properties.get(name)
        if cluster.properties.setdefault(name, before) != before and before is not None:
            message = f"Changing property 'properties.{name}' is not allowed."
            raise ArmError(400, "PropertyChangeNotAllowed", message, target=f"properties.{name}")


def node_group_is_free(state: State, cluster: Resource, old: Resource | None) -> None:
    """The group with a cluster's nodes is made by AKS, and holds nothing else."""
    if old is None and state.find(node_group(cluster)) is not None:
        message = (
            f"The node resource group {node_group(cluster).name} already exists. Name one that does not exist yet."
        )
        raise ArmError(409, "NodeResourceGroupAlreadyExists", message)


def kubelet_identity_is_there(state: State, cluster: Resource, old: Resource | None) -> None:
    """A kubelet can be given an identity, where the cluster itself has one that it was given."""
    asked = cluster.properties.get("identityProfile", {}).get("kubeletidentity", {}).get("resourceId", "")
    if not asked or (old is not None and asked.lower() == old.state.get("kubelet", "").lower()):
        return
    if kind_of(cluster) not in TAKES_OTHERS:
        message = "Custom kubelet identity requires the cluster to use a user-assigned identity."
        raise ArmError(400, "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster", message)
    found = state.find(asked)
    if found is None or found.id.type != IDENTITY_TYPE:
        raise ArmError(400, "BadRequest", f"The kubelet identity {asked} was not found.")


RULES = (
    stays_as_it_was_made,
    networking_is_emulated,
    pools_are_legal,
    one_network_for_all,
    services_have_a_range_of_their_own,
    node_group_is_free,
    kubelet_identity_is_there,
)

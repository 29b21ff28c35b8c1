"""Microsoft.ContainerService/managedClusters/agentPools: nodes of one kind, in one subnet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.aks import names, nodes, parts, view
from acrlab.emulator.types.aks.cluster_rules import require_pool
from acrlab.emulator.types.aks.pool_body import POOL_FIELDS, READ_ONLY
from acrlab.emulator.types.polling import CLUSTER, CLUSTER_DELETE


def is_legal(state: State, pool: Resource, old: Resource | None) -> None:
    """A pool by itself follows the rules of its cluster, and stands in the cluster's network."""
    cluster = view.cluster_of(state, pool)
    require_pool(state, cluster, pool.id.name, pool.properties)
    others = [one for one in state.children(cluster.id, names.POOLS) if one.id.key != pool.id.key]
    asked = pool.properties.get("vnetSubnetID", "").lower().rpartition("/subnets/")[0]
    for other in others:
        if asked != other.properties.get("vnetSubnetID", "").lower().rpartition("/subnets/")[0]:
            message = "All agent pools have to be in the same virtual network."
            raise ArmError(400, "AgentPoolsNotInSameVnet", message)


def stays_where_it_is(state: State, pool: Resource, old: Resource | None) -> None:
    """A pool's nodes keep their size and their subnet."""
    for name in ("vmSize", "vnetSubnetID") if old else ():
        if old and pool.properties.get(name, "").lower() != old.properties.get(name, "").lower():
            message = f"Changing property 'properties.{name}' is not allowed."
            raise ArmError(400, "PropertyChangeNotAllowed", message, target=f"properties.{name}")


def settle_in(state: State, pool: Resource, old: Resource | None = None) -> None:
    """Give the pool its nodes, each an address."""
    cluster = view.cluster_of(state, pool)
    if "subnet" not in pool.state:
        pool.state["subnet"] = pool.properties.get("vnetSubnetID") or parts.make_network(state, cluster)
    nodes.fit(state, cluster, pool)


def last_system_pool_stays(state: State, pool: Resource) -> None:
    """A cluster's own pods need a place to run."""
    cluster = view.cluster_of(state, pool)
    others = [one for one in state.children(cluster.id, names.POOLS) if one.id.key != pool.id.key]
    if not any(one.properties["mode"] == "System" for one in others):
        message = (
            "There has to be at least one system agent pool. For more information, see https://aka.ms/aks/systempool"
        )
        raise ArmError(400, "OperationNotAllowed", message)


def put_inline(state: State, cluster: Resource, sent: list[JSON]) -> None:
    """Make a cluster's pools exactly those that were sent with it."""
    wanted = {pool["name"].lower() for pool in sent}
    for pool in state.children(cluster.id, names.POOLS):
        if pool.id.name.lower() not in wanted:
            state.delete(pool.id)
    for properties in sent:
        id = cluster.id.child(names.POOLS, properties["name"])
        old = state.find(id)
        pool = old or state.new(id, {})
        own = {name: value for name, value in properties.items() if name != "name"}
        pool.body["properties"] = own
        pool.phase = cluster.phase
        if "subnet" not in pool.state:
            pool.state["subnet"] = own.get("vnetSubnetID") or parts.make_network(state, cluster)
        nodes.fit(state, cluster, pool)
        state.put(pool)


def _seen(name: str) -> Callable[[State, Resource], Any]:
    """What AKS shows of a pool beside what was set."""

    def seen(state: State, pool: Resource) -> Any:
        return view.pool_properties(state, view.cluster_of(state, pool), pool)[name]

    return seen


SEEN = ("powerState", "orchestratorVersion", "currentOrchestratorVersion", "nodeImageVersion")

AGENT_POOL = ResourceType(
    type=names.POOL_TYPE,
    source="https://learn.microsoft.com/rest/api/aks/agent-pools/create-or-update",
    versions=api_versions.CLUSTERS,
    name=r"[a-z][a-z0-9]{0,11}",
    envelope={},
    properties=POOL_FIELDS,
    read_only=READ_ONLY,
    computed={name: _seen(name) for name in SEEN},
    computed_envelope={"id": names.shown_id},
    rules=(stays_where_it_is, is_legal),
    delete_rules=(last_system_pool_stays,),
    on_put=settle_in,
    polling={"PUT": CLUSTER, "DELETE": CLUSTER_DELETE},
    seconds={"PUT": 232, "DELETE": 120},
    verbs=("GET", "PUT", "DELETE", "LIST"),
)


def subnet_of(pool: Resource) -> ArmId:
    """Return the id of the subnet that a pool's nodes stand in."""
    return ArmId.parse(pool.state["subnet"])

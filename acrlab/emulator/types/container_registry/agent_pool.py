"""Microsoft.ContainerRegistry/registries/agentPools: VMs of Azure's own that run a registry's tasks, in one's network.

Source: https://learn.microsoft.com/azure/container-registry/tasks-agent-pools
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Field, Region, Tags, Text, Whole, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import system_data
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE, is_premium
from acrlab.emulator.types.network.subnet import SUBNET_TYPE
from acrlab.emulator.types.polling import POOL_DELETE, POOL_PATCH, POOL_PUT

POOL_TYPE = f"{REGISTRY_TYPE}/agentPools"
# Where there are any. Source: the refusal that Azure/bicep-registry-modules#5039 quotes (April 2025)
REGIONS = (
    *("eastus", "westeurope", "westus2", "southcentralus", "australiaeast", "canadacentral", "centralus", "eastasia"),
    *("eastus2", "northeurope", "francecentral", "switzerlandnorth"),
)
CORES = {"S1": 2, "S2": 4, "S3": 8, "I6": 64}  # of an instance
QUOTA = {"standard": 16, "isolated": 0}


def registry_of(state: State, part: Resource) -> Resource:
    return state.get(ArmId(part.id.scope, REGISTRY_TYPE, part.id.names[:1]))


def registry_is_premium(state: State, pool: Resource, old: Resource | None) -> None:
    """Pools are a Premium feature. The words are ours."""
    registry = registry_of(state, pool)
    if not is_premium(registry):
        message = f"The requested feature agent pool is not supported for the SKU {registry.body['sku']['name']}."
        raise ArmError(400, "AgentPoolNotSupported", message)


def stays_what_it_is(state: State, pool: Resource, old: Resource | None) -> None:
    """Only the number of its instances can be changed. The words are ours."""
    fixed = ("tier", "os", "virtualNetworkSubnetResourceId")
    if old is not None and any(old.properties.get(name) != pool.properties.get(name) for name in fixed):
        raise ArmError(400, "AgentPoolUpdateNotSupported", "Only the count of an agent pool can be updated.")


def subnet_exists(state: State, pool: Resource, old: Resource | None) -> None:
    """A pool's instances stand in a subnet that is there. The words are ours."""
    text = pool.properties.get("virtualNetworkSubnetResourceId")
    if not text:
        return
    try:
        id = ArmId.parse(text)
    except ValueError:
        id = None
    if id is None or id.type.lower() != SUBNET_TYPE.lower() or state.find(id) is None:
        raise ArmError(
            400, "InvalidVirtualNetworkSubnet", f"The subnet '{text}' of agent pool {pool.id.name} was not found."
        )


def quota_suffices(state: State, pool: Resource, old: Resource | None) -> None:
    """All standard pools of a registry share 16 cores; of isolated ones there are none. The words are ours."""
    kind = _kind(pool)
    others = (p for p in state.children(registry_of(state, pool).id, "agentPools") if p.id.key != pool.id.key)
    used = sum(_cores(other) for other in others if _kind(other) == kind)
    if used + _cores(pool) > QUOTA[kind]:
        message = (
            f"The core quota of {kind} agent pools of the registry is {QUOTA[kind]}. In use: {used}. "
            f"Requested: {_cores(pool)}."
        )
        raise ArmError(400, "AgentPoolQuotaExceeded", message)


def _kind(pool: Resource) -> str:
    return "isolated" if pool.properties["tier"] == "I6" else "standard"


def _cores(pool: Resource) -> int:
    return CORES[pool.properties["tier"]] * int(pool.properties["count"])


def queue_status(state: State, pool: Resource, request: Request) -> JSON:
    """How many runs wait for an instance of the pool."""
    waiting = (run for run in state.children(registry_of(state, pool).id, "runs") if waits_for(run, pool))
    return {"count": sum(1 for _ in waiting)}


def waits_for(run: Resource, pool: Resource) -> bool:
    """Tell whether a run waits for a pool."""
    return run.state["pool"].lower() == pool.id.name.lower() and "begun" not in run.state and "ended" not in run.state


AGENT_POOL = ResourceType(
    type=POOL_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/agent-pools/create",
    versions=api_versions.REGISTRY_TASKS,
    name=r"[A-Za-z0-9][A-Za-z0-9-]{2,19}",
    envelope={
        "location": Field(Region(REGIONS), required=True),
        "tags": Field(Tags(), inert=True),
    },
    properties={
        "count": Field(Whole(0, 100), default=1),
        "tier": Field(choice(*CORES), default="S2"),
        "os": Field(choice("Linux", unmodelled=("Windows",)), default="Linux"),
        "virtualNetworkSubnetResourceId": Field(Text()),
    },
    computed_envelope={"systemData": system_data},
    rules=(registry_is_premium, stays_what_it_is, subnet_exists, quota_suffices),
    polling={"PUT": POOL_PUT, "PATCH": POOL_PATCH, "DELETE": POOL_DELETE},
    seconds={"PUT": 240, "PATCH": 60, "DELETE": 120},
    actions={"listQueueStatus": Action(queue_status)},
)

DEVIATIONS = (
    Deviation(
        of=POOL_TYPE,
        what=(
            "An agent pool's instances take no addresses of their subnet, don't keep it from being deleted, and have a "
            "way to the internet of their own."
        ),
        impact="On Azure a pool in a subnet that lets nothing out to Storage, Key Vault and Event Hubs starts no run.",
        reason="The instances are Azure's own; how they are wired is only documented as a list of firewall rules.",
        workaround="Open what the documentation lists before you make a pool on Azure.",
    ),
)

"""The nodes of a pool: computers of a scale set, each with an address in the pool's subnet."""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.aks.names import node_group, node_name, scale_set
from acrlab.emulator.types.compute.name_servers import configured_servers
from acrlab.emulator.types.network.subnet import next_addresses


def fit(state: State, cluster: Resource, pool: Resource) -> None:
    """Give a pool as many nodes as it is to have: new ones come last, and the last ones go first."""
    nodes: list[JSON] = pool.state.setdefault("nodes", [])
    wanted = int(pool.properties["count"])
    pool.state["nodes"] = nodes[:wanted]
    missing = wanted - len(pool.state["nodes"])
    if missing <= 0:
        return
    subnet, set = state.get(ArmId.parse(pool.state["subnet"])), scale_set(state, cluster, pool.id.name)
    for address in next_addresses(state, subnet, missing):
        number = pool.state.get("made", 0)
        node = {
            "name": node_name(set, number),
            "address": address,
            "configuration": _configuration_id(str(node_group(cluster)), set, number),
            "since": state.now,
            "servers": list(
                configured_servers(state, None, state.find(subnet.id.parent) if subnet.id.parent else None)
            ),
            "disk": {},
        }
        pool.state["nodes"].append(node)
        pool.state["made"] = number + 1


def _configuration_id(group: str, set: str, number: int) -> str:
    """The id of a node's ip configuration, as the subnet shows it."""
    machine = f"providers/Microsoft.Compute/virtualMachineScaleSets/{set}/virtualMachines/{number}"
    return f"{group}/{machine}/networkInterfaces/{set}/ipConfigurations/ipconfig1"

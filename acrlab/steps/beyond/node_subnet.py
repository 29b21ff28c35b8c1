"""A subnet for the nodes of a cluster, at the end of the lab's network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from acrlab.azure.cloud import SUBNET
from acrlab.errors import ConfigurationError
from acrlab.lab.ensure import delete, ensure
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own

SUBNET_NAME = "aks-nodes"
NODE_PREFIX = 26  # of the nodes' subnet: 59 addresses to use


def node_subnet_id(lab: Lab) -> str:
    """Write the id of the nodes' subnet, whether it is there or not."""
    return lab.id_of(SUBNET, lab.settings.network_name, SUBNET_NAME)


def ensure_node_subnet(lab: Lab) -> str:
    """Give the nodes a subnet of their own in the lab's network; return its id.

    Raises:
        ConfigurationError: no room.
        RefusedError: it has to be made, and the network belongs to someone else.
    """
    network = lab.network.virtual_networks.get(lab.settings.resource_group, lab.settings.network_name)
    subnets = (network.properties and network.properties.subnets) or []
    there = next((s for s in subnets if s.name == SUBNET_NAME), None)
    if there is not None and there.id:
        return there.id
    prefixes = [s.properties.address_prefix for s in subnets if s.properties]
    taken = [ipaddress.ip_network(prefix) for prefix in prefixes if prefix]
    body = {"properties": {"addressPrefix": _free(lab.settings.network_prefix, taken)}}
    id = node_subnet_id(lab)
    require_own(lab, id)
    ensure(lab, id, lab.network.subnets, body)
    return id


def remove_node_subnet(lab: Lab) -> None:
    """Delete that subnet. Raises: RefusedError: the network belongs to someone else, or something is left in it."""
    id = node_subnet_id(lab)
    require_own(lab, id)
    delete(lab, id, lab.network.subnets, f"Deleting {SUBNET_NAME}")


def _free(space: str, taken: Iterable[Any]) -> str:
    whole, held = ipaddress.ip_network(space), list(taken)
    if whole.prefixlen <= NODE_PREFIX:
        # From the end: what the article's chapters make grows from the beginning.
        for at in range(2 ** (NODE_PREFIX - whole.prefixlen) - 1, -1, -1):
            first = int(whole.network_address) + at * 2 ** (32 - NODE_PREFIX)
            found = ipaddress.ip_network((first, NODE_PREFIX))
            if not any(found.overlaps(one) for one in held):
                return str(found)
    beside = ", ".join(map(str, held))
    message = f"{space} has no room for a subnet of /{NODE_PREFIX} beside {beside}: choose a larger one."
    raise ConfigurationError("network_prefix", message)

"""Whether the registry talks to a caller at all, decided by the door it came through and never by who it is.

A private endpoint is a door of its own: behind it neither public network access nor rules are asked. Trusted services
(`networkRuleBypassOptions`) pass the public endpoint by what they are and not by their address. Of these there are two
here: the service that imports images (`imports`), and tasks with a system-assigned identity, where the registry's
`networkRuleBypassAllowedForTasks` says so.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks
"""

from __future__ import annotations

import ipaddress

from acrlab.emulator.core import lateness
from acrlab.emulator.core.http import JSON, Arrival
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.registry.refusals import Refusal, denied
from acrlab.emulator.types.container_registry.registry_network import has_subnet_rules
from acrlab.emulator.types.container_registry.registry_rules import public_access
from acrlab.emulator.types.private_link.private_endpoint_connection import link_state


def decide(state: State, registry: Resource, arrival: Arrival) -> Refusal | None:
    """Return the refusal of this arrival; None: it may come in, and is asked who it is next."""
    if arrival.endpoint:
        allowed = is_approved(state, registry, arrival.endpoint)
    else:
        allowed = admits_public(state, registry, arrival.source, subnet=arrival.subnet) or (
            arrival.service == "tasks" and admits_tasks(registry)
        )
    return None if allowed else denied(arrival.source)


def is_approved(state: State, registry: Resource, endpoint: str) -> bool:
    """Tell whether the registry's owner approved the connection of a private endpoint."""
    for connection in state.children(registry.id, "privateEndpointConnections"):
        if connection.state["endpoint"].lower() == endpoint.lower():
            status = link_state(connection)["status"]
            return bool(lateness.counting(state, connection, "status", status) == "Approved")
    return False


def admits_public(state: State, registry: Resource, source: str, *, subnet: str = "") -> bool:
    """Tell whether an address may come in over the public endpoint. `subnet`: whose service endpoint brought it."""
    public, rules = lateness.counting(state, registry, "access", public_access(registry))
    if public != "Enabled":
        return False
    if rules.get("defaultAction", "Allow") == "Allow":
        return True
    if subnet:
        return any(rule["id"].lower() == subnet.lower() for rule in rules.get("virtualNetworkRules", []))
    return any(_matches(rule, source) for rule in rules.get("ipRules", []))


def passes_as_trusted(registry: Resource) -> bool:
    """Tell whether trusted services pass the public endpoint; on a registry with rules for subnets they do not.

    Source: https://learn.microsoft.com/azure/container-registry/allow-access-trusted-services
    """
    allowed = registry.properties.get("networkRuleBypassOptions", "AzureServices") == "AzureServices"
    return allowed and not has_subnet_rules(registry)


def admits_tasks(registry: Resource) -> bool:
    """Tell whether tasks with a system-assigned identity pass as a trusted service; since June 2025 not by default.

    Source: https://learn.microsoft.com/azure/container-registry/manage-network-bypass-policy-for-tasks
    """
    return passes_as_trusted(registry) and bool(registry.properties.get("networkRuleBypassAllowedForTasks"))


def _matches(rule: JSON, source: str) -> bool:
    network = ipaddress.ip_interface(rule["value"]).network  # bits beyond the mask do no harm
    return rule.get("action", "Allow") == "Allow" and ipaddress.ip_address(source) in network

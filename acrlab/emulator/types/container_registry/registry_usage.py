"""How much of what its SKU allows a registry uses.

Source of the limits: https://learn.microsoft.com/azure/container-registry/container-registry-skus
"""

from __future__ import annotations

from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import Resource, State

GIB = 2**30
UNLIMITED = -1

# SKU -> name -> limit, in the service's order; what a SKU does not offer is not counted for it
LIMITS = {
    "Basic": {"Size": 10 * GIB, "Webhooks": 2, "ScopeMaps": 100, "Tokens": 100},
    "Standard": {"Size": 100 * GIB, "Webhooks": 10, "ScopeMaps": 500, "Tokens": 500},
    "Premium": {
        "Size": 500 * GIB,
        "Webhooks": 500,
        "Geo-replications": UNLIMITED,
        "IPRules": 200,
        "VNetRules": 100,
        "PrivateEndpointConnections": 200,
        "ScopeMaps": 50000,
        "Tokens": 50000,
    },
}
# Name -> the children that are counted; children of a type that is not emulated count as none.
COUNTED = {
    "Webhooks": "webhooks",
    "Geo-replications": "replications",
    "PrivateEndpointConnections": "privateEndpointConnections",
    "ScopeMaps": "scopeMaps",
    "Tokens": "tokens",
}
RULES = {"IPRules": "ipRules", "VNetRules": "virtualNetworkRules"}


def list_usages(state: State, registry: Resource, request: Request) -> JSON:
    """Limit and current value of everything that the registry's SKU counts."""
    return {
        "value": [
            {
                "name": name,
                "limit": limit,
                "currentValue": _used(state, registry, name),
                "unit": "Bytes" if name == "Size" else "Count",
            }
            for name, limit in LIMITS[registry.body["sku"]["name"]].items()
        ]
    }


def _used(state: State, registry: Resource, name: str) -> int:
    if name in COUNTED:
        return len(state.children(registry.id, COUNTED[name]))
    if name in RULES:
        return len(registry.properties.get("networkRuleSet", {}).get(RULES[name], []))
    return int(state.perform("stored_size", registry))

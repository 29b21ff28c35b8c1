"""Check that a registry is not reached by service endpoints and private link together."""

from __future__ import annotations

from acrlab.doctor import az
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot

SOURCE = "https://learn.microsoft.com/azure/container-registry/container-registry-vnet"


def both_ways(snapshot: Snapshot) -> Finding | None:
    """Rules for subnets and private endpoints are two features that Azure does not support on one registry."""
    registry = snapshot.registry
    if registry is None or not registry.subnet_rules or not registry.connections:
        return None
    group, name = az.place(registry.id)
    return Finding(
        code="service-endpoint-conflict",
        severity="warning",
        title=f"{registry.name} has rules for subnets beside its private endpoints, which Azure does not support.",
        evidence=(
            f"virtualNetworkRules: {', '.join(registry.subnet_rules)}",
            f"privateEndpointConnections: {', '.join(c.name for c in registry.connections)}",
        ),
        why=(
            "A rule for a subnet belongs to service endpoints, an older way to close a registry: it counts at the "
            "public endpoint, and keeps trusted services out. Private endpoints need no such rule. Remove the rules."
        ),
        remedy=Remedy(
            tuple(
                az.az("acr network-rule remove", resource_group=group, name=name, subnet=subnet)
                for subnet in registry.subnet_rules
            ),
            "acrlab.remedies.remove_subnet_rules(lab)",
        ),
        source=SOURCE,
    )


CHECKS = (Check("one-way-in", "Is it reached by private link alone?", both_ways),)

"""Check that the registry exists and can have private endpoints at all."""

from __future__ import annotations

from acrlab.doctor import az
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot

SKUS = "https://learn.microsoft.com/azure/container-registry/container-registry-skus"


def not_found(snapshot: Snapshot) -> Finding | None:
    """Without its registry nothing else works; this comes before any other question."""
    if snapshot.registry is not None:
        return None
    subject = snapshot.subject
    left = tuple(f"endpoint {e.name} leads to {e.target}, its connection is {e.status}" for e in snapshot.endpoints)
    return Finding(
        code="registry-not-found",
        severity="error",
        title=f"There is no registry {subject.registry} in this subscription.",
        evidence=(
            f"no registry of that name in group {subject.resource_group}, nor in the subscription",
            *((f"registries that exist: {', '.join(others)}",) if (others := snapshot.other_registries) else ()),
            *left,
        ),
        why=(
            "Endpoints and records that lead to a deleted registry stay behind, and nothing answers there. A new one "
            "of the same name does not take over the old connections: endpoints have to be recreated."
        ),
        remedy=Remedy(
            (az.az("acr create", resource_group=subject.resource_group, name=subject.registry, sku="Premium"),),
            "acrlab.ensure_registry(lab)",
        ),
        source=SKUS,
    )


def not_premium(snapshot: Snapshot) -> Finding | None:
    """Only Premium registries can have private endpoints."""
    registry = snapshot.registry
    if registry is None or registry.sku == "Premium":
        return None
    group, name = az.place(registry.id)
    remedy = Remedy(
        (az.az("acr update", resource_group=group, name=name, sku="Premium"),), "acrlab.remedies.make_premium(lab)"
    )
    network = snapshot.network
    if not snapshot.endpoints and network and network.subnets:
        more = az.create_own_endpoint(snapshot, network.subnets[0].id)
        remedy = Remedy((*remedy.az, *more.az), f"{remedy.call}; {more.call}")
    return Finding(
        code="registry-not-premium",
        severity="error",
        title=f"{registry.name} is a {registry.sku} registry, and can't have private endpoints.",
        evidence=(f"sku: {registry.sku}", f"private endpoints: {len(snapshot.endpoints)}"),
        why="Only Premium has private endpoints, network rules and replicas. The tier can be upgraded at any time.",
        remedy=remedy,
        source=SKUS,
    )


def not_provisioned(snapshot: Snapshot) -> Finding | None:
    """A registry whose last change failed may have kept half of it."""
    registry = snapshot.registry
    if registry is None or registry.state in ("Succeeded", "Updating", "Creating"):
        return None
    group, name = az.place(registry.id)
    return Finding(
        code="registry-failed",
        severity="error",
        title=f"The last change of {registry.name} did not succeed.",
        evidence=(f"provisioningState: {registry.state}",),
        why="It may show settings that are not in force. Sending any change again restores it.",
        remedy=Remedy((az.az("acr update", resource_group=group, name=name),), "acrlab.ensure_registry(lab)"),
        source="https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access",
    )


CHECKS = (
    Check("registry-exists", "Is the registry there?", not_found, ("registry",), about=()),
    Check("registry-premium", "Can it have private endpoints?", not_premium),
    Check("registry-provisioned", "Did its last change succeed?", not_provisioned),
)

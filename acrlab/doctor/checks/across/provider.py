"""Check that the endpoint's own subscription may use registries, without which nothing in it is approved."""

from __future__ import annotations

from acrlab.doctor import az
from acrlab.doctor.facts import connection_for, endpoint_in_use, lacks_provider
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot

NAMESPACE = "Microsoft.ContainerRegistry"
SOURCE = "https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints"


def unregistered(snapshot: Snapshot) -> Finding | None:
    """An endpoint of another subscription is approved only where that one has the registry's provider, too."""
    endpoint = endpoint_in_use(snapshot)
    if snapshot.registry is None or endpoint is None or not lacks_provider(snapshot, endpoint):
        return None
    place, connection = endpoint.id.split("/")[2], connection_for(snapshot, endpoint)
    commands = [f"az provider register --namespace {NAMESPACE} --subscription {place} --wait"]
    call = f"acrlab.remedies.register_registries(lab, {place!r})"
    if connection is not None:
        commands.append(az.az("network private-endpoint-connection approve", id=connection.id, description="Approved"))
        call += f"; acrlab.steps.approve(lab, acrlab.steps.connection_of(lab, {endpoint.id!r}), 'Approved')"
    return Finding(
        code="endpoint-provider-missing",
        severity="error",
        title=f"The connection of {endpoint.name} can't be approved: its subscription may not use registries.",
        evidence=(
            f"the registry says: {connection.status if connection else 'no connection'}",
            f"subscription of the endpoint: {place}; {NAMESPACE} is not registered there",
            f"subscription of the registry: {snapshot.registry.id.split('/')[2]}",
        ),
        why=(
            "An approval changes the endpoint, too, in whose subscription the registry's provider has to be registered "
            "as in the registry's own. Register it there, then approve."
        ),
        remedy=Remedy(tuple(commands), call),
        source=SOURCE,
    )


CHECKS = (
    Check(
        "provider-of-endpoint",
        "May the endpoint's subscription use registries?",
        unregistered,
        about=("registry", "endpoint"),
    ),
)

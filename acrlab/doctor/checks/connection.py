"""Check what the registry's owner answered the endpoint's request."""

from __future__ import annotations

from acrlab.doctor import az
from acrlab.doctor.facts import connection_for, endpoint_in_use, lacks_provider, status_of
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot

APPROVAL = "https://learn.microsoft.com/azure/private-link/manage-private-endpoint"


def pending(snapshot: Snapshot) -> Finding | None:
    """The registry's owner has not answered yet."""
    endpoint = endpoint_in_use(snapshot)
    if snapshot.registry is None or endpoint is None or status_of(snapshot, endpoint) != "Pending":
        return None
    if lacks_provider(snapshot, endpoint):
        return None  # no answer can be given yet
    connection = connection_for(snapshot, endpoint)
    id = connection.id if connection else ""
    return Finding(
        code="connection-pending",
        severity="error",
        title=f"The connection of {endpoint.name} is waiting for approval.",
        evidence=(
            f"the registry says: Pending, “{connection.description if connection else ''}”",
            f"asked for by hand: {'yes' if endpoint.manual else 'no'}",
        ),
        why=(
            "Without permissions on the registry, creating an endpoint only requests a connection. Until someone with "
            "the permission privateEndpointConnectionsApproval answers, the addresses carry no traffic and no record "
            "is written."
        ),
        remedy=Remedy(
            (az.az("network private-endpoint-connection approve", id=id, description="Approved"),),
            f"acrlab.steps.approve(lab, acrlab.steps.connection_of(lab, {endpoint.id!r}), 'Approved')",
        ),
        source=APPROVAL,
    )


def turned_down(snapshot: Snapshot) -> Finding | None:
    """A rejected or disconnected connection never comes back."""
    endpoint = endpoint_in_use(snapshot)
    if snapshot.registry is None or endpoint is None:
        return None
    status, connection = status_of(snapshot, endpoint), connection_for(snapshot, endpoint)
    if status not in ("Rejected", "Disconnected"):
        return None
    said = (
        f"the registry says: {connection.status}, “{connection.description}”"
        if connection
        else f"{snapshot.registry.name} has no connection of {endpoint.name}: it was removed, or the registry recreated"
    )
    return Finding(
        code=f"connection-{status.lower()}",
        severity="error",
        title=f"The connection of {endpoint.name} is {status}.",
        evidence=(said, f"the endpoint says: {endpoint.status}"),
        why=(
            "The endpoint keeps its addresses, so that names still resolve to them, but nothing answers there: clients "
            "see a timeout. The state is final, and the endpoint has to be recreated."
        ),
        remedy=az.recreate_endpoint(snapshot, endpoint),
        source=APPROVAL,
    )


def others_waiting(snapshot: Snapshot) -> Finding | None:
    """Other requests are for the owner to answer; the caller's own is `pending`."""
    registry, own = snapshot.registry, endpoint_in_use(snapshot)
    waiting = [
        c
        for c in (registry.connections if registry else ())
        if c.status == "Pending" and not (own and c.endpoint.lower() == own.id.lower())
    ]
    if not waiting:
        return None
    return Finding(
        code="others-pending",
        severity="note",
        title=f"{len(waiting)} more {'connection needs' if len(waiting) == 1 else 'connections need'} an answer.",
        evidence=tuple(f"{c.endpoint.rpartition('/')[2]}: Pending, “{c.description}”" for c in waiting),
        why="Approve those that you recognize, and reject the others. They do not affect the caller's own connection.",
        remedy=Remedy(
            (az.az("network private-endpoint-connection list", id=registry.id if registry else ""),),
            "acrlab.steps.pending_connections(lab)",
        ),
        source=APPROVAL,
    )


CHECKS = (
    Check("connection-answered", "Has the registry's owner answered?", pending, about=("registry", "endpoint")),
    Check("connection-approved", "Was the answer yes, and is it still?", turned_down, about=("registry", "endpoint")),
    Check("other-connections", "Do other requests wait for an answer?", others_waiting),
)

"""Manual approval: asking for an endpoint, and deciding about it on the registry's side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from acrlab.azure.cloud import ENDPOINT, REGISTRY, SUBNET
from acrlab.display import Table, table
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, required, word
from acrlab.lab.ensure import put, remove
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own
from acrlab.lab.waiting import look_until
from acrlab.steps.private_link import endpoint_body, put_endpoint

if TYPE_CHECKING:
    from azure.mgmt.containerregistry.models import PrivateEndpointConnection
    from azure.mgmt.network.models import PrivateEndpoint

# What was rejected or cut off cannot be approved any more: a new request is needed. Source:
# https://learn.microsoft.com/azure/private-link/manage-private-endpoint
FINAL = ("Rejected", "Disconnected")


@dataclass(frozen=True)
class Connection:
    """A registry's record of a private endpoint.

    Attributes:
        name: what the registry calls it.
        endpoint: name of the endpoint that asks.
        endpoint_id: its ARM id.
        status: `Pending`, `Approved`, `Rejected` or `Disconnected`.
        description: what was said with it.
    """

    name: str
    endpoint: str
    endpoint_id: str
    status: str
    description: str


def ensure_manual_endpoint(lab: Lab) -> PrivateEndpoint:
    """Ask for an endpoint that the registry's owner has to approve."""
    settings = lab.settings
    subnet = lab.id_of(SUBNET, settings.network_name, settings.subnet_name)
    body = endpoint_body(lab, subnet, settings.manual_connection_name, manual=True)
    return put_endpoint(lab, settings.resource_group, settings.manual_endpoint_name, body)


def manual_endpoint(lab: Lab, *, until: str = "") -> PrivateEndpoint:
    """Read that endpoint as it is now.

    Args:
        until: read it again until its connection is `Approved`, say: what the registry's owner decides takes a while
            to be known here.

    Raises: NotReadyError: the connection was in another state after ten minutes.
    """
    settings = lab.settings
    id = lab.id_of(ENDPOINT, settings.manual_endpoint_name)

    def read() -> PrivateEndpoint:
        with asking("Reading the endpoint", id):
            return lab.network.private_endpoints.get(settings.resource_group, settings.manual_endpoint_name)

    return look_until(
        lambda endpoint: not until or connection_state(endpoint) == until,
        read,
        what=f"The connection of {settings.manual_endpoint_name} is {until}",
        resource_id=id,
        pause=lab.backend.pause,
        told=connection_state,
    )


def connection_state(endpoint: PrivateEndpoint) -> str:
    """Say what an endpoint knows of its connection: `Pending`, `Approved`, `Rejected`, `Disconnected`, or nothing."""
    links = endpoint.private_link_service_connections or endpoint.manual_private_link_service_connections or []
    state = links[0].private_link_service_connection_state if links else None
    return word(state.status) if state else ""


def connections(lab: Lab) -> tuple[Connection, ...]:
    """List every endpoint that the registry knows of."""
    settings = lab.settings
    with asking("Listing connections", lab.registry_id):
        listed = lab.registry.private_endpoint_connections.list(settings.resource_group, settings.registry_name)
        return tuple(sorted((_connection(c) for c in listed), key=lambda c: c.endpoint))


def pending_connections(lab: Lab) -> tuple[Connection, ...]:
    """List those that wait for the owner's answer."""
    return tuple(c for c in connections(lab) if c.status == "Pending")


def connection_of(lab: Lab, endpoint: str) -> Connection:
    """Find the connection of an endpoint: its name, in the lab's group, or its id anywhere.

    Raises: RefusedError: the registry knows none of it.
    """
    wanted = endpoint if endpoint.startswith("/") else lab.id_of(ENDPOINT, endpoint)
    for connection in connections(lab):
        if connection.endpoint_id.lower() == wanted.lower():
            return connection
    id = lab.registry_id
    name = wanted.rpartition("/")[2]
    message = f"{lab.settings.registry_name} has no connection of an endpoint {name}. Create the endpoint first."
    raise RefusedError(message, status=404, code="NoConnection", resource_id=id)


def approve(lab: Lab, connection: Connection, description: str = "") -> Connection:
    """Let an endpoint in."""
    return _decide(lab, connection, "Approved", description)


def reject(lab: Lab, connection: Connection, description: str = "") -> Connection:
    """Turn an endpoint away, for good."""
    return _decide(lab, connection, "Rejected", description)


def ensure_approved(lab: Lab, description: str = "") -> Table:
    """Have the manual endpoint approved, whatever was answered before, and tell what that took.

    Azure takes no answer back that says no: then the endpoint is deleted, made again, and the new request approved.
    """
    told, endpoint = [], lab.settings.manual_endpoint_name
    require_own(lab, lab.id_of(ENDPOINT, endpoint))
    connection = connection_of(lab, endpoint)
    if connection.status in FINAL:
        told.append({"found": connection.status, "done": "final: endpoint deleted and created again, to ask again"})
        remove_manual_endpoint(lab)
        ensure_manual_endpoint(lab)
        connection = connection_of(lab, endpoint)
    if connection.status == "Approved":
        told.append({"found": "Approved", "done": "nothing, it was approved before"})
    else:
        approve(lab, connection, description)
        told.append({"found": connection.status, "done": "approved"})
    return table(told, caption=f"The request of {endpoint}")


def _decide(lab: Lab, connection: Connection, status: str, description: str) -> Connection:
    id = lab.id_of(f"{REGISTRY}/privateEndpointConnections", lab.settings.registry_name, connection.name)
    state = {"status": status, "description": description, "actionsRequired": "None"}
    body = {
        "properties": {
            "privateEndpoint": {"id": connection.endpoint_id},
            "privateLinkServiceConnectionState": state,
        }
    }
    operations = lab.registry.private_endpoint_connections
    return _connection(put(lab, id, operations, body, "Deciding on the connection"))


def remove_manual_endpoint(lab: Lab) -> tuple[Connection, ...]:
    """Delete the manual endpoint. Returns: the connections that stay."""
    id = lab.id_of(ENDPOINT, lab.settings.manual_endpoint_name)
    remove(lab, id, lab.network.private_endpoints, "Deleting the endpoint")
    return connections(lab)


def _connection(found: PrivateEndpointConnection) -> Connection:
    name = required(found.name, "name of a connection")
    properties = required(found.properties, f"properties of the connection {name}")
    state = required(properties.private_link_service_connection_state, f"state of the connection {name}")
    asks = properties.private_endpoint.id if properties.private_endpoint else None
    endpoint = required(asks, f"endpoint of the connection {name}")
    return Connection(name, endpoint.rpartition("/")[2], endpoint, word(state.status), state.description or "")

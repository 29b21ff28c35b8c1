"""Chapter 04: the registry's owner says yes, then no; and the side that asked deletes what is left."""

from __future__ import annotations

from acrlab import steps
from acrlab.azure.cloud import ENDPOINT
from acrlab.course.section import Seen
from acrlab.course.tasks.task import Task
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours
from acrlab.steps.approval import FINAL, Connection
from acrlab.steps.private_link import find_endpoint
from acrlab.steps.public_access import find_registry

# By the endpoint's id: the registry may know others of that name, and others that wait.
FIND = (
    "connectionName=$(az acr private-endpoint-connection list --registry-name {registry_name} --output tsv \\\n"
    '    --query "[?ends_with(privateEndpoint.id, '
    f"'{{resource_group}}/providers/{ENDPOINT}/{{manual_endpoint_name}}')].name\")\n"
)
CONNECTIONS = "Microsoft.ContainerRegistry/registries/privateEndpointConnections"


def approve(lab: Lab) -> None:
    """The whole connection is sent back with another state: the endpoint's id has to be in it."""
    s = lab.settings
    connection = steps.connection_of(lab, s.manual_endpoint_name)
    if connection.status in ("Rejected", "Disconnected"):  # final: only a new endpoint can ask again
        steps.remove_manual_endpoint(lab)
        steps.ensure_manual_endpoint(lab)
        connection = steps.connection_of(lab, s.manual_endpoint_name)
    state = {"status": "Approved", "description": "Approved in the lab", "actionsRequired": "None"}
    properties = {"privateEndpoint": {"id": connection.endpoint_id}, "privateLinkServiceConnectionState": state}
    lab.registry.private_endpoint_connections.begin_create_or_update(
        s.resource_group, s.registry_name, connection.name, {"properties": properties}
    ).result()


def reject(lab: Lab) -> None:
    """It is the same call as for an approval, with another status."""
    s = lab.settings
    connection = steps.connection_of(lab, s.manual_endpoint_name)
    state = {"status": "Rejected", "description": "Thank you, that was all", "actionsRequired": "None"}
    properties = {"privateEndpoint": {"id": connection.endpoint_id}, "privateLinkServiceConnectionState": state}
    lab.registry.private_endpoint_connections.begin_create_or_update(
        s.resource_group, s.registry_name, connection.name, {"properties": properties}
    ).result()


def delete_endpoint(lab: Lab) -> None:
    """The endpoint belongs to the side that asked, and costs money until deleted; its connection is deleted with it."""
    s = lab.settings
    lab.network.private_endpoints.begin_delete(s.resource_group, s.manual_endpoint_name).result()


def _connection(lab: Lab) -> Connection | None:
    if find_registry(lab) is None:
        return None
    wanted = lab.id_of(ENDPOINT, lab.settings.manual_endpoint_name).lower()  # others may have one of that name
    return next((one for one in steps.connections(lab) if one.endpoint_id.lower() == wanted), None)


def _endpoint_of_others(lab: Lab) -> str | None:
    s = lab.settings
    found = find_endpoint(lab, s.manual_endpoint_name)
    return None if found is None or is_ours(lab, found.tags) else s.manual_endpoint_name


def _approved(lab: Lab) -> Seen:
    found = _connection(lab)
    if found is None:
        return Seen(False, "the registry knows no such connection", "no one asked", "run the chapter from the top")
    shown = f"the connection of {found.endpoint} is {found.status}"
    if found.status in FINAL:
        again = "delete the endpoint, create it again (acrlab.ensure_manual_endpoint(lab)), and approve that"
        return Seen(False, shown, "that answer is final", again)
    if found.status != "Approved":
        cause = "no one has answered, or the answer went to another connection"
        return Seen(False, shown, cause, "answer on the registry's side: in the panel, with az, or with the SDK")
    return Seen(True, shown)


def _rejected(lab: Lab) -> Seen:
    found = _connection(lab)
    if found is None:
        return Seen(False, "the registry knows no such connection", "its endpoint was deleted", "approve a new one")
    shown = f"the connection of {found.endpoint} is {found.status}"
    if found.status != "Rejected":
        return Seen(False, shown, "the registry's owner has not rejected it", "reject, on the registry's side")
    return Seen(True, f"{shown}: {found.description or 'nothing was said with it'}")


def _gone(lab: Lab) -> Seen:
    s = lab.settings
    if (found := find_endpoint(lab, s.manual_endpoint_name)) is not None:
        cause = "rejecting cuts an endpoint off but does not delete it"
        return Seen(False, f"{found.name} is still there", cause, "delete the endpoint, on the network's side")
    if (left := _connection(lab)) is not None:
        return Seen(False, f"a connection of {left.endpoint}", "Azure is still deleting it", "run the cell again")
    return Seen(True, f"no {s.manual_endpoint_name}, and no connection of it on the registry")


ANSWER = (
    "A registry's connections are resources below it: `lab.registry.private_endpoint_connections`.",
    (
        "`acrlab.steps.connection_of(lab, settings.manual_endpoint_name)` finds it; `begin_create_or_update` takes "
        "group, registry, the connection's name and a body with `privateEndpoint` and "
        "`privateLinkServiceConnectionState`."
    ),
)

TASKS = (
    Task(
        name="approval",
        chapter="04",
        goal="You own the registry: approve the waiting connection.",
        expected="the connection of {manual_endpoint_name} is Approved",
        look=_approved,
        hints=ANSWER,
        solution=approve,
        az=FIND + "az acr private-endpoint-connection approve --registry-name {registry_name} --name $connectionName",
        rights=(f"{CONNECTIONS}/write",),
        foreign=_endpoint_of_others,
    ),
    Task(
        name="rejection",
        chapter="04",
        goal="Change your mind: reject the connection that you have approved.",
        expected="the connection of {manual_endpoint_name} is Rejected",
        look=_rejected,
        hints=("It is the call that approved it, with one word changed.", *ANSWER[1:]),
        solution=reject,
        az=FIND + "az acr private-endpoint-connection reject --registry-name {registry_name} --name $connectionName",
        rights=(f"{CONNECTIONS}/write",),
        foreign=_endpoint_of_others,
    ),
    Task(
        name="useless-endpoint",
        chapter="04",
        goal="Play the other team, and delete the endpoint that no longer leads anywhere.",
        expected="no endpoint {manual_endpoint_name}",
        look=_gone,
        hints=(
            "The endpoint is a resource in your network's group, not part of the registry.",
            "`lab.network.private_endpoints` has `begin_delete(group, name)`; wait for its `.result()`.",
        ),
        solution=delete_endpoint,
        az="az network private-endpoint delete --name {manual_endpoint_name} --resource-group {resource_group}",
        rights=("Microsoft.Network/privateEndpoints/delete",),
        after="rejection",
        foreign=_endpoint_of_others,
    ),
)

"""Microsoft.ContainerRegistry/registries/privateEndpointConnections: the registry's half of a private link.

It says who asked, and what the registry's owner answered.
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import lateness
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Shape, ref
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.registration import is_registered
from acrlab.emulator.core.resource import UPDATING, Resource, State
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Anything, Field, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import system_data
from acrlab.emulator.types.container_registry.registry_rules import not_there
from acrlab.emulator.types.network.subnet import ENDPOINT_TYPE
from acrlab.emulator.types.polling import CONNECTION_DELETE, CONNECTION_PUT

CONNECTION_TYPE = "Microsoft.ContainerRegistry/registries/privateEndpointConnections"
NAMESPACE = "Microsoft.ContainerRegistry"
ALIAS_S = 3600  # how long the aliases of a registry may be kept
ALIAS_UNTIL = "alias until"  # virtual second, in a registry's state

# from -> to; what is rejected or disconnected stays so, and needs a new request
TRANSITIONS = {
    "Pending": ("Pending", "Approved", "Rejected", "Disconnected"),
    "Approved": ("Approved", "Rejected", "Disconnected"),
    "Rejected": ("Rejected", "Disconnected"),
    "Disconnected": ("Disconnected",),
}


def link_state(connection: Resource) -> JSON:
    """What is true now: a change that was asked for counts only when its operation has ended."""
    state: JSON = connection.state["link"]
    return state


def asked_by_an_endpoint(state: State, connection: Resource, old: Resource | None) -> None:
    """Connections come from endpoints; a caller cannot make one."""
    if old is None:
        message = f"The resource {connection.id.name} could not be found."
        raise ArmError(404, "ResourceNotFound", message)


def transition_is_legal(state: State, connection: Resource, old: Resource | None) -> None:
    """A rejected or disconnected connection can't be brought back."""
    was = link_state(connection)["status"]
    wanted = connection.properties["privateLinkServiceConnectionState"]["status"]
    if wanted not in TRANSITIONS[was]:
        message = f"The private endpoint connection {connection.id.name} is {was} and cannot become {wanted}."
        raise ArmError(409, "InvalidPrivateEndpointConnectionState", message)


def endpoint_may_be_served(state: State, connection: Resource, old: Resource | None) -> None:
    """An endpoint is approved only where its own subscription may use the registry's provider."""
    wanted = connection.properties["privateLinkServiceConnectionState"]["status"]
    new = wanted == "Approved" and link_state(connection)["status"] != "Approved"
    problem = unregistered_beside(state, connection.state["endpoint"]) if new else None
    if problem:
        raise problem


def unregistered_beside(state: State, endpoint: str) -> ArmError | None:
    """Return the refusal where the subscription of an endpoint is not registered for registries; None: it is."""
    if is_registered(state, NAMESPACE, ArmId.parse(endpoint).subscription):
        return None
    message = f"{NAMESPACE} provider must be registered on subscription containing private endpoint: {endpoint}"
    return ArmError(403, "AuthorizationFailed", message)


def decide(state: State, connection: Resource) -> None:
    """The owner's answer takes effect; the endpoint's side, its names and its records follow."""
    asked = connection.properties["privateLinkServiceConnectionState"]
    before = link_state(connection)["status"]
    lateness.change(state, connection, "status", before, asked["status"], seconds=lateness.CONNECTION_S)
    connection.state["link"] = {k: v for k, v in asked.items() if v not in ("", None)}
    state.settle(connection, connection.phase)
    endpoint = state.find(connection.state["endpoint"])
    if endpoint is not None:
        state.perform("endpoint_changed", endpoint)


def cut_off(state: State, connection: Resource) -> None:
    """A connection that its owner deletes leaves the endpoint disconnected."""
    keep_alias(state, connection)
    endpoint = state.find(connection.state["endpoint"])
    if endpoint is not None:
        endpoint.state["cut off"] = True
        state.settle(endpoint, endpoint.phase)
        state.perform("endpoint_changed", endpoint)


def keep_alias(state: State, connection: Resource) -> None:
    """Note until when the registry's name stays an alias though this connection is gone; where names are late."""
    registry = state.find(connection.id.parent) if connection.id.parent else None
    if registry is not None and state.setting("timing") != "instant":
        registry.state[ALIAS_UNTIL] = state.now + ALIAS_S
        state.settle(registry, registry.phase)


def who_is_changing_it(state: State, connection: Resource) -> JSON | None:
    """Told while the change goes on, and not afterwards."""
    return system_data(state, connection) if connection.phase == UPDATING else None


STATE = Shape(
    {
        "status": Field(choice("Pending", "Approved", "Rejected", "Disconnected"), required=True),
        "description": Field(Text()),
        "actionsRequired": Field(choice("None", "Recreate")),
    }
)

PRIVATE_ENDPOINT_CONNECTION = ResourceType(
    type=CONNECTION_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/private-endpoint-connections/create-or-update",
    versions=api_versions.REGISTRY,
    name=r"[\w.-]{1,120}",
    envelope={},
    properties={
        "privateEndpoint": Field(ref(ENDPOINT_TYPE)),
        "privateLinkServiceConnectionState": Field(STATE, required=True),
        "groupIds": Field(Anything(), inert=True),
    },
    computed={
        "privateEndpoint": lambda state, connection: {"id": connection.state["endpoint"]},
        "privateLinkServiceConnectionState": lambda state, connection: link_state(connection),
    },
    computed_envelope={"systemData": who_is_changing_it},
    rules=(asked_by_an_endpoint, transition_is_legal, endpoint_may_be_served),
    on_ready=decide,
    on_delete=cut_off,
    polling={"PUT": CONNECTION_PUT, "DELETE": CONNECTION_DELETE},
    seconds={"PUT": 21, "DELETE": 12},
    verbs=("GET", "PUT", "DELETE", "LIST"),
    missing=not_there,
)

DEVIATIONS = (
    Deviation(
        of=CONNECTION_TYPE,
        what="An approval is refused in Key Vault's words where the endpoint's subscription lacks the provider.",
        impact="Azure refuses it, too; code and message of registries may differ.",
        reason="Of registries only the words of 2020 are reported, which were to be replaced; Key Vault's are known.",
        workaround="az provider register --namespace Microsoft.ContainerRegistry, in the endpoint's subscription.",
    ),
)

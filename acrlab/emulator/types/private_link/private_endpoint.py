"""Microsoft.Network/privateEndpoints: a request for addresses in a subnet that lead to one service.

Making one touches three resources: the endpoint, the interface that holds its addresses, and the connection that the
registry's owner approves. How those come about is `endpoint_parts`.
Source, of the words for what cannot be changed:
https://learn.microsoft.com/azure/postgresql/network/how-to-networking-servers-deployed-public-access-add-private-endpoint
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Elements, Id, Listing, ref
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.nearness import is_near, require_near
from acrlab.emulator.core.resource import CREATING, SUCCEEDED, UPDATING, Resource, State
from acrlab.emulator.core.schema import ResourceType, missing_reference
from acrlab.emulator.core.values import Address, Field, Scene, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE, is_premium
from acrlab.emulator.types.network.subnet import ENDPOINT_TYPE, SUBNET_TYPE, is_unchanged
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE
from acrlab.emulator.types.private_link import endpoint_parts
from acrlab.emulator.types.private_link.endpoint_parts import connection_of, is_approved, is_manual, request_of


def asks_for_one_service(state: State, endpoint: Resource, old: Resource | None) -> None:
    """An endpoint leads to exactly one service, asked for in one of the two ways."""
    lists = [endpoint.properties[k] for k in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")]
    if sum(len(items) for items in lists) != 1:
        message = f"Private endpoint {endpoint.id} must have exactly one private link service connection."
        raise ArmError(400, "PrivateEndpointMustHaveOnePrivateLinkServiceConnection", message, details=[])


def keeps_its_connection(state: State, endpoint: Resource, old: Resource | None) -> None:
    """What an endpoint leads to, and the name of its request, are fixed when it is made."""
    if old is not None and _connection(old) != _connection(endpoint):
        connection = f"{endpoint.id}/privateLinkServiceConnections/{_element(old)['name']}"
        message = (
            f"Cannot change the private link connection on private endpoint {endpoint.id}. Please ensure you are not "
            f"updating the details of existing private link connection: '{connection}'. That is not allowed."
        )
        raise ArmError(400, "CannotChangePrivateLinkConnectionOnPrivateEndpoint", message, details=[])


def _connection(endpoint: Resource) -> tuple[str, str]:
    return str(_element(endpoint)["name"]).lower(), _target(endpoint).key


def keeps_its_subnet(state: State, endpoint: Resource, old: Resource | None) -> None:
    """Its interface stays where it is. Reported: https://github.com/pulumi/pulumi-azure-native/issues/3883"""
    before, after = (one.properties["subnet"]["id"] if one else "" for one in (old, endpoint))
    if old is not None and before.lower() != after.lower():
        message = (
            f"Cannot change the subnet in which the network interface for private endpoint {endpoint.id} is created. "
            f"Current subnet: '{before}.' Requested subnet: '{after}.'"
        )
        raise ArmError(400, "CannotChangeSubnetOnExistingPrivateEndpoint", message, details=[])


def stands_in_its_region(state: State, endpoint: Resource, old: Resource | None) -> None:
    """An endpoint is in the region of its network, wherever the service is that it leads to.

    Source: https://github.com/microsoft-foundry/foundry-samples/issues/657
    """
    subnet = state.find(endpoint.properties["subnet"]["id"])
    if subnet is None or subnet.id.parent is None or is_near(state, endpoint, subnet):
        return
    refusal = missing_reference(endpoint, str(subnet.id.parent))
    unfound = [{"code": "NotFound", "message": f"Resource {subnet.id.parent} not found."}]
    raise ArmError(400, refusal.code, refusal.message, details=unfound)


def subnet_allows_endpoints(state: State, endpoint: Resource, old: Resource | None) -> None:
    """The article's rule: policies for endpoints have to be off.

    Today's Azure no longer asks, so it is a setting of the world.
    """
    text = endpoint.properties["subnet"]["id"]
    subnet = state.find(text)
    if subnet is None:
        raise missing_reference(endpoint, text)
    enabled = subnet.properties["privateEndpointNetworkPolicies"] == "Enabled"
    if enabled and state.setting("subnet-network-policies") == "as-in-2020" and old is None:
        message = (
            f"Private endpoint {endpoint.id} cannot be created in a subnet {subnet.id} since it has private endpoint "
            "network policies enabled."
        )
        code = "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"
        raise ArmError(400, code, message, details=[])


def subnet_is_not_delegated(state: State, endpoint: Resource, old: Resource | None) -> None:
    """A subnet that is delegated to a service has no room for anything else."""
    subnet = state.get(ArmId.parse(endpoint.properties["subnet"]["id"]))
    if subnet.properties.get("delegations"):
        message = f"Private endpoint {endpoint.id} cannot be created as subnet {subnet.id} is delegated."
        raise ArmError(400, "PrivateEndpointCreationNotAllowedAsSubnetIsDelegated", message, details=[])


def groups_exist(state: State, endpoint: Resource, old: Resource | None) -> None:
    """An endpoint can only be in application security groups that are there."""
    for group in endpoint.properties.get("applicationSecurityGroups", ()):
        require_near(state, endpoint, group["id"])


def target_is_a_registry(state: State, endpoint: Resource, old: Resource | None) -> None:
    """Azure links many services, each with group ids of its own; here registries are linked and nothing else."""
    target = _target(endpoint)
    if target.type.lower() != REGISTRY_TYPE.lower():
        raise NotEmulated(f"a private endpoint to {target.type}", supported=REGISTRY_TYPE)


def names_what_it_wants(state: State, endpoint: Resource, old: Resource | None) -> None:
    """A registry offers one thing, `registry`, and wants to be asked for it by name."""
    groups = request_of(endpoint).get("groupIds") or []
    connection = f"{endpoint.id}/privateLinkServiceConnections/{_element(endpoint)['name']}"
    if not groups:
        message = f"Private link service connection {connection} is missing required parameter 'group Id'."
        raise ArmError(400, "MissingParameterOnPrivateLinkServiceConnection", message, details=[])
    if [g.lower() for g in groups] != ["registry"]:
        message = f"Private link service connection {connection} names unknown group ids {groups}; supported: registry."
        raise ArmError(400, "InvalidParameterOnPrivateLinkServiceConnection", message, details=[])


def registry_is_premium(state: State, endpoint: Resource, old: Resource | None) -> None:
    """Only Premium registries can be linked. The service's own words for this are not known; these are ours."""
    target = _target(endpoint)
    registry = state.find(target)
    if registry is None:
        raise missing_reference(endpoint, str(target))
    if not is_premium(registry):
        sku = registry.body["sku"]["name"]
        message = (
            f"Private endpoints are not supported for the SKU {sku} of registry {registry.id.name}; it must be Premium."
        )
        raise ArmError(400, "PrivateEndpointNotSupportedForSku", message, details=[])


def registry_is_made(state: State, endpoint: Resource, old: Resource | None) -> None:
    """A registry, or a replica of it, that is still being made takes no endpoint. The words are ours.

    Source: Azure/bicep-registry-modules#4042, whose endpoints fail beside replicas unless they wait for them.
    """
    registry = state.get(_target(endpoint))
    for part in (registry, *state.children(registry.id, "replications")):
        if old is None and part.phase == CREATING:
            message = (
                f"Call to {REGISTRY_TYPE} failed. Error message: {part.id} is not in Succeeded state. It is in "
                f"{CREATING} state."
            )
            raise ArmError(400, "RegistryProvisioningStateInvalid", message, details=[])


def _target(endpoint: Resource) -> ArmId:
    return ArmId.parse(request_of(endpoint)["privateLinkServiceId"])


def _element(endpoint: Resource) -> JSON:
    manual = "manualPrivateLinkServiceConnections" if is_manual(endpoint) else "privateLinkServiceConnections"
    element: JSON = endpoint.properties[manual][0]
    return element


def connection_state(scene: Scene, element: JSON) -> JSON:
    """The registry's answer as the endpoint's side tells it: in other words while the endpoint is being written."""
    endpoint, state = scene.resource, scene.state
    connection = connection_of(state, endpoint)
    status = connection.state["link"]["status"] if connection else "Disconnected"
    description = (connection.state["link"].get("description") if connection else "") or ""
    if endpoint.phase == UPDATING and status == "Pending":
        description = "Awaiting Approval"
    elif endpoint.phase == UPDATING and status == "Approved" and not is_manual(endpoint):
        description = "Auto Approved" if scene.version >= "2021" else ""  # without the hyphen, which comes in the end
    return {"status": status, "description": description, "actionsRequired": "None"}


def names_to_configure(state: State, endpoint: Resource) -> list[JSON]:
    """Names and addresses for the caller's own DNS: shown once approved, and no longer once a zone group keeps it.

    One that is written again shows them all the while.
    """
    told = endpoint.phase in (SUCCEEDED, UPDATING) and not endpoint.is_new and is_approved(state, endpoint)
    written = any(g.state.get("records") for g in state.children(endpoint.id, "privateDnsZoneGroups"))
    if not told or written:
        return []
    return [{"fqdn": f, "ipAddresses": [a]} for f, a in endpoint_parts.addresses_of(state, endpoint).items()]


REQUEST = {
    "privateLinkServiceId": Field(Id(), required=True),
    "groupIds": Field(Listing(Text())),
    "requestMessage": Field(Text()),
}
IP_CONFIGURATIONS = Elements(
    "ipConfigurations",
    {
        "groupId": Field(Text(), required=True),
        "memberName": Field(Text(), required=True),
        "privateIPAddress": Field(Address(), required=True),
    },
    settled=True,
)
CONNECTION_COMPUTED = {"privateLinkServiceConnectionState": connection_state}

PRIVATE_ENDPOINT = ResourceType(
    type=ENDPOINT_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/private-endpoints/create-or-update",
    versions=api_versions.NETWORK,
    name=r"[A-Za-z0-9]([\w.-]{0,62}\w)?",
    properties={
        "privateLinkServiceConnections": Field(
            Elements("privateLinkServiceConnections", REQUEST, CONNECTION_COMPUTED, settled=True), default=[]
        ),
        "manualPrivateLinkServiceConnections": Field(
            Elements("manualPrivateLinkServiceConnections", REQUEST, CONNECTION_COMPUTED, settled=True), default=[]
        ),
        "customNetworkInterfaceName": Field(Text(), default="", since="2021-05-01"),
        "subnet": Field(ref(SUBNET_TYPE), required=True),
        "ipConfigurations": Field(IP_CONFIGURATIONS, default=[], since="2021-05-01"),
        "applicationSecurityGroups": Field(Listing(ref("Microsoft.Network/applicationSecurityGroups"))),
        "ipVersionType": Field(choice("IPv4", unmodelled=("IPv6", "DualStack")), since="2025-01-01"),
    },
    read_only=("customDnsConfigs", "networkInterfaces"),
    computed={
        "resourceGuid": lambda state, endpoint: state.guid(endpoint, "resource"),
        "networkInterfaces": lambda state, endpoint: [{"id": endpoint.state["interface"]}],
        "customDnsConfigs": names_to_configure,
    },
    rules=(
        asks_for_one_service,
        keeps_its_connection,
        keeps_its_subnet,
        stands_in_its_region,
        target_is_a_registry,
        subnet_allows_endpoints,
        subnet_is_not_delegated,
        groups_exist,
        names_what_it_wants,
        registry_is_premium,
        registry_is_made,
    ),
    on_put=endpoint_parts.assemble,
    on_ready=endpoint_parts.approve_by_itself,
    on_delete=endpoint_parts.take_apart,
    takes_over=("privateDnsZoneGroups",),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 32, "DELETE": 12},
    at_once=is_unchanged,  # as recorded of one that gets other tags
    etag="quoted",
    patch="tags",
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Network/privateEndpoints",
        what="An endpoint for a registry that is not Premium is refused in the emulator's own words.",
        impact="Code and message differ from Azure's; the status is 400.",
        reason="Azure's words for it were not found in any recording.",
        workaround="Look at the status and not at the message.",
    ),
    Deviation(
        of="Microsoft.Network/privateEndpoints",
        what=(
            "An endpoint for a registry that is still being made, or has a replica that is, is refused in the "
            "emulator's own words."
        ),
        impact="Code and message differ from Azure's, which may also accept the endpoint and fail it later.",
        reason="It is known that it fails, and the words are not.",
        workaround="Wait for the registry and its replicas; in a template, name them in `dependsOn`.",
    ),
    Deviation(
        of="Microsoft.Network/privateEndpoints",
        what="A subnet with network policies enabled refuses endpoints.",
        impact="Azure stopped asking for that after 2020.",
        reason="The article teaches the step; the world's setting `subnet-network-policies` is `as-in-2020`.",
        workaround="Set it to `as-today`.",
    ),
)

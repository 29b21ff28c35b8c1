"""A second subscription in one world: its own groups and providers, ids across, approval across, another tenant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.azure.cloud import MANAGEMENT_HOST
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import Request
from acrlab.emulator.core.subscriptions import ADDED
from acrlab.errors import ConfigurationError
from tests.sdk import client

LOCATED = {"location": "westus"}
TENANT = "11111111-2222-4333-8444-555555555555"


class Other:
    """The clients of the second subscription, with a group, and what most tests need there."""

    def __init__(self, cloud: Any, id: str) -> None:
        opened = self.opened = cloud.opened
        self.id = id
        made = {"subscription": id}
        self.resources = client(ResourceManagementClient, opened, **made)
        self.network = client(NetworkManagementClient, opened, **made)
        self.dns = client(PrivateDnsManagementClient, opened, **made)
        self.registries = client(ContainerRegistryManagementClient, opened, **made)
        self.resources.providers.register("Microsoft.Network")
        self.resources.resource_groups.create_or_update("theirs", LOCATED)

    def subnet(self, prefix: str = "10.1.0.0/16") -> Any:
        space = {"addressSpace": {"addressPrefixes": [prefix]}}
        network = self.network.virtual_networks
        network.begin_create_or_update("theirs", "v", {**LOCATED, "properties": space}).result()
        body = {"properties": {"addressPrefix": prefix.replace("/16", "/24")}}
        body["properties"]["privateEndpointNetworkPolicies"] = "Disabled"
        return self.network.subnets.begin_create_or_update("theirs", "v", "s", body).result()

    def endpoint(self, registry: str, subnet: Any, name: str = "e", *, manual: bool = False) -> Any:
        kind = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
        request = {"name": "c", "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
        body = {**LOCATED, "properties": {"subnet": {"id": subnet.id}, kind: [request]}}
        return self.network.private_endpoints.begin_create_or_update("theirs", name, body).result()

    def register(self) -> None:
        self.resources.providers.register("Microsoft.ContainerRegistry")


def second(cloud: Any, **more: Any) -> Other:
    return Other(cloud, subscriptions.add(cloud.world, "Spokes", **more).id)


def status(cloud: Any, registry: str = "contoso") -> Any:
    (connection,) = cloud.registries.private_endpoint_connections.list("g", registry)
    return connection.properties.private_link_service_connection_state.status


def approve(cloud: Any, registry: str = "contoso") -> None:
    (connection,) = cloud.registries.private_endpoint_connections.list("g", registry)
    state = {"status": "Approved", "description": "welcome"}
    body = {"properties": {"privateLinkServiceConnectionState": state}}
    client = cloud.registries.private_endpoint_connections
    client.begin_create_or_update("g", registry, connection.name, body).result()


def error(call: Any) -> Any:
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value


def test_a_world_with_one_subscription_keeps_nothing_of_others(cloud):
    assert cloud.world.value(ADDED, "") == ""
    assert [s.name for s in subscriptions.subscriptions(cloud.world)] == ["acrlab emulated subscription"]


def test_a_second_subscription_has_groups_of_its_own(cloud):
    other = second(cloud)
    other.resources.resource_groups.create_or_update("g", {"location": "eastus"})

    assert [g.name for g in other.resources.resource_groups.list()] == ["g", "theirs"]
    assert [g.location for g in cloud.resources.resource_groups.list()] == ["westus"]


def test_its_providers_are_not_registered(cloud):
    other = second(cloud)
    other.resources.providers.register("Microsoft.Network")

    path = f"/subscriptions/{other.id}/resourceGroups/theirs/providers/Microsoft.ContainerRegistry/registries/fabrikam"
    body = json.dumps({**LOCATED, "sku": {"name": "Basic"}}).encode()
    refused = cloud.opened.azure.manage(Request("PUT", MANAGEMENT_HOST, path, {"api-version": "2023-07-01"}, {}, body))

    assert (refused.status, refused.body["error"]["code"]) == (409, "MissingSubscriptionRegistration")
    assert other.resources.providers.get("Microsoft.Network").registration_state == "Registered"
    assert other.resources.providers.get("Microsoft.ContainerRegistry").registration_state == "NotRegistered"
    assert cloud.resources.providers.get("Microsoft.ContainerRegistry").registration_state == "Registered"


def test_a_provider_is_unregistered_where_its_subscription_has_nothing_of_it(cloud):
    other = second(cloud)
    other.register()

    told = other.resources.providers.unregister("Microsoft.ContainerRegistry")

    assert told.registration_state == "Unregistering"
    assert other.resources.providers.get("Microsoft.ContainerRegistry").registration_state == "Unregistered"
    assert cloud.resources.providers.get("Microsoft.ContainerRegistry").registration_state == "Registered"


def test_a_provider_that_is_in_use_stays_registered(cloud):
    cloud.registry()

    refused = error(lambda: cloud.resources.providers.unregister("Microsoft.ContainerRegistry"))

    assert refused.status_code == 409
    assert "The subscription cannot be unregistered from resource namespace 'Microsoft.ContainerRegistry'. " in str(
        refused
    )
    assert cloud.resources.providers.get("Microsoft.ContainerRegistry").registration_state == "Registered"


def test_an_endpoint_to_a_registry_of_another_subscription_is_approved_for_who_may(cloud):
    registry, other = cloud.registry(), second(cloud)
    other.register()

    made = other.endpoint(registry.id, other.subnet())

    assert made.properties.provisioning_state == "Succeeded"
    assert status(cloud) == "Approved"
    (connection,) = cloud.registries.private_endpoint_connections.list("g", "contoso")
    assert connection.properties.private_endpoint.id == made.id


def test_it_fails_where_its_own_subscription_lacks_the_provider(cloud):
    registry, other = cloud.registry(), second(cloud)
    subnet = other.subnet()

    refused = error(lambda: other.endpoint(registry.id, subnet))

    assert refused.error.code == "AuthorizationFailed"
    assert "Microsoft.ContainerRegistry provider must be registered on subscription" in refused.message
    assert status(cloud) == "Pending"
    assert other.network.private_endpoints.get("theirs", "e").properties.provisioning_state == "Failed"


def test_it_is_approved_when_it_is_written_again_after_the_registration(cloud):
    registry, other = cloud.registry(), second(cloud)
    subnet = other.subnet()
    error(lambda: other.endpoint(registry.id, subnet))
    other.register()

    other.endpoint(registry.id, subnet)

    assert status(cloud) == "Approved"


def test_an_approval_needs_the_provider_in_the_endpoints_subscription(cloud):
    registry, other = cloud.registry(), second(cloud)
    other.endpoint(registry.id, other.subnet(), manual=True)

    assert error(lambda: approve(cloud)).status_code == 403
    other.register()
    approve(cloud)

    assert status(cloud) == "Approved"


def test_without_the_right_to_approve_the_endpoint_is_refused(cloud):
    other = second(cloud)
    other.register()
    registry = other.registries.registries.begin_create("theirs", "fabrikam", {**LOCATED, "sku": {"name": "Premium"}})
    id = registry.result().id
    subscriptions.set_role(cloud.world, "Spokes", "Reader")

    refused = error(lambda: cloud.endpoint(other.registries.registries.get("theirs", "fabrikam"), cloud.subnet()))

    assert refused.error.code == "LinkedAuthorizationFailed"
    assert f"'PrivateEndpointConnectionsApproval/action' on the linked scope(s) '{id}'" in refused.message


def test_a_manual_request_needs_no_right_there(cloud):
    other = second(cloud)
    other.register()
    made = other.registries.registries.begin_create("theirs", "fabrikam", {**LOCATED, "sku": {"name": "Premium"}})
    registry = made.result()
    subscriptions.set_role(cloud.world, "Spokes", "none")

    endpoint = cloud.endpoint(registry, cloud.subnet(), manual=True)

    (asked,) = endpoint.properties.manual_private_link_service_connections
    assert asked.properties.private_link_service_connection_state.status == "Pending"
    subscriptions.set_role(cloud.world, "Spokes", "Owner")
    (seen,) = other.registries.private_endpoint_connections.list("theirs", "fabrikam")
    assert seen.properties.private_endpoint.id == endpoint.id


def test_a_template_does_not_give_the_right_to_approve(cloud):
    other = second(cloud)
    other.register()
    made = other.registries.registries.begin_create("theirs", "fabrikam", {**LOCATED, "sku": {"name": "Premium"}})
    request = {"name": "c", "properties": {"privateLinkServiceId": made.result().id, "groupIds": ["registry"]}}
    subscriptions.set_role(cloud.world, "Spokes", "Reader")
    endpoint = {
        "type": "Microsoft.Network/privateEndpoints",
        "apiVersion": "2023-09-01",
        "name": "e",
        "location": "westus",
        "properties": {"subnet": {"id": cloud.subnet().id}, "privateLinkServiceConnections": [request]},
    }
    template = {
        "contentVersion": "1.0.0.0",
        "resources": [endpoint],
        "$schema": "https://schema.management.azure.com/x#",
    }
    body = {"properties": {"mode": "Incremental", "template": template}}
    path = f"/subscriptions/{cloud.opened.subscription}/resourcegroups/g/providers/Microsoft.Resources/deployments/d"
    asked = Request("PUT", MANAGEMENT_HOST, path, {"api-version": "2022-09-01"}, {}, json.dumps(body).encode())

    answer = cloud.opened.azure.manage(asked)

    assert answer.body["error"]["code"] == "InvalidTemplateDeployment"
    assert answer.body["error"]["details"][0]["code"] == "LinkedAuthorizationFailed"


def test_the_reader_of_a_subscription_changes_nothing_there(cloud):
    other = second(cloud)
    subscriptions.set_role(cloud.world, "Spokes", "Reader")

    assert [g.name for g in other.resources.resource_groups.list()] == ["theirs"]
    refused = error(lambda: other.resources.resource_groups.create_or_update("more", LOCATED))
    assert (refused.status_code, refused.error.code) == (403, "AuthorizationFailed")


def test_without_any_right_a_subscription_is_not_to_be_seen(cloud):
    other = second(cloud)
    subscriptions.set_role(cloud.world, "Spokes", "none")

    assert error(lambda: list(other.resources.resource_groups.list())).status_code == 403


def test_a_zone_is_linked_to_a_network_of_another_subscription(cloud):
    cloud.zone()
    other = second(cloud)
    other.subnet()
    network = other.network.virtual_networks.get("theirs", "v").id

    assert cloud.link("privatelink.azurecr.io", network).properties.virtual_network.id == network


def test_networks_are_peered_across_subscriptions(cloud):
    cloud.subnet()
    other = second(cloud)
    other.subnet()
    mine, theirs = (
        cloud.network.virtual_networks.get("g", "v").id,
        other.network.virtual_networks.get("theirs", "v").id,
    )
    there, here = (
        {"properties": {"remoteVirtualNetwork": {"id": id}, "allowVirtualNetworkAccess": True}} for id in (theirs, mine)
    )
    cloud.network.virtual_network_peerings.begin_create_or_update("g", "v", "p", there).result()
    half = other.network.virtual_network_peerings.begin_create_or_update("theirs", "v", "p", here).result()

    assert half.properties.peering_state == "Connected"


def test_what_lies_in_another_tenant_is_asked_for_by_hand_alone(cloud):
    registry, other = cloud.registry(), second(cloud, tenant=TENANT)
    other.register()
    subnet = other.subnet()

    refused = error(lambda: other.endpoint(registry.id, subnet))
    asked = other.endpoint(registry.id, subnet, "asked", manual=True)
    approve(cloud)

    assert refused.error.code == "LinkedAuthorizationFailed"
    assert f"the current tenant '{TENANT}' is not authorized to access linked subscription" in refused.message
    assert status(cloud) == "Approved"
    assert asked.properties.provisioning_state == "Succeeded"


def test_a_role_of_another_subscription_is_shown_with_its_own_definition(cloud):
    other = second(cloud)
    reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    path = f"/subscriptions/{other.id}/providers/Microsoft.Authorization/roleDefinitions/{reader}"
    asked = Request("GET", MANAGEMENT_HOST, path, {"api-version": "2022-04-01"}, {}, b"")

    assert cloud.opened.azure.manage(asked).body["id"] == path


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"id": "no guid"}, "is not a GUID"),
        ({"tenant": "no guid"}, "is not a GUID"),
        ({"role": "King"}, "there is no role 'King'"),
        ({"name": " "}, "needs a name"),
        ({"name": "acrlab emulated subscription"}, "there is a subscription"),
    ],
)
def test_what_makes_no_subscription_is_refused(cloud, more, said):
    with pytest.raises(ConfigurationError, match=said):
        subscriptions.add(cloud.world, **{"name": "Spokes", **more})


def test_the_worlds_own_subscription_stays_the_learners(cloud):
    with pytest.raises(ConfigurationError, match="owns the world's own subscription"):
        subscriptions.set_role(cloud.world, "acrlab emulated subscription", "Reader")


def test_a_reset_keeps_a_subscription_and_empties_it(cloud):
    other = second(cloud)
    cloud.world.reset()

    assert list(other.resources.resource_groups.list()) == []
    assert other.resources.providers.get("Microsoft.Network").registration_state == "NotRegistered"


def test_two_providers_are_there_without_being_registered(cloud):
    free = {p.namespace for p in cloud.resources.providers.list() if p.registration_policy == "RegistrationFree"}

    assert free == {"Microsoft.Authorization", "Microsoft.Resources"}


def test_a_provider_tells_which_of_its_types_can_be_moved(cloud):
    types = {t.resource_type: t.capabilities for t in cloud.resources.providers.get("Microsoft.Network").resource_types}

    moves = "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation"
    assert (types["virtualNetworks"], types["virtualNetworks/subnets"]) == (moves, "None")

"""What a network's parts name has to be in their own region: elsewhere it is not found."""

import pytest
from azure.core.exceptions import HttpResponseError

EAST = {"location": "eastus"}


def refusal(call):
    with pytest.raises(HttpResponseError) as caught:
        call().result()
    error = caught.value.error
    return error.code, error.message, [(d.code, d.message) for d in error.details]


def words(target, resource):
    return (
        f"Resource {target} referenced by resource {resource} was not found. Please make sure that the referenced "
        "resource exists, and that both resources are in the same region."
    )


def test_an_endpoint_is_in_the_region_of_its_network(cloud):
    """Source: microsoft-foundry/foundry-samples#657."""
    registry, subnet = cloud.registry(), cloud.subnet()
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}
    body = {**EAST, "properties": {"subnet": {"id": subnet.id}, "privateLinkServiceConnections": [request]}}
    make = cloud.network.private_endpoints.begin_create_or_update
    network = subnet.id.rpartition("/subnets/")[0]
    endpoint = f"{registry.id.partition('/providers/')[0]}/providers/Microsoft.Network/privateEndpoints/e"

    refused = refusal(lambda: make("g", "e", body))

    unfound = [("NotFound", f"Resource {network} not found.")]
    assert refused == ("InvalidResourceReference", words(network, endpoint), unfound)


def test_an_endpoint_leads_to_a_registry_of_any_region(cloud):
    body = {**EAST, "sku": {"name": "Premium"}, "properties": {}}
    registry = cloud.registries.registries.begin_create("g", "contoso", body).result()

    assert cloud.endpoint(registry, cloud.subnet()).provisioning_state == "Succeeded"


def test_an_interface_is_in_the_region_of_its_subnet(cloud):
    """Source: microsoft/CromwellOnAzure#231."""
    subnet = cloud.subnet()
    configuration = {"name": "one", "properties": {"subnet": {"id": subnet.id}}}
    body = {**EAST, "properties": {"ipConfigurations": [configuration]}}

    code, message, _ = refusal(lambda: cloud.network.network_interfaces.begin_create_or_update("g", "i", body))

    interface = f"{subnet.id.partition('/virtualNetworks/')[0]}/networkInterfaces/i"
    assert (code, message) == ("InvalidResourceReference", words(subnet.id, interface))


def test_an_interface_has_a_security_group_of_its_region(cloud):
    """Source: Azure/azure-cli#332."""
    group = cloud.network.network_security_groups.begin_create_or_update("g", "n", EAST).result()
    configuration = {"name": "one", "properties": {"subnet": {"id": cloud.subnet().id}}}
    body = {"location": "westus", "properties": {"ipConfigurations": [configuration]}}
    body["properties"] |= {"networkSecurityGroup": {"id": group.id}}

    code, message, _ = refusal(lambda: cloud.network.network_interfaces.begin_create_or_update("g", "i", body))

    assert code == "InvalidResourceReference"
    assert message.startswith(f"Resource {group.id} referenced by ")


@pytest.mark.parametrize("part", ["networkSecurityGroup", "routeTable", "natGateway"])
def test_a_subnet_has_the_parts_of_its_network_s_region(cloud, part):
    subnet, calls = cloud.subnet(), cloud.network
    made = {
        "networkSecurityGroup": lambda: calls.network_security_groups.begin_create_or_update("g", "p", EAST),
        "routeTable": lambda: calls.route_tables.begin_create_or_update("g", "p", EAST),
        "natGateway": lambda: calls.nat_gateways.begin_create_or_update(
            "g", "p", {**EAST, "sku": {"name": "Standard"}}
        ),
    }[part]().result()
    body = {"properties": {"addressPrefix": "10.0.0.0/24", part: {"id": made.id}}}

    code, message, _ = refusal(lambda: calls.subnets.begin_create_or_update("g", "v", "s", body))

    assert (code, message) == ("InvalidResourceReference", words(made.id, subnet.id))

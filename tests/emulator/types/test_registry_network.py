"""Rules at a registry's public endpoint: which are taken, and who then comes in from where."""

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource


def service_endpoint(cloud, *services):
    properties = {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": [{"service": s} for s in services]}
    body = {"properties": properties}
    return cloud.network.subnets.begin_create_or_update("g", "v", "s", body).result()


@pytest.fixture
def put_rules(cloud):
    """Write the rules of the registry, as clients of 2026 do."""
    operations, registry = cloud.resources.resources, cloud.registry()

    def put_rules(*subnets, addresses=(), default="Deny") -> JSON:
        rules = {
            "defaultAction": default,
            "virtualNetworkRules": [{"virtualNetworkSubnetResourceId": id} for id in subnets],
            "ipRules": [{"value": address} for address in addresses],
        }
        body = {"location": "westus", "sku": {"name": "Premium"}, "properties": {"networkRuleSet": rules}}
        version = "2026-09-01-preview"
        return operations.begin_create_or_update_by_id(registry.id, body, api_version=version).result().as_dict()

    return put_rules


def refusal(refused_call):
    with pytest.raises(HttpResponseError) as caught:
        refused_call()
    return caught.value.error.code, caught.value.error.message


def test_a_subnet_with_a_service_endpoint_gets_a_rule(cloud, put_rules):
    cloud.subnet()
    subnet = service_endpoint(cloud, "Microsoft.ContainerRegistry")

    rules = put_rules(subnet.id)["properties"]["networkRuleSet"]["virtualNetworkRules"]

    assert rules == [{"action": "Allow", "virtualNetworkSubnetResourceId": subnet.id}]


def test_a_range_of_one_address_is_shown_as_the_address(put_rules):
    rules = put_rules(addresses=["203.0.113.9/32", "198.51.100.0/24"])["properties"]["networkRuleSet"]["ipRules"]

    assert [rule["value"] for rule in rules] == ["203.0.113.9", "198.51.100.0/24"]


def test_a_subnet_without_one_is_refused_in_azure_s_words(cloud, put_rules):
    subnet = cloud.subnet()

    code, message = refusal(lambda: put_rules(subnet.id))

    network = subnet.id.rpartition("/subnets/")[0]
    assert code == "NetworkRuleValidationError"
    assert message == (
        f"Could not validate network rule - Subnets s of virtual network {network} do not have ServiceEndpoints for "
        "Microsoft.ContainerRegistry resources configured. Add Microsoft.ContainerRegistry to subnet's "
        "ServiceEndpoints collection before trying to ACL Microsoft.ContainerRegistry resources to these subnets."
    )


@pytest.mark.parametrize("id", ["s", "/subscriptions/x/resourceGroups/g", "{network}/subnets/none"])
def test_what_is_no_subnet_gets_no_rule(cloud, put_rules, id):
    network = cloud.subnet().id.rpartition("/subnets/")[0]

    assert refusal(lambda: put_rules(id.format(network=network)))[0] == "NetworkRuleValidationError"


def test_a_rule_stays_when_its_subnet_loses_the_endpoint(cloud, put_rules):
    cloud.subnet()
    subnet = service_endpoint(cloud, "Microsoft.ContainerRegistry")
    put_rules(subnet.id)
    service_endpoint(cloud)

    assert put_rules(subnet.id)["properties"]["networkRuleSet"]["virtualNetworkRules"]


def test_two_hundred_addresses_are_the_most(cloud, put_rules):
    addresses = [f"203.0.{n // 200}.{n % 200}" for n in range(201)]
    put_rules(addresses=addresses[:200])

    assert refusal(lambda: put_rules(addresses=addresses))[0] == "NetworkRuleLimitExceeded"


# -- who comes in ------------------------------------------------------------------------------------------------------


def rules(*subnets: Resource, addresses: tuple[str, ...] = ()) -> JSON:
    return {
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "value": address} for address in addresses],
        "virtualNetworkRules": [{"action": "Allow", "id": str(subnet.id)} for subnet in subnets],
    }


class TestAVmAtTheDoor:
    """The VM of `place` is 10.0.0.4, and 203.0.113.77 to the internet."""

    def test_by_its_public_address(self, place):
        place.registry(networkRuleSet=rules(addresses=("203.0.113.77",)))

        assert place.ask("contoso.azurecr.io").status == 401

    def test_a_service_endpoint_takes_the_public_address_away(self, place):
        place.registry(networkRuleSet=rules(addresses=("203.0.113.77",)))
        place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])

        answer = place.ask("contoso.azurecr.io")

        assert answer.status == 403
        assert "client with IP '10.0.0.4' is not allowed access" in answer.body["errors"][0]["message"]

    def test_with_a_rule_for_its_subnet_it_comes_in(self, place):
        subnet = place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])
        place.registry(networkRuleSet=rules(subnet))

        assert place.ask("contoso.azurecr.io").status == 401

    def test_a_rule_without_the_service_endpoint_is_nothing(self, place):
        place.registry(networkRuleSet=rules(place.subnet()))

        assert place.ask("contoso.azurecr.io").status == 403

    def test_where_public_access_is_disabled_no_rule_counts(self, place):
        subnet = place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])
        place.registry(publicNetworkAccess="Disabled", networkRuleSet=rules(subnet))

        assert place.ask("contoso.azurecr.io").status == 403

    def test_a_service_endpoint_is_a_way_out_without_a_public_address(self, place):
        subnet = place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])
        place.registry(networkRuleSet=rules(subnet))
        place.vm("closed", "10.0.0.9", public=None)

        assert place.ask("contoso.azurecr.io", vantage=place.stand("closed")).status == 401

    def test_the_private_endpoint_goes_before_both(self, place):
        place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])
        place.registry(publicNetworkAccess="Disabled")
        place.linked()

        assert place.ask("contoso.azurecr.io").status == 401


def test_trusted_services_do_not_pass_rules_for_subnets(place):
    subnet = place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])
    place.import_hello(place.registry(networkRuleSet=rules()))

    with pytest.raises(ArmError, match="is not allowed access"):
        place.import_hello(place.registry(networkRuleSet=rules(subnet)))

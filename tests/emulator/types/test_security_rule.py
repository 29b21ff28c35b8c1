"""Rules of security groups: which ports and prefixes they can name."""

import pytest
from azure.core.exceptions import HttpResponseError


def rule(cloud, **change):
    """Put a rule into the group `n`."""
    cloud.network.network_security_groups.begin_create_or_update("g", "n", {"location": "westus"}).result()
    whole = {"protocol": "*", "priority": 300, "direction": "Inbound", "access": "Allow"}
    ends = {"sourceAddressPrefix": "*", "destinationAddressPrefix": "*", "sourcePortRange": "*"}
    body = {"properties": {**whole, **ends, "destinationPortRange": "80", **change}}
    return cloud.network.security_rules.begin_create_or_update("g", "n", "r", body).result()


@pytest.mark.parametrize("ports", ["any", "636, 389", "80,443", "65536", "90-80", "-1", "80-", "1-2-3"])
def test_ports_of_a_rule_are_a_number_or_a_range(cloud, ports):
    with pytest.raises(HttpResponseError) as caught:
        rule(cloud, destinationPortRange=ports)

    assert caught.value.error.code == "SecurityRuleInvalidPortRange"
    assert caught.value.error.message == (
        f"Security rule has invalid Port range. Value provided: {ports}. Value should be an integer OR integer range "
        "with '-' delimiter. Valid range 0-65535."
    )


def test_each_of_several_ports_and_prefixes_is_looked_at(cloud, refused):
    many = {"destinationPortRange": None, "destinationPortRanges": ["80", "443,8443"]}
    assert refused(lambda: rule(cloud, **many)) == (400, "SecurityRuleInvalidPortRange")
    many = {"sourceAddressPrefix": None, "sourceAddressPrefixes": ["10.0.0.0/8", "10.0.0.1/8"]}
    assert refused(lambda: rule(cloud, **many)) == (400, "SecurityRuleInvalidAddressPrefix")


@pytest.mark.parametrize(
    "prefix",
    [
        *("192.0.2.68/27", "192.168.0.0/34", "10.0.0/0/16", "10.0.0", "2001:db8::/32/32", "10.0.0.4-10.0.0.9"),
        *("10.0.0.0/8,10.1.0.0/16", "any", "VIRTUAL_NETWORK", "AzureContainerRegistery", "contoso.azurecr.io"),
        *("Storage.Mars", "VirtualNetwork.WestUS", "AzureFrontDoor", "AzureFrontDoor.Middle"),
    ],
)
def test_a_prefix_of_a_rule_is_an_address_a_range_or_a_tag(cloud, prefix):
    with pytest.raises(HttpResponseError) as caught:
        rule(cloud, sourceAddressPrefix=prefix)

    assert caught.value.error.code == "SecurityRuleInvalidAddressPrefix"
    assert caught.value.error.message.endswith(
        f"/networkSecurityGroups/n/securityRules/r has invalid Address prefix. Value provided: {prefix}"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"destinationPortRange": "0-65535"},
        {"destinationPortRange": "22-22"},
        {"sourceAddressPrefix": "192.0.2.68"},
        {"sourceAddressPrefix": "192.0.2.64/27"},
        {"sourceAddressPrefix": "2001:db8::/32"},
        {"sourceAddressPrefix": "AzureContainerRegistry.WestUS"},
        {"sourceAddressPrefix": "virtualnetwork"},
        {"sourceAddressPrefix": "AzureLoadBalancer"},
        {"sourceAddressPrefix": "AzureFrontDoor.Frontend"},
        {"destinationAddressPrefix": "Storage"},
        {"destinationAddressPrefix": "AzurePlatformDNS"},
    ],
    ids=lambda change: next(iter(change.values())),
)
def test_ports_and_prefixes_of_a_rule_are_kept_as_they_are_written(cloud, change):
    assert rule(cloud, **change).as_dict()["properties"].items() >= change.items()


@pytest.mark.parametrize("text", ["*", "VirtualNetwork", "Internet", "AzureLoadBalancer", "Storage.WestUS"])
def test_a_list_of_prefixes_has_no_tags(cloud, text):
    many = {"destinationAddressPrefix": None, "destinationAddressPrefixes": ["10.0.0.0/8", text]}
    with pytest.raises(HttpResponseError) as caught:
        rule(cloud, **many)

    assert caught.value.error.code == "SecurityRuleParameterContainsUnsupportedValue"
    assert caught.value.error.message.endswith(
        "/networkSecurityGroups/n/securityRules/r cannot specify existing VIRTUALNETWORK, INTERNET, AZURELOADBALANCER, "
        f"'*' or system tags. Unsupported value used: {text}."
    )
    assert caught.value.error.message.startswith("Security rule parameter DestinationAddressPrefix for rule with Id /")


@pytest.mark.parametrize("tag", ["AzurePlatformDNS", "azureplatformimds"])
def test_forbidding_what_azure_itself_does_is_not_emulated(cloud, refused, tag):
    forbidden = {"destinationAddressPrefix": tag, "direction": "Outbound", "access": "Deny"}

    assert refused(lambda: rule(cloud, **forbidden)) == (501, "NotEmulated")

"""Networks and subnets through the SDK's own client."""

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator.transport import open_azure


@pytest.fixture
def opened():
    opened = open_azure()
    yield opened
    opened.close()


@pytest.fixture
def network(opened):
    groups = ResourceManagementClient(opened.credential, opened.subscription, transport=opened.transport)
    groups.resource_groups.create_or_update("g", {"location": "westus"})
    client = NetworkManagementClient(opened.credential, opened.subscription, transport=opened.transport)
    body = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    client.virtual_networks.begin_create_or_update("g", "v", body).result()
    return client


def make(network, name="s", prefix="10.0.0.0/24"):
    return network.subnets.begin_create_or_update("g", "v", name, {"properties": {"addressPrefix": prefix}}).result()


def code(call):
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.error.code


def test_policies_are_enabled_in_the_year_of_the_article_and_disabled_today(opened, network):
    then = make(network, "then", "10.0.1.0/24").private_endpoint_network_policies
    opened.azure.world.set_setting("subnet-network-policies", "as-today")

    now = make(network, "now", "10.0.2.0/24").private_endpoint_network_policies

    assert (then, now) == ("Enabled", "Disabled")


def test_an_update_without_change_still_renews_the_etag(network):
    first = make(network)

    assert make(network).etag != first.etag


@pytest.mark.parametrize("prefix", ["10.1.0.0/24", "10.0.0.0/30", "10.0.0.0/8"])
def test_a_range_outside_the_network_or_too_small_is_refused(network, prefix):
    assert code(lambda: make(network, prefix=prefix)) == "NetcfgInvalidSubnet"


@pytest.mark.parametrize("prefix", ["10.0.0.5/24", "10.0.0.0", "tenth", "10.0.0.0/33"])
def test_a_prefix_with_host_bits_or_no_prefix_at_all_is_refused(network, prefix):
    if prefix == "10.0.0.0":
        assert code(lambda: make(network, prefix=prefix)) == "NetcfgInvalidSubnet"  # reads as /32
    else:
        assert code(lambda: make(network, prefix=prefix)) == "InvalidAddressPrefixFormat"


def test_overlapping_ranges_are_refused(network):
    make(network, "one", "10.0.0.0/24")

    assert code(lambda: make(network, "two", "10.0.0.128/25")) == "NetcfgSubnetRangesOverlap"

"""Networks and subnets through the SDK's own client."""

import pytest


@pytest.fixture
def network(cloud):
    cloud.subnet("other", "10.0.99.0/24")
    return cloud.network


def make(network, name="s", prefix="10.0.0.0/24"):
    return network.subnets.begin_create_or_update("g", "v", name, {"properties": {"addressPrefix": prefix}}).result()


def test_policies_are_enabled_in_the_year_of_the_article_and_disabled_today(cloud, network):
    then = make(network, "then", "10.0.1.0/24").private_endpoint_network_policies
    cloud.world.set_setting("subnet-network-policies", "as-today")

    now = make(network, "now", "10.0.2.0/24").private_endpoint_network_policies

    assert (then, now) == ("Enabled", "Disabled")


def test_an_update_without_change_still_renews_the_etag(network):
    first = make(network)

    assert make(network).etag != first.etag


@pytest.mark.parametrize("prefix", ["10.1.0.0/24", "10.0.0.0/30", "10.0.0.0/8"])
def test_a_range_outside_the_network_or_too_small_is_refused(network, refused, prefix):
    assert refused(lambda: make(network, prefix=prefix)) == (400, "NetcfgInvalidSubnet")


@pytest.mark.parametrize("prefix", ["10.0.0.5/24", "10.0.0.0", "tenth", "10.0.0.0/33"])
def test_a_prefix_with_host_bits_or_no_prefix_at_all_is_refused(network, refused, prefix):
    if prefix == "10.0.0.0":
        assert refused(lambda: make(network, prefix=prefix)) == (400, "NetcfgInvalidSubnet")  # reads as /32
    else:
        assert refused(lambda: make(network, prefix=prefix)) == (400, "InvalidAddressPrefixFormat")


def test_ipv6_is_not_emulated(network, refused):
    assert refused(lambda: make(network, prefix="2001:db8::/64")) == (501, "NotEmulated")


def test_overlapping_ranges_are_refused(network, refused):
    make(network, "one", "10.0.0.0/24")

    assert refused(lambda: make(network, "two", "10.0.0.128/25")) == (400, "NetcfgSubnetRangesOverlap")

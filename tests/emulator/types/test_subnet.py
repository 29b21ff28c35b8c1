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


@pytest.mark.parametrize(
    "properties",
    [
        {"addressPrefixes": ["10.0.0.0/24", "2001:db8::/64"]},
        {"addressPrefixes": ["10.0.0.0/24", "10.0.1.0/24"]},
        {"addressPrefix": "2001:db8::/64"},
    ],
)
def test_a_subnet_has_one_range_of_version_4(network, refused, properties):
    body = {"properties": properties}

    assert refused(lambda: network.subnets.begin_create_or_update("g", "v", "s", body)) == (501, "NotEmulated")


@pytest.mark.parametrize(
    "properties",
    [
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "2001:db8::/48"]}},
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "dhcpOptions": {"dnsServers": ["2001:db8::5"]}},
    ],
)
def test_a_network_of_version_6_is_not_a_mistake(cloud, refused, properties):
    body = {"location": "westus", "properties": properties}

    make = cloud.network.virtual_networks.begin_create_or_update
    assert refused(lambda: make("g", "six", body)) == (501, "NotEmulated")


@pytest.mark.parametrize(
    ("prefix", "hop", "address"),
    [("2001:db8::/48", "Internet", None), ("10.9.0.0/16", "VirtualAppliance", "2001:db8::5")],
)
def test_a_route_of_version_6_is_not_a_mistake(cloud, refused, prefix, hop, address):
    cloud.network.route_tables.begin_create_or_update("g", "t", {"location": "westus", "properties": {}}).result()
    body = {"properties": {"addressPrefix": prefix, "nextHopType": hop, "nextHopIpAddress": address}}

    make = cloud.network.routes.begin_create_or_update
    assert refused(lambda: make("g", "t", "r", body)) == (501, "NotEmulated")


def test_an_address_of_version_6_is_neither_free_nor_invalid(network, refused):
    ask = network.virtual_networks.check_ip_address_availability

    assert refused(lambda: ask("g", "v", ip_address="2001:db8::5")) == (501, "NotEmulated")


@pytest.mark.parametrize(
    "properties", [{"privateIPAddressVersion": "IPv6"}, {"privateIPAddress": "2001:db8::5"}], ids=["version", "address"]
)
def test_an_interface_of_version_6_is_not_a_mistake(cloud, network, refused, properties):
    assert refused(lambda: cloud.interface(cloud.subnet(), **properties)) == (501, "NotEmulated")


@pytest.mark.parametrize("version", ["IPv6", "DualStack"])
def test_an_endpoint_of_version_6_is_not_a_mistake(cloud, network, refused, version):
    registry, subnet = cloud.registry(), cloud.subnet()

    assert refused(lambda: cloud.endpoint(registry, subnet, ipVersionType=version)) == (501, "NotEmulated")

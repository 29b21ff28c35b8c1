"""Login servers of single regions: a switch of the registry, and an address for each at every private endpoint.

The SDK's stable version does not know them, so its client sends what the preview's would.
"""

import pytest

VERSION = {"api_version": "2026-09-01-preview"}
EVERYTHING = {
    "registry_data_westus": "10.0.0.4",
    "registry": "10.0.0.5",
    "registry_data_eastus": "10.0.0.6",
    "registry_data_westeurope": "10.0.0.7",
    "registry_westus": "10.0.0.8",
    "registry_eastus": "10.0.0.9",
    "registry_westeurope": "10.0.0.10",
}


def switch(cloud, state="Enabled", name="contoso", **more):
    change = {"properties": {"regionalEndpoints": state, **more}}
    return update(cloud, change, name)


def update(cloud, change, name="contoso"):
    """By its id: the registry's own client has an api-version of its own."""
    id = cloud.registries.registries.get("g", name).id
    return cloud.resources.resources.begin_update_by_id(id, change, **VERSION).result()


def replicate(cloud, *regions):
    for region in regions:
        cloud.registries.replications.begin_create("g", "contoso", region, {"location": region}).result()


def seen(cloud):
    id = cloud.registries.registries.get("g", "contoso").id
    return cloud.resources.resources.get_by_id(id, **VERSION).properties


def addresses(cloud, endpoint):
    name = endpoint.network_interfaces[0].id.rpartition("/")[2]
    parts = cloud.network.network_interfaces.get("g", name).ip_configurations
    return {p.private_link_connection_properties.required_member_name: p.private_ip_address for p in parts}


def test_a_registry_without_replicas_has_one_for_its_home_region(cloud):
    cloud.registry()

    switch(cloud)

    assert seen(cloud)["regionalEndpoints"] == "Enabled"
    assert seen(cloud)["regionalEndpointHostNames"] == ["contoso.westus.geo.azurecr.io"]


def test_three_regions_have_seven_addresses_at_an_endpoint(cloud):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())
    replicate(cloud, "eastus", "westeurope")

    switch(cloud)

    assert addresses(cloud, endpoint) == EVERYTHING
    (resource,) = cloud.registries.registries.list_private_link_resources("g", "contoso")
    assert sorted(resource.properties.required_members) == sorted(EVERYTHING)


def test_a_later_replica_brings_two_addresses(cloud):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())
    switch(cloud)

    replicate(cloud, "eastus")

    assert list(addresses(cloud, endpoint))[-2:] == ["registry_data_eastus", "registry_eastus"]


def test_switched_off_they_give_their_addresses_back(cloud):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())
    switch(cloud)

    switch(cloud, "Disabled")

    assert seen(cloud)["regionalEndpointHostNames"] == []
    assert list(addresses(cloud, endpoint)) == ["registry_data_westus", "registry"]


def test_a_zone_group_writes_their_records_and_says_so(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    configuration = {"name": "acr", "properties": {"privateDnsZoneId": cloud.zone().id}}
    group = {"properties": {"privateDnsZoneConfigs": [configuration]}}
    cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "default", group).result()

    switch(cloud)

    found = {r.name: r for r in cloud.dns.record_sets.list_by_type("g", "privatelink.azurecr.io", "A")}
    assert found["contoso.westus.geo"].a_records[0].ipv4_address == "10.0.0.6"
    endpoint = cloud.network.private_endpoints.get("g", "e")
    guid = cloud.resources.resources.get_by_id(endpoint.id, api_version="2024-05-01").properties["resourceGuid"]
    creators = {r.metadata["creator"] for r in found.values()}
    assert creators == {f"created by private endpoint e with resource guid {guid}"}


def test_they_need_premium(cloud, refused):
    cloud.registry("basic", "Standard")

    assert refused(lambda: switch(cloud, name="basic")) == (400, "RegionalEndpointsNotSupported")


def test_they_exclude_content_trust(cloud, refused):
    cloud.registry()
    trust = {"policies": {"trustPolicy": {"type": "Notary", "status": "enabled"}}}

    assert refused(lambda: switch(cloud, **trust)) == (400, "RegionalEndpointsNotSupported")


def test_a_full_subnet_refuses_them_and_nothing_has_changed(cloud, refused):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet(prefix="10.0.0.0/29"))
    replicate(cloud, "eastus")
    before = addresses(cloud, endpoint)

    assert refused(lambda: switch(cloud)) == (400, "BadRequest")

    assert seen(cloud)["regionalEndpoints"] == "Disabled"
    assert addresses(cloud, endpoint) == before


def test_an_older_api_version_leaves_them_as_they_are(cloud):
    cloud.registry()
    switch(cloud)

    cloud.registries.registries.begin_update("g", "contoso", {"tags": {"a": "b"}}).result()

    assert seen(cloud)["regionalEndpoints"] == "Enabled"


@pytest.mark.parametrize(("data", "answer"), [(True, "IPv4AndIPv6"), (False, (400, "EndpointProtocolNotSupported"))])
def test_both_protocols_need_data_endpoints(cloud, refused, data, answer):
    cloud.registry()
    change = {"properties": {"dataEndpointEnabled": data, "endpointProtocol": "IPv4AndIPv6"}}

    def ask():
        update(cloud, change)
        return seen(cloud)["endpointProtocol"]

    assert (ask() if data else refused(ask)) == answer

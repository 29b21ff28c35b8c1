"""Replicas of a registry: where it serves from, and the address that each private endpoint gets for each."""

import json
from datetime import datetime

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Request


def replicate(cloud, region="eastus", name="", **properties):
    body = {"location": region, "properties": properties}
    return cloud.registries.replications.begin_create("g", "contoso", name or region, body)


def held(cloud, endpoint):
    name = endpoint.network_interfaces[0].id.rpartition("/")[2]
    return {
        c.private_link_connection_properties.required_member_name: (
            c.private_link_connection_properties.fqdns,
            c.private_ip_address,
        )
        for c in cloud.network.network_interfaces.get("g", name).ip_configurations
    }


HOME = {
    "registry_data_westus": (["contoso.westus.data.azurecr.io"], "10.0.0.4"),
    "registry": (["contoso.azurecr.io"], "10.0.0.5"),
}
EAST = {"registry_data_eastus": (["contoso.eastus.data.azurecr.io"], "10.0.0.6")}


def test_a_replica_is_made_by_an_operation_and_serves_when_that_has_ended(cloud):
    cloud.registry()
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.ContainerRegistry"
    request = Request(
        "PUT",
        "",
        f"{path}/registries/contoso/replications/eastus",
        {"api-version": "2023-11-01-preview"},
        {},
        b'{"location": "eastus"}',
        "https://m",
    )

    answer = cloud.opened.azure.manager.handle(request)

    assert answer.status == 201
    assert "/replications/eastus/operationStatuses/replications-" in answer.headers["Azure-AsyncOperation"]
    state = answer.body["properties"]
    assert (state["provisioningState"], set(state["status"]), answer.body["tags"]) == ("Creating", {"timestamp"}, {})
    ready = replicate(cloud).result()
    assert (ready.provisioning_state, ready.status.display_status) == ("Succeeded", "Ready")
    assert (ready.region_endpoint_enabled, ready.zone_redundancy) == (True, "Disabled")


def test_the_home_region_is_listed_with_the_first_replica_and_not_before(cloud):
    cloud.registry()
    assert list(cloud.registries.replications.list("g", "contoso")) == []

    replicate(cloud).result()

    found = [(r.name, r.system_data.created_by_type) for r in cloud.registries.replications.list("g", "contoso")]
    assert found == [("eastus", "User"), ("westus", "Application")]


def ask(cloud, method, path, body=None):
    """Send to the registry as a client on the wire does."""
    registry = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.ContainerRegistry"
    place = path if path.startswith("/subscriptions") else f"{registry}/registries/contoso/{path}".rstrip("/")
    raw, version = json.dumps(body).encode() if body else b"", {"api-version": "2022-12-01"}
    return cloud.opened.azure.manager.handle(Request(method, "", place, version, {}, raw, "https://m"))


def followed(answer):
    """What an answer tells a client about how to follow an operation."""
    return {name: value for name, value in answer.headers.items() if name in ("Azure-AsyncOperation", "Retry-After")}


def test_the_home_region_s_replica_has_the_registry_s_tags(cloud):
    """As recorded by Azure/azure-sdk-for-net."""
    cloud.registry()
    cloud.registries.registries.begin_update("g", "contoso", {"tags": {"key1": "value1"}}).result()

    replicate(cloud).result()

    shown = {r.name: r.tags for r in cloud.registries.replications.list("g", "contoso")}
    assert shown == {"eastus": {}, "westus": {"key1": "value1"}}


def test_other_tags_are_there_at_once_and_another_endpoint_by_an_operation(cloud):
    """As recorded by Azure/azure-sdk-for-net and Azure/azure-cli."""
    cloud.registry()
    made = replicate(cloud).result()
    cloud.world.advance_to(cloud.world.now + 100)

    tagged = ask(cloud, "PATCH", "replications/eastus", {"tags": {"key3": "value3"}, "properties": {}})

    shown = tagged.body
    assert (tagged.status, followed(tagged), shown["tags"]) == (200, {}, {"key3": "value3"})
    assert shown["systemData"]["createdAt"] < shown["systemData"]["lastModifiedAt"]
    assert (shown["properties"]["provisioningState"], shown["properties"]["status"]["displayStatus"]) == (
        "Succeeded",
        "Ready",
    )
    assert datetime.fromisoformat(shown["properties"]["status"]["timestamp"]) == made.status.timestamp
    closed = ask(cloud, "PATCH", "replications/eastus", {"properties": {"regionEndpointEnabled": False}})
    assert (closed.status, closed.body["properties"]["provisioningState"]) == (201, "Updating")


def test_the_poll_that_tells_of_success_repeats_the_headers_too(cloud):
    """As recorded by Azure/azure-sdk-for-net and Azure/azure-cli."""
    cloud.registry()
    begun = followed(ask(cloud, "PUT", "replications/eastus", {"location": "eastus"}))
    poll = begun["Azure-AsyncOperation"].removeprefix("https://m").partition("?")[0]
    running = ask(cloud, "GET", poll)
    assert (running.body, followed(running)) == ({"status": "Creating"}, begun)

    cloud.world.advance_to(cloud.world.now + 100)

    ended = ask(cloud, "GET", poll)
    assert (ended.status, ended.body, followed(ended)) == (200, {"status": "Succeeded"}, begun)


def test_the_service_writes_who_and_when_with_an_offset(cloud):
    """As recorded by Azure/azure-cli: `Z` only where the registry tells its own date and a replica its status."""
    cloud.registry()
    cloud.world.advance_to(cloud.world.now + 0.25)
    replicate(cloud)
    ask(cloud, "PUT", "scopeMaps/pulling", {"properties": {"actions": ["repositories/a/content/read"]}})

    registry, replica = ask(cloud, "GET", "").body, ask(cloud, "GET", "replications/eastus").body
    scope_map = ask(cloud, "GET", "scopeMaps/pulling").body

    moments = [
        *(thing["systemData"]["lastModifiedAt"] for thing in (registry, replica, scope_map)),
        registry["properties"]["policies"]["retentionPolicy"]["lastUpdatedTime"],
        scope_map["properties"]["creationDate"],
    ]
    assert [moment[-6:] for moment in moments] == ["+00:00"] * 5
    assert replica["systemData"]["createdAt"].rpartition(".")[2] == "25+00:00"
    assert registry["properties"]["creationDate"].endswith("0Z")
    assert replica["properties"]["status"]["timestamp"].endswith("Z")


def test_the_home_region_s_replica_can_be_made_and_deleted_and_the_registry_serves_on(cloud):
    cloud.registry()
    made = replicate(cloud, "westus").result()

    cloud.registries.replications.begin_delete("g", "contoso", made.name).result()

    (resource,) = cloud.registries.registries.list_private_link_resources("g", "contoso")
    assert resource.properties.required_members == ["registry_data_westus", "registry"]


def test_replicas_need_premium_and_a_region_of_their_own(cloud, refused):
    cloud.registry()
    cloud.registry("basic", "Basic")
    replicate(cloud).result()

    basic = {"location": "eastus"}
    assert refused(lambda: cloud.registries.replications.begin_create("g", "basic", "eastus", basic)) == (
        400,
        "ReplicationNotSupported",
    )
    assert refused(lambda: replicate(cloud, "eastus", "second")) == (409, "ReplicationAlreadyExists")
    assert refused(lambda: replicate(cloud, "westus2", "eastus")) == (409, "InvalidResourceLocation")


def test_a_registry_with_replicas_stays_premium(cloud, refused):
    cloud.registry()
    replicate(cloud).result()
    change = {"sku": {"name": "Standard"}}

    assert refused(lambda: cloud.registries.registries.begin_update("g", "contoso", change))[0] == 400


def test_a_registry_whose_last_replica_is_gone_can_be_made_smaller_though_its_home_is_listed(cloud):
    cloud.registry()
    replicate(cloud).result()
    cloud.registries.replications.begin_delete("g", "contoso", "eastus").result()

    changed = cloud.registries.registries.begin_update("g", "contoso", {"sku": {"name": "Standard"}}).result()

    assert changed.sku.name == "Standard"


def test_every_endpoint_gets_an_address_and_keeps_those_that_it_has(cloud):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())
    other = cloud.endpoint(cloud.registry(), cloud.subnet(), "other", manual=True)
    before = held(cloud, endpoint)

    replicate(cloud).result()

    assert before == HOME
    assert held(cloud, endpoint) == {**HOME, "registry_data_eastus": (["contoso.eastus.data.azurecr.io"], "10.0.0.8")}
    assert held(cloud, other)["registry_data_eastus"][1] == "10.0.0.9"
    names = {c.fqdn: c.ip_addresses for c in cloud.network.private_endpoints.get("g", "e").custom_dns_configs}
    assert names["contoso.eastus.data.azurecr.io"] == ["10.0.0.8"]


def test_a_later_endpoint_has_the_addresses_from_the_start(cloud):
    cloud.registry()
    replicate(cloud).result()

    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())

    members = list(held(cloud, endpoint))
    assert members == ["registry_data_westus", "registry_data_eastus", "registry"]


def test_a_full_subnet_rolls_a_replica_back_and_the_error_does_not_say_which(cloud, refused):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet(prefix="10.0.0.0/29"))
    cloud.interface(cloud.subnet(prefix="10.0.0.0/29"))

    body = {"location": "eastus"}
    cloud.registries.replications.begin_create("g", "contoso", "eastus", body, polling=False)
    assert cloud.registries.replications.get("g", "contoso", "eastus").provisioning_state == "Creating"
    cloud.world.advance_to(cloud.world.now + 600)
    with pytest.raises(HttpResponseError) as caught:
        replicate(cloud).result()

    assert caught.value.error.code == "BadRequest"
    assert "subnet" not in str(caught.value).lower()
    assert held(cloud, endpoint) == HOME
    assert refused(lambda: cloud.registries.replications.get("g", "contoso", "eastus"))[0] == 404
    assert list(cloud.registries.replications.list("g", "contoso")) == []
    cloud.network.network_interfaces.begin_delete("g", "i").result()
    assert replicate(cloud).result().provisioning_state == "Succeeded"
    assert held(cloud, endpoint) == HOME | EAST


def test_no_endpoint_gets_an_address_where_one_has_no_room(cloud, refused):
    registry = cloud.registry()
    roomy = cloud.endpoint(registry, cloud.subnet("roomy", "10.0.1.0/24"))
    cloud.endpoint(registry, cloud.subnet("small", "10.0.0.0/29"), "other")
    replicate(cloud).result()
    before = held(cloud, roomy)

    assert refused(lambda: replicate(cloud, "westus2").result())[1] == "BadRequest"

    assert held(cloud, roomy) == before
    assert [r.name for r in cloud.registries.replications.list("g", "contoso")] == ["eastus", "westus"]


def own(member, address):
    properties = {"groupId": "registry", "memberName": member, "privateIPAddress": address}
    return {"name": member, "properties": properties}


def static_endpoint(cloud):
    chosen = [own("registry", "10.0.0.20"), own("registry_data_westus", "10.0.0.21")]
    return cloud.endpoint(cloud.registry(), cloud.subnet(), ipConfigurations=chosen)


def test_an_endpoint_with_addresses_of_its_own_makes_a_replica_fail_and_stay(cloud):
    endpoint = static_endpoint(cloud)

    with pytest.raises(HttpResponseError) as caught:
        replicate(cloud).result()

    assert (
        f"Failed to replicate private endpoint. Private Endpoint {endpoint.id} contains static ipconfigurations: "
        "[PrivateIPAddress: 10.0.0.20, GroupId: registry, MemberName: registry; "
        "PrivateIPAddress: 10.0.0.21, GroupId: registry, MemberName: registry_data_westus] and it's missing these "
        "membernames/groupids requested by Private Link service [GroupId: registry, MemberName: registry_data_eastus, "
        "IpVersion: IPv4]. Private Endpoint needs to be reconfigured with missing memberNames."
    ) in caught.value.error.message
    assert cloud.registries.replications.get("g", "contoso", "eastus").provisioning_state == "Failed"
    assert {address for _, address in held(cloud, endpoint).values()} == {"10.0.0.20", "10.0.0.21"}


def test_an_endpoint_that_lets_go_of_its_addresses_gets_others_and_the_replica_can_be_made(cloud):
    endpoint = static_endpoint(cloud)
    configuration = {"name": "acr", "properties": {"privateDnsZoneId": cloud.zone().id}}
    group = {"properties": {"privateDnsZoneConfigs": [configuration]}}
    cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "default", group).result()
    body = cloud.network.private_endpoints.get("g", "e")
    body.ip_configurations = []

    cloud.network.private_endpoints.begin_create_or_update("g", "e", body).result()
    replicate(cloud).result()

    assert {m: address for m, (_, address) in held(cloud, endpoint).items()} == {
        "registry": "10.0.0.5",
        "registry_data_westus": "10.0.0.4",
        "registry_data_eastus": "10.0.0.6",
    }
    records = cloud.dns.record_sets.list_by_type("g", "privatelink.azurecr.io", "A")
    assert {r.name: r.a_records[0].ipv4_address for r in records} == {
        "contoso": "10.0.0.5",
        "contoso.westus.data": "10.0.0.4",
        "contoso.eastus.data": "10.0.0.6",
    }


def test_an_endpoint_that_exists_gets_no_other_addresses_by_name(cloud, refused):
    static_endpoint(cloud)
    body = cloud.network.private_endpoints.get("g", "e")
    body.ip_configurations[0].private_ip_address = "10.0.0.30"

    answer = refused(lambda: cloud.network.private_endpoints.begin_create_or_update("g", "e", body))

    assert answer == (400, "PrivateEndpointWithStaticIpConfigurationsCannotChangeIpAddress")


def test_a_replica_that_goes_gives_its_addresses_back(cloud):
    subnet = cloud.subnet()
    endpoint = cloud.endpoint(cloud.registry(), subnet)
    replicate(cloud).result()

    cloud.registries.replications.begin_delete("g", "contoso", "eastus").result()

    assert held(cloud, endpoint) == HOME
    assert cloud.interface(subnet).ip_configurations[0].private_ip_address == "10.0.0.6"


def test_the_records_of_a_zone_group_follow(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    configuration = {"name": "acr", "properties": {"privateDnsZoneId": cloud.zone().id}}
    group = {"properties": {"privateDnsZoneConfigs": [configuration]}}
    cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "default", group).result()

    def records():
        found = cloud.dns.record_sets.list_by_type("g", "privatelink.azurecr.io", "A")
        return {r.name: r.a_records[0].ipv4_address for r in found}

    replicate(cloud).result()
    with_replica = records()
    cloud.registries.replications.begin_delete("g", "contoso", "eastus").result()

    home = {"contoso": "10.0.0.5", "contoso.westus.data": "10.0.0.4"}
    assert (with_replica, records()) == ({**home, "contoso.eastus.data": "10.0.0.6"}, home)


def test_data_endpoints_name_every_region(cloud):
    cloud.registry()
    replicate(cloud).result()

    change = {"properties": {"dataEndpointEnabled": True}}
    changed = cloud.registries.registries.begin_update("g", "contoso", change).result()

    assert changed.data_endpoint_host_names == ["contoso.eastus.data.azurecr.io", "contoso.westus.data.azurecr.io"]


def test_a_replica_s_regional_endpoint_can_be_switched_off(cloud):
    cloud.registry()
    replicate(cloud).result()

    change = {"properties": {"regionEndpointEnabled": False}}
    cloud.registries.replications.begin_update("g", "contoso", "eastus", change).result()

    assert cloud.registries.replications.get("g", "contoso", "eastus").region_endpoint_enabled is False


def test_a_registry_with_replicas_takes_longer_to_delete(cloud):
    cloud.registry()
    replicate(cloud).result()
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.ContainerRegistry"
    request = Request("DELETE", "", f"{path}/registries/contoso", {"api-version": "2023-11-01-preview"})

    answer = cloud.opened.azure.manager.handle(request)

    assert answer.status == 202
    assert "/locations/westus/operationResults/delete-contoso-" in answer.headers["Location"]
    cloud.world.advance_to(cloud.world.now + 60)
    assert list(cloud.registries.registries.list()) == []

"""Private endpoints, their interfaces, the registry's side, and zone groups."""

import json

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Request


def own(member, address):
    properties = {"groupId": "registry", "memberName": member, "privateIPAddress": address}
    return {"name": member, "properties": properties}


def begin(cloud, path, body, version="2022-01-01"):
    """Answer a PUT before its operation has ended."""
    raw = json.dumps(body).encode()
    return cloud.opened.azure.manager.handle(Request("PUT", "", path, {"api-version": version}, {}, raw, "https://m"))


def put(cloud, subnet, request, kind="privateLinkServiceConnections", version="2022-01-01", **more):
    """Answer the PUT of an endpoint before its operation has ended."""
    body = {"location": "westus", "properties": {"subnet": {"id": subnet.id}, kind: [request], **more}}
    return begin(cloud, subnet.id.partition("/virtualNetworks/")[0] + "/privateEndpoints/e", body, version)


def interface_of(cloud, endpoint):
    return cloud.network.network_interfaces.get("g", endpoint.network_interfaces[0].id.rpartition("/")[2])


def state_of(endpoint):
    links = endpoint.private_link_service_connections or endpoint.manual_private_link_service_connections
    return links[0].private_link_service_connection_state


def connections(cloud):
    return list(cloud.registries.private_endpoint_connections.list("g", "contoso"))


def decide(cloud, connection, status):
    body = {
        "properties": {
            "privateEndpoint": {"id": connection.properties.private_endpoint.id},
            "privateLinkServiceConnectionState": {"status": status, "description": "said the owner"},
        }
    }
    operations = cloud.registries.private_endpoint_connections
    return operations.begin_create_or_update("g", "contoso", connection.name, body)


def group_body(zone):
    return {"properties": {"privateDnsZoneConfigs": [{"name": "acr", "properties": {"privateDnsZoneId": zone.id}}]}}


def records(cloud, zone="privatelink.azurecr.io"):
    return {
        r.name: (r.properties.ttl, [a.ipv4_address for a in r.properties.a_records])
        for r in cloud.dns.record_sets.list_by_type("g", zone, "A")
    }


def test_the_data_endpoint_s_address_comes_before_the_registry_s(cloud):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())

    found = [
        (
            c.private_link_connection_properties.required_member_name,
            c.private_link_connection_properties.fqdns,
            c.private_ip_address,
            c.primary,
        )
        for c in interface_of(cloud, endpoint).ip_configurations
    ]

    assert found == [
        ("registry_data_westus", ["contoso.westus.data.azurecr.io"], "10.0.0.4", True),
        ("registry", ["contoso.azurecr.io"], "10.0.0.5", False),
    ]


def test_an_automatic_endpoint_is_approved_and_names_its_addresses_when_it_is_done(cloud):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())

    assert (state_of(endpoint).status, state_of(endpoint).description) == ("Approved", "Auto-Approved")
    assert [(c.fqdn, c.ip_addresses) for c in endpoint.custom_dns_configs] == [
        ("contoso.westus.data.azurecr.io", ["10.0.0.4"]),
        ("contoso.azurecr.io", ["10.0.0.5"]),
    ]


def test_a_manual_endpoint_succeeds_while_its_connection_waits(cloud):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet(), manual=True)
    (connection,) = connections(cloud)

    assert (endpoint.provisioning_state, state_of(endpoint).status, endpoint.custom_dns_configs) == (
        "Succeeded",
        "Pending",
        [],
    )
    assert "description" not in connection["properties"]["privateLinkServiceConnectionState"]


@pytest.mark.parametrize(
    ("manual", "while_made", "status"),
    [(False, "Auto Approved", "Approved"), (True, "Awaiting Approval", "Pending")],
)
def test_the_first_answer_names_the_interface_and_no_addresses(cloud, manual, while_made, status):
    registry, subnet = cloud.registry(), cloud.subnet()
    kind = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}

    answer = put(cloud, subnet, request, kind)

    properties = answer.body["properties"]
    (connection,) = properties[kind]
    assert (answer.status, properties["provisioningState"], properties["customDnsConfigs"]) == (201, "Updating", [])
    assert connection["properties"]["provisioningState"] == "Succeeded"
    assert connection["properties"]["privateLinkServiceConnectionState"] == {
        "status": status,
        "description": while_made,
        "actionsRequired": "None",
    }
    assert ".nic." in properties["networkInterfaces"][0]["id"]


def test_an_endpoint_that_only_gets_tags_is_ready_at_once(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    cloud.endpoint(registry, subnet)
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}

    answer = put(cloud, subnet, request)

    properties = answer.body["properties"]
    assert (answer.status, properties["provisioningState"]) == (200, "Succeeded")
    assert "Azure-AsyncOperation" in answer.headers
    assert "Retry-After" not in answer.headers
    link = properties["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]
    assert link["description"] == "Auto-Approved"


def test_an_endpoint_that_is_still_being_made_is_not_ready_for_being_written_again(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}
    put(cloud, subnet, request)

    answer = put(cloud, subnet, request)

    assert (answer.status, answer.body["properties"]["provisioningState"]) == (200, "Updating")


def test_an_endpoint_that_is_written_again_names_its_addresses_all_the_while(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    first = cloud.endpoint(registry, subnet)
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}
    place = {"location": "westus"}
    group = cloud.network.application_security_groups.begin_create_or_update("g", "a", place).result()

    answer = put(cloud, subnet, request, applicationSecurityGroups=[{"id": group.id}])

    properties = answer.body["properties"]
    assert (answer.status, properties["provisioningState"]) == (200, "Updating")
    assert [c["fqdn"] for c in properties["customDnsConfigs"]] == [c.fqdn for c in first.custom_dns_configs]
    link = properties["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]
    assert link["description"] == "Auto Approved"


def test_what_the_owner_said_stays_while_an_endpoint_is_written_again(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    cloud.endpoint(registry, subnet, manual=True)
    decide(cloud, connections(cloud)[0], "Approved").result()
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}

    answer = put(cloud, subnet, request, "manualPrivateLinkServiceConnections")

    (connection,) = answer.body["properties"]["manualPrivateLinkServiceConnections"]
    assert connection["properties"]["privateLinkServiceConnectionState"]["description"] == "said the owner"


def test_chosen_addresses_are_parts_with_ids_that_are_settled_from_the_first(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}
    both = [own("registry", "10.0.0.40"), own("registry_data_westus", "10.0.0.41")]

    answer = put(cloud, subnet, request, ipConfigurations=both)

    first, _ = answer.body["properties"]["ipConfigurations"]
    assert first == {
        "name": "registry",
        "id": f"{answer.body['id']}/ipConfigurations/registry",
        "etag": answer.body["etag"],
        "type": "Microsoft.Network/privateEndpoints/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "groupId": "registry",
            "memberName": "registry",
            "privateIPAddress": "10.0.0.40",
        },
    }


@pytest.mark.parametrize("sent", [{}, {"actionsRequired": "None"}])
def test_a_connection_shows_of_its_state_what_was_sent(cloud, sent):
    cloud.endpoint(cloud.registry(), cloud.subnet(), manual=True)
    state = {"status": "Rejected", "description": "not today", **sent}
    body = {"properties": {"privateLinkServiceConnectionState": state}}
    name = connections(cloud)[0].name

    cloud.registries.private_endpoint_connections.begin_create_or_update("g", "contoso", name, body).result()

    assert [dict(c["properties"]["privateLinkServiceConnectionState"]) for c in connections(cloud)] == [state]


def test_approval_takes_effect_at_the_end_of_its_operation(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet(), manual=True)
    (connection,) = connections(cloud)

    poller = decide(cloud, connection, "Approved")
    poller.result()

    endpoint = cloud.network.private_endpoints.get("g", "e")
    assert (state_of(endpoint).status, state_of(endpoint).description) == ("Approved", "said the owner")
    assert len(endpoint.custom_dns_configs) == 2


def test_a_rejected_connection_stays_rejected(cloud, refused):
    cloud.endpoint(cloud.registry(), cloud.subnet(), manual=True)
    (connection,) = connections(cloud)
    decide(cloud, connection, "Rejected").result()

    assert refused(lambda: decide(cloud, connection, "Approved")) == (409, "InvalidPrivateEndpointConnectionState")


def test_a_connection_that_its_owner_deletes_leaves_the_endpoint_disconnected(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    (connection,) = connections(cloud)

    cloud.registries.private_endpoint_connections.begin_delete("g", "contoso", connection.name).result()

    endpoint = cloud.network.private_endpoints.get("g", "e")
    assert (state_of(endpoint).status, endpoint.custom_dns_configs) == ("Disconnected", [])


def test_nobody_makes_a_connection_by_hand(cloud, refused):
    cloud.registry()
    body = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    operations = cloud.registries.private_endpoint_connections

    assert refused(lambda: operations.begin_create_or_update("g", "contoso", "mine", body)) == (404, "ResourceNotFound")


def test_the_subnet_tells_what_holds_its_addresses_endpoints_in_capitals(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())

    subnet = cloud.network.subnets.get("g", "v", "s")

    assert subnet["properties"]["purpose"] == "PrivateEndpoints"
    assert [e.id.rpartition("/")[2] for e in subnet.private_endpoints] == ["e"]
    assert all("/PRIVATEENDPOINTIPCONFIG." in c.id and "/E.NIC." in c.id for c in subnet.ip_configurations)


def test_policies_keep_endpoints_out_in_the_article_s_year_and_not_today(cloud, refused):
    registry, subnet = cloud.registry(), cloud.subnet(policies="Enabled")
    code = "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"

    assert refused(lambda: cloud.endpoint(registry, subnet)) == (400, code)
    cloud.world.set_setting("subnet-network-policies", "as-today")
    assert cloud.endpoint(registry, subnet).provisioning_state == "Succeeded"


@pytest.mark.parametrize("sku", ["Basic", "Standard"])
def test_only_premium_registries_can_be_linked(cloud, refused, sku):
    registry, subnet = cloud.registry(sku=sku), cloud.subnet()

    assert refused(lambda: cloud.endpoint(registry, subnet))[0] == 400


def test_a_full_subnet_refuses_an_endpoint_and_nothing_of_it_stays(cloud, refused):
    registry, subnet = cloud.registry(), cloud.subnet(prefix="10.0.0.0/29")
    cloud.endpoint(registry, subnet, "one")
    before = cloud.world.dump()

    assert refused(lambda: cloud.endpoint(registry, subnet, "two")) == (400, "SubnetIsFull")
    assert cloud.world.dump() == before


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        ([], "MissingParameterOnPrivateLinkServiceConnection"),
        (["vault"], "InvalidParameterOnPrivateLinkServiceConnection"),
    ],
)
def test_the_sub_resource_is_registry_and_has_to_be_named(cloud, refused, groups, code):
    registry, subnet = cloud.registry(), cloud.subnet()
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": groups}}

    assert refused(lambda: cloud.endpoint(registry, subnet, privateLinkServiceConnections=[request])) == (400, code)


def test_addresses_may_be_chosen_for_every_member_and_for_no_fewer(cloud, refused):
    registry, subnet = cloud.registry(), cloud.subnet()

    both = [own("registry", "10.0.0.40"), own("registry_data_westus", "10.0.0.41")]
    code = "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps"

    assert refused(lambda: cloud.endpoint(registry, subnet, ipConfigurations=both[:1])) == (400, code)
    endpoint = cloud.endpoint(registry, subnet, ipConfigurations=both)
    assert {c.fqdn: c.ip_addresses[0] for c in endpoint.custom_dns_configs}["contoso.azurecr.io"] == "10.0.0.40"


@pytest.mark.parametrize("service", ["Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts"])
def test_an_endpoint_to_another_service_is_not_emulated(cloud, refused, service):
    subnet = cloud.subnet()
    other = subnet.id.partition("/Microsoft.Network/")[0] + f"/{service}/thing"
    request = {"name": "c", "properties": {"privateLinkServiceId": other, "groupIds": ["blob"]}}

    assert refused(lambda: cloud.endpoint(subnet, subnet, privateLinkServiceConnections=[request])) == (
        501,
        "NotEmulated",
    )


def test_what_an_endpoint_leads_to_has_an_id(cloud, refused):
    subnet = cloud.subnet()
    request = {"name": "c", "properties": {"privateLinkServiceId": "contoso", "groupIds": ["registry"]}}

    assert refused(lambda: cloud.endpoint(subnet, subnet, privateLinkServiceConnections=[request])) == (
        400,
        "LinkedInvalidPropertyId",
    )


def test_an_endpoint_may_fix_the_addresses_that_it_has(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    cloud.endpoint(registry, subnet)

    fixed = cloud.endpoint(
        registry, subnet, ipConfigurations=[own("registry", "10.0.0.5"), own("registry_data_westus", "10.0.0.4")]
    )

    parts = interface_of(cloud, fixed).ip_configurations
    assert [(c.private_ip_address, c.private_ip_allocation_method) for c in parts] == [
        ("10.0.0.4", "Static"),
        ("10.0.0.5", "Static"),
    ]
    assert {c.fqdn: c.ip_addresses for c in fixed.custom_dns_configs}["contoso.azurecr.io"] == ["10.0.0.5"]


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ([], "PrivateEndpointStaticIpMustMatchDynamicIpMapping"),
        (
            [own("registry", "10.0.0.5"), own("registry_data_westus", "10.0.0.4")],
            "PrivateEndpointWithStaticIpConfigurationsCannotChangeIpAddress",
        ),
    ],
)
def test_an_endpoint_that_exists_gets_no_other_address_by_name(cloud, refused, before, code):
    registry, subnet = cloud.registry(), cloud.subnet()
    cloud.endpoint(registry, subnet, ipConfigurations=before)
    others = [own("registry", "10.0.0.40"), own("registry_data_westus", "10.0.0.41")]

    assert refused(lambda: cloud.endpoint(registry, subnet, ipConfigurations=others)) == (400, code)
    missing = "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps"
    assert refused(lambda: cloud.endpoint(registry, subnet, ipConfigurations=others[:1])) == (400, missing)
    more = [
        own("registry", "10.0.0.5"),
        own("registry_data_westus", "10.0.0.4"),
        own("registry_data_eastus", "10.0.0.9"),
    ]
    assert refused(lambda: cloud.endpoint(registry, subnet, ipConfigurations=more)) == (501, "NotEmulated")


def test_an_endpoint_that_is_written_again_keeps_its_addresses(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    first = cloud.endpoint(registry, subnet)

    again = cloud.endpoint(registry, subnet)

    assert [c.ip_addresses for c in again.custom_dns_configs] == [c.ip_addresses for c in first.custom_dns_configs]


def test_an_endpoint_stays_in_its_subnet(cloud):
    registry, subnet = cloud.registry(), cloud.subnet()
    endpoint = cloud.endpoint(registry, subnet)
    body = {"properties": {"addressPrefix": "10.0.1.0/24", "privateEndpointNetworkPolicies": "Disabled"}}
    other = cloud.network.subnets.begin_create_or_update("g", "v", "other", body).result()

    with pytest.raises(HttpResponseError) as caught:
        cloud.endpoint(registry, other)

    assert caught.value.error.code == "CannotChangeSubnetOnExistingPrivateEndpoint"
    assert caught.value.error.message == (
        f"Cannot change the subnet in which the network interface for private endpoint {endpoint.id} is created. "
        f"Current subnet: '{subnet.id}.' Requested subnet: '{other.id}.'"
    )


@pytest.mark.parametrize(("registry", "connection"), [("fabrikam", "c"), ("contoso", "another")])
def test_an_endpoint_keeps_what_it_leads_to(cloud, registry, connection):
    own, subnet, other = cloud.registry(), cloud.subnet(), cloud.registry("fabrikam")
    endpoint = cloud.endpoint(own, subnet)
    target = other.id if registry == "fabrikam" else own.id
    request = {"name": connection, "properties": {"privateLinkServiceId": target, "groupIds": ["registry"]}}

    with pytest.raises(HttpResponseError) as caught:
        cloud.endpoint(own, subnet, privateLinkServiceConnections=[request])

    assert caught.value.error.code == "CannotChangePrivateLinkConnectionOnPrivateEndpoint"
    assert caught.value.error.message == (
        f"Cannot change the private link connection on private endpoint {endpoint.id}. Please ensure you are not "
        "updating the details of existing private link connection: "
        f"'{endpoint.id}/privateLinkServiceConnections/c'. That is not allowed."
    )


def test_the_interface_of_an_endpoint_is_not_the_user_s(cloud, refused):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())
    name = endpoint.network_interfaces[0].id.rpartition("/")[2]

    code = refused(lambda: cloud.network.network_interfaces.begin_delete("g", name).result())

    assert code == (400, "NicInUseWithPrivateEndpoint")


def test_the_interface_of_an_endpoint_takes_tags_and_no_other_change(cloud, refused):
    endpoint = cloud.endpoint(cloud.registry(), cloud.subnet())
    name = endpoint.network_interfaces[0].id.rpartition("/")[2]
    interfaces = cloud.network.network_interfaces

    tagged = interfaces.update_tags("g", name, {"tags": {"team": "network"}})

    assert (tagged.tags, interfaces.get("g", name).tags) == ({"team": "network"}, {"team": "network"})
    written = refused(lambda: interfaces.begin_create_or_update("g", name, tagged))
    assert written == (400, "CannotModifyNicAttachedToPrivateEndpoint")


def test_deleting_an_endpoint_takes_everything_that_it_made(cloud):
    registry, subnet, zone = cloud.registry(), cloud.subnet(), cloud.zone()
    before = cloud.world.dump()
    cloud.endpoint(registry, subnet)
    cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "default", group_body(zone)).result()

    cloud.network.private_endpoints.begin_delete("g", "e").result()

    assert cloud.world.dump() == before


def test_an_endpoint_has_one_zone_group(cloud):
    cloud.endpoint(cloud.registry("labreg"), cloud.subnet())
    groups, zone = cloud.network.private_dns_zone_groups, cloud.zone()
    groups.begin_create_or_update("g", "e", "default", group_body(zone)).result()

    with pytest.raises(HttpResponseError) as caught:
        groups.begin_create_or_update("g", "e", "another", group_body(zone)).result()

    assert caught.value.status_code == 400
    assert (
        caught.value.error.message == "Cannot create more than one private dns zone groups in the private endpoint e."
    )
    groups.begin_create_or_update("g", "e", "default", group_body(zone)).result()
    groups.begin_delete("g", "e", "default").result()
    groups.begin_create_or_update("g", "e", "another", group_body(zone)).result()
    assert [g.name for g in groups.list("e", "g")] == ["another"]


def test_a_zone_group_writes_short_lived_records_and_empties_the_endpoint_s_list(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())

    cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "default", group_body(cloud.zone())).result()

    assert records(cloud) == {"contoso": (10, ["10.0.0.5"]), "contoso.westus.data": (10, ["10.0.0.4"])}
    assert cloud.network.private_endpoints.get("g", "e").custom_dns_configs == []


def test_a_zone_of_another_name_succeeds_without_records(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    zone = cloud.zone("azurecr.internal")

    made = cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "d", group_body(zone)).result()

    assert (made.provisioning_state, made.private_dns_zone_configs[0].record_sets) == ("Succeeded", [])
    assert records(cloud, "azurecr.internal") == {}


def test_a_waiting_endpoint_gets_its_records_with_the_approval(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet(), manual=True)
    cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "d", group_body(cloud.zone())).result()
    before = records(cloud)
    (connection,) = connections(cloud)

    decide(cloud, connection, "Approved").result()

    assert (before, set(records(cloud))) == ({}, {"contoso", "contoso.westus.data"})


def test_records_that_are_deleted_by_hand_stay_away(cloud):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "d", group_body(cloud.zone())).result()

    cloud.dns.record_sets.delete("g", "privatelink.azurecr.io", "A", "contoso")

    assert set(records(cloud)) == {"contoso.westus.data"}


@pytest.mark.parametrize("timing", ["instant", "as-azure"])
def test_the_alias_outlives_the_endpoint_where_names_are_late(cloud, timing):
    cloud.world.set_setting("timing", timing)
    cloud.endpoint(cloud.registry(), cloud.subnet())
    cloud.network.private_endpoints.begin_delete("g", "e").result()
    cloud.world.advance_to(cloud.world.now + 300)

    first = cloud.opened.resolve("contoso.azurecr.io").aliases[0]
    cloud.world.advance_to(cloud.world.now + 7200)

    assert first == ("contoso.privatelink.azurecr.io" if timing == "as-azure" else "wus.fe.azcr.io")
    assert cloud.opened.resolve("contoso.azurecr.io").aliases[0] == "wus.fe.azcr.io"


def change_subnet(cloud, subnet):
    policies = {"privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Disabled"}
    begin(cloud, subnet.id, {"properties": {"addressPrefix": "10.0.0.0/24", **policies}})


def change_network(cloud, subnet):
    network = cloud.network.virtual_networks.get("g", "v").as_dict()
    network["properties"]["addressSpace"] = {"addressPrefixes": ["10.0.0.0/16", "10.1.0.0/16"]}
    begin(cloud, network["id"], network)


@pytest.mark.parametrize(
    ("change", "operation"),
    [(change_subnet, "PutSubnetOperation"), (change_network, "PutVirtualNetworkOperation")],
)
@pytest.mark.parametrize("kind", ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"])
def test_an_endpoint_fails_in_a_subnet_that_is_being_written_and_is_made_again(cloud, change, operation, kind):
    registry, subnet = cloud.registry(), cloud.subnet()
    request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}
    body = {"location": "westus", "properties": {"subnet": {"id": subnet.id}, kind: [request]}}
    make = cloud.network.private_endpoints.begin_create_or_update

    change(cloud, subnet)
    with pytest.raises(HttpResponseError) as caught:
        make("g", "e", body).result()

    failed = cloud.network.private_endpoints.get("g", "e")
    assert failed.provisioning_state == "Failed"
    message = (
        f"Cannot proceed with operation because resource {subnet.id} used by resource "
        f"{failed.network_interfaces[0].id} is not in Succeeded state. Resource is in Updating state and the last "
        f"operation that updated/is updating the resource is {operation}."
    )
    error = caught.value.error
    assert (error.code, error.message) == ("RetryableError", "A retryable error occurred.")
    assert [(one.code, one.message) for one in error.details] == [("ReferencedResourceNotProvisioned", message)]
    assert state_of(failed).status == "Pending"

    made = make("g", "e", body).result()
    assert made.provisioning_state == "Succeeded"
    assert state_of(made).status == ("Pending" if kind.startswith("manual") else "Approved")
    assert len(connections(cloud)) == 1


@pytest.mark.parametrize(
    ("part", "body"),
    [("", {"sku": {"name": "Premium"}}), ("/replications/eastus", {})],
    ids=["the registry", "a replica"],
)
def test_a_registry_that_is_being_made_takes_no_endpoint(cloud, part, body):
    subnet = cloud.subnet()
    id = cloud.registry("other").id.replace("other", "contoso") if not part else cloud.registry().id
    location = "eastus" if part else "westus"
    assert begin(cloud, id + part, {"location": location, **body}, "2023-07-01").status == 201
    request = {"name": "c", "properties": {"privateLinkServiceId": id, "groupIds": ["registry"]}}

    refused = put(cloud, subnet, request)
    assert (refused.status, refused.body["error"]["code"]) == (400, "RegistryProvisioningStateInvalid")
    assert f"{id}{part} is not in Succeeded state" in refused.body["error"]["message"]

    cloud.opened.azure.world.advance_to(cloud.opened.azure.world.now + 1000)
    assert put(cloud, subnet, request).status == 201

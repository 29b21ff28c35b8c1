"""Route tables, NAT gateways and application security groups, through the SDK's clients."""

from __future__ import annotations

import pytest

LOCATED = {"location": "westus"}
STANDARD = {**LOCATED, "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}


def table(cloud, *routes):
    made = [{"name": name, "properties": said} for name, said in routes]
    body = {**LOCATED, "properties": {"routes": made}}
    return cloud.network.route_tables.begin_create_or_update("g", "t", body).result()


def subnet(cloud, **more):
    cloud.subnet()
    body = {"properties": {"addressPrefix": "10.0.0.0/24", **more}}
    return cloud.network.subnets.begin_create_or_update("g", "v", "s", body).result()


def nat(cloud, *addresses, sku=STANDARD):
    clients = cloud.network.public_ip_addresses
    made = [clients.begin_create_or_update("g", name, sku).result() for name in addresses]
    body = {**LOCATED, "sku": {"name": "Standard"}, "properties": {"publicIpAddresses": [{"id": a.id} for a in made]}}
    return cloud.network.nat_gateways.begin_create_or_update("g", "n", body).result()


OUT = {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.9.4"}


def test_a_table_has_its_routes(cloud):
    made = table(cloud, ("out", OUT))

    (route,) = made.properties.routes
    assert (route.properties.next_hop_type, route.properties.next_hop_ip_address) == ("VirtualAppliance", "10.0.9.4")
    assert made.properties.disable_bgp_route_propagation is False


def test_a_route_is_made_changed_and_deleted_by_itself(cloud):
    table(cloud)
    routes = cloud.network.routes
    routes.begin_create_or_update("g", "t", "r", {"properties": OUT}).result()
    routes.begin_create_or_update(
        "g", "t", "r", {"properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}
    ).result()

    assert [r.properties.next_hop_type for r in routes.list("g", "t")] == ["Internet"]
    routes.begin_delete("g", "t", "r").result()
    assert list(routes.list("g", "t")) == []


def test_a_table_in_use_stays(cloud, refused):
    made = table(cloud)
    shown = subnet(cloud, routeTable={"id": made.id})

    assert shown.properties.route_table.id == made.id
    (user,) = cloud.network.route_tables.get("g", "t").properties.subnets
    assert user.id == shown.id
    delete = cloud.network.route_tables.begin_delete
    assert refused(lambda: delete("g", "t").result()) == (400, "InUseRouteTableCannotBeDeleted")


@pytest.mark.parametrize(
    ("route", "code"),
    [
        ({"addressPrefix": "10.0.0.0/8", "nextHopType": "VirtualAppliance"}, "InvalidNextHopIpAddress"),
        ({**OUT, "nextHopType": "Internet"}, "InvalidNextHopIpAddress"),
        ({**OUT, "addressPrefix": "10.0.0.1/8"}, "InvalidAddressPrefixFormat"),
        ({**OUT, "addressPrefix": "0.0.0.0/0"}, "RouteConflict"),
    ],
)
def test_a_route_that_cannot_be_is_refused(cloud, refused, route, code):
    table(cloud, ("out", OUT))

    make = cloud.network.routes.begin_create_or_update
    assert refused(lambda: make("g", "t", "other", {"properties": route}).result()) == (400, code)


def test_a_route_can_be_for_a_service_tag(cloud):
    made = table(cloud, ("acr", {"addressPrefix": "AzureContainerRegistry", "nextHopType": "Internet"}))

    assert made.properties.routes[0].properties.address_prefix == "AzureContainerRegistry"


def test_a_subnet_takes_only_what_is_there(cloud, refused):
    for name in ("routeTable", "natGateway", "networkSecurityGroup"):
        kind = {"routeTable": "routeTables", "natGateway": "natGateways"}.get(name, "networkSecurityGroups")
        id = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Network/{kind}/none"
        assert refused(lambda id=id, name=name: subnet(cloud, **{name: {"id": id}})) == (
            400,
            "InvalidResourceReference",
        )


def test_a_nat_gateway_holds_its_addresses_and_serves_subnets(cloud, refused):
    gateway = nat(cloud, "a")
    shown = subnet(cloud, natGateway={"id": gateway.id})

    address = cloud.network.public_ip_addresses.get("g", "a")
    assert address.properties.nat_gateway.id == gateway.id
    assert address.properties.ip_configuration is None
    assert cloud.network.nat_gateways.get("g", "n").properties.subnets[0].id == shown.id
    addresses, gateways = cloud.network.public_ip_addresses, cloud.network.nat_gateways
    assert refused(lambda: addresses.begin_delete("g", "a").result()) == (400, "PublicIPAddressCannotBeDeleted")
    assert refused(lambda: gateways.begin_delete("g", "n").result()) == (400, "NatGatewayInUseBySubnet")


def test_an_address_of_another_holder_is_refused(cloud, refused):
    nat(cloud, "a")
    held = cloud.network.public_ip_addresses.get("g", "a")
    body = {**LOCATED, "sku": {"name": "Standard"}, "properties": {"publicIpAddresses": [{"id": held.id}]}}

    make = cloud.network.nat_gateways.begin_create_or_update
    assert refused(lambda: make("g", "other", body).result()) == (400, "PublicIPAddressInUse")


def test_a_basic_address_is_no_way_out(cloud, refused):
    assert refused(lambda: nat(cloud, "a", sku=LOCATED)) == (400, "NatGatewayPublicIpSkuNotSupported")


def group(cloud, name="web"):
    clients = cloud.network.application_security_groups
    return clients.begin_create_or_update("g", name, LOCATED).result()


def rule(**more):
    most = {"protocol": "Tcp", "access": "Deny", "priority": 100, "direction": "Outbound", "sourcePortRange": "*"}
    return {"properties": {**most, "destinationPortRange": "443", **more}}


def test_a_rule_names_application_security_groups(cloud, refused):
    web = group(cloud)
    cloud.network.network_security_groups.begin_create_or_update("g", "nsg", LOCATED).result()
    make = cloud.network.security_rules.begin_create_or_update
    named = rule(sourceApplicationSecurityGroups=[{"id": web.id}], destinationAddressPrefix="*")

    made = make("g", "nsg", "r", named).result()

    assert made.properties.source_application_security_groups[0].id == web.id
    both = rule(sourceApplicationSecurityGroups=[{"id": web.id}], sourceAddressPrefix="*", priority=101)
    assert refused(lambda: make("g", "nsg", "b", both))[0] == 400
    delete = cloud.network.application_security_groups.begin_delete
    assert refused(lambda: delete("g", "web").result())[1] == "InUseApplicationSecurityGroupCannotBeDeleted"


def test_a_rule_for_a_group_that_is_not_there_is_refused(cloud, refused):
    cloud.network.network_security_groups.begin_create_or_update("g", "nsg", LOCATED).result()
    id = group(cloud).id.replace("/web", "/none")
    make = cloud.network.security_rules.begin_create_or_update

    named = rule(sourceApplicationSecurityGroups=[{"id": id}], destinationAddressPrefix="*")
    assert refused(lambda: make("g", "nsg", "r", named)) == (400, "InvalidResourceReference")


def test_the_whole_group_goes_with_all_of_it(cloud):
    made, gateway = table(cloud, ("out", OUT)), nat(cloud, "a")
    subnet(cloud, routeTable={"id": made.id}, natGateway={"id": gateway.id})
    group(cloud)

    cloud.resources.resource_groups.begin_delete("g").result()

    assert cloud.world.count() == 0

"""Effective routes and security rules of an interface, as the SDK's clients read them."""

from __future__ import annotations

LOCATED = {"location": "westus"}


def routes(cloud, name="i"):
    found = cloud.network.network_interfaces.begin_get_effective_route_table("g", name).result()
    return [
        (r.source, r.state, tuple(r.address_prefix), str(getattr(r.next_hop_type, "value", r.next_hop_type)))
        for r in found.value
    ]


def running(cloud, **more):
    place = cloud.subnet(**more)
    cloud.vm(cloud.interface(place))
    return place


def hops(cloud, hop):
    return [(state, prefixes) for _, state, prefixes, to in routes(cloud) if to == hop]


def test_a_plain_vm_has_azures_routes(cloud):
    running(cloud)

    found = routes(cloud)

    assert found[:2] == [
        ("Default", "Active", ("10.0.0.0/16",), "VnetLocal"),
        ("Default", "Active", ("0.0.0.0/0",), "Internet"),
    ]
    dropped = [prefixes[0] for _, _, prefixes, hop in found if hop == "None"]
    assert dropped == ["127.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"]


def test_each_address_of_an_endpoint_has_a_route(cloud):
    place = running(cloud)
    cloud.endpoint(cloud.registry(), place)

    assert hops(cloud, "InterfaceEndpoint") == [("Active", ("10.0.0.5/32",)), ("Active", ("10.0.0.6/32",))]


def test_a_callers_route_makes_them_invalid_where_their_subnet_says_so(cloud):
    place = running(cloud)
    cloud.endpoint(cloud.registry(), place)
    away = {"addressPrefix": "10.0.0.0/16", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.9.4"}
    body = {**LOCATED, "properties": {"routes": [{"name": "away", "properties": away}]}}
    table = cloud.network.route_tables.begin_create_or_update("g", "t", body).result()
    for policies, state in (("Disabled", "Active"), ("RouteTableEnabled", "Invalid")):
        said = {"addressPrefix": "10.0.0.0/24", "routeTable": {"id": table.id}}
        more = {"properties": {**said, "privateEndpointNetworkPolicies": policies}}
        cloud.network.subnets.begin_create_or_update("g", "v", "s", more).result()

        assert {state for state, _ in hops(cloud, "InterfaceEndpoint")} == {state}
        assert hops(cloud, "VnetLocal") == [("Invalid", ("10.0.0.0/16",))]
        assert hops(cloud, "VirtualAppliance") == [("Active", ("10.0.0.0/16",))]


def test_a_vm_that_does_not_run_tells_nothing(cloud, refused):
    running(cloud)
    cloud.compute.virtual_machines.begin_deallocate("g", "m").result()

    clients = cloud.network.network_interfaces
    assert refused(lambda: clients.begin_get_effective_route_table("g", "i").result())[0] == 400
    assert refused(lambda: clients.begin_list_effective_network_security_groups("g", "i").result())[0] == 400


def test_an_interface_without_a_vm_tells_nothing(cloud, refused):
    cloud.interface(cloud.subnet())

    clients = cloud.network.network_interfaces
    assert refused(lambda: clients.begin_get_effective_route_table("g", "i").result())[0] == 400


def secured(cloud):
    """A group on the subnet with one rule of its own."""
    group = cloud.network.network_security_groups.begin_create_or_update("g", "nsg", LOCATED).result()
    rule = {
        "protocol": "Tcp",
        "access": "Deny",
        "priority": 100,
        "direction": "Outbound",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "AzureContainerRegistry",
        "destinationPortRange": "443",
    }
    cloud.network.security_rules.begin_create_or_update("g", "nsg", "no-acr", {"properties": rule}).result()
    body = {"properties": {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": group.id}}}
    cloud.network.subnets.begin_create_or_update("g", "v", "s", body).result()
    return group


def test_the_rules_of_the_subnets_group_are_spelled_out(cloud):
    place, group = running(cloud), secured(cloud)

    found = cloud.network.network_interfaces.begin_list_effective_network_security_groups("g", "i").result()

    (one,) = found.value
    assert (one.network_security_group.id, one.association.subnet.id) == (group.id, place.id)
    rules = {rule.name: rule for rule in one.effective_security_rules}
    own = rules["securityRules/no-acr"]
    assert (own.protocol, own.source_port_range, own.destination_port_range) == ("Tcp", "0-65535", "443-443")
    assert own.source_address_prefix == "0.0.0.0/0"
    assert own.expanded_destination_address_prefix
    local = rules["defaultSecurityRules/AllowVnetInBound"]
    assert (local.protocol, local.expanded_source_address_prefix) == ("All", ["10.0.0.0/16", "168.63.129.16/32"])
    internet = rules["defaultSecurityRules/AllowInternetOutBound"].expanded_destination_address_prefix
    assert "10.0.0.0/16" not in internet
    assert len(internet) == 16  # the rest of all addresses, in the largest ranges that there are


def test_without_a_group_there_are_none(cloud):
    running(cloud)

    found = cloud.network.network_interfaces.begin_list_effective_network_security_groups("g", "i").result()

    assert found.value == []

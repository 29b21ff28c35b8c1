"""Where a VM stands, who holds an address, and which connections the groups and routes of a place let pass."""

import pytest

from acrlab.emulator.core.http import INTERNET, Vantage
from acrlab.emulator.network import reachability
from acrlab.emulator.network.reachability import vantage_of

NET, VM = "Microsoft.Network/virtualNetworks", "Microsoft.Compute/virtualMachines"
SUBNET, INTERFACE = f"{NET}/subnets", "Microsoft.Network/networkInterfaces"
DENY = ("deny", 100, "Inbound", "Deny", "*", "443")
DENY_OUT = ("deny", 100, "Outbound", "Deny", "*", "443")


def network_id(place, name="net"):
    return str(place.id(NET, name))


def subnet_of(place, network="net"):
    return place.world.get(place.id(SUBNET, network, "sub"))


def vm_of(place, name="vm"):
    return place.world.get(place.id(VM, name))


def interface_with(place, group):
    """Give the VM's interface a group."""
    found = place.world.get(place.id(INTERFACE, "vm-interface"))
    own = {"networkSecurityGroup": {"id": str(group.id)}}
    return place.put(INTERFACE, "vm-interface", properties={**found.properties, **own})


def guarded_subnet(place, *rules, network="net", **more):
    group = place.security_group(*rules, name=f"group-of-{network}")
    prefix = {"net": "10.0.0.0/24", "spoke": "10.1.0.0/24"}[network]
    return place.subnet(network, prefix=prefix, networkSecurityGroup={"id": str(group.id)}, **more)


# -- where a VM stands -------------------------------------------------------------------------------------------------


def test_a_vm_stands_in_its_subnet_with_its_private_address(place):
    found = vantage_of(place.world, vm_of(place))

    assert found.address == "10.0.0.4"
    assert found.network == network_id(place)
    assert found.vm == str(place.id(VM, "vm"))
    assert found.subnet == str(place.id(SUBNET, "net", "sub"))
    assert found.egress == "203.0.113.77"


def test_a_vm_without_its_interface_stands_nowhere(place):
    with place.world.transaction():
        place.world.delete(place.id(INTERFACE, "vm-interface"))

    assert vantage_of(place.world, vm_of(place)) == Vantage(address="", vm=str(place.id(VM, "vm")))


def nat(place, *addresses):
    ids = [{"id": str(place.public_address(f"nat-{at}", at).id)} for at in addresses]
    gateway = place.put("Microsoft.Network/natGateways", "nat", properties={"publicIpAddresses": ids})
    return {"natGateway": {"id": str(gateway.id)}}


def test_out_it_goes_by_the_subnet_s_gateway_before_its_own_address(place):
    place.subnet(**nat(place, "203.0.113.90", "203.0.113.91"))

    assert place.stand().egress == "203.0.113.90"


def test_a_gateway_without_addresses_is_no_way_out(place):
    place.subnet(**nat(place))

    assert place.stand().egress == "203.0.113.77"


def test_without_address_and_gateway_the_subnet_decides_whether_there_is_a_way_out(place):
    place.vm("plain", "10.0.0.9", public="")
    assert place.stand("plain").egress == ""

    place.subnet(defaultOutboundAccess=False)
    assert place.stand("plain").egress == ""

    place.subnet(defaultOutboundAccess=True)
    assert place.stand("plain").egress == "198.51.100.9"
    assert place.stand().egress == "203.0.113.77"


def test_an_address_that_was_not_given_out_yet_is_no_way_out(place):
    place.put("Microsoft.Network/publicIPAddresses", "vm-address")
    found = place.world.get(place.id("Microsoft.Network/publicIPAddresses", "vm-address"))
    with place.world.transaction():
        found.state.clear()
        place.world.put(found)

    assert place.stand().egress == ""


def test_a_subnet_that_is_gone_leaves_the_vm_its_own_address(place):
    with place.world.transaction():
        place.world.delete(place.id(SUBNET, "net", "sub"))

    assert place.stand().egress == "203.0.113.77"


# -- who holds an address ----------------------------------------------------------------------------------------------


def test_the_holder_of_an_address_is_its_interface_with_the_configuration(place):
    place.subnet(name="first", prefix="10.0.7.0/24")  # another, which comes before it
    place.registry()
    place.endpoint()

    interface, configuration = reachability.holder_of(place.world, network_id(place), "10.0.0.6")

    assert interface.id.name == "pe.nic"
    assert configuration["name"] == "login"


def test_an_address_is_looked_for_in_every_subnet(place):
    place.subnet(name="later", prefix="10.0.7.0/24")
    subnet = {"id": str(place.id(SUBNET, "net", "later"))}
    configuration = {"name": "one", "properties": {"privateIPAddress": "10.0.7.9", "subnet": subnet}}
    place.put(INTERFACE, "far", properties={"ipConfigurations": [configuration]})

    assert reachability.holder_of(place.world, network_id(place), "10.0.7.9")[0].id.name == "far"


def test_an_address_that_nothing_has_is_held_by_nothing(place):
    assert reachability.holder_of(place.world, network_id(place), "10.0.0.99") is None
    assert reachability.holder_of(place.world, network_id(place), "10.0.7.4") is None


def test_an_address_is_held_in_the_subnet_that_its_configuration_names(place):
    """One interface can stand in two subnets; a configuration of the other one holds nothing here."""
    place.subnet(name="other", prefix="10.0.7.0/24")
    here, there = (str(place.id(SUBNET, "net", name)) for name in ("sub", "other"))
    configurations = [
        {"name": "one", "properties": {"privateIPAddress": "10.0.0.40", "subnet": {"id": there}}},
        {"name": "two", "properties": {"privateIPAddress": "10.0.0.41", "subnet": {"id": here.upper()}}},
    ]
    place.put(INTERFACE, "both", properties={"ipConfigurations": configurations})

    assert reachability.holder_of(place.world, network_id(place), "10.0.0.40") is None
    assert reachability.holder_of(place.world, network_id(place), "10.0.0.41")[1]["name"] == "two"


def test_the_vm_at_an_address_is_found_and_an_endpoint_is_not_a_vm(place):
    place.registry()
    place.endpoint()

    assert reachability.vm_at(place.world, network_id(place), "10.0.0.4").id.name == "vm"
    assert reachability.vm_at(place.world, network_id(place), "10.0.0.6") is None
    assert reachability.vm_at(place.world, network_id(place), "10.0.0.99") is None


def test_the_network_with_an_address_is_the_own_one_a_peer_or_neither(place):
    place.spoke()
    net, spoke = network_id(place), network_id(place, "spoke")

    assert reachability.network_with(place.world, net, "10.0.0.4") == net
    assert reachability.network_with(place.world, net, "10.1.0.4") == spoke
    assert reachability.network_with(place.world, net, "10.9.0.4") == ""
    assert reachability.network_with(place.world, "", "10.0.0.4") == ""


def test_a_network_that_is_gone_is_still_the_own_one(place):
    gone = network_id(place, "gone")

    assert reachability.network_with(place.world, gone, "10.0.0.4") == ""


# -- which connections pass --------------------------------------------------------------------------------------------


def lets_out(place, address="10.0.0.6", port=443, *more):
    return reachability.lets_out(place.world, place.stand(), address, port, *more)


def test_from_the_internet_everything_goes_out(place):
    assert reachability.lets_out(place.world, INTERNET, "10.0.0.6", 443)


def test_a_vm_without_groups_and_routes_lets_out_everything(place):
    assert lets_out(place)


@pytest.mark.parametrize(("port", "passes"), [(443, False), (80, True)])
def test_the_subnet_s_group_is_asked_on_the_way_out(place, port, passes):
    guarded_subnet(place, DENY_OUT)

    assert lets_out(place, "10.0.0.6", port) == passes


@pytest.mark.parametrize(("port", "passes"), [(443, False), (80, True)])
def test_the_interface_s_group_is_asked_on_the_way_out(place, port, passes):
    interface_with(place, place.security_group(DENY_OUT))

    assert lets_out(place, "10.0.0.6", port) == passes


def test_the_rules_for_coming_in_say_nothing_of_going_out(place):
    guarded_subnet(place, DENY)

    assert lets_out(place)


def only(place, **said):
    """A group that denies what a rule says."""
    rule = {"priority": 100, "access": "Deny", "protocol": "*", "destinationPortRange": "*"}
    ends = {"sourceAddressPrefix": "*", "destinationAddressPrefix": "*"}
    group = place.put("Microsoft.Network/networkSecurityGroups", "only")
    kind = "Microsoft.Network/networkSecurityGroups/securityRules"
    place.put(kind, "only", "rule", properties={**rule, **ends, "direction": "Outbound", **said})
    return group


def through(place, **said):
    """Let a rule stand at the subnet."""
    return place.subnet(networkSecurityGroup={"id": str(only(place, **said).id)})


def test_a_connection_out_is_tcp_unless_told(place):
    through(place, protocol="Tcp")

    assert not lets_out(place)
    assert lets_out(place, "10.0.0.6", 443, "Udp")


def test_a_connection_out_comes_from_the_vm_and_leads_to_the_address(place):
    through(place, sourceAddressPrefix="10.0.0.4/32", destinationAddressPrefix="10.0.0.6/32")

    assert not lets_out(place)
    assert lets_out(place, "10.0.0.7")


def test_a_peer_counts_as_the_network_on_the_way_out(place):
    place.spoke()
    through(place, destinationAddressPrefix="VirtualNetwork")

    assert not lets_out(place, "10.1.0.4")
    assert lets_out(place, "10.9.0.4")


def test_the_subnet_s_routes_have_to_lead_there(place):
    table = place.put("Microsoft.Network/routeTables", "table")
    nowhere = {"addressPrefix": "10.0.0.6/32", "nextHopType": "None"}
    place.put("Microsoft.Network/routeTables/routes", "table", "route", properties=nowhere)
    place.subnet(routeTable={"id": str(table.id)})

    assert not lets_out(place)
    assert lets_out(place, "10.0.0.7")


def test_a_subnet_that_is_gone_stops_nothing(place):
    asked = place.stand()
    with place.world.transaction():
        place.world.delete(place.id(SUBNET, "net", "sub"))

    assert reachability.lets_out(place.world, asked, "10.0.0.6", 443)


def test_a_vm_that_is_gone_leaves_the_subnet_s_group(place):
    guarded_subnet(place, DENY_OUT)
    asked = place.stand()
    with place.world.transaction():
        place.world.delete(place.id(VM, "vm"))

    assert not reachability.lets_out(place.world, asked, "10.0.0.6", 443)


def test_a_subnet_with_the_service_endpoint_reaches_registries_by_it(place):
    assert reachability.service_endpoint_of(place.world, place.stand()) == ""

    place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])

    assert reachability.service_endpoint_of(place.world, place.stand()) == str(place.id(SUBNET, "net", "sub"))
    assert reachability.service_endpoint_of(place.world, INTERNET) == ""


def test_a_service_endpoint_of_a_subnet_that_is_gone_leads_nowhere(place):
    place.subnet(serviceEndpoints=[{"service": "Microsoft.ContainerRegistry"}])
    asked = place.stand()
    with place.world.transaction():
        place.world.delete(place.id(SUBNET, "net", "sub"))

    assert reachability.service_endpoint_of(place.world, asked) == ""


@pytest.mark.parametrize(
    ("policies", "passes"),
    [("Disabled", True), ("RouteTableEnabled", True), ("NetworkSecurityGroupEnabled", False), ("Enabled", False)],
)
def test_a_group_guards_an_endpoint_where_its_subnet_says_so(place, policies, passes):
    subnet = guarded_subnet(place, DENY, privateEndpointNetworkPolicies=policies)

    assert reachability.lets_in(place.world, place.stand(), subnet, "10.0.0.6", 443) == passes
    assert reachability.lets_in(place.world, place.stand(), subnet, "10.0.0.6", 80)


def test_a_subnet_that_says_nothing_of_policies_lets_all_reach_its_endpoints(place):
    subnet = guarded_subnet(place, DENY)
    del subnet.properties["privateEndpointNetworkPolicies"]

    assert reachability.lets_in(place.world, place.stand(), subnet, "10.0.0.6", 443)


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({"sourceAddressPrefix": "10.0.0.4/32", "destinationAddressPrefix": "10.0.0.6/32"}, False),
        ({"sourceAddressPrefix": "10.0.0.5/32"}, True),
        ({"destinationAddressPrefix": "10.0.0.7/32"}, True),
        ({"protocol": "Tcp"}, False),
        ({"protocol": "Udp"}, True),
        ({"direction": "Outbound"}, True),
    ],
)
def test_a_rule_at_an_endpoint_s_subnet_sees_who_comes_and_where_it_goes(place, said, passes):
    group = only(place, **{"direction": "Inbound", **said})
    subnet = place.subnet(privateEndpointNetworkPolicies="Enabled", networkSecurityGroup={"id": str(group.id)})

    assert reachability.lets_in(place.world, place.stand(), subnet, "10.0.0.6", 443) == passes


def test_a_peer_counts_as_the_network_at_an_endpoint(place):
    place.spoke()
    group = only(place, direction="Inbound", sourceAddressPrefix="VirtualNetwork")
    subnet = place.subnet(privateEndpointNetworkPolicies="Enabled", networkSecurityGroup={"id": str(group.id)})

    assert not reachability.lets_in(place.world, place.stand("outside"), subnet, "10.0.0.6", 443)


# -- from one place to another -----------------------------------------------------------------------------------------


def admits(place, address, port=443, vantage=None):
    return reachability.admits(place.world, vantage or place.stand(), address, port)


def test_without_groups_every_address_is_reached(place):
    place.vm("other", "10.0.0.30", public="")
    place.registry()
    place.endpoint()

    assert all(admits(place, address) for address in ("10.0.0.30", "10.0.0.6", "10.0.0.99", "10.9.0.4", "203.0.113.5"))
    assert admits(place, "203.0.113.5", vantage=INTERNET)


def test_the_caller_s_own_group_stops_a_connection_wherever_it_goes(place):
    guarded_subnet(place, DENY_OUT)

    assert not admits(place, "203.0.113.5")
    assert admits(place, "203.0.113.5", 80)


def test_the_caller_s_own_group_sees_where_a_connection_goes(place):
    through(place, protocol="Tcp", destinationAddressPrefix="203.0.113.5/32")

    assert not admits(place, "203.0.113.5")
    assert admits(place, "203.0.113.6")


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({"sourceAddressPrefix": "10.0.0.4/32", "destinationAddressPrefix": "10.1.0.4/32"}, False),
        ({"protocol": "Tcp", "destinationPortRange": "443"}, False),
        ({"destinationPortRange": "80"}, True),
        ({"protocol": "Udp"}, True),
    ],
)
def test_a_group_at_a_peer_s_vm_stops_what_comes_to_it(place, said, passes):
    place.spoke()
    interface = place.world.get(place.id(INTERFACE, "outside-interface"))
    group = {"networkSecurityGroup": {"id": str(only(place, direction="Inbound", **said).id)}}
    place.put(INTERFACE, "outside-interface", properties={**interface.properties, **group})

    assert admits(place, "10.1.0.4") == passes


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({"sourceAddressPrefix": "10.0.0.4/32", "destinationAddressPrefix": "10.0.0.6/32"}, False),
        ({"protocol": "Tcp", "destinationPortRange": "443"}, False),
        ({"destinationPortRange": "80"}, True),
    ],
)
def test_a_group_stops_what_comes_to_an_endpoint_where_its_subnet_says_so(place, said, passes):
    place.registry()
    place.endpoint()
    group = {"networkSecurityGroup": {"id": str(only(place, direction="Inbound", **said).id)}}

    place.subnet(privateEndpointNetworkPolicies="Enabled", **group)
    assert admits(place, "10.0.0.6") == passes

    place.subnet(privateEndpointNetworkPolicies="Disabled", **group)
    assert admits(place, "10.0.0.6")


# -- into a VM, and into what a service runs in a subnet ---------------------------------------------------------------


def lets_in_to_vm(place, port=443, protocol="Tcp", *, vm="vm", vantage=None):
    place.vm("client", "10.0.0.30", public="")
    asked = vantage or place.stand("client")
    return reachability.lets_in_to_vm(place.world, asked, vm_of(place, vm), port, protocol)


def test_a_vm_without_groups_is_reached(place):
    assert lets_in_to_vm(place)


def test_the_subnet_s_group_guards_a_vm(place):
    guarded_subnet(place, DENY)

    assert not lets_in_to_vm(place)
    assert lets_in_to_vm(place, 80)


def test_the_interface_s_group_guards_a_vm(place):
    interface_with(place, place.security_group(DENY))

    assert not lets_in_to_vm(place)
    assert lets_in_to_vm(place, 80)


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({"sourceAddressPrefix": "10.0.0.30/32", "destinationAddressPrefix": "10.0.0.4/32"}, False),
        ({"sourceAddressPrefix": "10.0.0.31/32"}, True),
        ({"destinationAddressPrefix": "10.0.0.5/32"}, True),
        ({"protocol": "Udp"}, True),
        ({"direction": "Outbound"}, True),
    ],
)
def test_a_rule_before_a_vm_sees_who_comes_and_where_it_goes(place, said, passes):
    through(place, **{"direction": "Inbound", **said})

    assert lets_in_to_vm(place) == passes


def test_a_rule_for_udp_stops_udp_before_a_vm(place):
    through(place, direction="Inbound", protocol="Udp")

    assert not lets_in_to_vm(place, 53, "Udp")


def test_a_peer_counts_as_the_network_before_a_vm(place):
    place.spoke()
    through(place, direction="Inbound", sourceAddressPrefix="VirtualNetwork")

    assert not lets_in_to_vm(place, vantage=place.stand("outside"))


def test_a_vm_without_its_interface_or_network_is_not_reached(place):
    asked, vm = place.stand(), vm_of(place)
    with place.world.transaction():
        place.world.delete(place.id(NET, "net"))
    assert not reachability.lets_in_to_vm(place.world, asked, vm, 443, "Tcp")

    with place.world.transaction():
        place.world.delete(place.id(INTERFACE, "vm-interface"))
    assert not reachability.lets_in_to_vm(place.world, asked, vm, 443, "Tcp")


WAYS = [("Inbound", reachability.lets_in_to_subnet), ("Outbound", reachability.lets_out_of_subnet)]


@pytest.mark.parametrize(("direction", "way"), WAYS)
@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({"sourceAddressPrefix": "10.0.0.30/32", "destinationAddressPrefix": "10.0.0.40/32"}, False),
        ({"destinationPortRange": "53", "protocol": "Udp"}, False),
        ({"sourceAddressPrefix": "10.0.0.31/32"}, True),
        ({"destinationAddressPrefix": "10.0.0.41/32"}, True),
        ({"destinationPortRange": "54"}, True),
        ({"protocol": "Tcp"}, True),
    ],
)
def test_a_subnet_s_group_guards_what_a_service_runs_in_it(place, direction, way, said, passes):
    subnet = through(place, direction=direction, **said)

    assert way(place.world, "10.0.0.30", subnet, "10.0.0.40", 53, "Udp") == passes


@pytest.mark.parametrize(("direction", "way"), WAYS)
def test_a_rule_for_one_way_says_nothing_of_the_other(place, direction, way):
    (other,) = {"Inbound", "Outbound"} - {direction}
    subnet = through(place, direction=other)

    assert way(place.world, "10.0.0.30", subnet, "10.0.0.40", 53, "Udp")


def test_around_a_network_lie_its_own_prefixes_and_those_of_its_peers(place):
    place.spoke()
    net = place.world.get(place.id(NET, "net"))

    assert reachability.space_around(place.world, net) == ("10.0.0.0/16", "10.1.0.0/16")

"""What a security group says of one connection, rule by rule and end by end."""

import pytest

from acrlab.emulator.network.security_rules import Flow, all_of, group_of, is_tagged, passes

GROUPS = "Microsoft.Network/networkSecurityGroups"
SETS = "Microsoft.Network/applicationSecurityGroups"
SPACE = ("10.0.0.0/16", "10.1.0.0/16")
OPEN = {"priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "*"}
ANYWHERE = {"sourceAddressPrefix": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*"}
REGISTRY = "192.0.2.64"  # the first region's front, and no other service's


def flow(source="10.0.0.4", destination="10.0.0.9", port=443, protocol="Tcp"):
    return Flow(source, destination, port, SPACE, protocol)


@pytest.fixture
def guarded(place):
    """Gives a group some rules, each the properties that differ from allowing all; returns the subnet that has it."""

    def guarded(*rules):
        group = place.put(GROUPS, "guard")
        for number, rule in enumerate(rules):
            said = OPEN | ANYWHERE | {"priority": 100 + number} | rule
            place.put(f"{GROUPS}/securityRules", "guard", f"rule-{number}", properties=said)
        return place.subnet(networkSecurityGroup={"id": str(group.id)})

    return guarded


def lets(place, subnet, asked, direction="Inbound"):
    return passes(place.world, subnet, asked, direction)


def test_without_a_group_everything_passes(place):
    assert lets(place, place.subnet(), flow(source="203.0.113.9"))
    assert lets(place, None, flow(source="203.0.113.9"))


def test_the_group_of_a_subnet_is_found_and_a_part_without_one_has_none(place, guarded):
    assert group_of(place.world, guarded()).id.name == "guard"
    assert group_of(place.world, place.subnet(name="plain")) is None
    assert group_of(place.world, None) is None


def test_a_group_of_its_own_rules_lets_the_network_in_and_the_internet_out(place, guarded):
    subnet = guarded()

    assert lets(place, subnet, flow(source="10.1.0.4"))  # a peer's address counts as the network's
    assert not lets(place, subnet, flow(source="203.0.113.9"))
    assert lets(place, subnet, flow(destination="203.0.113.9"), "Outbound")
    assert not lets(place, subnet, flow(source="203.0.113.9", destination="10.0.0.9"), "Outbound")


def test_the_rule_with_the_lowest_number_decides(place, guarded):
    subnet = guarded({"access": "Deny", "priority": 300}, {"access": "Allow", "priority": 200})

    assert lets(place, subnet, flow(source="203.0.113.9"))


def test_a_rule_counts_for_its_own_direction_alone(place, guarded):
    subnet = guarded({"access": "Deny", "direction": "Outbound"})

    assert lets(place, subnet, flow())
    assert not lets(place, subnet, flow(), "Outbound")


@pytest.mark.parametrize(
    ("protocol", "asked", "denied"),
    [("Tcp", "Tcp", True), ("Tcp", "Udp", False), ("*", "Udp", True), ("Udp", "Tcp", False)],
)
def test_a_rule_counts_for_its_protocol(place, guarded, protocol, asked, denied):
    subnet = guarded({"access": "Deny", "protocol": protocol})

    assert lets(place, subnet, flow(protocol=asked)) != denied


@pytest.mark.parametrize(
    ("ports", "port", "denied"),
    [
        ("443", 443, True),
        ("443", 442, False),
        ("443", 444, False),
        ("400-443", 400, True),
        ("400-443", 443, True),
        ("400-443", 399, False),
        ("400-443", 444, False),
        ("*", 1, True),
    ],
)
def test_a_rule_counts_for_its_ports_ends_included(place, guarded, ports, port, denied):
    subnet = guarded({"access": "Deny", "destinationPortRange": ports})

    assert lets(place, subnet, flow(port=port)) != denied


@pytest.mark.parametrize(("port", "denied"), [(80, True), (443, True), (8080, False)])
def test_a_rule_can_list_ports(place, guarded, port, denied):
    subnet = guarded({"access": "Deny", "destinationPortRange": "", "destinationPortRanges": ["80", "443"]})

    assert lets(place, subnet, flow(port=port)) != denied


PLACES = [
    ("*", "10.0.0.9", True),
    ("0.0.0.0/0", "203.0.113.9", True),
    ("VirtualNetwork", "10.1.200.7", True),
    ("VirtualNetwork", "10.2.0.1", False),
    ("virtualnetwork", "10.0.0.9", True),
    ("Internet", "203.0.113.9", True),
    ("Internet", "10.1.200.7", False),
    ("INTERNET", "203.0.113.9", True),
    ("10.0.0.0/24", "10.0.0.9", True),
    ("10.0.0.0/24", "10.0.1.9", False),
    ("10.0.0.9", "10.0.0.9", True),
    ("10.0.0.77/24", "10.0.0.9", True),  # with bits beyond its mask, as Azure takes it
    ("AzureContainerRegistry", REGISTRY, True),
    ("AzureContainerRegistry", "10.0.0.9", False),
    ("AzureContainerRegistry", "198.51.100.250", False),
    ("Storage", REGISTRY, False),
    ("UnheardOf", "10.0.0.9", False),
]


@pytest.mark.parametrize(("prefix", "address", "denied"), PLACES)
def test_a_rule_counts_for_what_its_destination_names(place, guarded, prefix, address, denied):
    subnet = guarded({"access": "Deny", "destinationAddressPrefix": prefix}, {})

    assert lets(place, subnet, flow(destination=address)) != denied


@pytest.mark.parametrize(("prefix", "address", "denied"), PLACES)
def test_a_rule_counts_for_what_its_source_names(place, guarded, prefix, address, denied):
    subnet = guarded({"access": "Deny", "sourceAddressPrefix": prefix}, {})

    assert lets(place, subnet, flow(source=address)) != denied


@pytest.mark.parametrize(("address", "denied"), [("10.0.0.9", True), ("10.0.1.9", True), ("10.0.2.9", False)])
@pytest.mark.parametrize("end", ["source", "destination"])
def test_a_rule_can_list_prefixes(place, guarded, end, address, denied):
    listed = {f"{end}AddressPrefix": "", f"{end}AddressPrefixes": ["10.0.0.0/24", "10.0.1.0/24"]}
    subnet = guarded({"access": "Deny", **listed}, {})

    assert lets(place, subnet, flow(**{end: address})) != denied


@pytest.mark.parametrize(("end", "other"), [("source", "destination"), ("destination", "source")])
def test_a_rule_can_name_an_application_security_group(place, guarded, end, other):
    named = place.put(SETS, "web")
    place.vm("member", "10.0.0.20", public="")
    interface = place.world.get(place.id("Microsoft.Network/networkInterfaces", "member-interface"))
    member = interface.properties["ipConfigurations"][0]["properties"]
    member["applicationSecurityGroups"] = [{"id": str(named.id)}]
    place.put("Microsoft.Network/networkInterfaces", "member-interface", properties=interface.properties)
    rule = {"access": "Deny", f"{end}ApplicationSecurityGroups": [{"id": str(named.id)}], f"{end}AddressPrefix": ""}
    subnet = guarded(rule, {})

    assert not lets(place, subnet, flow(**{end: "10.0.0.20"}))
    assert lets(place, subnet, flow(**{end: "10.0.0.21"}))
    assert lets(place, subnet, flow(**{end: "10.0.0.21", other: "10.0.0.20"}))


def test_what_a_rule_says_alone_and_in_a_list_is_one_list():
    rule = {"destinationPortRange": "22", "destinationPortRanges": ["80"], "sourceAddressPrefixes": ["10.0.0.0/8"]}

    assert all_of(rule, "destinationPortRange") == ["22", "80"]
    assert all_of(rule, "sourceAddressPrefix") == ["10.0.0.0/8"]
    assert all_of(rule, "destinationAddressPrefix") == []


@pytest.mark.parametrize(
    ("address", "tag", "belongs"),
    [
        (REGISTRY, "AzureContainerRegistry", True),
        (REGISTRY, "azurecontainerregistry", True),
        (REGISTRY, "AzureCloud", True),
        (REGISTRY, "Storage", False),
        ("10.0.0.4", "AzureContainerRegistry", False),
    ],
)
def test_a_tag_in_any_letters_names_its_service_s_addresses(address, tag, belongs):
    assert is_tagged(address, tag) == belongs

"""Routes have an effect: on the way out, on the way to an endpoint, and on the address that others see."""

from __future__ import annotations

import pytest

from acrlab.emulator.core.http import Unreachable

REGISTRY = "contoso.azurecr.io"
UBUNTU = "azure.archive.ubuntu.com"


def table(place, **routes):
    """Each route: its prefix and next hop; the name stands for itself."""
    made = place.put("Microsoft.Network/routeTables", "table")
    for name, (prefix, hop) in routes.items():
        said = {"addressPrefix": prefix, "nextHopType": hop}
        place.put("Microsoft.Network/routeTables/routes", "table", name, properties=said)
    return {"routeTable": {"id": str(made.id)}}


def nat(place):
    address = place.public_address("shared", "203.0.113.200")
    properties = {"publicIpAddresses": [{"id": str(address.id)}]}
    made = place.put("Microsoft.Network/natGateways", "nat", properties=properties)
    return {"natGateway": {"id": str(made.id)}}


def private(place, **subnet):
    """A VM without a public address, in a subnet with what is given."""
    place.subnet(**subnet)
    place.vm(public="")


def reaches(place, host, path="/v2/", *, plain=False):
    try:
        place.ask(host, path, plain=plain)
    except Unreachable as problem:
        return problem.reason
    return "reached"


def test_without_a_table_all_is_as_before(place):
    place.registry()

    assert reaches(place, REGISTRY) == "reached"


def test_a_default_route_to_an_appliance_ends_there(place):
    place.registry()
    place.subnet(**table(place, out=("0.0.0.0/0", "VirtualAppliance")))

    assert reaches(place, REGISTRY) == "timeout"
    assert reaches(place, UBUNTU, "/ubuntu/dists/jammy/InRelease", plain=True) == "timeout"


def test_a_longer_route_leads_past_it(place):
    place.registry()
    out, acr = ("0.0.0.0/0", "VirtualAppliance"), ("AzureContainerRegistry", "Internet")
    place.subnet(**table(place, out=out, acr=acr))

    assert reaches(place, REGISTRY) == "reached"
    assert reaches(place, "registry-1.docker.io") == "timeout"


def test_a_default_route_leaves_endpoints_alone(place):
    place.registry()
    place.linked()
    policies = {"privateEndpointNetworkPolicies": "RouteTableEnabled"}
    place.subnet(**table(place, out=("0.0.0.0/0", "VirtualAppliance")), **policies)

    assert reaches(place, REGISTRY) == "reached"


@pytest.mark.parametrize(
    ("policies", "seen"),
    [
        ("Disabled", "reached"),
        ("NetworkSecurityGroupEnabled", "reached"),
        ("RouteTableEnabled", "timeout"),
        ("Enabled", "timeout"),
    ],
)
@pytest.mark.parametrize("prefix", ["10.0.0.0/16", "10.0.0.0/24", "10.0.0.6/32"])
def test_a_route_for_the_network_takes_an_endpoints_place_where_its_subnet_says_so(place, policies, seen, prefix):
    place.registry()
    place.linked()
    more = {"privateEndpointNetworkPolicies": policies}
    place.subnet(**table(place, away=(prefix, "VirtualAppliance")), **more)

    # The /32 of the caller's own is as long as Azure's, and the caller's wins under any policy.
    expected = "timeout" if prefix.endswith("/32") else seen
    assert reaches(place, REGISTRY) == expected


def test_a_nat_gateway_is_a_way_out_and_its_address_is_what_others_see(place):
    private(place, **nat(place))
    place.registry(networkRuleSet={"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "203.0.113.200"}]})

    assert place.stand().egress == "203.0.113.200"
    assert place.ask(REGISTRY).status == 401


def test_it_goes_before_a_public_address_of_the_vms_own(place):
    place.subnet(**nat(place))

    assert place.stand().egress == "203.0.113.200"


def test_a_route_goes_before_a_nat_gateway(place):
    place.registry()
    private(place, **nat(place), **table(place, out=("0.0.0.0/0", "None")))

    assert reaches(place, REGISTRY) == "timeout"


def test_the_default_way_out_is_there_where_a_subnet_asks_for_it(place):
    place.registry()
    private(place)
    assert reaches(place, REGISTRY) == "timeout"
    private(place, defaultOutboundAccess=True)

    assert reaches(place, REGISTRY) == "reached"
    assert place.stand().egress.startswith("198.51.100.")


def test_a_rule_for_an_application_security_group_counts_for_its_members(place):
    place.registry()
    web = place.put("Microsoft.Network/applicationSecurityGroups", "web")
    group = place.security_group()
    rule = {
        "protocol": "Tcp",
        "priority": 100,
        "direction": "Outbound",
        "access": "Deny",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "443",
        "sourceApplicationSecurityGroups": [{"id": str(web.id)}],
    }
    place.put("Microsoft.Network/networkSecurityGroups/securityRules", "group", "r", properties=rule)
    place.subnet(networkSecurityGroup={"id": str(group.id)})
    assert reaches(place, REGISTRY) == "reached"

    interface = place.world.get(place.id("Microsoft.Network/networkInterfaces", "vm-interface"))
    interface.properties["ipConfigurations"][0]["properties"]["applicationSecurityGroups"] = [{"id": str(web.id)}]
    with place.world.transaction():
        place.world.put(interface)

    assert reaches(place, REGISTRY) == "timeout"


def test_a_peers_addresses_are_led_away_too(place):
    place.registry()
    place.linked()
    place.spoke()
    place.link("privatelink.azurecr.io", "spoke", "spoke")
    assert place.ask(REGISTRY, vantage=place.stand("outside")).status == 401

    place.subnet("spoke", prefix="10.1.0.0/24", **table(place, hub=("10.0.0.0/16", "VirtualAppliance")))
    # The /32 of the endpoint still leads there: its own subnet's policies are off.
    assert place.ask(REGISTRY, vantage=place.stand("outside")).status == 401
    place.subnet(privateEndpointNetworkPolicies="RouteTableEnabled")

    with pytest.raises(Unreachable, match="timeout"):
        place.ask(REGISTRY, vantage=place.stand("outside"))

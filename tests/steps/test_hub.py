"""Hub and spoke, step by step: each can be repeated, and what was made for a place goes with it."""

import pytest

import acrlab
from acrlab.course.practice.exercise import READY
from acrlab.steps.beyond import hub, private_resolver

NAME = "contoso42.azurecr.io"


@pytest.fixture
def working(lab):
    acrlab.bring_to(lab, *READY)
    return lab


@pytest.fixture
def spoke(working):
    place = hub.spoke(working)
    hub.ensure_client(place)
    hub.ensure_peering(working, place)
    return place


def names(lab):
    return {one.name for one in lab.resources.resources.list_by_resource_group("myResourceGroup")}


def test_a_place_is_the_same_lab_with_other_names(working):
    place = hub.spoke(working)

    assert (place.settings.vm_name, place.settings.network_name) == ("mySpokeVM", "mySpokeVNET")
    assert (place.settings.network_prefix, place.settings.subnet_prefix) == ("10.2.0.0/16", "10.2.0.0/24")
    assert place.registry_id == working.registry_id
    assert working.settings.vm_name == "myDockerVM"


def test_a_place_has_addresses_of_its_own_wherever_the_hub_lies(lab):
    for prefix in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"):
        moved = lab.elsewhere(network_prefix=prefix)
        spaces = {hub.spoke(moved).settings.network_prefix, hub.on_premises(moved).settings.network_prefix, prefix}
        assert len(spaces) == 3


def test_names_do_not_follow_a_peering_and_a_link_does_it(working, spoke):
    answer = acrlab.resolve(spoke, NAME)
    assert answer.addresses != acrlab.resolve(working, NAME).addresses

    acrlab.ensure_link(spoke)

    assert acrlab.resolve(spoke, NAME).addresses == acrlab.resolve(working, NAME).addresses
    assert acrlab.diagnose(spoke).healthy


def test_a_peering_is_made_once_and_again_where_a_half_was_left_behind(working, spoke):
    first = [half.id for half in hub.ensure_peering(working, spoke)]
    assert len(first) == 2

    hub.remove_half(working, first[0])
    assert [half.peering_state for half in hub.halves(spoke, working)] == ["Disconnected"]
    again = hub.ensure_peering(working, spoke)

    assert [half.peering_state for half in again] == ["Connected", "Connected"]


def test_a_spoke_asks_a_forwarder_in_the_hub_and_azure_again(working, spoke):
    server = hub.ensure_forwarder(working, "168.63.129.16")
    hub.ask(spoke, server)
    assert hub.servers_of(spoke) == (server,)
    assert acrlab.resolve(spoke, NAME).addresses == acrlab.resolve(working, NAME).addresses

    hub.ask(spoke)
    assert hub.servers_of(spoke) == ("168.63.129.16",)


def test_a_vm_that_missed_its_restart_gets_it_when_the_step_is_repeated(working, spoke):
    server = hub.ensure_forwarder(working, "168.63.129.16")
    network = spoke.network.virtual_networks.get("myResourceGroup", "mySpokeVNET")
    network.dhcp_options = {"dnsServers": [server]}
    spoke.network.virtual_networks.begin_create_or_update("myResourceGroup", "mySpokeVNET", network).result()

    hub.ask(spoke, server)

    assert hub.servers_of(spoke) == (server,)


def test_a_place_goes_with_all_that_was_made_for_it_and_nothing_else(working, spoke):
    acrlab.ensure_link(spoke)
    rights = acrlab.steps.vm_rights(working)
    hub.part(working, spoke)
    hub.remove_place(spoke)

    assert not [name for name in names(working) if "Spoke" in name]
    assert {"myDockerVM", "myPrivateEndpoint", "privatelink.azurecr.io/MyDNSLink"} <= names(working)
    assert acrlab.steps.vm_rights(working) == rights
    hub.remove_place(spoke)  # nothing is left, and nothing is said


def test_a_link_that_only_has_the_place_s_name_stays(working, spoke):
    acrlab.remedies.unlink_zone(
        working,
        working.id_of("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "privatelink.azurecr.io", "MyDNSLink"),
    )
    zone = working.id_of("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")
    network = working.id_of("Microsoft.Network/virtualNetworks", "myDockerVMVNET")
    acrlab.remedies.link_zone(working, zone, network, "mySpokeLink")

    hub.part(working, spoke)
    hub.remove_place(spoke)

    assert "privatelink.azurecr.io/mySpokeLink" in names(working)


def test_a_forwarder_is_taken_off_again(working):
    hub.ensure_forwarder(working, "168.63.129.16")
    hub.remove_forwarder(working)
    hub.remove_forwarder(working)

    assert acrlab.run_on_vm(working, "systemctl is-active dnsmasq", check=False).stdout.strip() != "active"


# -- the resolver ------------------------------------------------------------------------------------------------------


def test_a_spoke_that_asks_the_inbound_endpoint_resolves_by_the_hubs_zone(working, spoke):
    address = private_resolver.ensure_resolver(working)
    assert address == "10.0.17.4"  # the first range that the service takes
    assert private_resolver.ensure_resolver(working) == address

    hub.ask(spoke, address)

    assert acrlab.resolve(spoke, NAME).addresses == acrlab.resolve(working, NAME).addresses


def test_a_ruleset_does_it_without_servers_of_one_s_own(working, spoke):
    address = private_resolver.ensure_resolver(working)
    ruleset = private_resolver.ensure_ruleset(working, address)
    assert acrlab.resolve(spoke, NAME).addresses != acrlab.resolve(working, NAME).addresses

    for _ in range(2):
        private_resolver.ensure_ruleset_link(working, spoke)
        assert len(private_resolver.links_to(spoke, ruleset)) == 1

    assert acrlab.resolve(spoke, NAME).addresses == acrlab.resolve(working, NAME).addresses
    private_resolver.disable_rule(working, f"{ruleset}/forwardingRules/registries")
    assert acrlab.resolve(spoke, NAME).addresses != acrlab.resolve(working, NAME).addresses


def test_an_on_premises_client_comes_in_by_the_inbound_endpoint(working):
    place = hub.on_premises(working)
    hub.ensure_client(place)
    hub.ensure_peering(working, place)
    address = private_resolver.ensure_resolver(working)
    server = hub.ensure_forwarder(place, f"/azurecr.io/{address}", hub.PUBLIC_RESOLVER)
    hub.ask(place, server)

    assert acrlab.resolve(place, NAME).addresses == acrlab.resolve(working, NAME).addresses
    assert acrlab.resolve(place, "mcr.microsoft.com").addresses


def test_a_resolver_is_taken_away_with_its_subnets(working, spoke):
    private_resolver.ensure_ruleset(working, private_resolver.ensure_resolver(working))
    private_resolver.ensure_ruleset_link(working, spoke)
    private_resolver.remove_resolver(working)
    private_resolver.remove_resolver(working)

    assert not {name for name in names(working) if "Resolver" in name or "Ruleset" in name}
    subnets = working.network.subnets.list("myResourceGroup", "myDockerVMVNET")
    assert [subnet.name for subnet in subnets] == ["myDockerVMSubnet"]


def test_a_network_without_room_for_a_resolver_is_said_so(lab):
    small = lab.elsewhere(network_prefix="10.0.0.0/24", subnet_prefix="10.0.0.0/24")
    acrlab.bring_to(small, "network")

    with pytest.raises(acrlab.ConfigurationError, match=r"has no room for a subnet /28"):
        private_resolver.ensure_resolver(small)


def test_a_clean_up_beside_others_things_deletes_all_of_a_hub_and_says_what_it_would(lab, world):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})  # someone else's
    acrlab.bring_to(lab, *READY)
    place = hub.spoke(lab)
    hub.ensure_client(place)
    hub.ensure_peering(lab, place)
    private_resolver.ensure_ruleset(lab, private_resolver.ensure_resolver(lab))
    private_resolver.ensure_ruleset_link(lab, place)

    plan = acrlab.delete_lab(lab)

    shown = {f"{item.kind} {item.name}" for item in plan.resources}
    assert {
        "dnsForwardingRulesets myRuleset",
        "dnsForwardingRulesets/virtualNetworkLinks myRuleset/mySpokeLink",
        "dnsResolvers myResolver",
    } <= shown
    assert names(lab) == set()

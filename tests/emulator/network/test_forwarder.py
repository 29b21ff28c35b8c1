"""Name servers of one's own: which VM answers whom, and from where it asks."""

import pytest

from acrlab.emulator.core.http import INTERNET, Unreachable
from acrlab.emulator.network import resolver

PUBLIC = resolver.PUBLIC_RESOLVERS[0]


@pytest.fixture
def hub(place):
    """The article's end in `net`, whose VM forwards to Azure; a spoke that asks this VM, and is not linked."""
    place.registry(publicNetworkAccess="Disabled")
    place.linked()
    place.spoke(servers=["10.0.0.4"])
    place.forwarder()
    return place


def told(place, name="contoso.azurecr.io", vm="outside"):
    answer = resolver.resolve(place.world, name, place.stand(vm))
    return answer.addresses or answer.status


def test_a_forwarder_answers_from_where_it_stands(hub):
    assert told(hub) == ("10.0.0.6",)
    assert hub.ask("contoso.azurecr.io", vantage=hub.stand("outside")).status == 401


def test_links_of_the_askers_network_do_not_count(hub):
    hub.link(network="spoke", name="spoke-link")
    with hub.world.transaction():
        hub.world.delete(
            hub.id("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "privatelink.azurecr.io", "link")
        )
    assert told(hub) == ("192.0.2.64",)
    assert told(hub, vm="vm") == ("192.0.2.64",)


def test_a_forwarder_is_reached_as_routing_says(hub):
    hub.peer("spoke", "net", access=False)
    assert told(hub) == "SERVFAIL"
    assert resolver.ask(hub.world, "contoso.azurecr.io", hub.stand("outside"), "10.0.0.4") is None
    with pytest.raises(Unreachable, match="server misbehaving"):
        hub.ask("contoso.azurecr.io", vantage=hub.stand("outside"))


@pytest.mark.parametrize("address", ["10.0.0.9", "10.0.0.5", "10.1.0.4"])
def test_an_address_where_no_server_runs_is_silent(hub, address):
    assert resolver.ask(hub.world, "contoso.azurecr.io", hub.stand("outside"), address) is None


def test_a_vm_that_is_switched_off_is_silent(hub):
    hub.put("Microsoft.Compute/virtualMachines", "vm", state={"power": "deallocated"}, properties=vm_body(hub))
    assert resolver.ask(hub.world, "contoso.azurecr.io", hub.stand("outside"), "10.0.0.4") is None


def test_security_groups_drop_questions(hub):
    group = hub.security_group(("no-dns", 100, "Inbound", "Deny", "*", "53"))
    hub.vm(group=group)
    hub.forwarder()
    assert told(hub) == "SERVFAIL"


def test_by_default_dnsmasq_answers_its_own_subnet_alone(hub):
    hub.forwarder(to="subnet")
    hub.vm("near", "10.0.0.8")
    assert resolver.ask(hub.world, "contoso.azurecr.io", hub.stand("outside"), "10.0.0.4") is None
    assert resolver.ask(hub.world, "contoso.azurecr.io", hub.stand("near"), "10.0.0.4").addresses == ("10.0.0.6",)


def test_a_forwarder_to_the_internet_tells_the_public_address(hub):
    hub.forwarder(upstream=[PUBLIC])
    assert told(hub) == ("192.0.2.64",)


def test_forwarding_the_private_name_alone_is_too_late(hub):
    """Who is asked for the first name tells the whole chain."""
    hub.forwarder(upstream=[PUBLIC], domains={"privatelink.azurecr.io": ["168.63.129.16"]})
    assert told(hub) == ("192.0.2.64",)

    hub.forwarder(upstream=[PUBLIC], domains={"azurecr.io": ["168.63.129.16"]})
    assert told(hub) == ("10.0.0.6",)


def test_a_forwarder_without_servers_refuses_and_names_end(hub):
    hub.forwarder(upstream=[])
    assert resolver.ask(hub.world, "contoso.azurecr.io", hub.stand("outside"), "10.0.0.4").status == "REFUSED"
    assert told(hub) == "SERVFAIL"


def test_two_forwarders_that_ask_each_other_never_answer(hub):
    hub.vm("second", "10.0.0.8")
    hub.forwarder(upstream=["10.0.0.8"])
    hub.forwarder("second", upstream=["10.0.0.4"])
    assert told(hub) == "SERVFAIL"


def test_the_next_server_is_asked_where_the_first_is_silent(hub):
    hub.network("spoke", "10.1.0.0/16", ["10.0.0.99", "10.0.0.4"])
    assert told(hub) == ("10.0.0.6",)


def test_azures_resolver_answers_in_azure_alone(hub):
    assert resolver.ask(hub.world, "contoso.azurecr.io", INTERNET, "168.63.129.16") is None


def test_a_public_resolver_needs_a_way_out(place):
    place.registry()
    place.vm(public="")
    assert resolver.ask(place.world, "contoso.azurecr.io", place.stand(), PUBLIC) is None
    place.vm()
    assert resolver.ask(place.world, "contoso.azurecr.io", place.stand(), PUBLIC).addresses == ("192.0.2.64",)


def test_what_a_vm_was_told_by_dhcp_is_what_it_asks(place):
    place.registry()
    place.network(servers=["10.0.0.9"])
    place.put(
        "Microsoft.Compute/virtualMachines", "vm", state={"servers": ["168.63.129.16"]}, properties=vm_body(place)
    )
    assert resolver.servers_of(place.world, place.stand()) == ("168.63.129.16",)


def vm_body(place):
    return place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")).properties


def test_what_azure_keeps_for_the_forwarders_network_is_told_on(hub):
    """Where names take their time a changed record is told late, through a forwarder as well."""
    hub.world.set_setting("timing", "as-azure")
    hub.world.advance_to(1000)
    assert told(hub) == ("10.0.0.6",)

    hub.record("contoso", "10.0.0.77")

    assert told(hub) == ("10.0.0.6",)
    hub.world.advance_to(hub.world.now + 3600)
    assert told(hub) == ("10.0.0.77",)

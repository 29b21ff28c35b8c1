"""DNS Private Resolver at work: who is answered by which zones, and where rules send a question."""

import pytest

from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.network import resolver

NAME = "contoso.azurecr.io"
PRIVATE, PUBLIC = ("10.0.0.6",), ("192.0.2.64",)
NETWORK, SUBNET = "Microsoft.Network/virtualNetworks", "Microsoft.Network/virtualNetworks/subnets"
RESOLVER, RULESET = "Microsoft.Network/dnsResolvers", "Microsoft.Network/dnsForwardingRulesets"


class Hub:
    """The article's end in `net` with a resolver, and a peered spoke whose VM is `outside`."""

    def __init__(self, place):
        self.place, self.world = place, place.world
        place.registry(publicNetworkAccess="Disabled")
        place.linked()
        place.spoke()
        for name, prefix in (("in", "10.0.20.0/28"), ("out", "10.0.21.0/28")):
            place.subnet(name=name, prefix=prefix)
        network = {"virtualNetwork": {"id": self.id(NETWORK, "net")}}
        place.put(RESOLVER, "r", properties=network, location="westus")
        self.inbound()
        self.outbound()

    def id(self, type, *names):
        return str(self.place.id(type, *names))

    def inbound(self, **state):
        held = {"subnet": {"id": self.id(SUBNET, "net", "in")}, "privateIpAddress": "10.0.20.4"}
        state = state or {"link": "/InboundEndpoint/1"}
        self.place.put(f"{RESOLVER}/inboundEndpoints", "r", "in", properties={"ipConfigurations": [held]}, state=state)

    def outbound(self):
        properties = {"subnet": {"id": self.id(SUBNET, "net", "out")}}
        state = {"link": "/OutboundEndpoint/1"}
        self.place.put(f"{RESOLVER}/outboundEndpoints", "r", "out", properties=properties, state=state)

    def rules(self, *networks, **domains):
        """A ruleset for some networks; a domain's dots are underscores here."""
        endpoint = {"id": self.id(f"{RESOLVER}/outboundEndpoints", "r", "out")}
        self.place.put(RULESET, "rules", properties={"dnsResolverOutboundEndpoints": [endpoint]}, location="westus")
        for network in networks:
            linked = {"virtualNetwork": {"id": self.id(NETWORK, network)}}
            self.place.put(f"{RULESET}/virtualNetworkLinks", "rules", network, properties=linked)
        for name, target in domains.items():
            self.rule(name.replace("_", ".") + ".", target)

    def rule(self, domain, *targets, state="Enabled", port=53):
        servers = [{"ipAddress": target, "port": port} for target in targets]
        properties = {"domainName": domain, "targetDnsServers": servers, "forwardingRuleState": state}
        self.place.put(f"{RULESET}/forwardingRules", "rules", f"r{domain.strip('.')}", properties=properties)

    def delete(self, type, *names):
        with self.world.transaction():
            self.world.delete(self.place.id(type, *names))

    def told(self, vm="outside", name=NAME):
        answer = resolver.resolve(self.world, name, self.place.stand(vm))
        return answer.addresses or answer.status

    def ask(self, server, vm="outside", name=NAME):
        answer = resolver.ask(self.world, name, self.place.stand(vm), server)
        return answer and (answer.addresses or answer.status)


@pytest.fixture
def hub(place):
    return Hub(place)


# -- inbound endpoints -------------------------------------------------------------------------------------------------


def test_an_inbound_endpoint_answers_by_the_zones_of_its_network(hub):
    assert hub.told() == PUBLIC
    hub.place.network("spoke", "10.1.0.0/16", ["10.0.20.4"])

    assert hub.told() == PRIVATE
    assert hub.place.ask(NAME, vantage=hub.place.stand("outside")).status == 401


def test_links_of_the_askers_network_do_not_count(hub):
    hub.place.network("spoke", "10.1.0.0/16", ["10.0.20.4"])
    hub.place.link(network="spoke", name="spoke-link")
    hub.delete("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "privatelink.azurecr.io", "link")

    assert hub.told() == PUBLIC


def test_without_the_peering_it_is_silent(hub):
    hub.place.network("spoke", "10.1.0.0/16", ["10.0.20.4"])
    hub.place.peer("spoke", "net", access=False)

    assert hub.told() == "SERVFAIL"
    with pytest.raises(Unreachable, match="server misbehaving"):
        hub.place.ask(NAME, vantage=hub.place.stand("outside"))


def test_an_endpoint_that_is_gone_or_not_ready_is_silent(hub):
    hub.delete(f"{RESOLVER}/inboundEndpoints", "r", "in")
    assert hub.ask("10.0.20.4") is None

    hub.inbound(link="/InboundEndpoint/2")
    assert hub.ask("10.0.20.4") == PRIVATE
    assert hub.ask("10.0.20.5") is None


def test_a_forwarder_on_premises_asks_the_inbound_endpoint(hub):
    hub.place.forwarder("outside", upstream=[resolver.PUBLIC_RESOLVER], domains={"azurecr.io": ["10.0.20.4"]})
    hub.place.network("spoke", "10.1.0.0/16", ["10.1.0.4"])

    assert hub.told() == PRIVATE
    hub.place.forwarder(
        "outside", upstream=[resolver.PUBLIC_RESOLVER], domains={"privatelink.azurecr.io": ["10.0.20.4"]}
    )
    assert hub.told() == PUBLIC


def test_rules_of_the_endpoints_subnet_have_to_allow_all_of_it(hub):
    allow = ("dns", 100, "Inbound", "Allow", "*", "53")
    group = hub.place.security_group(allow, ("rest", 200, "Inbound", "Deny", "*", "*"))
    hub.place.subnet(name="in", prefix="10.0.20.0/28", networkSecurityGroup={"id": str(group.id)})
    assert hub.ask("10.0.20.4") == PRIVATE

    rule = hub.world.get(hub.place.id("Microsoft.Network/networkSecurityGroups/securityRules", group.id.name, "dns"))
    with hub.world.transaction():
        rule.properties["destinationAddressPrefix"] = "10.0.20.4/32"
        hub.world.put(rule)
    assert hub.ask("10.0.20.4") is None


# -- rulesets ----------------------------------------------------------------------------------------------------------


def test_a_rule_sends_the_names_of_its_domain_to_its_targets(hub):
    hub.rules("spoke", azurecr_io="10.0.20.4")

    assert hub.told() == PRIVATE
    assert hub.told(name="mcr.microsoft.com") != "NXDOMAIN"


def test_a_ruleset_holds_for_linked_networks_alone(hub):
    hub.rules(azurecr_io="10.0.20.4")
    assert hub.told() == PUBLIC


def test_a_ruleset_needs_no_peering_with_the_network_that_it_is_linked_to(hub):
    hub.rules("spoke", azurecr_io="10.0.20.4")
    hub.place.peer("spoke", "net", access=False)

    assert hub.told() == PRIVATE  # the name is told, and no way leads to the address
    with pytest.raises(Unreachable, match="timeout"):
        hub.place.ask(NAME, vantage=hub.place.stand("outside"))


def test_custom_servers_go_past_a_ruleset(hub):
    hub.rules("spoke", azurecr_io="10.0.20.4")
    hub.place.network("spoke", "10.1.0.0/16", [resolver.PUBLIC_RESOLVER])

    assert hub.told() == PUBLIC


def test_a_disabled_rule_is_no_rule_and_the_longest_enabled_domain_counts(hub):
    hub.rules("spoke")
    hub.rule("azurecr.io.", "10.9.9.9")
    hub.rule("contoso.azurecr.io.", "10.0.20.4")
    assert hub.told() == PRIVATE

    hub.rule("contoso.azurecr.io.", "10.0.20.4", state="Disabled")
    assert hub.told() == "SERVFAIL"  # nothing answers at 10.9.9.9

    hub.rule("azurecr.io.", "10.9.9.9", state="Disabled")
    assert hub.told() == PUBLIC


def test_a_linked_zone_goes_before_the_rules(hub):
    hub.rules("net", privatelink_azurecr_io="10.9.9.9")
    assert hub.told("vm", "contoso.privatelink.azurecr.io") == PRIVATE


def test_a_rule_is_about_the_name_that_was_asked(hub):
    hub.rules("spoke", privatelink_azurecr_io="10.0.20.4")
    assert hub.told() == PUBLIC
    assert hub.told(name="contoso.privatelink.azurecr.io") == PRIVATE


def test_a_rule_for_every_name_leaves_azures_own_domains_alone(hub):
    hub.rules("spoke")
    hub.rule(".", "10.9.9.9")
    assert hub.told() == PUBLIC
    assert hub.told(name="registry-1.docker.io") == "SERVFAIL"


def test_a_rule_to_the_inbound_endpoint_of_its_own_network_is_a_circle(hub):
    hub.rules("net", azurecr_io="10.0.20.4")
    assert hub.told("vm") == "SERVFAIL"


def test_the_next_target_is_asked_where_the_first_is_silent(hub):
    hub.rules("spoke")
    hub.rule("azurecr.io.", "10.9.9.9", "10.0.20.4")
    assert hub.told() == PRIVATE


def test_a_target_is_reached_from_the_outbound_endpoint(hub):
    hub.rules("spoke", azurecr_io="10.0.0.4")
    hub.place.forwarder("vm")
    assert hub.told() == PRIVATE

    hub.rule("azurecr.io.", "10.0.0.4", port=5353)
    assert hub.told() == "SERVFAIL"

    hub.rule("azurecr.io.", "10.0.0.4")
    group = hub.place.security_group(("no-dns", 100, "Outbound", "Deny", "*", "53"))
    hub.place.subnet(name="out", prefix="10.0.21.0/28", networkSecurityGroup={"id": str(group.id)})
    assert hub.told() == "SERVFAIL"


def test_without_the_outbound_endpoint_nothing_is_sent(hub):
    hub.rules("spoke", azurecr_io="10.0.20.4")
    hub.delete(f"{RESOLVER}/outboundEndpoints", "r", "out")
    assert hub.told() == "SERVFAIL"


def test_what_a_target_told_is_kept_for_its_ttl(hub):
    hub.world.set_setting("timing", "as-azure")
    hub.world.advance_to(hub.world.now + 3600)
    hub.rules("spoke", azurecr_io="10.0.20.4")
    assert hub.told() == PRIVATE

    hub.rule("azurecr.io.", "10.0.20.4", state="Disabled")
    assert hub.told() == PRIVATE
    hub.world.advance_to(hub.world.now + 7200)
    assert hub.told() == PUBLIC

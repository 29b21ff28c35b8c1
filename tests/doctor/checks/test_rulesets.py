"""DNS Private Resolver and its rulesets, on snapshots made by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from acrlab.doctor.checks import resolver, zone
from acrlab.doctor.checks.hub import rulesets
from acrlab.snapshot.network import (
    ForwardingRule,
    InboundEndpoint,
    Link,
    NameServer,
    Resolver,
    Ruleset,
    RulesetLink,
    Subnet,
)
from tests.doctor.checks.conftest import DATA, GROUP, HOST, NETWORK, OTHER_NETWORK, ZONE, answer
from tests.doctor.checks.test_peering import spoke

R = f"{GROUP}/providers/Microsoft.Network/dnsResolvers/r"
F = f"{GROUP}/providers/Microsoft.Network/dnsForwardingRulesets/f"
PUBLIC = "203.0.113.9"
RULE = ForwardingRule(f"{F}/forwardingRules/acr", "acr", "azurecr.io.", ("10.0.17.4",))


def hub(healthy, *, rules=(RULE,), linked=(NETWORK,), inbound="10.0.17.4", told=PUBLIC):
    """Clients in `v`, a spoke of `other`, where endpoint, zone and resolver are; they are told a public address."""
    seen = spoke(healthy)
    given = Subnet(f"{OTHER_NETWORK}/subnets/in", "in", ("10.0.17.0/28",), 11, resolvers=True)
    networks = (seen.networks[0], replace(seen.networks[1], subnets=(*seen.networks[1].subnets, given)))
    end = InboundEndpoint(f"{R}/inboundEndpoints/in", "in", inbound, given.id)
    links = tuple(RulesetLink(f"{F}/virtualNetworkLinks/l{n}", f"l{n}", id) for n, id in enumerate(linked))
    answers = (answer(HOST, told), answer(DATA, told)) if told else seen.vm_view.answers
    zones = (replace(seen.zones[0], links=(Link(f"{ZONE}/virtualNetworkLinks/l", "l", OTHER_NETWORK, "Completed"),)),)
    return replace(
        seen,
        networks=networks,
        zones=zones,
        resolvers=(Resolver(R, "r", OTHER_NETWORK, (end,) if inbound else ()),),
        rulesets=(Ruleset(F, "f", (f"{R}/outboundEndpoints/out",), tuple(rules), links),),
        vm_view=replace(seen.vm_view, answers=answers),
    )


def codes(seen):
    return [found.code for trouble in rulesets.TROUBLES if (found := trouble(seen))]


def others(seen):
    """What the neighbouring questions say."""
    return [f.code for ask in (zone.not_linked, resolver.custom_dns, resolver.answers_differ) if (f := ask(seen))]


def test_where_names_are_right_nothing_is_said(healthy):
    right = hub(healthy, told="")
    assert (codes(right), others(right)) == ([], [])
    assert codes(replace(right, vm_view=None, rulesets=())) == []


def test_without_any_ruleset_nothing_is_said(healthy):
    bare = replace(hub(healthy), rulesets=(), resolvers=())
    assert codes(bare) == []
    assert zone.not_linked(bare).code == "zone-not-linked"


# -- the link ----------------------------------------------------------------------------------------------------------


def test_a_ruleset_that_the_spoke_is_not_linked_to_is_named_and_the_zone_is_not(healthy):
    seen = hub(healthy, linked=())

    found = rulesets.not_linked(seen)

    assert (found.code, codes(seen), others(seen)) == ("ruleset-not-linked", ["ruleset-not-linked"], [])
    written, waited = found.remedy.az
    body = json.dumps({"properties": {"virtualNetwork": {"id": NETWORK}}}, separators=(",", ":"))
    link = f"{F}/virtualNetworkLinks/myLink"
    assert written == f"az rest --method put --url '{link}?api-version=2022-07-01' --body '{body}'"
    assert waited == f"az resource wait --ids {link} --api-version 2022-07-01 --created"
    assert found.remedy.call == f"acrlab.steps.link_ruleset(lab, {F!r}, {NETWORK!r}, 'myLink')"
    assert "f is linked to no network" in found.evidence


def test_a_ruleset_about_other_names_is_not_meant(healthy):
    other = replace(RULE, domain="corp.contoso.com.", targets=("192.168.0.4",))
    for seen in (hub(healthy, rules=(other,), linked=()), hub(healthy, rules=(other,))):
        assert codes(seen) == []
        assert others(seen) == ["zone-not-linked"]


def test_a_ruleset_of_a_network_that_is_no_peer_is_not_meant(healthy):
    seen = hub(healthy, linked=())
    seen = replace(seen, networks=(replace(seen.networks[0], peerings=(), peers=()), seen.networks[1]))
    assert codes(seen) == []


def test_a_network_that_reads_the_zone_itself_needs_no_ruleset(healthy):
    seen = hub(healthy, linked=())
    links = (*seen.zones[0].links, Link(f"{ZONE}/virtualNetworkLinks/m", "m", NETWORK, "Completed"))
    assert codes(replace(seen, zones=(replace(seen.zones[0], links=links),))) == []


# -- the rule ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["privatelink.azurecr.io.", "."])
def test_a_ruleset_without_a_rule_for_the_public_name_is_named(healthy, domain):
    seen = hub(healthy, rules=(replace(RULE, domain=domain),))

    found = rulesets.rule_missing(seen)

    assert (found.code, codes(seen), others(seen)) == ("rule-missing", ["rule-missing"], [])
    assert (
        found.remedy.call
        == f"acrlab.steps.write_rule(lab, '{F}/forwardingRules/registries', 'azurecr.io.', '10.0.17.4')"
    )
    assert f"rule acr: {domain} to 10.0.17.4, enabled" in found.evidence


def test_an_empty_ruleset_has_no_rule(healthy):
    assert codes(hub(healthy, rules=())) == ["rule-missing"]


def test_a_disabled_rule_is_named_and_enabled_with_its_own_targets(healthy):
    seen = hub(healthy, rules=(replace(RULE, enabled=False),))

    found = rulesets.rule_disabled(seen)

    assert (found.code, codes(seen), others(seen)) == ("rule-disabled", ["rule-disabled"], [])
    assert found.remedy.call == f"acrlab.steps.write_rule(lab, '{RULE.id}', 'azurecr.io.', '10.0.17.4')"


def test_a_disabled_rule_beside_an_enabled_one_does_not_matter(healthy):
    more = replace(RULE, id=f"{F}/forwardingRules/b", name="b", domain="contoso.azurecr.io.", enabled=False)
    assert rulesets.rule_disabled(hub(healthy, rules=(more, RULE))) is None


def test_a_rule_that_leads_to_another_server_is_named_and_led_to_the_endpoint(healthy):
    seen = hub(healthy, rules=(replace(RULE, targets=("198.51.100.53",)),))

    found = rulesets.leads_elsewhere(seen)

    assert (found.code, codes(seen), others(seen)) == ("rule-leads-elsewhere", ["rule-leads-elsewhere"], [])
    assert found.remedy.call.endswith("'azurecr.io.', '10.0.17.4')")
    assert "inbound endpoint in of r: 10.0.17.4" in found.evidence


def test_a_rule_to_the_endpoint_is_right_even_where_names_are_not(healthy):
    assert rulesets.leads_elsewhere(hub(healthy)) is None


# -- the endpoint ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moved", ["", "10.0.17.5"])
def test_an_endpoint_that_is_gone_is_named_and_made_at_its_address(healthy, moved):
    seen = hub(healthy, inbound=moved)

    found = rulesets.inbound_gone(seen)

    assert (found.code, codes(seen), others(seen)) == ("inbound-endpoint-missing", ["inbound-endpoint-missing"], [])
    assert found.remedy.call == (
        f"acrlab.steps.make_inbound(lab, '{R}/inboundEndpoints/inbound-10-0-17-4', '{OTHER_NETWORK}/subnets/in', "
        "'10.0.17.4')"
    )


def test_it_is_missed_as_a_server_of_one_s_own_too(healthy):
    seen = hub(healthy, inbound="", rules=(), linked=())
    clients = replace(seen.networks[0], dns_servers=("10.0.17.4",))
    servers = (NameServer("10.0.17.4", OTHER_NETWORK),)
    seen = replace(seen, networks=(clients, seen.networks[1]), name_servers=servers)

    assert (codes(seen), others(seen)) == (["inbound-endpoint-missing"], [])


def test_an_address_that_was_never_a_resolvers_is_not_missed(healthy):
    seen = hub(healthy, inbound="", rules=(replace(RULE, targets=("10.0.0.9",)),))
    assert rulesets.inbound_gone(seen) is None


def test_the_same_address_elsewhere_is_another_s(healthy):
    seen = hub(healthy, told="")
    strange = replace(seen.resolvers[0], id=f"{GROUP}x{R}", network=f"{GROUP}x/v")
    assert (codes(replace(seen, resolvers=(strange, *seen.resolvers))), others(seen)) == ([], [])
    assert codes(replace(hub(healthy, inbound=""), resolvers=(strange, *hub(healthy, inbound="").resolvers))) == [
        "inbound-endpoint-missing"
    ]


# -- the circle --------------------------------------------------------------------------------------------------------


def test_a_ruleset_that_leads_its_own_network_back_to_itself_is_named(healthy):
    seen = hub(healthy, linked=(OTHER_NETWORK,))
    seen = replace(seen, subject=replace(seen.subject, network=OTHER_NETWORK))

    found = rulesets.in_a_circle(seen)

    assert (found.code, codes(seen)) == ("ruleset-in-a-circle", ["ruleset-in-a-circle"])
    assert found.remedy.az == (f"az resource delete --ids {F}/virtualNetworkLinks/l0 --api-version 2022-07-01",)


def test_a_rule_to_another_network_s_endpoint_is_no_circle(healthy):
    assert rulesets.in_a_circle(hub(healthy)) is None


def test_a_disabled_rule_makes_no_circle(healthy):
    seen = hub(healthy, linked=(OTHER_NETWORK,), rules=(replace(RULE, enabled=False),))
    assert rulesets.in_a_circle(replace(seen, subject=replace(seen.subject, network=OTHER_NETWORK))) is None

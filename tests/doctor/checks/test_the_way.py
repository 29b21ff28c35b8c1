"""Checks on resolvers, filters, the public endpoint, and the image's way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.azure.dns_answer import Answer, Record
from acrlab.doctor.checks import access, data_path, resolver, traffic
from acrlab.doctor.finding import Remedy
from acrlab.snapshot.network import Route, RouteTable, SecurityRule
from acrlab.snapshot.vm import Probe

HOST = "contoso.azurecr.io"
DATA = "contoso.westus.data.azurecr.io"
SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/default"


def rule(name, priority, access, **given):
    parts = {"direction": "Outbound", "protocol": "*", "sources": ("*",), "source_ports": ("*",)}
    return SecurityRule(name, priority, access=access, **({"destinations": ("*",), "ports": ("*",)} | parts | given))


def test_the_working_lab_s_way_is_fine(healthy):
    checks = (*resolver.CHECKS, *traffic.CHECKS, *access.CHECKS, *data_path.CHECKS)

    assert [c.name for c in checks if c.answer(healthy)] == []
    assert data_path.unexplained(healthy) is None


# -- resolvers --------------------------------------------------------------------------------------------------------


def test_servers_of_one_s_own_that_answer_wrongly_are_named(change):
    wrong = (Answer(HOST, (Record(HOST, "A", "192.0.2.64", 60),)),)
    seen = replace(change.view(answers=wrong), networks=change.network(dns_servers=("10.0.0.53",)).networks)

    found = resolver.custom_dns(seen)

    assert (found.code, found.severity) == ("custom-dns", "error")
    assert found.evidence == ("name servers: 10.0.0.53", f"m asked for {HOST} and was told 192.0.2.64")
    assert found.remedy.az == (
        "az network vnet update --resource-group g --name v --dns-servers '[]'",
        "az vm restart --resource-group g --name m",
    )
    assert "lose every other name" in found.why


def test_servers_that_forward_as_they_should_are_no_fault(change):
    assert resolver.custom_dns(change.network(dns_servers=("10.0.0.53",))) is None


def test_servers_that_nobody_could_try_are_a_warning(change):
    seen = replace(change.network(dns_servers=("10.0.0.53",)), vm_view=None)

    found = resolver.custom_dns(seen)

    assert (found.severity, found.remedy) == ("warning", Remedy())
    assert "was not seen: look from a VM in the network" in found.why


def test_azure_s_resolver_written_out_is_no_server_of_one_s_own(change):
    seen = replace(change.network(dns_servers=("168.63.129.16",)), vm_view=None)

    assert resolver.custom_dns(seen) is None


def test_a_name_pinned_to_another_address_is_named_and_one_to_the_right_is_not(change):
    assert resolver.pinned(change.view(pinned=((HOST, "192.0.2.64"),))).code == "hosts-file-pins-name"
    assert resolver.pinned(change.view(pinned=((HOST, "10.0.0.6"),))) is None
    assert resolver.pinned(change.view(pinned=(("other.azurecr.io", "192.0.2.64"),))) is None


def test_a_daemon_behind_a_proxy_is_a_warning(change):
    found = resolver.daemon_proxy(change.view(daemon_proxy="http://proxy:3128"))

    assert (found.code, found.severity) == ("daemon-uses-proxy", "warning")
    assert found.title == "The docker daemon on m asks a proxy for contoso.azurecr.io, contoso.westus.data.azurecr.io."


@pytest.mark.parametrize("bypass", [(".azurecr.io",), ("azurecr.io",), ("*.azurecr.io",), ("*",), (HOST, DATA)])
def test_a_proxy_that_is_for_other_names_is_left_alone(change, bypass):
    assert resolver.daemon_proxy(change.view(daemon_proxy="http://proxy:3128", daemon_bypass=bypass)) is None


def test_a_proxy_for_layers_alone_is_named_and_what_went_by_it_before_goes_on(change):
    bypass = ("127.0.0.1", "cr.io", HOST)

    found = resolver.daemon_proxy(change.view(daemon_proxy="http://proxy:3128", daemon_bypass=bypass))

    assert found.title == "The docker daemon on m asks a proxy for contoso.westus.data.azurecr.io."
    assert f'Environment="NO_PROXY=127.0.0.1,cr.io,{HOST},{DATA}"' in found.remedy.call
    assert "rm " not in found.remedy.call


def test_an_answer_that_nothing_explains_is_named(change):
    stale = (Answer(HOST, (Record(HOST, "A", "192.0.2.64", 60),)), change.healthy.vm_view.answers[1])

    found = resolver.answers_differ(change.view(answers=stale))

    assert found.evidence[:2] == (
        f"m asked for {HOST} and was told 192.0.2.64; the zone says 10.0.0.6",
        f"that answer for {HOST} may be kept for 60 s more",
    )
    assert found.remedy.call == f"acrlab.remedies.await_answer(lab, '{HOST}', '10.0.0.6')"


def test_a_registry_without_any_connection_explains_public_answers(change):
    public = (Answer(HOST, (Record(HOST, "A", "192.0.2.64", 60),)),)
    seen = replace(change.view(answers=public), registry=change.registry(connections=()).registry)

    assert resolver.answers_differ(seen) is None


def test_an_answer_that_a_missing_link_explains_is_not_named_twice(change):
    public = (Answer(HOST, (Record(HOST, "A", "192.0.2.64", 60),)),)
    seen = replace(change.view(answers=public), zones=change.zone(links=()).zones)

    assert resolver.answers_differ(seen) is None


# -- filters ----------------------------------------------------------------------------------------------------------


def test_a_rule_that_drops_https_is_named_with_the_rule(change):
    found = traffic.blocked(change.rules(rule("NoHttps", 200, "Deny", protocol="Tcp", ports=("443",))))

    assert found.code == "security-group-blocks-https"
    assert found.evidence[1] == "rule that decides: NoHttps, priority 200: Deny Tcp to *"
    assert "--priority 199 " in found.remedy.az[0]


DOCKER, DOORS = (
    f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/{name}"
    for name in ("docker", "doors")
)
NO_ONE = rule("no one", 300, "Deny")


def member(change, *, vm=(DOCKER,), endpoint=(), rules=()):
    """The lab with rules, and VM and endpoint in application security groups."""
    seen = change.rules(*rules)
    machine = replace(seen.vm, application_groups=vm)
    return replace(seen, vm=machine, endpoints=(replace(seen.endpoints[0], application_groups=endpoint),))


def test_a_rule_for_the_vm_s_application_group_lets_it_pass(change):
    to_all = rule("allow", 200, "Allow", sources=(), source_groups=(DOCKER.upper(),))

    assert traffic.blocked(member(change, rules=(to_all, NO_ONE))) is None
    assert traffic.blocked(member(change, vm=(), rules=(to_all, NO_ONE))).code == "security-group-blocks-https"


def test_a_rule_that_drops_what_goes_to_the_endpoint_s_application_group_is_named(change):
    drop = rule("drop", 200, "Deny", protocol="Tcp", destinations=(), destination_groups=(DOORS,))

    found = traffic.blocked(member(change, endpoint=(DOORS,), rules=(drop,)))

    assert found.evidence[1] == "rule that decides: drop, priority 200: Deny Tcp to doors"
    assert traffic.blocked(member(change, rules=(drop,))) is None


def test_where_nothing_comes_before_the_rule_it_makes_room(change):
    found = traffic.blocked(change.rules(rule("NoHttps", 100, "Deny")))

    assert found.remedy.az[0].endswith("--name NoHttps --priority 101")
    assert "--priority 100 " in found.remedy.az[1]


@pytest.mark.parametrize(
    "innocent",
    [
        rule("other port", 100, "Deny", ports=("80",)),
        rule("range beside", 100, "Deny", ports=("444-500",)),
        rule("other way", 100, "Deny", direction="Inbound"),
        rule("other protocol", 100, "Deny", protocol="Udp"),
        rule("other place", 100, "Deny", destinations=("10.9.0.0/16",)),
        rule("the internet", 100, "Deny", destinations=("Internet",)),
        rule("other source", 100, "Deny", sources=("10.0.0.99",)),
    ],
    ids=lambda r: r.name,
)
def test_a_rule_about_something_else_is_innocent(change, innocent):
    assert traffic.blocked(change.rules(innocent)) is None


def test_a_denial_after_a_permission_is_innocent(change):
    allow, deny = rule("yes", 100, "Allow", ports=("443",)), rule("no", 200, "Deny")

    assert traffic.blocked(change.rules(deny, allow)) is None


def test_a_range_that_has_the_port_counts(change):
    assert traffic.blocked(change.rules(rule("low", 100, "Deny", ports=("1-1023",)))) is not None


def test_inbound_rules_count_only_where_the_subnet_asks_them(change):
    seen = change.rules(rule("in", 100, "Deny", direction="Inbound"))
    asked = replace(seen, networks=change.subnet(endpoint_policies="Enabled").networks)

    assert (traffic.blocked(seen), traffic.blocked(asked).evidence[0][-7:]) == (None, "inbound")


def test_a_route_to_nowhere_counts_when_it_is_as_narrow_as_the_endpoint_s(change):
    def routed(prefix):
        table = RouteTable("/t", "t", (Route("drop", prefix, "None"),))
        return replace(change.subnet(route_table="/t"), route_tables=(replace(table, id=TABLE),))

    wide, narrow = routed("0.0.0.0/0"), routed("10.0.0.6/32")
    narrow = replace(narrow, networks=change.subnet(route_table=TABLE).networks)
    wide = replace(wide, networks=change.subnet(route_table=TABLE).networks)

    assert traffic.dropped_by_route(wide) is None
    assert traffic.dropped_by_route(narrow).code == "route-drops-https"


def test_a_route_of_a_whole_network_to_an_appliance_is_said_to_lead_other_traffic_too(change):
    def led(prefix):
        table = RouteTable(TABLE, "t", (Route("on", prefix, "VirtualAppliance", "10.0.9.4"),))
        networks = change.subnet(route_table=TABLE, endpoint_policies="Enabled").networks
        hung = change.view(probes=(Probe("challenge", HOST, 0, "", "curl: (28) Connection timed out"),))
        return traffic.dropped_by_route(replace(hung, networks=networks, route_tables=(table,)))

    assert "leave the route" in led("10.0.0.0/16").why
    assert "leave the route" not in led("10.0.0.6/32").why


TABLE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/t"


# -- the public endpoint --------------------------------------------------------------------------------------------


def test_enabled_and_deny_without_rules_is_half_restored(change):
    half = change.registry(default_action="Deny")

    assert access.half_restored(half).code == "access-half-restored"
    assert access.half_restored(half).severity == "warning"


@pytest.mark.parametrize(
    ("expected", "settings", "code"),
    [
        ("open", {"default_action": "Deny"}, "access-half-restored"),
        ("open", {"default_action": "Deny", "subnet_rules": (SUBNET,)}, None),
        ("closed", {"default_action": "Deny"}, None),
        ("closed", {}, "public-access-open"),
        ("closed", {"public_access": "Disabled", "default_action": "Deny"}, None),
        ("open", {"public_access": "Disabled", "default_action": "Deny"}, "public-access-closed"),
        ("open", {}, None),
        ("", {"public_access": "Disabled", "default_action": "Deny"}, None),
        ("", {"default_action": "Deny", "ip_rules": ("203.0.113.7",)}, None),
    ],
)
def test_the_door_is_held_against_what_was_meant(change, expected, settings, code):
    seen = change.expecting(expected, **settings)
    found = [f.code for c in access.CHECKS if (f := c.answer(seen)) and f.severity != "note"]

    assert found == ([code] if code else [])


def test_trusted_services_count_only_where_the_door_is_closed(change):
    assert access.services_shut_out(change.registry(bypass="None")) is None
    assert access.services_shut_out(change.registry(bypass="None", public_access="Disabled")).severity == "note"


def test_tasks_are_a_note_where_the_door_is_closed(change):
    closed = change.registry(public_access="Disabled", tasks_pass=False)

    assert access.tasks_shut_out(closed).code == "tasks-shut-out"
    assert access.tasks_shut_out(change.registry(public_access="Disabled", tasks_pass=True)) is None
    assert access.tasks_shut_out(change.healthy) is None


def test_a_vm_in_a_network_without_a_way_out_is_a_note(change):
    alone = replace(change.vm(public_address=""), networks=change.subnet(outbound_by_default=False).networks)

    assert data_path.no_way_out(alone).code == "vm-without-way-out"
    assert data_path.no_way_out(change.vm(public_address="")) is None
    assert data_path.no_way_out(change.subnet(outbound_by_default=False)) is None


# -- the image --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("roles", [(), ("Reader",), ("AcrDelete",)])
def test_an_identity_without_the_right_to_pull_is_named(change, roles):
    assert data_path.no_right(change.vm(roles=roles)).code == "pull-right-missing"


@pytest.mark.parametrize("roles", [("AcrPull",), ("Contributor", "Reader"), ("a-role-of-their-own",), None])
def test_a_right_that_is_enough_or_unknown_says_nothing(change, roles):
    assert data_path.no_right(change.vm(roles=roles)) is None


def test_a_vm_that_is_stopped_or_nameless_is_named(change):
    assert data_path.vm_stopped(change.vm(power="deallocated")).code == "vm-not-running"
    assert data_path.no_identity(change.vm(identity="")).severity == "note"


def test_an_image_that_is_not_there_is_a_note(change):
    seen = change.view(probes=(Probe("manifest", HOST, 404, "10.0.0.6"),))

    assert data_path.image_missing(seen).code == "image-missing"
    assert data_path.unexplained(seen) is None


def test_a_step_that_fails_without_a_reason_is_named_by_the_step(change):
    probes = (Probe("challenge", HOST, 401, "10.0.0.6"), Probe("layer", HOST, 0, "", "curl: (28) timed out"))

    found = data_path.unexplained(change.view(probes=probes))

    assert found.code == "layer-fails"
    assert found.evidence == (f"challenge at {HOST} from 10.0.0.6: 401", f"layer at {HOST}: curl: (28) timed out")


def test_a_role_that_the_registry_does_not_take_yet_is_said_to_be_young(change):
    probes = (Probe("challenge", HOST, 401, "10.0.0.6"), Probe("sign-in", HOST, 401, "10.0.0.6"))

    found = data_path.unexplained(change.view(probes=probes))

    assert found.code == "sign-in-fails"
    assert "a role takes effect some minutes after it is given" in found.why


def test_a_registry_that_asks_to_come_again_later_is_said_to_be_busy(change):
    found = data_path.unexplained(change.view(probes=(Probe("manifest", HOST, 429, "10.0.0.6"),)))

    assert (found.code, found.why) == ("manifest-fails", data_path.BUSY)

"""Peerings and name servers of one's own, on snapshots made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.azure.dns_answer import Answer, Record
from acrlab.doctor.checks import endpoint, name_server, peering, resolver, traffic, zone
from acrlab.snapshot.network import Link, NameServer, Network, Peering, Subnet
from tests.doctor.checks.conftest import DATA, HOST, NETWORK, OTHER_NETWORK, VM_ID, ZONE, rule

SERVER_VM = f"{VM_ID.rpartition('/')[0]}/dns"
GOOD = {"state": "Connected", "access": True}


def half(local, remote, **given):
    name = f"to-{remote.rpartition('/')[2]}"
    given = {"prefixes": ("10.0.0.0/16",) if remote == OTHER_NETWORK else ("10.1.0.0/16",)} | GOOD | given
    return Peering(f"{local}/virtualNetworkPeerings/{name}", name, remote, **given)


def spoke(healthy, here=GOOD, there=GOOD, *, open_=True, more=()):
    """The healthy lab, its endpoint in `other` at 10.0.0.0/16 and its clients in `v` at 10.1.0.0/16.

    `here`, `there`: what is different about the halves; None: there is none.
    """
    own = () if here is None else (half(NETWORK, OTHER_NETWORK, **here),)
    back = () if there is None else (half(OTHER_NETWORK, NETWORK, **there),)
    clients = replace(
        healthy.networks[0],
        prefixes=("10.1.0.0/16",),
        peerings=own,
        peers=(OTHER_NETWORK,) if open_ else (),
    )
    shared = f"{OTHER_NETWORK}/subnets/shared"
    hub = Network(
        OTHER_NETWORK,
        "other",
        ("10.0.0.0/16",),
        (),
        (Subnet(shared, "shared", ("10.0.0.0/24",), 240, endpoint_policies="Disabled"),),
        "westus",
        peerings=(*back, *more),
    )
    moved = tuple(replace(e, network=OTHER_NETWORK, subnet=shared) for e in healthy.endpoints)
    return replace(healthy, networks=(clients, hub), endpoints=moved, vm=replace(healthy.vm, address="10.1.0.4"))


# -- peerings ----------------------------------------------------------------------------------------------------------


def test_an_open_peering_says_nothing(healthy):
    seen = spoke(healthy)

    assert peering.closed(seen) is None
    assert peering.not_in_sync(seen) is None
    assert endpoint.missing(seen) is None
    assert traffic.blocked(seen) is None


def test_a_network_of_its_own_needs_none(healthy):
    assert peering.closed(healthy) is None


@pytest.mark.parametrize(
    ("here", "there", "code"),
    [
        ({"state": "Initiated"}, None, "peering-half-made"),
        (None, {"state": "Initiated"}, "peering-half-made"),
        ({"state": "Disconnected"}, None, "peering-disconnected"),
        (None, {"state": "Disconnected"}, "peering-disconnected"),
        ({"access": False}, {}, "peering-without-access"),
        ({}, {"access": False}, "peering-without-access"),
    ],
)
def test_a_half_that_lets_nothing_pass_is_named_once(healthy, here, there, code):
    seen = spoke(healthy, here, there, open_=False)

    found = peering.closed(seen)

    assert (found.code, found.severity) == (code, "error")
    assert "endpoint e is in other" in found.evidence
    assert endpoint.missing(seen) is None
    assert traffic.blocked(seen) is None


def test_only_the_half_that_is_missing_is_made(healthy):
    found = peering.closed(spoke(healthy, {"state": "Initiated"}, None, open_=False))

    (command,) = found.remedy.az
    assert command.startswith("az network vnet peering create --resource-group g --vnet-name other --name other-to-v ")
    assert command.endswith(f"--remote-vnet {NETWORK} --allow-vnet-access")
    assert found.remedy.call == f"acrlab.remedies.peer(lab, '{OTHER_NETWORK}', '{NETWORK}', 'other-to-v')"


def test_a_half_in_another_subscription_is_made_there(healthy):
    seen = spoke(healthy, {"state": "Initiated"}, None, open_=False)
    afar = OTHER_NETWORK.replace("/s/", "/t/")
    clients = replace(seen.networks[0], peerings=(replace(seen.networks[0].peerings[0], remote=afar),))
    moved = tuple(replace(e, network=afar) for e in seen.endpoints)
    seen = replace(seen, networks=(clients, replace(seen.networks[1], id=afar)), endpoints=moved)

    (command,) = peering.closed(seen).remedy.az

    assert command.startswith("az network vnet peering create --subscription t --resource-group g --vnet-name other ")


def test_what_was_left_behind_is_deleted_before_both_are_made(healthy):
    found = peering.closed(spoke(healthy, {"state": "Disconnected"}, None, open_=False))

    assert [command.split(" --")[0] for command in found.remedy.az] == [
        "az network vnet peering delete",
        "az network vnet peering create",
        "az network vnet peering create",
    ]


def test_access_is_given_on_the_half_that_lacks_it(healthy):
    found = peering.closed(spoke(healthy, {}, {"access": False}, open_=False))

    (command,) = found.remedy.az
    assert command.startswith("az network vnet peering update --resource-group g --vnet-name other --name to-v ")
    assert command.endswith("--set allowVirtualNetworkAccess=true")
    assert "half in other: to-v, Connected, allowVirtualNetworkAccess false" in found.evidence


def test_a_hub_of_others_is_one_to_peer_with(healthy):
    third = half(OTHER_NETWORK, NETWORK.replace("Networks/v", "Networks/third"))
    seen = spoke(healthy, None, None, open_=False, more=(third,))

    found = peering.closed(seen)

    assert (found.code, found.title) == ("networks-not-peered", "v and other are not peered.")
    assert len(found.remedy.az) == 2


def test_networks_that_overlap_and_strangers_are_not_advised_to_peer(healthy):
    third = half(OTHER_NETWORK, NETWORK.replace("Networks/v", "Networks/third"))
    seen = spoke(healthy, None, None, open_=False, more=(third,))
    same_space = replace(seen.networks[0], prefixes=("10.0.0.0/8",))

    assert peering.closed(replace(seen, networks=(same_space, seen.networks[1]))) is None
    assert peering.closed(spoke(healthy, None, None, open_=False)) is None


def test_a_network_that_could_not_be_read_is_not_said_to_have_no_half(healthy):
    seen = spoke(healthy, {"state": "Initiated"}, None, open_=False)

    found = peering.closed(replace(seen, networks=seen.networks[:1]))

    assert "half in other: could not be read" in found.evidence
    assert found.remedy.az == ()


def test_an_address_that_a_half_does_not_know_waits_for_a_sync(healthy):
    found = peering.not_in_sync(spoke(healthy, {"prefixes": ("10.9.0.0/16",)}))

    assert found.code == "peering-not-in-sync"
    assert found.remedy.az == ("az network vnet peering sync --resource-group g --vnet-name v --name to-other",)
    assert peering.not_in_sync(spoke(healthy, {}, {"prefixes": ("10.9.0.0/16",)})).code == "peering-not-in-sync"
    assert peering.not_in_sync(spoke(healthy, {"prefixes": ()})) is None


def test_a_rule_about_the_virtual_network_is_about_its_peers_too(healthy):
    seen = spoke(healthy)
    group = seen.security_groups[0]
    denied = replace(group, rules=(rule("no-internet", 100, "Deny", destinations=("Internet",)), *group.rules))

    assert traffic.blocked(replace(seen, security_groups=(denied,))) is None


# -- name servers ------------------------------------------------------------------------------------------------------


def forwarded(healthy, *, power="running", linked=OTHER_NETWORK, told="10.0.0.6", status="NOERROR", servers=()):
    """A spoke that asks 10.0.0.9, a VM in `other`, and was told this of the registry's name."""
    seen = spoke(healthy)
    clients = replace(seen.networks[0], dns_servers=("10.0.0.9",))
    records = (Record(HOST, "A", told, 60),) if told else ()
    layers = (Record(DATA, "A", "10.0.0.5" if told == "10.0.0.6" else told, 60),) if told else ()
    answers = (Answer(HOST, records, status), Answer(DATA, layers, status))
    zone_ = replace(seen.zones[0], links=(Link(f"{ZONE}/virtualNetworkLinks/l", "l", linked, "Completed"),))
    return replace(
        seen,
        networks=(clients, seen.networks[1]),
        zones=(zone_,),
        name_servers=(NameServer("10.0.0.9", OTHER_NETWORK, SERVER_VM, power),),
        vm_view=replace(seen.vm_view, answers=answers, servers=servers or ("10.0.0.9",)),
    )


ASKED = (*name_server.CHECKS, *(c for c in resolver.CHECKS if c.name in ("name-servers", "vm-answers")), *zone.CHECKS)


def codes(seen):
    return sorted({found.code for check in ASKED if (found := check.answer(seen))})


def test_a_forwarder_in_the_hub_that_answers_right_says_nothing(healthy):
    assert codes(forwarded(healthy)) == []


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"power": "deallocated", "told": "", "status": "SERVFAIL"}, "name-server-stopped"),
        ({"told": "", "status": "SERVFAIL"}, "name-server-silent"),
        ({"told": "192.0.2.64"}, "name-server-forwards-elsewhere"),
        ({"told": "192.0.2.64", "linked": NETWORK}, "zone-not-linked"),
        ({"told": "", "status": "SERVFAIL", "servers": ("10.0.0.99",)}, "name-servers-not-taken-up"),
    ],
)
def test_what_is_wrong_with_a_forwarder_is_named_once(healthy, state, code):
    assert codes(forwarded(healthy, **state)) == [code]


def test_the_zone_has_to_be_linked_where_the_server_stands(healthy):
    found = zone.not_linked(forwarded(healthy, told="192.0.2.64", linked=NETWORK))

    assert found.title == "privatelink.azurecr.io is not linked to other."
    assert "10.0.0.9 answers from other" in found.evidence
    assert f"--virtual-network {OTHER_NETWORK}" in found.remedy.az[0]


def test_a_spoke_that_asks_azure_needs_a_link_of_its_own(healthy):
    seen = spoke(healthy)
    links = (Link(f"{ZONE}/virtualNetworkLinks/l", "l", OTHER_NETWORK, "Completed"),)

    found = zone.not_linked(replace(seen, zones=(replace(seen.zones[0], links=links),)))

    assert found.title == "privatelink.azurecr.io is not linked to v."
    assert found.why.startswith("Names do not follow a peering")


def test_a_server_in_a_network_out_of_reach_is_the_peerings_fault(healthy):
    seen = forwarded(healthy, told="", status="SERVFAIL")
    closed = spoke(healthy, {}, {"access": False}, open_=False)
    clients = replace(closed.networks[0], dns_servers=("10.0.0.9",))
    seen = replace(seen, networks=(clients, closed.networks[1]))

    assert codes(seen) == []
    assert "name server 10.0.0.9 is in other" in peering.closed(seen).evidence


def test_a_forwarder_is_changed_by_a_file_of_its_own(healthy):
    (command,) = name_server.forwards_elsewhere(forwarded(healthy, told="192.0.2.64")).remedy.az

    assert "--name dns --command-id RunShellScript" in command
    assert "server=/azurecr.io/168.63.129.16" in command
    assert "> /etc/dnsmasq.d/azurecr.io.conf" in command


def test_a_name_that_the_zone_lacks_is_not_the_servers_fault(healthy):
    seen = forwarded(healthy, told="", status="NXDOMAIN")
    empty = replace(seen.zones[0], records=())

    assert codes(replace(seen, zones=(empty,))) == []


def test_nothing_is_said_of_a_server_while_the_vm_was_not_asked(healthy):
    assert codes(replace(forwarded(healthy), vm_view=None)) == []


def test_a_server_whose_vm_was_not_seen_still_asks_from_its_network(healthy):
    seen = forwarded(healthy, told="192.0.2.64", linked=NETWORK)
    unseen = replace(seen, name_servers=(NameServer("10.0.0.9", OTHER_NETWORK),))

    assert zone.not_linked(unseen).title == "privatelink.azurecr.io is not linked to other."


def test_of_a_server_elsewhere_no_link_is_demanded(healthy):
    seen = forwarded(healthy, told="192.0.2.64")
    clients = replace(seen.networks[0], dns_servers=("172.16.0.5",))
    afar = replace(seen, networks=(clients, seen.networks[1]), name_servers=(NameServer("172.16.0.5"),))

    assert zone.not_linked(afar) is None
    assert resolver.custom_dns(replace(afar, vm_view=replace(seen.vm_view, servers=("172.16.0.5",)))) is not None

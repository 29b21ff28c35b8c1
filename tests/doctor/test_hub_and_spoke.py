"""Hub and spoke: what is taken away is what the doctor names, and what it advises leads back."""

from __future__ import annotations

import re

import pytest

import acrlab
from acrlab.course.practice.drill import by_call
from acrlab.doctor import diagnose
from acrlab.doctor.drawing.lab import as_svg
from acrlab.doctor.observe import survey
from acrlab.doctor.story import tell
from tests.doctor import hub
from tests.doctor.hub import GROUP, HUB, SERVER, SPOKE, ZONE


@pytest.fixture
def linked(lab):
    """The spoke asks Azure, and the zone is linked to it."""
    return hub.build(lab)


@pytest.fixture
def forwarded(lab):
    """The spoke asks the hub's name server, and the zone is linked to the hub alone."""
    return hub.by_the_hubs_names(hub.build(lab))


def pulled(lab):
    """What docker says on the spoke's VM."""
    script = "docker pull contoso42.azurecr.io/hello-world:v1 2>&1 || true"
    sign_in = "(az login --identity && az acr login -n contoso42) > /dev/null 2>&1 || true"
    return acrlab.run_on_vm(lab, sign_in, script, check=False).stdout


def fixed(lab, found):
    """Do what is advised, until nothing is left to do."""
    for _ in range(4):
        if found.healthy:
            break
        by_call(lab, found.findings[0].remedy)
        found = diagnose(lab)
    return found.codes


@pytest.mark.parametrize("estate", ["linked", "forwarded"])
def test_a_spoke_that_pulls_by_its_hub_is_well(estate, request):
    lab = request.getfixturevalue(estate)

    found = diagnose(lab)

    assert found.codes == ()
    assert "Status: Downloaded newer image" in pulled(lab)


def test_a_network_that_shares_nothing_is_named_with_where_the_endpoint_is(linked):
    hub.part(linked, SPOKE, HUB)
    linked.network.virtual_networks.begin_delete(GROUP, "second").result()
    linked.network.virtual_network_peerings.begin_delete(GROUP, HUB, "to-second").result()

    found = diagnose(linked)

    assert found.codes == ("endpoint-elsewhere",)
    assert f"endpoint shared is in hub, which is not peered with {SPOKE}" in found.findings[0].evidence
    assert fixed(linked, found) == ()


# -- one thing less ----------------------------------------------------------------------------------------------------


def no_peering(lab):
    hub.part(lab, SPOKE, HUB)


def no_half_in_the_hub(lab):
    hub.part(lab, SPOKE, HUB)
    hub.half(lab, SPOKE, HUB)


def half_deleted(lab):
    hub.part(lab, HUB)


def no_access(lab):
    hub.half(lab, HUB, SPOKE, access=False)


def not_synced(lab):
    """The hub gets another range, and its endpoint an address there."""
    network = lab.network.virtual_networks.get(GROUP, HUB)
    network.address_space = {"addressPrefixes": ["10.7.0.0/16", "10.8.0.0/16"]}
    lab.network.virtual_networks.begin_create_or_update(GROUP, HUB, network).result()
    subnet = {"properties": {"addressPrefix": "10.8.0.0/24", "privateEndpointNetworkPolicies": "Disabled"}}
    later = lab.network.subnets.begin_create_or_update(GROUP, HUB, "later", subnet).result()
    endpoint = lab.id_of("Microsoft.Network/privateEndpoints", "shared")
    acrlab.remedies.remove_endpoint(lab, endpoint)
    acrlab.remedies.make_endpoint(lab, endpoint, later.id, "shared")
    zone = lab.id_of("Microsoft.Network/privateDnsZones", ZONE)
    for name, address in hub.records(lab).items():
        acrlab.remedies.write_record(lab, zone, name, address)


def no_link_to_the_spoke(lab):
    hub.unlink(lab, SPOKE)


def no_record(lab):
    lab.dns.record_sets.delete(GROUP, ZONE, "A", "contoso42")


TIMED_OUT = r"dial tcp 10\.\d\.0\.\d:443: (i/o timeout|connect: connection timed out)|request canceled"
NO_NAME = "no such host"
MISBEHAVES = "server misbehaving"
REFUSED = "is not allowed access|403 Forbidden|denied"


@pytest.mark.table
@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (no_peering, "networks-not-peered", TIMED_OUT),
        (no_half_in_the_hub, "peering-half-made", TIMED_OUT),
        (half_deleted, "peering-disconnected", TIMED_OUT),
        (no_access, "peering-without-access", TIMED_OUT),
        (not_synced, "peering-not-in-sync", TIMED_OUT),
        (no_link_to_the_spoke, "zone-not-linked", REFUSED),
        (no_record, "record-missing", NO_NAME),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_missing_between_spoke_and_hub_is_named_and_fixed(linked, change, code, words):
    change(linked)

    found = diagnose(linked)

    assert found.codes == (code,)
    assert re.search(words, pulled(linked))
    assert fixed(linked, found) == ()


def no_link_to_the_hub(lab):
    hub.unlink(lab, HUB)


def no_forwarder(lab):
    hub.on_server(lab, "systemctl disable --now dnsmasq; apt-get remove -y dnsmasq")


def off(lab):
    lab.compute.virtual_machines.begin_deallocate(GROUP, "dns").result()


def to_the_internet(lab):
    hub.on_server(lab, hub.configured("bind-interfaces\\ninterface=eth0\\nno-resolv\\nserver=198.51.100.53\\n"))


def for_its_own_subnet(lab):
    hub.on_server(lab, hub.configured("bind-interfaces\\nno-resolv\\nserver=168.63.129.16\\n"))


def old_servers(lab):
    hub.ask(lab, "10.0.0.99")
    hub.ask(lab, SERVER, restart=False)


@pytest.mark.table
@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (no_peering, "networks-not-peered", MISBEHAVES),
        (half_deleted, "peering-disconnected", MISBEHAVES),
        (no_forwarder, "name-server-silent", MISBEHAVES),
        (for_its_own_subnet, "name-server-silent", MISBEHAVES),
        (off, "name-server-stopped", MISBEHAVES),
        (to_the_internet, "name-server-forwards-elsewhere", REFUSED),
        (no_link_to_the_hub, "zone-not-linked", REFUSED),
        (no_record, "record-missing", NO_NAME),
        (old_servers, "name-servers-not-taken-up", MISBEHAVES),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_missing_on_the_way_of_a_name_is_named_and_fixed(forwarded, change, code, words):
    change(forwarded)

    found = diagnose(forwarded)

    assert found.codes == (code,)
    assert re.search(words, pulled(forwarded))
    assert fixed(forwarded, found) == ()


def test_servers_of_before_that_a_vm_still_asks_are_named(linked):
    hub.ask(linked, "10.0.0.99")
    hub.ask(linked, restart=False)

    found = diagnose(linked)

    assert found.codes == ("name-servers-not-taken-up",)
    assert "myDockerVM asks: 10.0.0.99" in found.findings[0].evidence
    assert fixed(linked, found) == ()


# -- how it is told ----------------------------------------------------------------------------------------------------


def test_the_story_passes_the_peering_and_the_name_server(forwarded):
    told = repr(acrlab.trace(forwarded, "contoso42.azurecr.io"))

    assert f"{SERVER} (dns in hub), not Azure's, was asked and got 10.7.0." in told
    assert "✓ peering" in told
    assert f"{SPOKE} and hub are peered, and both halves let it pass" in told

    hub.half(forwarded, HUB, SPOKE, access=False)
    assert f"{SERVER} (dns in hub), not Azure's, was asked and no answer was seen" in repr(
        acrlab.trace(forwarded, "contoso42.azurecr.io")
    )


def test_the_story_goes_on_by_what_the_name_server_would_be_told_where_the_vm_was_not_asked(forwarded):
    told = repr(tell(survey(forwarded), "contoso42.azurecr.io"))

    assert f"{SERVER} (dns in hub) is asked, and asks 168.63.129.16 from there, if it is set up so" in told
    assert f"{ZONE} says 10.7.0." in told
    assert told.splitlines()[-1].startswith("✓ registry")

    hub.unlink(forwarded, HUB)
    assert "leads on to the public address" in repr(tell(survey(forwarded), "contoso42.azurecr.io"))


def test_the_story_ends_at_a_peering_that_is_closed(linked):
    hub.half(linked, HUB, SPOKE, access=False)

    told = repr(acrlab.trace(linked, "contoso42.azurecr.io"))

    assert f"none is open between {SPOKE} and hub: no answer" in told.splitlines()[-1]


def test_the_picture_has_both_networks_and_what_is_between_them(forwarded):
    assert f"{SPOKE} reaches hub by a peering" in repr(acrlab.picture(forwarded))
    hub.half(forwarded, HUB, SPOKE, access=False)
    picture = acrlab.picture(forwarded)

    words = repr(picture)

    assert "no open peering leads to hub" in words

    assert f"peered with {SPOKE}: Connected, no access" in words
    assert "peered with hub: Connected" in words
    assert f"name server {SERVER}: VM dns, running" in words
    assert "peered with hub" in as_svg(picture.snapshot, picture.before)

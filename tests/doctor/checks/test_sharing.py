"""Checks on what several share: a zone, a network, the name of someone else's registry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.doctor import az
from acrlab.doctor.checks import endpoint, records
from acrlab.doctor.checks.sharing import hidden, one_zone, twice
from acrlab.snapshot import Unseen
from acrlab.snapshot.network import Link, Network, ZoneRecord
from acrlab.snapshot.registry import Address, RegistryConnection, ZoneGroup, ZoneGroupTarget

GROUP = "/subscriptions/s/resourceGroups/g"
FAR = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/far"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
OWN, THEIRS = ("10.0.0.6", "10.0.0.5"), ("10.9.0.6", "10.9.0.5")
HOST, DATA = "contoso.azurecr.io", "contoso.westus.data.azurecr.io"


@pytest.fixture
def shared(change):
    """Two networks, each with an endpoint, linked to one zone. Returns: what it looks like with these addresses."""

    def shared(*values, linked=True, status="Approved"):
        seen = change.records(own=(values[0],), layers=(values[1],))
        assert seen.registry is not None
        own = seen.endpoints[0]
        other = replace(
            own,
            id=f"{GROUP}/providers/Microsoft.Network/privateEndpoints/f",
            name="f",
            network=FAR,
            subnet=f"{FAR}/subnets/one",
            addresses=(Address("registry", HOST, THEIRS[0]), Address("registry_data_westus", DATA, THEIRS[1])),
        )
        zone = seen.zones[0]
        link = Link(f"{ZONE}/virtualNetworkLinks/far", "far", FAR, "Completed")
        return replace(
            seen,
            registry=replace(
                seen.registry,
                connections=(*seen.registry.connections, RegistryConnection("c2", "c2", other.id, status)),
            ),
            endpoints=(own, other),
            networks=(*seen.networks, Network(FAR, "far", ("10.9.0.0/16",), (), (), "eastus")),
            zones=(replace(zone, links=(*(zone.links or ()), link) if linked else zone.links),),
        )

    return shared


def test_alone_in_its_zone_and_network_an_endpoint_is_fine(healthy):
    assert [c.name for c in (*one_zone.CHECKS, *twice.CHECKS, *hidden.CHECKS) if c.answer(healthy)] == []


def test_records_of_another_networks_endpoint_are_named_and_its_zone_is_not_touched(shared):
    found = one_zone.one_zone_for_two(shared(*THEIRS))

    assert found.code == "zone-shared"
    assert found.severity == "error"
    assert found.title == "e and f write the same names into one zone; give each network its own zone."
    assert "record contoso says 10.9.0.6" in found.evidence
    assert [c for c in found.remedy.az if "--resource-group g " in c] == [
        "az network private-dns link vnet delete --resource-group g --zone-name privatelink.azurecr.io --name l --yes"
    ]
    assert found.remedy.az[0] == "az group create --name g-v-dns --location westus"


def test_the_check_on_records_leaves_it_to_that_one(shared):
    assert records.wrong(shared(*THEIRS)) is None


def test_where_ones_own_records_stand_the_other_network_is_the_one_that_is_hurt(shared):
    found = one_zone.one_zone_for_two(shared(*OWN))

    assert (found.code, found.severity) == ("zone-shared", "warning")
    assert found.remedy.az[0] == "az group create --name g-far-dns --location eastus"
    assert "--ipv4-address 10.9.0.6" in found.remedy.az[2]


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_an_endpoint_that_no_one_approved_shares_nothing(shared, status):
    assert one_zone.one_zone_for_two(shared(*OWN, status=status)) is None


def test_a_network_that_does_not_read_the_zone_shares_nothing(shared):
    assert one_zone.one_zone_for_two(shared(*OWN, linked=False)) is None


def test_a_peered_network_may_share_zone_and_endpoint(shared):
    seen = shared(*THEIRS)
    near = replace(seen, networks=(replace(seen.networks[0], peers=(FAR,)), seen.networks[1]))

    assert one_zone.one_zone_for_two(near) is None


def test_records_of_other_registries_come_along(shared):
    seen = shared(*THEIRS)
    zone = replace(seen.zones[0], records=(*seen.zones[0].records, ZoneRecord("fabrikam", "A", ("10.0.0.9",), 10)))

    found = one_zone.one_zone_for_two(replace(seen, zones=(zone,)))

    assert any("--record-set-name fabrikam --ipv4-address 10.0.0.9" in command for command in found.remedy.az)


def test_who_wrote_a_record_is_told(shared):
    seen = shared(*THEIRS)
    told = tuple(replace(r, creator="created by private endpoint f") for r in seen.zones[0].records)

    found = one_zone.one_zone_for_two(replace(seen, zones=(replace(seen.zones[0], records=told),)))

    assert found.evidence[0] == "record contoso says 10.9.0.6, created by private endpoint f"


def test_a_new_endpoint_does_not_write_where_another_network_reads(shared):
    seen = shared(*THEIRS)
    seen = replace(seen, endpoints=seen.endpoints[1:])

    found = endpoint.missing(seen)

    writer = found.remedy.az[-1]
    assert found.code == "endpoint-elsewhere"
    assert "privateDnsZones/privatelink.azurecr.io" in writer
    assert "/resourceGroups/g-v-dns/" in writer


def test_a_missing_record_is_not_written_where_another_network_reads(shared):
    seen = shared(*THEIRS)
    seen = replace(seen, zones=(replace(seen.zones[0], records=()),))

    found = records.missing(seen)

    assert found.code == "record-missing"
    assert not any("add-record --resource-group g " in command for command in found.remedy.az)


def test_an_endpoint_that_is_recreated_gives_the_other_network_its_records_back(shared):
    seen = shared(*THEIRS)

    remedy = az.recreate_endpoint(seen, seen.endpoints[0])

    assert remedy.az[0].startswith("az network private-endpoint delete")
    assert "add-record --resource-group g " in remedy.az[1]
    assert "--ipv4-address 10.9.0.6" in remedy.az[1]


def test_of_an_address_that_something_unseen_may_hold_nothing_is_advised(change):
    seen = replace(
        change.records(own=("10.7.0.9",), layers=("10.0.0.5",)),
        unseen=(Unseen("other endpoints", "/e", "Microsoft.Network/privateEndpoints/read", "no right"),),
    )

    found = records.wrong(seen)

    assert (found.code, found.remedy.az) == ("record-of-something-unseen", ())


# -- two endpoints in one network ------------------------------------------------------------------------------------


def writing(one, *hosts):
    return replace(one, zone_groups=(ZoneGroup("z", "default", (ZoneGroupTarget(ZONE, hosts),)),))


@pytest.fixture
def twins(healthy):
    """Two endpoints in one network, each with a zone group that wrote these hosts."""

    def twins(*hosts):
        own = writing(healthy.endpoints[0], *hosts)
        held = (Address("registry", HOST, "10.0.0.8"), Address("registry_data_westus", DATA, "10.0.0.7"))
        twin = replace(own, id=f"{own.id}2", name="e2", addresses=held)
        approved = RegistryConnection("c2", "c2", twin.id, "Approved")
        registry = replace(healthy.registry, connections=(*healthy.registry.connections, approved))
        return replace(healthy, registry=registry, endpoints=(twin, own))

    return twins


def test_two_endpoints_that_write_the_same_names_are_a_trap(twins):
    found = twice.two_for_one(twins(HOST, DATA))

    assert (found.code, found.severity) == ("endpoint-twice", "warning")
    assert found.title == "e and e2 write the same names: deleting either deletes the records of both."
    assert [c.split(" --")[0] for c in found.remedy.az] == [
        "az network private-endpoint delete",
        "az network private-endpoint dns-zone-group delete",
        "az network private-endpoint dns-zone-group create",
    ]
    assert "--name e2" in found.remedy.az[0]


def test_a_second_endpoint_that_writes_nothing_is_no_trap(twins):
    assert twice.two_for_one(twins()) is None


def test_a_zone_group_whose_records_went_with_another_endpoint_says_so(change):
    seen = change.endpoint(zone_groups=writing(change.healthy.endpoints[0]).zone_groups)

    found = records.group_wrote_nothing(replace(seen, zones=change.records().zones))

    assert "or another endpoint wrote the same names there" in found.why


# -- someone else's registry -------------------------------------------------------------------------------------------


@pytest.fixture
def theirs(change):
    """A registry that is open, with an endpoint in another network alone; the own zone has no record of it."""
    seen = change.records()
    far = replace(seen.endpoints[0], network=FAR, subnet=f"{FAR}/subnets/one")
    return replace(seen, endpoints=(far,), vm_view=None)


def test_an_open_registry_that_ones_own_zone_hides_is_named_with_three_ways_out(theirs):
    found = hidden.name_hidden(theirs)

    assert found.code == "public-name-hidden"
    (command,) = found.remedy.az
    assert command == (
        "az network private-dns link vnet update --resource-group g --zone-name privatelink.azurecr.io --name l "
        "--resolution-policy NxDomainRedirect"
    )
    assert "an A record with the registry's public address" in found.why
    assert "which the registry's owner has to approve" in found.why
    assert endpoint.missing(theirs) is None


@pytest.mark.parametrize(
    "access", [{"public_access": "Disabled"}, {"default_action": "Deny"}, {"connections": ()}], ids=str
)
def test_a_registry_that_is_closed_or_has_no_endpoint_needs_one_here(theirs, access):
    seen = replace(theirs, registry=replace(theirs.registry, **access))

    assert hidden.name_hidden(seen) is None
    assert endpoint.missing(seen).severity == "error"


def test_with_fallback_or_a_public_address_the_internet_is_the_way(theirs):
    zone = theirs.zones[0]
    falling = replace(zone, links=(replace(zone.links[0], policy="NxDomainRedirect"),))
    public = replace(zone, records=(ZoneRecord("contoso", "A", ("203.0.113.7",), 10),))

    for one in (falling, public):
        seen = replace(theirs, zones=(one,))
        assert hidden.name_hidden(seen) is None
        assert endpoint.missing(seen).severity == "note"


def test_a_record_that_leads_to_another_network_hides_nothing_and_is_an_error(theirs):
    zone = replace(theirs.zones[0], records=(ZoneRecord("contoso", "A", ("10.9.0.6",), 10),))
    seen = replace(theirs, zones=(zone,))

    assert hidden.name_hidden(seen) is None
    assert endpoint.missing(seen).severity == "error"

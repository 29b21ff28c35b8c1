"""Checks on the private zone, its links and its records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.doctor.checks import records, zone
from acrlab.doctor.checks.sharing import two_zones
from acrlab.snapshot.network import Link, Zone, ZoneRecord
from acrlab.snapshot.registry import ZoneGroup, ZoneGroupTarget

GROUP = "/subscriptions/s/resourceGroups/g"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"
OTHER = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/other"
RIGHT = (("10.0.0.6",), ("10.0.0.5",))


def zone_id(name, group="g"):
    return f"/subscriptions/s/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/{name}"


def linked(name, network=NETWORK, group="g"):
    return Zone(
        zone_id(name, group), name, (Link(f"{zone_id(name, group)}/virtualNetworkLinks/x", "x", network, ""),), ()
    )


def test_the_working_lab_s_zone_and_records_are_fine(healthy):
    assert [c.name for c in (*zone.CHECKS, *two_zones.CHECKS, *records.CHECKS) if c.answer(healthy)] == []


def test_no_zone_at_all_is_missing(healthy):
    found = zone.missing(replace(healthy, vm_view=None, zones=()))

    assert found.code == "zone-missing"
    assert found.remedy.az[0] == "az network private-dns zone create --resource-group g --name privatelink.azurecr.io"


def test_a_zone_that_cannot_be_seen_and_answers_is_not_missing(healthy):
    assert zone.missing(replace(healthy, zones=())) is None


def test_a_zone_of_another_name_is_misnamed(healthy):
    found = zone.missing(replace(healthy, vm_view=None, zones=(linked("privatelink.azurecr.cn"),)))

    assert found.code == "zone-misnamed"
    assert "zone privatelink.azurecr.cn, 1 links, 0 records" in found.evidence


def test_a_zone_of_another_lab_in_the_subscription_is_none_of_ours(healthy):
    theirs = linked("privatelink.azurecr.io", OTHER, group="theirs")

    assert zone.missing(replace(healthy, vm_view=None, zones=(theirs,))).code == "zone-missing"
    assert zone.not_linked(replace(healthy, zones=(*healthy.zones, theirs))) is None


def test_a_zone_that_is_linked_elsewhere_is_not_linked_here(change):
    found = zone.not_linked(change.zone(links=(Link("l", "myLink", OTHER, "Completed"),)))

    assert found.code == "zone-not-linked"
    assert "is linked to other" in found.evidence[0]
    assert "--name myLink2 " in found.remedy.az[0]


@pytest.mark.parametrize(
    ("pinned", "severity"),
    [
        ((("contoso.azurecr.io", "10.0.0.6"), ("contoso.westus.data.azurecr.io", "10.0.0.5")), "warning"),
        ((("contoso.azurecr.io", "10.0.0.6"),), "error"),
        ((("contoso.azurecr.io", "192.0.2.64"), ("contoso.westus.data.azurecr.io", "10.0.0.5")), "error"),
        ((), "error"),
    ],
)
def test_a_vm_that_needs_no_zone_makes_a_missing_one_a_warning(change, pinned, severity):
    """Its hosts file leads to the endpoint, as people do who reach a network by VPN."""
    view = replace(change.healthy.vm_view, pinned=pinned, answers=())
    unlinked = zone.not_linked(replace(change.zone(links=()), vm_view=view))
    missing = zone.missing(replace(change.healthy, zones=(), vm_view=view))

    assert (unlinked.severity, missing.severity) == (severity, severity)
    assert ("/etc/hosts on m leads to the endpoint" in unlinked.evidence) == (severity == "warning")


def test_a_zone_that_takes_the_whole_domain_is_in_the_way(healthy):
    found = zone.in_the_way(replace(healthy, zones=(*healthy.zones, linked("azurecr.io"))))

    assert found.code == "zone-in-the-way"
    assert found.remedy.az[0].startswith(
        "az network private-dns link vnet delete --resource-group g --zone-name azurecr.io"
    )


def test_a_zone_of_the_whole_domain_that_leads_to_the_endpoint_is_a_warning(healthy):
    """This registry is reached; all others are not, and the next region is not, either."""
    own = ZoneRecord("contoso", "A", ("10.0.0.6",), 3600)
    layers = ZoneRecord("contoso.westus.data", "A", ("10.0.0.5",), 3600)

    def severity(*records):
        greedy = replace(linked("azurecr.io"), records=records)
        return zone.in_the_way(replace(healthy, zones=(*healthy.zones, greedy))).severity

    assert severity(own, layers) == "warning"
    assert severity(own) == "error"
    assert severity(own, replace(layers, values=("10.0.0.99",))) == "error"


@pytest.mark.parametrize(("address", "severity"), [("10.0.0.5", "warning"), ("10.0.0.99", "error"), ("", "error")])
def test_a_zone_for_a_region_s_data_endpoints_takes_theirs_alone(healthy, address, severity):
    """Reported: https://github.com/Azure/terraform-azurerm-avm-ptn-network-private-link-private-dns-zones/issues/96"""
    layers = linked("westus.data.privatelink.azurecr.io")
    layers = replace(layers, records=(ZoneRecord("contoso", "A", (address,), 10),) if address else ())

    found = zone.in_the_way(replace(healthy, zones=(*healthy.zones, layers)))

    assert (found.severity, found.why) == (severity, zone.WITHIN)


@pytest.mark.parametrize(("address", "severity"), [("10.0.0.6", "warning"), ("10.0.0.99", "error")])
def test_a_zone_of_the_registry_s_own_name_has_its_address_at_the_top(healthy, address, severity):
    own = replace(linked("contoso.azurecr.io"), records=(ZoneRecord("@", "A", (address,), 10),))

    assert zone.in_the_way(replace(healthy, zones=(*healthy.zones, own))).severity == severity


def test_a_zone_of_somebody_else_s_registry_is_not_in_the_way(healthy):
    theirs = linked("fabrikam.azurecr.io")

    assert zone.in_the_way(replace(healthy, zones=(*healthy.zones, theirs))) is None


def test_a_greedy_zone_in_place_of_the_right_one_is_one_fault(healthy):
    seen = replace(healthy, vm_view=None, zones=(linked("azurecr.io"),))

    assert zone.in_the_way(seen) is None
    assert zone.missing(seen).remedy.az[0].startswith("az network private-dns link vnet delete")


def test_records_in_a_second_zone_of_the_name_are_found_there_and_an_empty_one_gives_way(healthy):
    second = replace(healthy.zones[0], id=zone_id("privatelink.azurecr.io", "hub"), links=())
    first = replace(healthy.zones[0], records=())

    found = two_zones.records_elsewhere(replace(healthy, zones=(first, second)))

    assert found.code == "zone-twice"
    assert [command.partition(" --")[0] for command in found.remedy.az] == [
        "az network private-dns link vnet delete",
        "az network private-dns link vnet create",
    ]
    assert " --resource-group hub " in found.remedy.az[1]
    assert records.missing(replace(healthy, zones=(first, second))) is None


def test_a_linked_zone_with_other_records_is_written_into(healthy):
    second = replace(healthy.zones[0], id=zone_id("privatelink.azurecr.io", "hub"), links=())
    first = replace(healthy.zones[0], records=(ZoneRecord("fabrikam", "A", ("10.0.0.9",), 10),))

    found = two_zones.records_elsewhere(replace(healthy, zones=(first, second)))

    assert all(" record-set a add-record --resource-group g " in command for command in found.remedy.az)


def test_a_second_zone_with_addresses_of_others_is_linked_to_no_network_more(healthy):
    other = tuple(replace(record, values=("10.9.0.4",)) for record in healthy.zones[0].records)
    second = replace(healthy.zones[0], id=zone_id("privatelink.azurecr.io", "hub"), links=(), records=other)
    first = replace(healthy.zones[0], records=())

    found = two_zones.records_elsewhere(replace(healthy, zones=(first, second)))

    assert all(" record-set a add-record --resource-group g " in command for command in found.remedy.az)


def test_a_missing_data_record_is_told_from_a_missing_record(change):
    assert records.missing(change.records(own=RIGHT[0])).code == "data-record-missing"
    assert records.missing(change.records(layers=RIGHT[1])).code == "record-missing"
    assert records.missing(change.records(own=RIGHT[0], layers=RIGHT[1])) is None


def test_the_remedy_writes_the_address_of_the_right_member(change):
    found = records.missing(change.records(own=RIGHT[0]))

    (command,) = found.remedy.az
    assert command == (
        "az network private-dns record-set a add-record --resource-group g --zone-name privatelink.azurecr.io "
        "--record-set-name contoso.westus.data --ipv4-address 10.0.0.5"
    )


@pytest.mark.parametrize(
    ("own", "layers", "code"),
    [
        (("10.0.0.5",), ("10.0.0.6",), "records-swapped"),
        (("10.0.0.9",), ("10.0.0.5",), "record-stale"),
        (("10.0.0.6", "10.0.0.9"), ("10.0.0.5",), "record-with-stray-address"),
        (("10.0.0.9",), ("10.0.0.6",), "record-stale"),
    ],
)
def test_a_wrong_record_is_named_by_how_it_is_wrong(change, own, layers, code):
    assert records.wrong(change.records(own=own, layers=layers)).code == code


def test_addresses_are_matched_on_the_host_and_not_on_their_order(change):
    held = tuple(reversed(change.healthy.endpoints[0].addresses))

    assert records.wrong(change.endpoint(addresses=held)) is None


def test_a_record_set_without_an_address_is_no_record(change):
    assert records.missing(change.records(own=(), layers=RIGHT[1])).code == "record-missing"


def test_a_zone_group_that_wrote_nothing_is_named_before_its_records(change):
    groups = (ZoneGroup("z", "default", (ZoneGroupTarget(zone_id("privatelink.azurecr.cn"), ()),)),)
    seen = replace(change.endpoint(zone_groups=groups), zones=change.records().zones)

    assert records.group_wrote_nothing(seen).code == "zone-group-empty"
    assert records.missing(seen) is None


def test_a_zone_group_that_waits_for_approval_is_no_fault(change):
    groups = (ZoneGroup("z", "default", (ZoneGroupTarget(zone_id("privatelink.azurecr.io"), ()),)),)
    seen = replace(change.endpoint("Pending", zone_groups=groups), zones=change.records().zones)

    assert (records.group_wrote_nothing(seen), records.missing(seen)) == (None, None)


def test_an_alias_in_place_of_a_record_is_a_missing_record(change):
    alias = ZoneRecord("contoso", "CNAME", ("elsewhere.example",), 60)
    seen = change.zone(records=(alias, change.healthy.zones[0].records[1]))

    found = records.missing(seen)

    assert found.code == "record-missing"
    assert [c.split(" --")[0] for c in found.remedy.az] == [
        "az network private-dns record-set cname delete",
        "az network private-dns record-set a add-record",
    ]


def test_a_missing_record_names_fallback_as_a_way_out(change):
    found = records.missing(change.records(layers=RIGHT[1]))

    assert "resolution policy NxDomainRedirect would have it ask the internet" in found.why


def test_with_fallback_a_missing_record_explains_the_public_address_inside(change):
    link = replace(change.healthy.zones[0].links[0], policy="NxDomainRedirect")
    seen = change.records(layers=RIGHT[1])
    seen = replace(seen, zones=(replace(seen.zones[0], links=(link,)),))

    found = records.missing(seen)

    assert found.evidence[-1] == "link l has the resolution policy NxDomainRedirect"
    assert found.why.startswith("The link falls back to the internet: the name leads to the public address inside, too")


def test_fallback_alone_is_not_a_fault(change):
    link = replace(change.healthy.zones[0].links[0], policy="NxDomainRedirect")

    assert records.missing(change.zone(links=(link,))) is None


def test_another_networks_fallback_explains_nothing_here(change):
    here = change.healthy.zones[0].links[0]
    other = Link("l2", "l2", OTHER, "Completed", "NxDomainRedirect")
    seen = change.records(layers=RIGHT[1])
    seen = replace(seen, zones=(replace(seen.zones[0], links=(here, other)),))

    assert "unknown, though not in public" in records.missing(seen).why

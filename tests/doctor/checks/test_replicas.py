"""Checks on replicas: finished, approved, with an address at every endpoint, and with room for the next one."""

from __future__ import annotations

from dataclasses import replace

from acrlab.doctor.checks import endpoint, records, replicas
from acrlab.snapshot.network import Subnet
from acrlab.snapshot.registry import Address, RegistryConnection, Replica

EAST = "contoso.eastus.data.azurecr.io"
HERE, THERE = "contoso.westus.geo.azurecr.io", "contoso.eastus.geo.azurecr.io"


def with_regional(change, *held, records=()):
    """The working lab with regional endpoints, their addresses and records."""
    own = change.healthy.endpoints[0].addresses
    seen = change.endpoint(addresses=(*own, *held))
    zone = replace(seen.zones[0], records=(*seen.zones[0].records, *records))
    return replace(seen, registry=replace(seen.registry, regional_hosts=(HERE,)), zones=(zone,))


def test_the_working_lab_has_nothing_to_say_of_replicas(healthy):
    assert [check.name for check in replicas.CHECKS if check.answer(healthy)] == []


# -- failed ------------------------------------------------------------------------------------------------------------


def test_a_replica_that_never_came_is_a_warning(change):
    found = replicas.failed(change.registry(replicas=(Replica("eastus", "Failed"),)))

    assert (found.code, found.severity) == ("replica-failed", "warning")
    assert found.remedy.az == ("az acr replication delete --resource-group g --registry contoso --name eastus",)


def test_a_replica_that_failed_at_an_endpoint_with_addresses_of_its_own_is_made_again(change):
    seen = replace(
        change.registry(replicas=(Replica("eastus", "Failed"),)), endpoints=change.endpoint(static=True).endpoints
    )

    found = replicas.failed(seen)

    assert found.code == "replica-failed"
    assert "ipConfigurations of e: not empty" in found.evidence
    assert [c.split(" --")[0] for c in found.remedy.az] == [
        "az network private-endpoint update",
        "az network private-endpoint dns-zone-group create",
        "az acr replication create",
    ]
    assert found.remedy.call.endswith("acrlab.remedies.ensure_replica(lab, 'eastus')")


def test_a_replica_that_is_being_made_has_not_failed(change):
    assert replicas.failed(change.registry(replicas=(Replica("eastus", "Creating"),))) is None


# -- waiting -----------------------------------------------------------------------------------------------------------


def twice(change, status):
    known = change.healthy.registry.connections
    second = RegistryConnection("/c/2", "2", change.healthy.endpoints[0].id, status, "for eastus")
    return change.registry(connections=(*known, second), replicas=(Replica("eastus", "Succeeded"),))


def test_an_endpoint_that_has_to_be_approved_once_more_is_named(change):
    found = replicas.waiting(twice(change, "Pending"))

    assert (found.code, found.severity) == ("replica-pending", "error")
    assert found.evidence[1] == "regions of contoso: westus, eastus"
    assert found.remedy.az == ("az network private-endpoint-connection approve --id /c/2 --description Approved",)


def test_two_connections_that_are_approved_are_fine(change):
    assert replicas.waiting(twice(change, "Approved")) is None


def test_a_first_request_that_waits_is_not_a_replica_s(change):
    assert replicas.waiting(change.endpoint("Pending")) is None


# -- static ------------------------------------------------------------------------------------------------------------


def test_addresses_that_were_chosen_are_worth_knowing(change):
    found = replicas.static(change.endpoint(static=True))

    assert (found.code, found.severity) == ("endpoint-static", "note")
    assert found.evidence == ("e holds 10.0.0.6, 10.0.0.5",)
    assert found.remedy.az[0].endswith("--set 'ipConfigurations=[]'")


def test_addresses_that_azure_chose_are_not(change):
    assert replicas.static(change.endpoint(static=False)) is None


def test_where_a_replica_has_failed_for_it_that_is_said_once(change):
    seen = replace(
        change.registry(replicas=(Replica("eastus", "Failed"),)), endpoints=change.endpoint(static=True).endpoints
    )

    assert replicas.static(seen) is None


# -- room --------------------------------------------------------------------------------------------------------------


def test_a_full_subnet_is_worth_knowing_and_counted(change):
    found = replicas.no_room(change.subnet(free=0))

    assert (found.code, found.severity) == ("subnet-full", "note")
    assert found.evidence == (
        "default 10.0.0.0/24: 0 free, the next replica takes 1",
        "addresses of an endpoint: 1 global, 1 data, regional endpoints are off, and would take 1",
    )


def test_one_address_is_enough_and_with_regional_endpoints_it_takes_two(change):
    seen = change.subnet(free=1)

    regional = replicas.no_room(replace(seen, registry=replace(seen.registry, regional_hosts=(HERE,))))

    assert replicas.no_room(seen) is None
    assert regional.evidence[1] == "addresses of an endpoint: 1 global, 1 data, 1 regional"


def test_the_subnet_of_another_endpoint_counts_as_well(change):
    network = change.healthy.networks[0]
    small = Subnet(f"{network.id}/subnets/small", "small", ("10.0.9.0/29",), 0)
    second = replace(change.healthy.endpoints[0], id="/second", name="second", subnet=small.id)
    known = (*change.healthy.registry.connections, RegistryConnection("2", "2", "/second", "Approved"))
    seen = replace(
        change.network(subnets=(*network.subnets, small)),
        endpoints=(*change.healthy.endpoints, second),
        registry=change.registry(connections=known).registry,
    )

    assert replicas.no_room(seen).title == "small has no room for another replica."


# -- names of regions --------------------------------------------------------------------------------------------------


def test_a_regional_name_without_a_record_is_named(change):
    found = records.missing(with_regional(change, Address("registry_westus", HERE, "10.0.0.7")))

    assert found.code == "regional-record-missing"
    assert found.title == f"privatelink.azurecr.io has no record for {HERE}."
    assert "--record-set-name contoso.westus.geo --ipv4-address 10.0.0.7" in found.remedy.az[0]


def test_a_layer_s_name_counts_for_more_than_a_region_s(change):
    seen = with_regional(change, Address("registry_westus", HERE, "10.0.0.7"))
    without = tuple(r for r in seen.zones[0].records if ".data" not in r.name)

    assert records.missing(replace(seen, zones=(replace(seen.zones[0], records=without),))).code == "record-missing"


def test_a_regional_name_with_its_record_is_fine(change):
    from acrlab.snapshot.network import ZoneRecord

    seen = with_regional(
        change,
        Address("registry_westus", HERE, "10.0.0.7"),
        records=(ZoneRecord("contoso.westus.geo", "A", ("10.0.0.7",), 10),),
    )

    assert records.missing(seen) is None


def test_a_regional_name_without_an_address_is_named(change):
    found = endpoint.addresses_missing(with_regional(change))

    assert found.evidence[0] == f"no address for {HERE}"

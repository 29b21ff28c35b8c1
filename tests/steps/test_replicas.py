"""Replicas and regional endpoints as steps: counted, made once, and taken back with nothing left."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.errors import RefusedError
from acrlab.lab.prices import an_hour, cost_of_kinds
from acrlab.steps.beyond import replicas
from acrlab.steps.beyond.own_replicas import own_replicas

GROUP, NAME = "myResourceGroup", "contoso42"


@pytest.fixture
def linked(lab):
    acrlab.bring_to(lab, "records")
    return lab


@pytest.mark.parametrize(("regions", "regional", "needed"), [(1, False, 2), (3, False, 4), (3, True, 7)])
def test_addresses_are_counted_as_the_article_counts_them(regions, regional, needed):
    assert replicas.addresses_needed(regions, regional=regional) == needed


def test_the_count_is_what_the_endpoint_holds(linked):
    for region in replicas.other_regions(linked):
        replicas.ensure_replica(linked, region)
    replicas.ensure_regional_endpoints(linked)

    assert len(acrlab.steps.endpoint_addresses(linked)) == replicas.addresses_needed(3, regional=True)


def test_every_subnet_with_an_endpoint_is_read_with_its_room(linked):
    replicas.ensure_tight_endpoint(linked)

    found = replicas.rooms(linked)

    assert [(room.subnet, room.prefix, room.free) for room in found] == [
        ("myDockerVMSubnet", "10.0.0.0/24", 248),
        ("tightSubnet", "10.0.255.248/29", 1),
    ]


def test_a_second_call_asks_azure_for_nothing(linked, actions):
    replicas.ensure_replica(linked, "eastus")
    replicas.ensure_regional_endpoints(linked)
    actions.clear()

    replicas.ensure_replica(linked, "eastus")
    hosts = replicas.ensure_regional_endpoints(linked)

    assert hosts == ("contoso42.eastus.geo.azurecr.io", "contoso42.westus.geo.azurecr.io")
    assert not actions


def test_what_was_made_is_taken_back_and_no_more(linked):
    registries = linked.registry.replications
    registries.begin_create(GROUP, NAME, "centralus", {"location": "centralus"}).result()
    replicas.ensure_replica(linked, "eastus")

    assert replicas.take_back(linked) == ("replica eastus",)
    assert {r.name for r in registries.list(GROUP, NAME)} == {"centralus", "westus"}


def test_the_tight_endpoint_goes_with_its_subnet(linked):
    replicas.ensure_tight_endpoint(linked)

    assert replicas.take_back(linked) == ("myTightEndpoint",)
    assert [s.name for s in linked.network.subnets.list(GROUP, "myDockerVMVNET")] == ["myDockerVMSubnet"]
    assert replicas.take_back(linked) == ()


def test_regional_endpoints_that_were_on_before_stay_on(linked):
    change = {"properties": {"regionalEndpoints": "Enabled"}}
    update = linked.resources.resources.begin_update_by_id
    update(linked.registry_id, change, api_version=replicas.PREVIEW).result()
    replicas.ensure_regional_endpoints(linked)

    replicas.take_back(linked)

    assert replicas.regional_hosts(linked)


def test_regional_endpoints_that_the_lab_turned_on_go_off(linked):
    replicas.ensure_regional_endpoints(linked)

    assert replicas.take_back(linked) == ("regional endpoints",)
    assert replicas.regional_hosts(linked) == ()


def test_records_of_a_zone_group_go_with_it_and_the_lab_s_own_come_back(linked):
    zone = linked.id_of("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")
    endpoint = linked.id_of("Microsoft.Network/privateEndpoints", "myPrivateEndpoint")
    acrlab.remedies.write_records_by_group(linked, endpoint, zone, "default")

    replicas.remove_zone_group(linked)

    found = linked.dns.record_sets.list_by_type(GROUP, "privatelink.azurecr.io", "A")
    assert {r.name: r.properties.metadata["acrlab"] for r in found} == dict.fromkeys(
        (NAME, f"{NAME}.westus.data"), NAME
    )


def test_the_vm_pulls_by_the_name_of_a_region(lab):
    acrlab.bring_to(lab, "records", "pull-right", "sample-image", "docker", "azure-cli")
    replicas.ensure_regional_endpoints(lab)
    acrlab.steps.ensure_records(lab)

    outcome = replicas.pull_by_region(lab, "westus")

    assert outcome.exit_code == 0, outcome
    assert "contoso42.westus.geo.azurecr.io/hello-world:v1" in outcome.stdout
    assert acrlab.login_and_pull(lab).layers > 0  # they travel again: no image by the region's name keeps them


def test_a_clean_up_takes_the_regions_along_and_shows_what_they_cost_until_then(linked):
    alone = cost_of_kinds(item.kind for item in acrlab.steps.plan_clean_up(linked).resources)
    replicas.ensure_replica(linked, "eastus")
    replicas.ensure_tight_endpoint(linked)
    with_them = cost_of_kinds(item.kind for item in acrlab.steps.plan_clean_up(linked).resources)

    acrlab.delete_lab(linked)

    assert with_them - alone == pytest.approx(an_hour(["replica", "endpoint"]))
    assert acrlab.steps.prove_absence(linked) == ()


def test_of_a_registry_that_was_there_before_only_the_lab_s_own_regions_go(lab):
    west = {"location": "westus"}
    lab.resources.resource_groups.create_or_update(GROUP, west)
    lab.registry.registries.begin_create(GROUP, NAME, {**west, "sku": {"name": "Premium"}}).result()
    lab.registry.replications.begin_create(GROUP, NAME, "centralus", {"location": "centralus"}).result()
    acrlab.bring_to(lab, "records")
    replicas.ensure_replica(lab, "eastus")
    replicas.ensure_regional_endpoints(lab)

    acrlab.delete_lab(lab)

    assert {r.name for r in lab.registry.replications.list(GROUP, NAME)} == {"centralus", "westus"}
    assert replicas.regional_hosts(lab) == ()


def test_the_replica_of_the_home_region_is_never_the_labs(linked):
    """Azure gives it the registry's tags, and so the lab's."""
    replicas.ensure_replica(linked, "eastus")
    home = replicas.find_replica(linked, "westus")
    registry = linked.registry.registries.get(GROUP, NAME)
    assert home.tags == registry.tags

    assert own_replicas(linked, registry) == ("eastus",)
    with pytest.raises(RefusedError, match="the registry's own region") as caught:
        replicas.remove_replica(linked, "westus")
    assert caught.value.resource_id == home.id
    assert replicas.take_back(linked)
    assert [one.name for one in linked.registry.replications.list(GROUP, NAME)] in ([], ["westus"])

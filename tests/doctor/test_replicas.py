"""The doctor on a registry with several regions, in a lab: what it reads, and that what it advises leads out."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.course.practice.drill import by_call
from acrlab.doctor import diagnose
from acrlab.doctor.observe import survey
from acrlab.steps.beyond import replicas
from acrlab.steps.private_link import endpoint_body, ensure_records

GROUP = "myResourceGroup"
ZONE = "privatelink.azurecr.io"


@pytest.fixture
def working(lab):
    acrlab.bring_to(lab, "records", "pull-right", "sample-image")
    return lab


def led_out(lab, *codes):
    """Diagnose, and do what is advised until nothing is left to advise."""
    found = diagnose(lab)
    assert found.codes == codes
    for _ in range(5):
        if found.healthy:
            break
        by_call(lab, found.findings[0].remedy)
        found = diagnose(lab)
    assert found.codes == ()


def delete_record(lab, name):
    lab.dns.record_sets.delete(GROUP, ZONE, "A", name)


def test_an_endpoint_tells_that_regions_have_login_servers(working):
    before = survey(working).registry.regional_hosts

    replicas.ensure_regional_endpoints(working)

    assert before == ()
    assert survey(working).registry.regional_hosts == ("contoso42.westus.geo.azurecr.io",)


def test_a_region_s_login_server_without_a_record_is_named_and_gets_one(working):
    replicas.ensure_regional_endpoints(working)

    led_out(working, "regional-record-missing")


def test_a_replica_s_layers_without_a_record_are_named_and_get_one(working):
    replicas.ensure_replica(working, "eastus")

    led_out(working, "data-record-missing")


def test_a_registry_with_all_its_records_is_fine(working):
    replicas.ensure_replica(working, "eastus")
    replicas.ensure_regional_endpoints(working)
    ensure_records(working)

    assert diagnose(working).codes == ()


def test_a_replica_that_failed_at_chosen_addresses_is_made_again_when_they_are_let_go(working):
    acrlab.steps.remove_manual_endpoint(working)
    own = working.network.private_endpoints.get(GROUP, "myPrivateEndpoint")
    subnet, held = own.subnet.id, acrlab.steps.endpoint_addresses(working)
    acrlab.remedies.remove_endpoint(working, own.id)
    body = endpoint_body(working, subnet, "myConnection")
    body["properties"]["ipConfigurations"] = [
        {"name": m, "properties": {"groupId": "registry", "memberName": m, "privateIPAddress": address}}
        for m, address in zip(("registry", "registry_data_westus"), held.values(), strict=True)
    ]
    working.network.private_endpoints.begin_create_or_update(GROUP, "myPrivateEndpoint", body).result()
    notes = {n.code for n in diagnose(working).diagnosis.notes}
    with pytest.raises(acrlab.RefusedError, match="contains static ipconfigurations"):
        replicas.ensure_replica(working, "eastus")

    led_out(working, "replica-failed")

    assert "endpoint-static" in notes
    assert replicas.find_replica(working, "eastus").properties.provisioning_state == "Succeeded"


def test_a_subnet_without_room_is_named_before_a_replica_is_rolled_back_there(working):
    replicas.ensure_replica(working, "eastus")
    ensure_records(working)
    replicas.ensure_tight_endpoint(working)
    found = {n.code: n for n in diagnose(working).diagnosis.notes}

    with pytest.raises(acrlab.RefusedError, match="Failed to replicate private endpoint") as refused:
        replicas.ensure_replica(working, "westeurope")

    assert found["subnet-full"].title == "tightSubnet has no room for another replica."
    assert "tightSubnet" not in str(refused.value)
    assert replicas.find_replica(working, "westeurope") is None

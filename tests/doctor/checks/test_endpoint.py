"""Checks on the private endpoint, its connection and its addresses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.doctor.checks import connection, endpoint
from acrlab.snapshot.registry import Address, RegistryConnection, Replica

OTHER_NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/other"


def test_the_working_lab_has_an_endpoint_that_is_fine(healthy):
    assert [check.name for check in (*endpoint.CHECKS, *connection.CHECKS) if check.answer(healthy)] == []


def test_a_network_that_is_not_there_is_named(healthy):
    found = endpoint.network_missing(replace(healthy, networks=()))

    assert (found.code, found.title) == ("network-not-found", "There is no network v in group g.")


def test_no_endpoint_at_all_is_missing(healthy):
    found = endpoint.missing(replace(healthy, endpoints=()))

    assert found.code == "endpoint-missing"
    assert found.remedy.az[0].startswith("az network private-endpoint create --resource-group g --name myEndpoint")


def test_policies_that_are_on_are_turned_off_first(change):
    seen = replace(change.subnet(endpoint_policies="Enabled"), endpoints=())

    assert "private-endpoint-network-policies Disabled" in endpoint.missing(seen).remedy.az[0]


def test_an_endpoint_in_an_unreachable_network_is_elsewhere(change):
    found = endpoint.missing(change.endpoint(network=OTHER_NETWORK))

    assert found.code == "endpoint-elsewhere"
    assert "endpoint e is in other, which is not peered with v" in found.evidence


def test_an_endpoint_in_a_peered_network_is_in_reach(change):
    seen = change.endpoint(network=OTHER_NETWORK)

    assert endpoint.missing(replace(seen, networks=change.network(peers=(OTHER_NETWORK,)).networks)) is None


@pytest.mark.parametrize("status", ["Rejected", "Disconnected"])
def test_a_connection_that_was_turned_down_has_to_be_made_again(change, status):
    found = connection.turned_down(change.endpoint(status))

    assert found.code == f"connection-{status.lower()}"
    assert [c.split(" --")[0] for c in found.remedy.az] == [
        "az network private-endpoint delete",
        "az network private-endpoint create",
        "az network private-endpoint dns-zone-group create",
    ]


def test_an_endpoint_that_the_registry_does_not_know_is_disconnected(change):
    found = connection.turned_down(change.registry(connections=()))

    assert found.code == "connection-disconnected"
    assert found.evidence[0].startswith("contoso has no connection of e: it was removed")


def test_a_pending_connection_is_for_the_owner_to_approve(change):
    found = connection.pending(change.endpoint("Pending"))

    assert found.code == "connection-pending"
    assert found.remedy.az == ("az network private-endpoint-connection approve --id id --description Approved",)


def test_somebody_else_s_pending_request_is_a_note(change):
    connections = (*change.healthy.registry.connections, RegistryConnection("x", "x", "/s/other", "Pending", "please"))
    seen = change.registry(connections=connections)

    assert connection.pending(seen) is None
    assert connection.others_waiting(seen).severity == "note"


def test_of_two_endpoints_the_approved_one_counts(change):
    rejected = change.endpoint("Rejected")
    second = replace(change.healthy.endpoints[0], id="/second", name="second")
    known = (*rejected.registry.connections, RegistryConnection("2", "2", "/second", "Approved"))
    seen = replace(
        rejected, endpoints=(*rejected.endpoints, second), registry=replace(rejected.registry, connections=known)
    )

    assert connection.turned_down(seen) is None


def test_a_failed_endpoint_and_a_wrong_sub_resource_are_named(change):
    assert endpoint.not_provisioned(change.endpoint(state="Failed")).code == "endpoint-failed"
    assert endpoint.wrong_member(change.endpoint(members=("vault",))).evidence == ("groupIds: vault",)


def test_a_replica_without_an_address_is_named(change):
    hosts = ("contoso.westus.data.azurecr.io", "contoso.eastus.data.azurecr.io")
    seen = change.registry(replicas=(Replica("eastus", "Succeeded"),), data_hosts=hosts)

    found = endpoint.addresses_missing(seen)

    assert found.code == "endpoint-lacks-addresses"
    assert found.evidence[0] == "no address for contoso.eastus.data.azurecr.io"


def test_an_address_that_is_empty_is_none(change):
    held = (Address("registry", "contoso.azurecr.io", ""), change.healthy.endpoints[0].addresses[1])

    assert (
        endpoint.addresses_missing(change.endpoint(addresses=held)).evidence[0] == "no address for contoso.azurecr.io"
    )

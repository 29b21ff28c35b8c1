"""The doctor on two subscriptions of one emulated Azure, and beside a route that leads to nowhere."""

from __future__ import annotations

import pytest
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

import acrlab
from acrlab.course.practice.drill import by_call
from acrlab.doctor import diagnose
from acrlab.emulator.core import subscriptions

GROUP, LOCATED = "theirs", {"location": "westus"}
POLICIES = {"privateEndpointNetworkPolicies": "Disabled"}


@pytest.fixture
def beside(lab):
    """A registry of the lab's, and a network of another subscription whose endpoint asked for it."""
    acrlab.bring_to(lab, "registry")
    id = subscriptions.add(lab.backend.azure.world, "Spokes").id
    made = (lab.backend.credential, id)
    resources = ResourceManagementClient(*made, **lab.backend.options())
    network = NetworkManagementClient(*made, **lab.backend.options())
    resources.providers.register("Microsoft.Network")
    resources.resource_groups.create_or_update(GROUP, LOCATED)
    inner = {"name": "s", "properties": {"addressPrefix": "10.9.0.0/24", **POLICIES}}
    space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": [inner]}
    there = network.virtual_networks.begin_create_or_update(GROUP, "v", {**LOCATED, "properties": space}).result()
    registry = lab.id_of("Microsoft.ContainerRegistry/registries", "contoso42")
    request = {"name": "c", "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
    asked = {"subnet": {"id": there.properties.subnets[0].id}, "manualPrivateLinkServiceConnections": [request]}
    network.private_endpoints.begin_create_or_update(GROUP, "e", {**LOCATED, "properties": asked}).result()
    yield lab, there.id
    network.close()
    resources.close()


def codes(lab, network):
    found = diagnose(lab, vm="", network=network).diagnosis.findings
    return {finding.code: finding for finding in found}


def test_an_approval_that_cannot_be_is_named_and_what_is_advised_lets_it_be(beside):
    lab, network = beside
    connection = next(iter(acrlab.steps.pending_connections(lab)))
    with pytest.raises(acrlab.RefusedError, match="must be registered on subscription containing private endpoint"):
        acrlab.steps.approve(lab, connection, "Approved")

    found = codes(lab, network)

    assert "endpoint-provider-missing" in found
    assert "connection-pending" not in found
    by_call(lab, found["endpoint-provider-missing"].remedy)
    assert not {"endpoint-provider-missing", "connection-pending"} & set(codes(lab, network))
    assert list(acrlab.steps.pending_connections(lab)) == []

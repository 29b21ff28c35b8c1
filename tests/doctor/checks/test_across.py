"""Questions about two subscriptions, and about routes that take an endpoint's place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.doctor.checks import connection, traffic
from acrlab.doctor.checks.across import provider
from acrlab.snapshot.network import Route, RouteTable
from acrlab.snapshot.vm import Probe
from tests.doctor.checks.conftest import ENDPOINT, NETWORK, SUBNET

TABLE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/t"
THERE = ENDPOINT.replace("/subscriptions/s/", "/subscriptions/spokes/")


def waiting(healthy, *unregistered):
    """The endpoint lies in another subscription, and its connection waits."""
    (endpoint,), registry = healthy.endpoints, healthy.registry
    pending = tuple(replace(c, status="Pending", endpoint=THERE) for c in registry.connections)
    return replace(
        healthy,
        endpoints=(replace(endpoint, id=THERE, status="Pending"),),
        registry=replace(registry, connections=pending),
        unregistered=unregistered,
    )


def test_a_registered_subscription_is_innocent(healthy):
    assert provider.unregistered(healthy) is None


def test_an_endpoint_whose_subscription_lacks_the_provider_is_named(healthy):
    found = provider.unregistered(waiting(healthy, "spokes"))

    assert found.code == "endpoint-provider-missing"
    assert "subscription of the endpoint: spokes; Microsoft.ContainerRegistry is not registered there" in found.evidence
    assert found.remedy.az[0] == (
        "az provider register --namespace Microsoft.ContainerRegistry --subscription spokes --wait"
    )
    assert found.remedy.call.startswith(
        "acrlab.remedies.register_registries(lab, 'spokes'); acrlab.steps.approve(lab, "
    )


def test_one_that_only_waits_is_innocent_and_the_other_question_names_it(healthy):
    seen = waiting(healthy)

    assert provider.unregistered(seen) is None
    assert connection.pending(seen).code == "connection-pending"


def test_one_fault_gets_one_finding(healthy):
    assert connection.pending(waiting(healthy, "spokes")) is None


# -- routes ------------------------------------------------------------------------------------------------------------


def routed(healthy, *routes, policies="Disabled", silent=""):
    """Each route: prefix and next hop."""
    table = RouteTable(TABLE, "t", tuple(Route(f"r{at}", *route) for at, route in enumerate(routes)))
    networks = tuple(
        replace(
            n,
            subnets=tuple(
                replace(s, route_table=TABLE, endpoint_policies=policies) if s.id == SUBNET else s for s in n.subnets
            ),
        )
        if n.id == NETWORK
        else n
        for n in healthy.networks
    )
    probes = (Probe("challenge", "contoso.azurecr.io", 0, "", silent),) if silent else ()
    view = replace(healthy.vm_view, probes=probes)
    return replace(healthy, networks=networks, route_tables=(table,), vm_view=view)


def code(snapshot):
    found = traffic.dropped_by_route(snapshot)
    return found.code if found else ""


@pytest.mark.parametrize("policies", ["Enabled", "RouteTableEnabled"])
def test_a_route_for_the_network_counts_where_the_subnet_applies_routes(healthy, policies):
    assert code(routed(healthy, ("10.0.0.0/16", "None"), policies=policies)) == "route-drops-https"


@pytest.mark.parametrize("policies", ["Disabled", "NetworkSecurityGroupEnabled"])
def test_elsewhere_it_is_innocent(healthy, policies):
    assert code(routed(healthy, ("10.0.0.0/16", "None"), policies=policies)) == ""


@pytest.mark.parametrize("prefix", ["0.0.0.0/0", "10.0.0.0/8", "AzureContainerRegistry", "10.0.1.0/24"])
def test_a_route_for_more_than_the_network_or_for_something_else_is_innocent(healthy, prefix):
    assert code(routed(healthy, (prefix, "None"), policies="Enabled")) == ""


def test_an_appliance_that_passes_nothing_on_is_named(healthy):
    away = ("10.0.0.0/16", "VirtualAppliance")
    found = traffic.dropped_by_route(
        routed(healthy, away, policies="RouteTableEnabled", silent="curl: (28) Connection timed out")
    )

    assert found.code == "route-drops-https"
    assert found.evidence == ("route r0: 10.0.0.0/16 to VirtualAppliance; the endpoint holds 10.0.0.6",)


def test_an_appliance_that_passes_traffic_on_is_innocent(healthy):
    assert code(routed(healthy, ("10.0.0.0/16", "VirtualAppliance"), policies="RouteTableEnabled")) == ""


def test_an_appliance_is_innocent_of_a_name_that_does_not_exist(healthy):
    away, absent = ("10.0.0.0/16", "VirtualAppliance"), "curl: (6) Could not resolve host: contoso.azurecr.io"

    assert code(routed(healthy, away, policies="RouteTableEnabled", silent=absent)) == ""


def test_a_longer_route_that_leads_there_saves_it(healthy):
    routes = (("10.0.0.0/16", "None"), ("10.0.0.0/24", "VnetLocal"))

    assert code(routed(healthy, *routes, policies="Enabled")) == ""

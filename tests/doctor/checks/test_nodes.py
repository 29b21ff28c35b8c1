"""The way from a cluster's nodes to the endpoint, on snapshots made by hand: they stand in a subnet, and no VM does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.doctor.checks.traffic import blocked, dropped_by_route
from acrlab.doctor.facts import present
from acrlab.snapshot.cluster import NodePool, WaitingPod
from acrlab.snapshot.network import Route, RouteTable, SecurityGroup, Subnet
from tests.doctor.checks.conftest import FILTER, GROUP, HOST, NETWORK, SUBNET, rule
from tests.doctor.checks.test_clusters import ID, cluster

NODES = f"{NETWORK}/subnets/nodes"
TABLE = f"{GROUP}/providers/Microsoft.Network/routeTables/t"
DENY = rule("NoHttps", 100, "Deny", ports=("443",))
AWAY = Route("away", "10.0.0.0/16", "VirtualAppliance")


@pytest.fixture
def seen(healthy):
    """A snapshot of nodes in a subnet beside the endpoint's, with what filters and leads their traffic."""

    def seen(*rules, table=(), named=ID, message="", policies="Disabled"):
        nodes = Subnet(NODES, "nodes", ("10.0.1.0/24",), 200, FILTER if rules else "", TABLE if table else "")
        own = tuple(replace(s, endpoint_policies=policies) for s in healthy.network.subnets)
        network = replace(healthy.network, subnets=(*own, nodes))
        pod = WaitingPod("default/a", f"{HOST}/a:1", "ErrImagePull", message)
        return replace(
            healthy,
            vm=None,
            vm_view=None,
            subject=replace(healthy.subject, cluster=named),
            networks=(network,),
            security_groups=(SecurityGroup(FILTER, "n", tuple(rules)),),
            route_tables=(RouteTable(TABLE, "t", tuple(table)),),
            clusters=(cluster(pools=(NodePool("nodepool1", NODES, 1, "System"),), waiting=(pod,) if message else ()),),
        )

    return seen


def test_nodes_that_nothing_filters_are_well(seen):
    there = seen()

    assert "caller" in present(there)
    assert (blocked(there), dropped_by_route(there)) == (None, None)


def test_a_rule_of_their_subnet_is_named(seen):
    found = blocked(seen(DENY))

    assert found.code == "security-group-blocks-https"
    assert found.evidence[0] == "from 10.0.1.4 to 10.0.0.6, 10.0.0.5, port 443, outbound"
    assert found.remedy.call == f"acrlab.remedies.allow_https(lab, '{FILTER}', 'Outbound', ['10.0.0.6', '10.0.0.5'])"


def test_a_rule_for_other_addresses_is_not(seen):
    assert blocked(seen(replace(DENY, destinations=("Internet",)), rule("AllowVnet", 65000, "Allow"))) is None


def test_of_a_cluster_that_was_not_named_nothing_is_asked(seen):
    there = seen(DENY, named="")

    assert "caller" not in present(there)
    assert blocked(there) is None


def test_the_endpoint_s_group_is_asked_where_its_subnet_applies_it(seen):
    inbound = rule("NoNodes", 100, "Deny", direction="Inbound", sources=("10.0.1.0/24",))

    def at_the_endpoint(policies):
        there = seen(inbound, policies=policies)
        (network,) = there.networks
        subnets = tuple(replace(s, security_group=FILTER if s.id == SUBNET else "") for s in network.subnets)
        return blocked(replace(there, networks=(replace(network, subnets=subnets),)))

    assert at_the_endpoint("NetworkSecurityGroupEnabled").code == "security-group-blocks-https"
    assert at_the_endpoint("Disabled") is None


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("dial tcp 10.0.0.6:443: i/o timeout", "route-drops-https"),
        ("dial tcp 10.0.0.99:443: i/o timeout", None),
        ("401 Unauthorized", None),
        ("", None),
    ],
)
def test_an_appliance_loses_what_kubelets_waited_for_in_vain(seen, message, code):
    found = dropped_by_route(seen(table=(AWAY,), message=message, policies="RouteTableEnabled"))

    assert (found.code if found else None) == code

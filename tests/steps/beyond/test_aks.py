"""A cluster beside the lab's registry: its subnet, its right to pull, and pods that show what they get."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.steps.beyond import aks


@pytest.fixture
def cluster(lab):
    """A cluster beside the article's end, its nodes in a subnet of the same network."""
    acrlab.bring_to(lab, "sample-image", "dns-records")
    return aks.ensure_cluster(lab)


@pytest.fixture
def image(lab):
    return f"{lab.settings.login_server}/hello-world:v1"


def test_its_nodes_stand_in_a_subnet_of_their_own(lab, cluster):
    assert cluster.subnet.endswith("/virtualNetworks/myDockerVMVNET/subnets/aks-nodes")
    assert (cluster.state, cluster.node_group) == ("Succeeded", "MC_myResourceGroup_myAKSCluster_westus")
    assert cluster.kubelet not in ("", cluster.identity)
    assert "10.0.255." in aks.invoke(lab, "kubectl get nodes -o wide").stdout


def test_it_is_made_once(lab, cluster):
    sent = lab.arm.sent

    assert aks.ensure_cluster(lab) == cluster
    assert lab.arm.sent - sent == 1


def test_a_pod_waits_until_the_kubelets_may_pull(lab, cluster, image):
    waiting = aks.run_pod(lab, "hello", image)
    assert (waiting.status, "401 Unauthorized" in waiting.message) == ("ImagePullBackOff", True)

    aks.attach(lab)

    assert aks.pod_until(lab, "hello", "Completed").node.startswith("aks-nodepool1-")
    assert "Hello from Docker!" in aks.logs(lab, "hello")
    assert [event["reason"] for event in aks.events(lab, "hello")][-3:] == ["Pulled", "Created", "Started"]


def test_the_cluster_s_own_identity_lets_no_pod_pull(lab, cluster, image):
    aks.attach(lab, principal=cluster.identity)

    assert aks.run_pod(lab, "hello", image).status == "ImagePullBackOff"
    assert aks.kubelet_roles(lab, cluster.kubelet) == ()


def test_what_was_given_is_taken_back(lab, cluster):
    aks.attach(lab)
    aks.attach(lab)
    assert aks.kubelet_roles(lab, cluster.kubelet) == ("AcrPull",)

    aks.detach(lab)

    assert aks.kubelet_roles(lab, cluster.kubelet) == ()


def test_it_goes_with_its_nodes_and_its_right(lab, cluster):
    aks.attach(lab)

    assert aks.remove_cluster(lab)

    assert not aks.remove_cluster(lab)
    assert [group.name for group in lab.resources.resource_groups.list()] == ["myResourceGroup"]
    assert aks.kubelet_roles(lab, cluster.kubelet) == ()


def test_a_command_that_fails_says_so(lab, cluster):
    with pytest.raises(RefusedError, match=r'(?s)exit code 1: kubectl get pod none.*pods "none" not found'):
        aks.invoke(lab, "kubectl get pod none")


def test_a_network_without_room_is_named(lab):
    lab.settings = acrlab.Settings(network_prefix="10.0.0.0/26", subnet_prefix="10.0.0.0/26", registry_name="contoso42")
    acrlab.bring_to(lab, "vm")

    with pytest.raises(ConfigurationError, match="has no room for a subnet of /26"):
        aks.ensure_node_subnet(lab)

"""Clusters and their kubelets, on snapshots made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acrlab.doctor.checks.aks import kubelet, pods
from acrlab.snapshot.cluster import Cluster, WaitingPod
from tests.doctor.checks.conftest import GROUP, HOST, NETWORK, OTHER_NETWORK, REGISTRY

ID = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/k"
HELLO = f"{HOST}/hello-world:v9"
UNAUTHORIZED = "failed to fetch anonymous token: … 401 Unauthorized"


def cluster(**given):
    usual = {"state": "Succeeded", "network": NETWORK, "kubelet": "kubelet-oid", "identity": "own-oid"}
    return Cluster(ID, "k", **{**usual, "kubelet_roles": ("AcrPull",), "own_roles": (), **given})


@pytest.fixture
def seen(healthy):
    """A snapshot with a cluster in the clients' network, which was named unless told otherwise."""

    def seen(*clusters, named=ID):
        return replace(healthy, clusters=clusters, subject=replace(healthy.subject, cluster=named))

    return seen


def waiting(message, image=HELLO):
    return (WaitingPod("default/hello", image, "ImagePullBackOff", message),)


def test_kubelets_with_the_role_may_pull(seen):
    assert kubelet.no_right(seen(cluster())) is None


def test_kubelets_without_the_role_may_not(seen):
    found = kubelet.no_right(seen(cluster(kubelet_roles=(), waiting=waiting(UNAUTHORIZED))))

    assert (found.code, found.severity) == ("kubelet-right-missing", "error")
    assert found.evidence[-1] == f"default/hello: {UNAUTHORIZED}"
    (command,) = found.remedy.az
    assert command.startswith("az role assignment create --assignee-object-id kubelet-oid ")
    assert command.endswith(f" --role AcrPull --scope {REGISTRY}")
    assert found.remedy.call == f"acrlab.remedies.let_pull(lab, '{REGISTRY}', 'kubelet-oid')"


def test_a_role_of_the_cluster_s_own_identity_is_named(seen):
    found = kubelet.no_right(seen(cluster(kubelet_roles=(), own_roles=("AcrPull",)), named=""))

    assert (found.code, found.severity) == ("role-of-the-wrong-identity", "error")


def test_both_identities_may_have_it(seen):
    assert kubelet.no_right(seen(cluster(own_roles=("AcrPull",)))) is None


def test_a_cluster_that_only_stands_near_may_pull_elsewhere(seen):
    assert kubelet.no_right(seen(cluster(kubelet_roles=()), named="")).severity == "note"


@pytest.mark.parametrize("roles", [None, ("11111111-1111-4111-8111-111111111111",)], ids=["unseen", "unknown"])
def test_of_roles_that_are_not_known_nothing_is_said(seen, roles):
    assert kubelet.no_right(seen(cluster(kubelet_roles=roles))) is None


def test_a_cluster_without_kubelet_identity_is_named_once_it_is_made(seen):
    assert kubelet.no_identity(seen(cluster())) is None
    assert kubelet.no_identity(seen(cluster(kubelet="", state="Creating"))) is None
    assert kubelet.no_identity(seen(cluster(kubelet=""))).code == "kubelet-identity-missing"


def test_an_image_that_is_not_there_is_named(seen):
    found = pods.image_missing(seen(cluster(waiting=waiting(f"failed to resolve reference: {HELLO}: not found"))))

    assert (found.code, found.title) == (
        "pod-image-missing",
        "contoso has no hello-world:v9, for which default/hello waits.",
    )
    assert found.remedy.az == ("az acr repository show-tags --name contoso --repository hello-world",)


def test_a_pod_that_waits_for_something_else_lacks_no_image(seen):
    there = seen(cluster(waiting=waiting(UNAUTHORIZED)))

    assert pods.image_missing(there) is None
    assert pods.still_waiting(there).code == "pods-wait"


def test_no_pod_waits(seen):
    assert pods.image_missing(seen(cluster())) is None
    assert pods.still_waiting(seen(cluster())) is None


def test_another_cluster_s_network_has_to_read_the_zone(seen):
    found = pods.others_read_no_zone(seen(cluster(), replace(cluster(network=OTHER_NETWORK), name="second"), named=""))

    assert (found.code, found.severity) == ("cluster-reads-no-zone", "note")
    assert "acrlab doctor --cluster second" in found.why


def test_a_network_that_reads_the_zone_is_well(seen, healthy):
    (zone,) = healthy.zones
    link = replace(zone.links[0], name="other", network=OTHER_NETWORK)
    there = replace(seen(cluster(network=OTHER_NETWORK)), zones=(replace(zone, links=(*zone.links, link)),))

    assert pods.others_read_no_zone(there) is None
    assert pods.others_read_no_zone(seen(cluster())) is None

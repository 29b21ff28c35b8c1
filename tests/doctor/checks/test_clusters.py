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


def waiting(message, image=HELLO, workload="pod/hello"):
    return (WaitingPod("default/hello", image, "ImagePullBackOff", message, "hello", workload),)


@pytest.fixture
def by_repository(seen):
    """A snapshot whose registry asks for repositories."""

    def by_repository(*clusters):
        there = seen(*clusters)
        return replace(there, registry=replace(there.registry, role_mode="AbacRepositoryPermissions"))

    return by_repository


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


def test_acrpull_does_not_count_where_the_registry_asks_for_repositories(by_repository):
    found = kubelet.no_right(by_repository(cluster()))

    assert (found.code, found.severity) == ("kubelet-role-not-honored", "error")
    assert found.title == "The nodes of k may not pull from contoso: AcrPull has no effect there."
    assert "roleAssignmentMode: AbacRepositoryPermissions" in found.evidence
    assert found.remedy.call == f"acrlab.remedies.let_read(lab, '{REGISTRY}', 'kubelet-oid')"
    assert "--role 'Container Registry Repository Reader'" in found.remedy.az[0]


def test_a_role_for_repositories_counts_there_and_nowhere_else(seen, by_repository):
    reader = cluster(kubelet_roles=("Container Registry Repository Reader",))

    assert kubelet.no_right(by_repository(reader)) is None
    assert kubelet.no_right(seen(reader)).code == "kubelet-right-missing"


def test_without_any_role_it_is_missing_in_both_modes(by_repository):
    found = kubelet.no_right(by_repository(cluster(kubelet_roles=())))

    assert (found.code, "let_read" in found.remedy.call) == ("kubelet-right-missing", True)


def test_the_cluster_s_own_identity_may_have_the_role_for_repositories(by_repository):
    mistaken = cluster(kubelet_roles=(), own_roles=("Container Registry Repository Reader",))

    assert kubelet.no_right(by_repository(mistaken)).code == "role-of-the-wrong-identity"


def test_a_cluster_without_kubelet_identity_is_named_once_it_is_made(seen):
    assert kubelet.no_identity(seen(cluster())) is None
    assert kubelet.no_identity(seen(cluster(kubelet="", state="Creating"))) is None
    assert kubelet.no_identity(seen(cluster(kubelet=""))).code == "kubelet-identity-missing"


def test_an_image_that_is_not_there_is_named(seen):
    found = pods.image_missing(seen(cluster(waiting=waiting(f"failed to resolve reference: {HELLO}: not found"))))

    assert (found.code, found.title) == (
        "pod-image-missing",
        "contoso has no hello-world:v9, which default/hello needs.",
    )
    image = f"{HOST}/hello-world:v1"
    (command,) = found.remedy.az
    assert command.startswith("az aks command invoke --resource-group g --name k --command ")
    assert command.endswith(f"'kubectl set image --namespace default pod/hello hello={image}'")
    assert found.remedy.call == f"acrlab.remedies.set_image(lab, '{ID}', 'default', 'pod/hello', 'hello', '{image}')"


@pytest.mark.parametrize(
    ("image", "workload"),
    [("shop:v9", "pod/hello"), ("hello-world:v9", "")],
    ids=["another name", "made by something unknown"],
)
def test_where_it_is_not_known_what_was_meant_the_tags_are_to_be_looked_at(seen, image, workload):
    there = waiting(f"{HOST}/{image}: not found", f"{HOST}/{image}", workload)

    found = pods.image_missing(seen(cluster(waiting=there)))

    assert found.remedy.az == (f"az acr repository show-tags --name contoso --repository {image.partition(':')[0]}",)
    assert found.remedy.call == ""


def test_a_pod_that_waits_for_something_else_lacks_no_image(seen):
    there = seen(cluster(waiting=waiting(UNAUTHORIZED)))

    assert pods.image_missing(there) is None
    assert pods.still_waiting(there).code == "pods-wait"


def test_a_deployment_s_pods_get_their_image_by_the_deployment(seen):
    there = waiting(f"{HELLO}: not found", workload="deployment/web")

    found = pods.image_missing(seen(cluster(waiting=there)))

    assert f"deployment/web hello={HOST}/hello-world:v1" in found.remedy.az[0]


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

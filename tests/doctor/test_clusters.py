"""A cluster whose pods cannot pull: the kubelet's event, the doctor's finding, and what it advises leads back."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.course.practice.drill import by_call
from acrlab.doctor import diagnose
from acrlab.steps.beyond import aks

ZONE = "privatelink.azurecr.io"


@pytest.fixture
def cluster(lab):
    """A cluster beside the article's end, in the same network, that may pull; the registry is closed."""
    acrlab.bring_to(lab, "sample-image", "pull-right", "azure-cli", "dns-records")
    acrlab.steps.set_public_access(lab, "Disabled")
    made = aks.ensure_cluster(lab)
    aks.attach(lab)
    return made


@pytest.fixture
def told(lab):
    """Run a pod; return what its kubelet says, and the codes of what the doctor finds."""

    def told(tag="v1"):
        pod = aks.run_pod(lab, "hello", f"contoso42.azurecr.io/hello-world:{tag}")
        return pod.message or pod.status, diagnose(lab, vm="", cluster=aks.NAME)

    return told


def fixed(lab, found):
    for _ in range(4):
        if found.healthy:
            break
        by_call(lab, found.findings[0].remedy)
        found = diagnose(lab, vm="", cluster=aks.NAME)
    return found.codes


def records(lab):
    return lab.dns.record_sets, "myResourceGroup", ZONE, "A", "contoso42"


def apart(lab):
    """Put the cluster's nodes into a network of their own, peered with the lab's and linked to the zone."""
    own = lab.network.virtual_networks.get("myResourceGroup", "myDockerVMVNET")
    body = {
        "location": "westus",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.7.0.0/16"]},
            "subnets": [{"name": "nodes", "properties": {"addressPrefix": "10.7.0.0/24"}}],
        },
    }
    spoke = lab.network.virtual_networks.begin_create_or_update("myResourceGroup", "spoke", body).result()
    for one, other in ((own, spoke), (spoke, own)):
        acrlab.remedies.peer(lab, one.id, other.id, f"to-{other.name}")
    link = {"location": "global", "properties": {"virtualNetwork": {"id": spoke.id}, "registrationEnabled": False}}
    lab.dns.virtual_network_links.begin_create_or_update("myResourceGroup", ZONE, "spoke", link).result()
    aks.remove_cluster(lab)
    aks.ensure_cluster(lab, spoke.subnets[0].id)
    aks.attach(lab)


def test_a_cluster_that_pulls_is_well(lab, cluster, told):
    status, found = told()

    assert (status, found.codes) == ("Completed", ())


def test_without_the_role(lab, cluster, told):
    aks.detach(lab)
    message, found = told()

    assert "failed to fetch anonymous token" in message
    assert message.endswith("401 Unauthorized")
    assert found.codes == ("kubelet-right-missing",)
    assert fixed(lab, found) == ()
    assert aks.pod_until(lab, "hello", "Completed").status == "Completed"


def test_with_the_role_on_the_cluster_s_own_identity(lab, cluster, told):
    aks.detach(lab)
    aks.attach(lab, principal=cluster.identity)
    message, found = told()

    assert message.endswith("401 Unauthorized")
    assert found.codes == ("role-of-the-wrong-identity",)
    assert fixed(lab, found) == ()


def test_by_the_public_name(lab, cluster, told):
    acrlab.remedies.unlink_zone(
        lab, lab.id_of("Microsoft.Network/privateDnsZones/virtualNetworkLinks", ZONE, "MyDNSLink")
    )
    message, found = told()

    assert message.endswith("403 Forbidden")
    assert found.codes == ("zone-not-linked",)
    assert fixed(lab, found) == ()


def test_without_the_record(lab, cluster, told):
    sets, *where = records(lab)
    sets.delete(*where)
    message, found = told()

    assert message.endswith("on 168.63.129.16:53: no such host")
    assert found.codes == ("record-missing",)
    assert fixed(lab, found) == ()


def test_with_a_stale_record(lab, cluster, told):
    sets, *where = records(lab)
    sets.create_or_update(*where, {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.200"}]}})
    message, found = told()

    assert message.endswith("dial tcp 10.0.0.200:443: i/o timeout")
    assert [code.partition("-")[0] for code in found.codes] == ["record"]
    assert fixed(lab, found) == ()


def test_of_an_image_that_is_missing(lab, cluster, told):
    message, found = told("v9")

    assert message.endswith("contoso42.azurecr.io/hello-world:v9: not found")
    assert found.codes == ("pod-image-missing",)


def test_in_a_network_that_is_no_longer_peered(lab, cluster, told):
    apart(lab)
    assert told()[0] == "Completed"
    lab.network.virtual_network_peerings.begin_delete("myResourceGroup", "spoke", "to-myDockerVMVNET").result()

    aks.invoke(lab, "kubectl delete pod hello")
    image = "contoso42.azurecr.io/hello-world:v1"
    aks.invoke(lab, f"kubectl run hello --restart=Never --image-pull-policy=Always --image={image}")
    pod = aks.pod_until(lab, "hello", "ImagePullBackOff")
    found = diagnose(lab, vm="", cluster=aks.NAME)

    assert pod.message.endswith(":443: i/o timeout")
    assert found.codes == ("peering-disconnected",)
    assert fixed(lab, found) == ()


def test_nodes_that_stand_near_are_noted_unasked(lab, cluster):
    aks.detach(lab)

    found = diagnose(lab)

    assert found.codes == ()
    assert [note.code for note in found.diagnosis.notes if "kubelet" in note.code] == ["kubelet-right-missing"]

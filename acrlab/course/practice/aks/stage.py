"""A cluster whose nodes stand in a spoke of the lab's network, which has no VM, and what is broken and fixed there.

Network and cluster have names of their own, so that those of chapters 14 and 16 stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acrlab.azure.cloud import NETWORK, REPOSITORY_READER, ROLES_VERSION, SECURITY_GROUP
from acrlab.course.section import Stage
from acrlab.errors import NotReadyError
from acrlab.lab.azure_errors import asking
from acrlab.lab.ensure import names_of, put
from acrlab.lab.lab import Lab
from acrlab.lab.memory import sample_image
from acrlab.lab.ownership import assignments, is_given_by_lab, let_read, require_own, tags_of
from acrlab.lab.waiting import look_until
from acrlab.steps.beyond import aks, closed, hub
from acrlab.steps.private_link import ensure_link
from acrlab.steps.virtual_machine import ensure_network

CLUSTER, POD, PROOF, WRONG_TAG = "myNightCluster", "shop", "proof", "v1.0"
KEPT_S = 3600  # for which a node may go by what it was told, or by a role that was taken away


# -- the stage ---------------------------------------------------------------------------------------------------------


def build_spoke(lab: Lab) -> None:
    place = hub.nodes(lab)
    ensure_network(place)
    hub.ensure_peering(lab, place)
    ensure_link(place)


def build_cluster(lab: Lab) -> None:
    aks.register(lab)
    aks.ensure_cluster(lab, _subnet_id(lab), name=CLUSTER)
    aks.attach(lab, CLUSTER)


def _subnet_id(lab: Lab) -> str:
    place = hub.nodes(lab)
    return f"{place.id_of(NETWORK, place.settings.network_name)}/subnets/{place.settings.subnet_name}"


def clear_cluster(lab: Lab) -> None:
    """Delete the cluster, what its identities may do on the registry, and the network of its nodes."""
    detach(lab)
    aks.remove_cluster(lab, CLUSTER)
    hub.part(lab, hub.nodes(lab))
    hub.remove_place(hub.nodes(lab))


def forget_repositories(lab: Lab) -> None:
    """Let roles count for the whole registry again, and take away the one that only counted without."""
    cluster = aks.find_cluster(lab, CLUSTER)
    if cluster is not None:
        closed.take_role(lab, cluster.kubelet, REPOSITORY_READER)
    closed.back_to_registry_roles(lab)


def in_the_way(lab: Lab) -> str:
    """Run a pod of an image that is there, and say what its kubelet says; empty: it runs, or has run."""
    image = f"{lab.login_server}/{sample_image(lab)}"
    aks.run_pod(lab, PROOF, image, CLUSTER, always=True)
    try:
        look_until(
            lambda pod: pod.status in aks.DONE,
            lambda: aks.look_at(lab, PROOF, CLUSTER),
            what=f"{PROOF} pulls",
            resource_id=aks.cluster_id(lab, CLUSTER),
            pause=lab.backend.pause,
        )
    except NotReadyError:
        return f"a pod of {image} still waits: {aks.look_at(lab, PROOF, CLUSTER).message}"
    return ""


STAGE = Stage(
    name="cluster",
    build=(build_spoke, build_cluster),
    clear=(clear_cluster,),
    where=f"pods of {CLUSTER}, whose nodes stand in myNodesVNET, a spoke of the lab's network",
    cluster=CLUSTER,
    in_the_way=in_the_way,
    chapter="16",
    rights_of=("14",),
)
# The same place; its tickets leave the registry asking for repositories, which no other ticket begins with.
BY_REPOSITORY = replace(STAGE, clear=(forget_repositories, clear_cluster), rights_of=("14", "15"))


# -- planting, and what the author does --------------------------------------------------------------------------------


def run_the_shop(lab: Lab) -> None:
    """Run a pod, and wait until its image does not come: what was right a moment ago may count for a while."""
    _run(lab, sample_image(lab))


def run_what_is_not_there(lab: Lab) -> None:
    _run(lab, f"{sample_image(lab).partition(':')[0]}:{WRONG_TAG}")


def _run(lab: Lab, image: str) -> None:
    look_until(
        lambda pod: pod.status not in aks.DONE,
        lambda: aks.run_pod(lab, POD, f"{lab.login_server}/{image}", CLUSTER, always=True),
        what=f"{POD} shows what is wrong",
        resource_id=aks.cluster_id(lab, CLUSTER),
        pause=lab.backend.pause,
        lasts_s=lambda pod: KEPT_S,
    )


def run_the_right_image(lab: Lab) -> None:
    image = f"{lab.login_server}/{sample_image(lab)}"
    aks.set_image(lab, aks.cluster_id(lab, CLUSTER), "default", f"pod/{POD}", POD, image)


def detach(lab: Lab) -> None:
    """Take AcrPull from the kubelets, and from both identities what the lab gave: an earlier ticket gave to either."""
    aks.detach(lab, CLUSTER)
    cluster = aks.find_cluster(lab, CLUSTER)
    for principal in (cluster.kubelet, cluster.identity) if cluster else ():
        for right in assignments(lab, lab.registry_id, principal):
            if is_given_by_lab(lab, right, lab.registry_id):
                lab.arm.remove(right["id"], ROLES_VERSION, "Removing a role assignment")


def attach(lab: Lab) -> None:
    aks.attach(lab, CLUSTER)


def attach_the_wrong_one(lab: Lab) -> None:
    cluster = aks.find_cluster(lab, CLUSTER)
    aks.detach(lab, CLUSTER)
    aks.attach(lab, CLUSTER, principal=cluster.identity if cluster else "")


def ask_for_repositories(lab: Lab) -> None:
    closed.set_role_mode(lab, closed.ABAC)


def let_kubelets_read(lab: Lab) -> None:
    cluster = aks.find_cluster(lab, CLUSTER)
    if cluster is not None:
        let_read(lab, lab.registry_id, cluster.kubelet)


def unlink_the_nodes(lab: Lab) -> None:
    hub.unlink(hub.nodes(lab))


def link_the_nodes(lab: Lab) -> None:
    ensure_link(hub.nodes(lab))


def delete_the_hubs_half(lab: Lab) -> None:
    for half in hub.halves(lab, hub.nodes(lab)):
        hub.remove_half(lab, str(half.id))


def peer_again(lab: Lab) -> None:
    hub.ensure_peering(lab, hub.nodes(lab))


def filter_the_nodes(lab: Lab) -> None:
    """Give the nodes' subnet a security group that lets no HTTPS out."""
    rule = {"priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "Tcp"}
    rule |= {"sourceAddressPrefix": "*", "sourcePortRange": "*"}
    rule |= {"destinationAddressPrefix": "VirtualNetwork", "destinationPortRange": "443"}
    group = _write_rules(lab, {"name": "NoHttps", "properties": rule})
    with asking("Reading the subnet", _subnet_id(lab)):
        subnet: Any = lab.network.subnets.get(*names_of(_subnet_id(lab)))
    subnet.network_security_group = {"id": group}
    require_own(lab, _subnet_id(lab))
    put(lab, _subnet_id(lab), lab.network.subnets, subnet, "Changing the nodes' subnet")


def let_https_pass(lab: Lab) -> None:
    _write_rules(lab)


def _write_rules(lab: Lab, *rules: dict[str, Any]) -> str:
    """Write the security group of the nodes' subnet with these rules and no others; return its id."""
    id = lab.id_of(SECURITY_GROUP, f"{hub.nodes(lab).settings.network_name.removesuffix('VNET')}NSG")
    require_own(lab, id)
    body = {"location": lab.settings.location, "tags": tags_of(lab), "properties": {"securityRules": [*rules]}}
    put(lab, id, lab.network.network_security_groups, body, "Writing the rules of the nodes' subnet")
    return id

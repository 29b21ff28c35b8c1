"""What was seen of an AKS cluster whose nodes stand near, and of its pods that wait for an image."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WaitingPod:
    """A pod whose image does not come.

    Attributes:
        name: with its namespace, `default/shop`.
        reason, message: the kubelet's own.
        container: name of the one that waits.
        workload: what says which image it is, as `kubectl` names it: `pod/shop`, `deployment/web`; empty: not known.
    """

    name: str
    image: str
    reason: str
    message: str
    container: str = ""
    workload: str = ""


@dataclass(frozen=True)
class NodePool:
    """Some nodes of one kind; `subnet`: ARM id of the one that they were given, empty where AKS made its own."""

    name: str
    subnet: str
    count: int
    mode: str


@dataclass(frozen=True)
class Cluster:
    """A cluster, where its nodes stand, and who pulls for it.

    Attributes:
        network: ARM id of the network that its nodes stand in; empty: it could not be seen.
        kubelet: principal of the identity that its nodes pull with; empty: it has none.
        identity: principal of its own, which has no part in pulls.
        kubelet_roles, own_roles: what each may do with the registry; None: that is not visible.
        waiting: its pods that wait for an image of the registry.
        pools: its nodes.
        node_group: name of the group that AKS made for what it is made of.
    """

    id: str
    name: str
    state: str
    network: str
    kubelet: str
    identity: str
    kubelet_roles: tuple[str, ...] | None
    own_roles: tuple[str, ...] | None
    waiting: tuple[WaitingPod, ...] = ()
    pools: tuple[NodePool, ...] = ()
    node_group: str = ""

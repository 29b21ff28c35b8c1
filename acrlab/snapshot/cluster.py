"""What was seen of an AKS cluster whose nodes stand near, and of its pods that wait for an image."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WaitingPod:
    """A pod whose image does not come: `reason` and `message` are the kubelet's own."""

    name: str
    image: str
    reason: str
    message: str


@dataclass(frozen=True)
class Cluster:
    """A cluster, where its nodes stand, and who pulls for it.

    Attributes:
        network: ARM id of the network that its nodes stand in; empty: it could not be seen.
        kubelet: principal of the identity that its nodes pull with; empty: it has none.
        identity: principal of its own, which has no part in pulls.
        kubelet_roles, own_roles: what each may do with the registry; None: that is not visible.
        waiting: its pods that wait for an image of the registry.
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

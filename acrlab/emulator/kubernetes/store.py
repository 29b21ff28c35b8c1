"""What a cluster keeps of its pods: the pods, the deployments that they belong to, and what was told of them."""

from __future__ import annotations

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import SUCCEEDED, Resource
from acrlab.emulator.kubernetes.node import Node
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.types.aks.names import POOLS

EVENTS_S = 3600.0  # how long events are kept. Source: `--event-ttl` of kube-apiserver
WAKE = "kubelets wake"


class Kube:
    """One cluster's pods; `save` keeps what was changed."""

    def __init__(self, delivery: Delivery, cluster: Resource) -> None:
        self.delivery, self.world, self.cluster = delivery, delivery.world, cluster
        kept = cluster.state.setdefault("kube", {})
        self.pods: dict[str, JSON] = kept.setdefault("pods", {})
        self.deployments: dict[str, JSON] = kept.setdefault("deployments", {})
        self._kept = kept
        self._pools = self.world.children(cluster.id, POOLS)

    @property
    def events(self) -> list[JSON]:
        """What was told in the last hour, the oldest first."""
        events: list[JSON] = self._kept.setdefault("events", [])
        return events

    def nodes(self) -> list[Node]:
        """The nodes of all pools that are ready, the oldest first."""
        ready = [pool for pool in self._pools if pool.phase == SUCCEEDED]
        return [Node(self.delivery, self.cluster, pool, kept) for pool in ready for kept in pool.state["nodes"]]

    def node(self, name: str) -> Node | None:
        return next((node for node in self.nodes() if node.name == name), None)

    def serial(self) -> int:
        """Return a number that no pod of this cluster had before."""
        self._kept["serial"] = number = int(self._kept.get("serial", 0)) + 1
        return number

    def derive(self, *words: str) -> str:
        """Make the GUID that belongs to these words in this cluster."""
        return self.world.derive("kube", self.cluster.id.key, str(self.cluster.generation), *words)

    def tell(self, pod: JSON, at: float, kind: str, reason: str, message: str, *, source: str = "kubelet") -> None:
        """Keep an event of a pod; the same one again is counted."""
        name = f"pod/{pod['name']}"
        for event in self.events:
            if (event["uid"], event["reason"], event["message"]) == (pod["uid"], reason, message):
                event |= {"last": at, "count": event["count"] + 1}
                return
        first = {"object": name, "namespace": pod["namespace"], "uid": pod["uid"], "first": at, "last": at, "count": 1}
        self.events.append({**first, "type": kind, "reason": reason, "message": message, "from": source})

    def save(self) -> None:
        """Store the cluster and its nodes, and note when the next pod has something to do."""
        limit = self.world.now - EVENTS_S
        self._kept["events"] = [event for event in self.events if event["last"] >= limit]
        for pool in self._pools:
            self.world.settle(pool, pool.phase)
        self.world.settle(self.cluster, self.cluster.phase)
        due = [pod["then"]["at"] for pod in self.pods.values() if pod.get("then")]
        if due:
            known = self.world.value(WAKE, "")
            self.world.set_value(WAKE, repr(min([*due, *([float(known)] if known else [])])))

"""What `az aks check-acr` runs on a node: does the registry's name lead anywhere, and will it take the kubelet's token?

It pulls nothing, knows no repository and does not try the data endpoint.
Source: https://github.com/Azure/aks-canipull
"""

from __future__ import annotations

import json
import re
from datetime import timedelta

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.kubernetes.containerd import dialled
from acrlab.emulator.kubernetes.node import Node
from acrlab.emulator.kubernetes.store import Kube
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.types.identity import client_of

RESOLUTION, IDENTITY, PULL = 52, 10, 60  # exit codes
GREEN, RED, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"
SUCCEEDED, FAILED = f"{GREEN}SUCCEEDED{PLAIN}", f"{RED}FAILED{PLAIN}"


def check(delivery: Delivery, cluster_id: ArmId, registry: str) -> tuple[int, str]:
    """Ask from the first node of a cluster; return the exit code and what is written."""
    kube = Kube(delivery, delivery.world.get(cluster_id))
    nodes = kube.nodes()
    if not nodes:
        return 1, ""
    lines: list[str] = []
    status = _asked(kube, nodes[0], registry, lines)
    stamp = f"[{BEGINNING + timedelta(seconds=int(kube.world.now)):%Y-%m-%dT%H:%M:%SZ}] "
    return status, "".join(f"{stamp}{line}\n" for line in lines)


def _asked(kube: Kube, node: Node, registry: str, lines: list[str]) -> int:
    answer = node.resolve(registry)
    if not answer.addresses:
        lines.append(f"Checking host name resolution ({registry}): {FAILED}")
        problem = {"SERVFAIL": "server misbehaving", "TIMEOUT": "i/o timeout"}.get(answer.status, "no such host")
        told = f"lookup {registry} on {node.servers[0]}:53: {problem}"
        lines.append(f"Failed to resolve specified fqdn {registry}: {told}")
        return RESOLUTION
    lines.append(f"Checking host name resolution ({registry}): {SUCCEEDED}")
    canonical = answer.records[-1].name
    lines.append(f"Canonical name for ACR ({registry}): {canonical}.")
    if match := re.fullmatch(r"[^.]+\.([^.]+)\.cloudapp\.azure\.com", canonical):
        lines.append(f"ACR location: {match[1]}")
        if match[1] != kube.cluster.location:
            lines.append(f"Checking ACR location matches cluster location: {FAILED}")
            lines.append(
                f"ACR location '{match[1]}' does not match your cluster location '{kube.cluster.location}'. This may "
                "result in slow image pulls and extra cost."
            )
    lines.append("Checking managed identity...")
    identity = kube.world.find(kube.cluster.state.get("kubelet", ""))
    if identity is None:
        lines.append(f"Validating managed identity existance: {FAILED}")
        lines.append("Getting managed identity token failed with: Identity not found")
        return IDENTITY
    lines.append(f"Kubelet managed identity client ID: {client_of(kube.world, identity)}")
    lines.append(f"Validating managed identity existance: {SUCCEEDED}")
    if problem := _refusal(node, registry):
        lines.append(f"Validating image pull permission: {FAILED}")
        lines.append(f"ACR {registry} rejected token exchange: {problem}")
        return PULL
    lines.append(f"Validating image pull permission: {SUCCEEDED}")
    lines.append(f"\nYour cluster can pull images from {registry}!")
    return 0


def _refusal(node: Node, registry: str) -> str:
    """Why the registry does not take the kubelet's token; empty: it does."""
    try:
        status, body = node.exchange(registry)
    except Unreachable as problem:
        url = f"Post https://{registry}/oauth2/exchange"
        return f"failed to send token exchange request: {url}: {dialled(problem, node.servers)}"
    if status == 200:
        return ""
    told = "" if status == 403 else json.dumps(body, separators=(",", ":"))
    return f"ACR token exchange endpoint returned error status: {status}. body: {told}".rstrip()

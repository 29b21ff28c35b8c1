"""Runs a command in a cluster, as `az aks command invoke` does, and tells what it wrote."""

from __future__ import annotations

from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.kubernetes import kubelet
from acrlab.emulator.kubernetes.kubectl import KUBECTL
from acrlab.emulator.kubernetes.pod_shell import FOLDER, CommandPod, can_start, files_of
from acrlab.emulator.kubernetes.store import Kube
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.shell import PROGRAMS
from acrlab.emulator.shell.control import Budget, Exhausted
from acrlab.emulator.shell.interpreter import Interpreter
from acrlab.emulator.shell.streams import Flood, Streams

# Source: https://learn.microsoft.com/azure/aks/access-private-cluster names kubectl, helm, jq, xargs, grep and awk
NOT_THERE = ("docker", "az", "apt", "apt-get", "systemctl", "service", "sudo")


def run(delivery: Delivery, cluster: Resource, command: str, context: str) -> JSON:
    """Run a command in a pod of the cluster.

    Returns: `exit` and `logs`, or the `reason` for which the pod did not start.

    Raises: ArmError: the files that came with it cannot be read.
    """
    kube = Kube(delivery, cluster)
    nodes = kube.nodes()
    if not nodes:
        return {"reason": "Pending"}
    if not can_start(nodes[0]):
        return {"reason": "ImagePullBackoff"}
    try:
        pod = CommandPod(kube, nodes[0], files_of(context))
    except ValueError as problem:
        raise ArmError(400, "InvalidParameter", f"The value of parameter context is invalid: {problem}.") from problem
    kubelet.catch_up(kube)
    out = Streams()
    streams = Streams(out.stdin, out.out, out.out)  # its log is one
    programs = {name: program for name, program in {**PROGRAMS, **KUBECTL}.items() if name not in NOT_THERE}
    shell = Interpreter(pod, programs, "root", Budget())
    shell.folder = FOLDER
    try:
        status = shell.run(command, streams)
    except (Exhausted, Flood, RecursionError) as problem:
        streams.err.write(f"bash: stopped: {problem}\n")
        status = 124
    kubelet.catch_up(kube)
    kube.save()
    return {"exit": status, "logs": streams.out.text}

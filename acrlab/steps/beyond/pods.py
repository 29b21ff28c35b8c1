"""Pods of a cluster, as `kubectl` makes and shows them.

Everything goes by Resource Manager alone, `kubectl` included: the cluster runs it (`az aks command invoke`), so that it
needs neither a client here nor a way to the cluster's API.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from acrlab.azure.cloud import CLUSTER
from acrlab.azure.cloud import CLUSTERS_VERSION as VERSION
from acrlab.errors import RefusedError
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own
from acrlab.lab.waiting import look_until
from acrlab.steps.run_command import Outcome

NAME = "myAKSCluster"  # where no other is named
KEPT_S, BY_OLDER_ANSWERS = 3600, ("403 Forbidden", "no such host", "i/o timeout")
DONE = ("Running", "Completed", "CrashLoopBackOff")


@dataclass(frozen=True)
class Pod:
    """How a pod is doing.

    Attributes:
        status: the word that `kubectl get pods` shows.
        message: why it waits, in the kubelet's words; empty where it does not.
    """

    name: str
    status: str
    message: str
    node: str


def invoke(lab: Lab, command: str, name: str = NAME, *, check: bool = True) -> Outcome:
    """Run a command in a pod of the cluster, as `az aks command invoke` does; stdout and stderr come as one.

    Raises: RefusedError: the cluster is not the lab's, its pod did not start, or the command failed and `check` is set.
    """
    return run_in(lab, lab.id_of(CLUSTER, name), command, check=check)


def run_in(lab: Lab, id: str, command: str, *, check: bool = True) -> Outcome:
    """Run a command in a pod of the cluster with this id. Raises: as `invoke`."""
    what = f"Running a command in {id.rpartition('/')[2]}"
    require_own(lab, id)
    answer = lab.arm.act(f"{id}/runCommand", VERSION, {"command": command, "context": "", "clusterToken": ""}, what)
    told = answer["properties"]
    if told["provisioningState"] != "Succeeded":
        message = f"{what}: its pod did not start: {told.get('reason', 'no reason was given')}."
        raise RefusedError(message, status=0, code="CommandFailed", resource_id=id)
    outcome = Outcome(told.get("logs") or "", "", int(told.get("exitCode") or 0))
    if check and outcome.exit_code:
        message = f"{what} failed with exit code {outcome.exit_code}: {command}\n{outcome!r}"
        raise RefusedError(message, status=0, code=f"ExitCode{outcome.exit_code}", resource_id=id)
    return outcome


def run_pod(lab: Lab, pod: str, image: str, name: str = NAME, *, always: bool = False) -> Pod:
    """Run an image in a pod, and wait until it runs, has run, or waits for an image that does not come.

    A pod of that name is deleted first.

    Args:
        always: the node asks the registry even where it has the image.

    Raises: NotReadyError: none of it within ten minutes.
    """
    policy = " --image-pull-policy=Always" if always else ""
    deleted = f"kubectl delete pod {pod} --now --ignore-not-found > /dev/null"
    invoke(lab, f"{deleted}; kubectl run {pod} --restart=Never{policy} --image={shlex.quote(image)}", name)
    return pod_until(lab, pod, *DONE, "ImagePullBackOff", name=name)


def pod_until(lab: Lab, pod: str, *statuses: str, name: str = NAME) -> Pod:
    """Look at a pod until it has one of these statuses: a kubelet tries again by itself, less and less often.

    What resolvers were told before stays for as long as its TTL says, and a pull that goes by it fails so long.

    Raises: NotReadyError: it had none of them ten minutes after the older answer was over.
    """
    return look_until(
        lambda seen: seen.status in statuses,
        lambda: look_at(lab, pod, name),
        what=f"{pod} is {' or '.join(statuses)}",
        resource_id=lab.id_of(CLUSTER, name),
        pause=lab.backend.pause,
        told=lambda seen: f"{seen.status} {seen.message}",
        lasts_s=lambda seen: KEPT_S if seen.message.endswith(BY_OLDER_ANSWERS) else 0,
    )


def look_at(lab: Lab, pod: str, name: str = NAME) -> Pod:
    """Read how a pod is doing."""
    return _pod(json.loads(invoke(lab, f"kubectl get pod {shlex.quote(pod)} -o json", name).stdout))


def _pod(found: dict[str, Any]) -> Pod:
    status, spec = found["status"], found["spec"]
    state = ((status.get("containerStatuses") or [{}])[0].get("state")) or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    word = waiting.get("reason") or ended.get("reason") or status.get("phase", "")
    return Pod(found["metadata"]["name"], word, waiting.get("message", ""), spec.get("nodeName", ""))


def events(lab: Lab, pod: str, name: str = NAME) -> list[dict[str, str]]:
    """List what was told of a pod: type, reason and message of each event, in the order in which they came first."""
    those = f"--field-selector involvedObject.name={shlex.quote(pod)} --sort-by=.metadata.creationTimestamp"
    items = json.loads(invoke(lab, f"kubectl get events {those} -o json", name).stdout)["items"]
    return [{"type": one["type"], "reason": one["reason"], "message": one["message"]} for one in items]


def logs(lab: Lab, pod: str, name: str = NAME) -> str:
    """Read what a pod's container wrote."""
    return invoke(lab, f"kubectl logs {shlex.quote(pod)}", name).stdout


def set_image(lab: Lab, cluster: str, namespace: str, workload: str, container: str, image: str) -> None:
    """Let a pod, or the pods of a deployment, fetch another image.

    Args:
        cluster: id.
        workload: `pod/NAME`, `deployment/NAME`.

    Raises: RefusedError: the cluster is not the lab's, or there is no such workload.
    """
    words = ("kubectl", "set", "image", "--namespace", namespace, workload, f"{container}={image}")
    run_in(lab, cluster, shlex.join(words))

"""`kubectl set image`: another image for a pod, or for the pods of a deployment."""

from __future__ import annotations

import copy

from acrlab.emulator.core.http import JSON
from acrlab.emulator.kubernetes.kubectl.words import named, pod_named
from acrlab.emulator.kubernetes.objects import KubeProblem, not_emulated, put_deployment
from acrlab.emulator.kubernetes.store import Kube
from acrlab.emulator.shell.commands.options import Options
from acrlab.emulator.shell.process import Process


def give_image(old: JSON, image: str) -> bool:
    """Let a pod fetch another image. Returns: whether it is another one."""
    if image == old["image"]:
        return False
    old |= {"image": image, "attempts": 0, "waiting": {"reason": "ContainerCreating"}, "started": None, "ended": None}
    old["then"] = {"what": "pull" if old["node"] else "schedule", "at": old["created"]}
    return True


def set_image(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl set image pod/NAME CONTAINER=IMAGE`, or of a deployment; what has the image already is not told of."""
    if given.words[:1] != ["image"]:
        raise not_emulated(f"kubectl set {' '.join(given.words[:1])}".rstrip())
    pairs = [word.partition("=") for word in given.words[1:] if "=" in word]
    if not pairs:
        raise KubeProblem("error: at least one image update is required")
    for kind, name in named([word for word in given.words[1:] if "=" not in word]):
        changed = [_set_one(kube, namespace, kind, name, container, image) for container, _, image in pairs]
        if any(changed):
            process.print(f"{'deployment.apps' if kind == 'deployments' else 'pod'}/{name} image updated")
    return 0


def _set_one(kube: Kube, namespace: str, kind: str, name: str, container: str, image: str) -> bool:
    if kind not in ("pods", "deployments"):
        raise not_emulated(f"kubectl set image of {kind}")
    if kind == "pods":
        pod = pod_named(kube, namespace, name)
        _require_container(container, pod["container"])
        return give_image(pod, image)
    kept = kube.deployments.get(f"{namespace}/{name}")
    if kept is None:
        raise KubeProblem(f'Error from server (NotFound): deployments.apps "{name}" not found')
    template = copy.deepcopy(kept["template"])
    own = template["spec"]["containers"][0]
    _require_container(container, own["name"])
    own["image"] = image
    selector = {"matchLabels": template["metadata"]["labels"]}
    spec = {"replicas": kept["replicas"], "selector": selector, "template": template}
    return put_deployment(kube, namespace, {"metadata": {"name": name}, "spec": spec}) != "unchanged"


def _require_container(asked: str, there: str) -> None:
    if asked not in ("*", there):
        raise KubeProblem(f'error: unable to find container named "{asked}"')

"""Pods and deployments: how they are made of what was asked for, and how they are shown as Kubernetes shows them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import JSON
from acrlab.emulator.kubernetes.store import Kube

NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
POD_KNOWN = {"containers", "restartPolicy", "nodeName", "nodeSelector"}
CONTAINER_KNOWN = {"name", "image", "command", "args", "imagePullPolicy", "resources", "ports", "stdin", "tty"}
LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # of generated names. Source: k8s.io/apimachinery/pkg/util/rand
FIXED = {"nodeSelector": {"kubernetes.io/os": "linux"}}


class KubeProblem(Exception):
    """What `kubectl` ends with: `Error from server (NotFound): …`."""


def not_emulated(what: str) -> KubeProblem:
    return KubeProblem(f"error: not emulated: {what}")


# -- making ------------------------------------------------------------------------------------------------------------


def new_pod(kube: Kube, namespace: str, metadata: JSON, spec: JSON, *, owner: str = "") -> JSON:
    """Make a pod of its specification and keep it. Raises: KubeProblem."""
    name = str(metadata.get("name", ""))
    require_name("Pod", name)
    key = f"{namespace}/{name}"
    if key in kube.pods:
        raise KubeProblem(f'Error from server (AlreadyExists): pods "{name}" already exists')
    container = container_of(name, spec)
    serial = kube.serial()
    pod: JSON = {
        "name": name,
        "namespace": namespace,
        "labels": dict(metadata.get("labels") or {}),
        "uid": kube.derive("pod", str(serial)),
        "owner": owner,
        "container": container["name"],
        "image": str(container["image"]),
        "command": [str(word) for word in container.get("command") or []],
        "args": [str(word) for word in container.get("args") or []],
        "policy": container.get("imagePullPolicy") or usual_policy(str(container["image"])),
        "restart": spec.get("restartPolicy", "Always"),
        "wants": str(spec.get("nodeName", "")),
        "node": "",
        "created": kube.world.now,
        "phase": "Pending",
        "waiting": None,
        "started": None,
        "ended": None,
        "attempts": 0,
        "restarts": 0,
        "log": "",
        "then": {"what": "schedule", "at": kube.world.now},
    }
    kube.pods[key] = pod
    return pod


def container_of(name: str, spec: JSON) -> JSON:
    """Return a pod's one container. Raises: KubeProblem: what Kubernetes or this kubectl does not take."""
    unknown = [key for key in spec if key not in POD_KNOWN or (key in FIXED and spec[key] != FIXED[key])]
    if unknown:
        raise not_emulated(f"spec.{unknown[0]} of a pod; known: {', '.join(sorted(POD_KNOWN))}")
    containers = spec.get("containers")
    if not isinstance(containers, list) or not containers or not all(isinstance(one, dict) for one in containers):
        raise KubeProblem(f'The Pod "{name}" is invalid: spec.containers: Required value')
    if len(containers) > 1:
        raise not_emulated("a pod of several containers")
    container: JSON = containers[0]
    for key in ("name", "image"):
        if not container.get(key):
            raise KubeProblem(f'The Pod "{name}" is invalid: spec.containers[0].{key}: Required value')
    if unknown := [key for key in container if key not in CONTAINER_KNOWN]:
        known = ", ".join(sorted(CONTAINER_KNOWN))
        raise not_emulated(f"spec.containers[0].{unknown[0]} of a pod; known: {known}")
    return container


def usual_policy(image: str) -> str:
    """Pull always what has the tag `latest` or none, else where it is not there."""
    last = image.rpartition("/")[2]
    return "Always" if ":" not in last or last.endswith(":latest") else "IfNotPresent"


def require_name(kind: str, name: str) -> None:
    """Refuse a name that Kubernetes does not take. Raises: KubeProblem."""
    if not NAME.fullmatch(name) or len(name) > 253:
        message = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
            "start and end with an alphanumeric character"
        )
        raise KubeProblem(f'The {kind} "{name}" is invalid: metadata.name: Invalid value: "{name}": {message}')


def put_deployment(kube: Kube, namespace: str, document: JSON) -> str:
    """Make a deployment what was asked for; return `created`, `configured` or `unchanged`."""
    spec = document.get("spec") or {}
    name = str((document.get("metadata") or {}).get("name", ""))
    require_name("Deployment", name)
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    if not wanted or any(labels.get(key) != value for key, value in wanted.items()):
        message = "`selector` does not match template `labels`"
        raise KubeProblem(
            f'The Deployment "{name}" is invalid: spec.template.metadata.labels: Invalid value: {message}'
        )
    container_of(name, template.get("spec") or {})
    key, old = f"{namespace}/{name}", kube.deployments.get(f"{namespace}/{name}")
    asked = {"replicas": spec.get("replicas", 1), "template": template}
    if not isinstance(asked["replicas"], int) or not 0 <= asked["replicas"] <= 50:
        raise not_emulated(f"{asked['replicas']!r} replicas; known: 0 to 50")
    if old is not None and all(old[name] == value for name, value in asked.items()):
        return "unchanged"
    changed = old is None or old["template"] != template
    kept = {**(old or {"created": kube.world.now}), **asked, "name": name, "namespace": namespace}
    if changed:
        kept["hash"] = _letters(kube.derive("template", name, str(kube.serial())), 10)
    kube.deployments[key] = kept
    fit(kube, kept)
    return "configured" if old else "created"


def fit(kube: Kube, deployment: JSON) -> None:
    """Give a deployment the pods that it is to have: those of an older template go."""
    own = [pod for pod in kube.pods.values() if pod["owner"] == deployment["name"]]
    prefix = f"{deployment['name']}-{deployment['hash']}-"
    fitting = [pod for pod in own if pod["name"].startswith(prefix)][: deployment["replicas"]]
    for pod in own:
        if pod not in fitting:
            del kube.pods[f"{pod['namespace']}/{pod['name']}"]
    template = deployment["template"]
    labels = {**(template.get("metadata") or {}).get("labels", {}), "pod-template-hash": deployment["hash"]}
    for _ in range(deployment["replicas"] - len(fitting)):
        name = f"{prefix}{_letters(kube.derive('pod name', str(kube.serial())), 5)}"
        metadata = {"name": name, "labels": labels}
        new_pod(kube, deployment["namespace"], metadata, template.get("spec") or {}, owner=deployment["name"])


def _letters(guid: str, count: int) -> str:
    number, text = int(guid.replace("-", ""), 16), ""
    for _ in range(count):
        number, at = divmod(number, len(LETTERS))
        text += LETTERS[at]
    return text


# -- showing -----------------------------------------------------------------------------------------------------------


def status(pod: JSON) -> str:
    """The word in the column STATUS."""
    if pod["waiting"]:
        return str(pod["waiting"]["reason"])
    if pod["started"] is not None:
        return "Running"
    if pod["ended"]:
        return str(pod["ended"]["reason"])
    return "Pending"


def is_ready(pod: JSON) -> bool:
    return pod["started"] is not None and not pod["waiting"]


def address(pod: JSON) -> str:
    """The pod's own address, of the range that only the cluster knows; empty: it has none yet."""
    if not pod["node"] or (pod["started"] is None and pod["ended"] is None):
        return ""
    number = int(pod["uid"].replace("-", "")[:6], 16)
    return f"10.244.{number % 4}.{number // 4 % 200 + 10}"


def moment(at: float) -> str:
    return f"{BEGINNING + timedelta(seconds=int(at)):%Y-%m-%dT%H:%M:%SZ}"


def as_json(pod: JSON) -> JSON:
    """Write a pod as the API server does, as far as it is kept."""
    container = {"name": pod["container"], "image": pod["image"], "imagePullPolicy": pod["policy"]}
    more = {key: pod[key] for key in ("command", "args") if pod[key]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "creationTimestamp": moment(pod["created"]),
            "labels": pod["labels"],
            "name": pod["name"],
            "namespace": pod["namespace"],
            **({"ownerReferences": [_replica_set(pod)]} if pod["owner"] else {}),
            "uid": pod["uid"],
        },
        "spec": {
            "containers": [{**container, **more}],
            **({"nodeName": pod["node"]} if pod["node"] else {}),
            "restartPolicy": pod["restart"],
        },
        "status": {
            "phase": pod["phase"],
            **({"podIP": address(pod)} if address(pod) else {}),
            "containerStatuses": [
                {
                    "image": pod["image"],
                    "name": pod["container"],
                    "ready": is_ready(pod),
                    "restartCount": pod["restarts"],
                    "started": is_ready(pod),
                    "state": container_state(pod),
                }
            ]
            if pod["node"]
            else [],
        },
    }


def _replica_set(pod: JSON) -> JSON:
    """What keeps up a pod of a deployment: a replica set for each of its templates."""
    name = str(pod["name"]).rpartition("-")[0]
    return {"apiVersion": "apps/v1", "blockOwnerDeletion": True, "controller": True, "kind": "ReplicaSet", "name": name}


def container_state(pod: JSON) -> JSON:
    """What a container is doing, or why it is not."""
    if pod["waiting"]:
        return {"waiting": pod["waiting"]}
    if pod["started"] is not None:
        return {"running": {"startedAt": moment(pod["started"])}}
    if pod["ended"]:
        ended = pod["ended"]
        times = {"startedAt": moment(ended.get("from", ended["at"])), "finishedAt": moment(ended["at"])}
        message = {"message": ended["message"]} if "message" in ended else {}
        return {"terminated": {"exitCode": ended["exit"], "reason": ended["reason"], **message, **times}}
    return {"waiting": {"reason": "ContainerCreating"}}


def event_json(event: JSON) -> JSON:
    kind, _, name = event["object"].partition("/")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "count": event["count"],
        "firstTimestamp": moment(event["first"]),
        "lastTimestamp": moment(event["last"]),
        "involvedObject": {"kind": kind.capitalize(), "name": name, "namespace": event["namespace"]},
        "message": event["message"],
        "reason": event["reason"],
        "source": {"component": event["from"]},
        "type": event["type"],
    }


def listing(items: list[JSON]) -> Any:
    return {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}

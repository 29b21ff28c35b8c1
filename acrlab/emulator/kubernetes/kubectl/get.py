"""`kubectl get`: tables, JSON and names."""

from __future__ import annotations

import json
import re
from typing import Any

from acrlab.emulator.core.http import JSON
from acrlab.emulator.kubernetes.kubectl.words import age, asked_for, pods_in, selected, table
from acrlab.emulator.kubernetes.objects import (
    KubeProblem,
    address,
    as_json,
    event_json,
    is_ready,
    listing,
    moment,
    not_emulated,
    status,
)
from acrlab.emulator.kubernetes.store import Kube
from acrlab.emulator.shell.commands.options import Options
from acrlab.emulator.shell.process import Process
from acrlab.emulator.types.aks.view import current_version

SYSTEM = "Ubuntu 22.04.5 LTS"
# What --sort-by may name -> where an event notes it.
_TIMES = {".lastTimestamp": "last", ".firstTimestamp": "first", ".metadata.creationTimestamp": "first"}


def get(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl get KIND [NAME…]`."""
    kind, names = asked_for(given.words, "get")
    everywhere = given.has("-A", "--all-namespaces")
    items = _ITEMS[kind](kube, "" if everywhere else namespace)
    if names:
        items = [_one(items, kind, name) for name in names]
    if selector := given.value("-l", "--selector"):
        items = selected(items, selector)
    if given.value("--field-selector"):
        items = _of_object(items, given.value("--field-selector"))
    if by := given.value("--sort-by"):
        items = _sorted(items, by)
    return _show(process, kube, kind, items, names, everywhere, given)


def _show(
    process: Process, kube: Kube, kind: str, items: list[JSON], names: list[str], everywhere: bool, given: Options
) -> int:
    form = given.value("-o", "--output")
    shown = [_JSON[kind](kube, item) for item in items] if form not in ("", "wide") else []
    if form == "json":
        process.print(json.dumps(shown[0] if len(names) == 1 else listing(shown), indent=4))
    elif form == "name":
        for item in items:
            process.print(f"{kind.removesuffix('s')}/{item['name']}")
    elif form.startswith("jsonpath="):
        process.print(_by_path(shown[0] if len(names) == 1 else listing(shown), form.removeprefix("jsonpath=")), end="")
    elif form not in ("", "wide"):
        raise not_emulated(f"-o {form}; known: json, name, wide, jsonpath")
    elif not items:
        where = "" if everywhere else f" in {given.value('-n', '--namespace', default='default')} namespace"
        process.warn(f"No resources found{where}.")
    else:
        rows = [_ROWS[kind](kube, item, form == "wide") for item in items]
        place = [["NAMESPACE", item["namespace"]] for item in items] if everywhere and kind != "nodes" else []
        heads = [*(["NAMESPACE"] if place else []), *_HEADS[kind], *(_WIDE.get(kind, []) if form == "wide" else [])]
        whole = [[one[1], *row] for one, row in zip(place, rows, strict=True)] if place else rows
        text = table(heads, whole)
        process.print(text.partition("\n")[2] if given.has("--no-headers") else text)
    return 0


def _one(items: list[JSON], kind: str, name: str) -> JSON:
    found = next((item for item in items if item["name"] == name), None)
    if found is None:
        plural = "deployments.apps" if kind == "deployments" else kind
        raise KubeProblem(f'Error from server (NotFound): {plural} "{name}" not found')
    return found


def _of_object(items: list[JSON], selector: str) -> list[JSON]:
    match = re.fullmatch(r"involvedObject\.name==?(.+)", selector)
    if match is None:
        raise not_emulated(f"--field-selector {selector}; known: involvedObject.name=NAME")
    return [item for item in items if item.get("object", "").partition("/")[2] == match[1]]


def _sorted(items: list[JSON], by: str) -> list[JSON]:
    """Order events by when they came last, or first; all else stays in the order of its names."""
    if by not in _TIMES:
        raise not_emulated(f"--sort-by={by}; known: {', '.join(_TIMES)}")
    return sorted(items, key=lambda item: item.get(_TIMES[by], 0))


def _by_path(value: Any, path: str) -> str:
    """The simplest of jsonpath: `{.items[*].status.phase}`."""
    match = re.fullmatch(r"\{((?:\.\w+|\[\d+\]|\[\*\])+)\}", path.strip("'"))
    if match is None:
        raise not_emulated(f"the jsonpath {path}")
    found = [value]
    for step in re.findall(r"\.\w+|\[\d+\]|\[\*\]", match[1]):
        if step == "[*]":
            found = [item for one in found if isinstance(one, list) for item in one]
        elif step[0] == "[":
            at = int(step[1:-1])
            found = [one[at] for one in found if isinstance(one, list) and at < len(one)]
        else:
            found = [one[step[1:]] for one in found if isinstance(one, dict) and step[1:] in one]
    return " ".join(one if isinstance(one, str) else json.dumps(one) for one in found)


# -- what there is -----------------------------------------------------------------------------------------------------


def _nodes(kube: Kube, namespace: str) -> list[JSON]:
    return [{"name": node.name, "namespace": "", "labels": {}, **node.kept} for node in kube.nodes()]


def _deployments(kube: Kube, namespace: str) -> list[JSON]:
    found = [one for one in kube.deployments.values() if namespace in ("", one["namespace"])]
    return [{"labels": {}, **one} for one in sorted(found, key=lambda one: str(one["name"]))]


def _events(kube: Kube, namespace: str) -> list[JSON]:
    found = [event for event in kube.events if namespace in ("", event["namespace"])]
    return sorted(
        ({"name": event["object"], "labels": {}, **event} for event in found), key=lambda event: event["last"]
    )


def _namespaces(kube: Kube, namespace: str) -> list[JSON]:
    names = ("aks-command", "default", "kube-node-lease", "kube-public", "kube-system")
    return [{"name": name, "namespace": "", "labels": {}} for name in names]


def ready_of(kube: Kube, deployment: JSON) -> int:
    """How many pods of a deployment are ready."""
    own = [pod for pod in kube.pods.values() if pod["owner"] == deployment["name"]]
    return sum(is_ready(pod) for pod in own)


def _pod_row(kube: Kube, pod: JSON, wide: bool) -> list[str]:
    restarts = str(pod["restarts"])
    if pod["restarts"] and pod["ended"]:
        restarts += f" ({age(kube.world.now - pod['ended']['at'])} ago)"
    row = [pod["name"], f"{int(is_ready(pod))}/1", status(pod), restarts, age(kube.world.now - pod["created"])]
    more = [address(pod) or "<none>", pod["node"] or "<none>", "<none>", "<none>"]
    return [*row, *(more if wide else [])]


def _deployment_row(kube: Kube, one: JSON, wide: bool) -> list[str]:
    ready = ready_of(kube, one)
    up = sum(pod["owner"] == one["name"] for pod in kube.pods.values())
    row = [one["name"], f"{ready}/{one['replicas']}", str(up), str(ready), age(kube.world.now - one["created"])]
    container = one["template"]["spec"]["containers"][0]
    labels = ",".join(f"{k}={v}" for k, v in (one["template"].get("metadata") or {}).get("labels", {}).items())
    return [*row, *([container["name"], container["image"], labels] if wide else [])]


def _node_row(kube: Kube, node: JSON, wide: bool) -> list[str]:
    row = [node["name"], "Ready", "<none>", age(kube.world.now - node["since"]), f"v{current_version(kube.cluster)}"]
    more = [node["address"], "<none>", SYSTEM, "5.15.0-1102-azure", "containerd://1.7.29-1"]
    return [*row, *(more if wide else [])]


def _event_row(kube: Kube, event: JSON, wide: bool) -> list[str]:
    return [age(kube.world.now - event["last"]), event["type"], event["reason"], event["object"], event["message"]]


def _namespace_row(kube: Kube, one: JSON, wide: bool) -> list[str]:
    return [one["name"], "Active", age(kube.world.now - kube.cluster.created)]


def _deployment_json(kube: Kube, one: JSON) -> JSON:
    ready = ready_of(kube, one)
    counts = {"readyReplicas": ready, "availableReplicas": ready} if ready else {}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": one["name"], "namespace": one["namespace"], "creationTimestamp": moment(one["created"])},
        "spec": {"replicas": one["replicas"], "template": one["template"]},
        "status": {"replicas": one["replicas"], **counts},
    }


def _node_json(kube: Kube, node: JSON) -> JSON:
    addresses = [{"type": "InternalIP", "address": node["address"]}, {"type": "Hostname", "address": node["name"]}]
    version = {"kubeletVersion": f"v{current_version(kube.cluster)}", "osImage": SYSTEM}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": node["name"], "creationTimestamp": moment(node["since"])},
        "status": {
            "addresses": addresses,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "nodeInfo": version,
        },
    }


def _namespace_json(kube: Kube, one: JSON) -> JSON:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": one["name"]}, "status": {"phase": "Active"}}


_ITEMS = {
    "pods": pods_in,
    "deployments": _deployments,
    "nodes": _nodes,
    "events": _events,
    "namespaces": _namespaces,
}
_ROWS = {
    "pods": _pod_row,
    "deployments": _deployment_row,
    "nodes": _node_row,
    "events": _event_row,
    "namespaces": _namespace_row,
}
_JSON = {
    "pods": lambda kube, pod: as_json(pod),
    "deployments": _deployment_json,
    "nodes": _node_json,
    "events": lambda kube, event: event_json(event),
    "namespaces": _namespace_json,
}
_HEADS = {
    "pods": ["NAME", "READY", "STATUS", "RESTARTS", "AGE"],
    "deployments": ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"],
    "nodes": ["NAME", "STATUS", "ROLES", "AGE", "VERSION"],
    "events": ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"],
    "namespaces": ["NAME", "STATUS", "AGE"],
}
_WIDE = {
    "pods": ["IP", "NODE", "NOMINATED NODE", "READINESS GATES"],
    "deployments": ["CONTAINERS", "IMAGES", "SELECTOR"],
    "nodes": ["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"],
}

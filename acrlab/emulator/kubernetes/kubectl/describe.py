"""`kubectl describe pod`: what is known of a pod, and what was told of it."""

from __future__ import annotations

from datetime import timedelta

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import JSON
from acrlab.emulator.kubernetes.kubectl.words import age, asked_for, pod_named, pods_in, selected
from acrlab.emulator.kubernetes.objects import address, container_state, is_ready, not_emulated
from acrlab.emulator.kubernetes.store import Kube
from acrlab.emulator.shell.commands.options import Options
from acrlab.emulator.shell.process import Process

TOLERATIONS = (
    "Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for 300s\n"
    "                             node.kubernetes.io/unreachable:NoExecute op=Exists for 300s"
)
HEADS = ("Type", "Reason", "Age", "From", "Message")


def describe(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl describe pod [NAME…]`."""
    kind, names = asked_for(given.words, "describe")
    if kind != "pods":
        raise not_emulated(f"kubectl describe {kind.removesuffix('s')}; known: pod")
    pods = [pod_named(kube, namespace, name) for name in names] if names else pods_in(kube, namespace)
    pods = selected(pods, given.value("-l", "--selector"))
    process.print("\n\n\n".join(_described(kube, pod) for pod in pods))
    return 0


def _described(kube: Kube, pod: JSON) -> str:
    node = kube.node(pod["node"]) if pod["node"] else None
    labels = [f"{key}={value}" for key, value in pod["labels"].items()] or ["<none>"]
    heads = [
        ("Name", pod["name"]),
        ("Namespace", pod["namespace"]),
        ("Priority", "0"),
        ("Service Account", "default"),
        ("Node", f"{node.name}/{node.kept['address']}" if node else "<none>"),
        ("Start Time", _moment(pod["created"])),
        ("Labels", labels[0]),
        *(("", label) for label in labels[1:]),
        ("Annotations", "<none>"),
        ("Status", pod["phase"]),
        ("IP", address(pod)),
        ("IPs", f"\n  IP:  {address(pod)}" if address(pod) else "<none>"),
    ]
    lines = [f"{f'{name}:' if name else '':<18}{value}".replace(f"{'IPs:':<18}\n", "IPs:\n") for name, value in heads]
    lines += ["Containers:", f"  {pod['container']}:", *_container(pod), *_conditions(pod)]
    lines += ["QoS Class:                   BestEffort", "Node-Selectors:              <none>", TOLERATIONS]
    return "\n".join([*lines, *_events(kube, pod)])


def _container(pod: JSON) -> list[str]:
    ran = pod["started"] is not None or pod["ended"] is not None
    rows = [
        ("Container ID", f"containerd://{pod['uid'].replace('-', '') * 2}" if ran else ""),
        ("Image", pod["image"]),
        ("Port", "<none>"),
        ("Host Port", "<none>"),
        *((("Command", f"\n      {chr(10).join(pod['command'])}"),) if pod["command"] else ()),
    ]
    lines = [f"    {f'{name}:':<16}{value}".rstrip() for name, value in rows]
    for state, told in container_state(pod).items():
        lines.append(f"    {'State:':<16}{state.capitalize()}")
        for key, label in (("reason", "Reason"), ("exitCode", "Exit Code"), ("message", "Message")):
            if key in told and not (key == "message" and state == "waiting"):
                lines.append(f"      {f'{label}:':<14}{told[key]}")
    lines += [f"    {'Ready:':<16}{is_ready(pod)}", f"    {'Restart Count:':<16}{pod['restarts']}"]
    return [*lines, f"    {'Environment:':<16}<none>"]


def _conditions(pod: JSON) -> list[str]:
    ready = str(is_ready(pod))
    rows = [
        ("PodReadyToStartContainers", str(bool(pod["node"]))),
        ("Initialized", str(bool(pod["node"]))),
        ("Ready", ready),
        ("ContainersReady", ready),
        ("PodScheduled", str(bool(pod["node"]))),
    ]
    width = max(len(name) for name, _ in rows) + 3
    return [
        "Conditions:",
        f"  {'Type':<{width}}Status",
        *(f"  {name:<{width}}{value}".rstrip() for name, value in rows),
    ]


def _events(kube: Kube, pod: JSON) -> list[str]:
    own = [event for event in kube.events if event["uid"] == pod["uid"]]
    if not own:
        return ["Events:                      <none>"]
    rows = [HEADS, *((e["type"], e["reason"], _age(kube, e), e["from"], e["message"]) for e in own)]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    dashed = [rows[0], tuple("-" * len(head) for head in HEADS), *rows[1:]]
    return ["Events:", *(f"  {_padded(row, widths)}{row[4]}" for row in dashed)]


def _padded(row: tuple[str, ...], widths: list[int]) -> str:
    return "".join(text.ljust(width + 2) for text, width in zip(row[:4], widths, strict=True))


def _age(kube: Kube, event: JSON) -> str:
    last, first = age(kube.world.now - event["last"]), age(kube.world.now - event["first"])
    return f"{last} (x{event['count']} over {first})" if event["count"] > 1 else last


def _moment(at: float) -> str:
    return f"{BEGINNING + timedelta(seconds=int(at)):%a, %d %b %Y %H:%M:%S} +0000"

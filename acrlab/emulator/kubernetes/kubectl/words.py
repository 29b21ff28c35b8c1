"""How `kubectl` finds what is named, and writes tables and ages."""

from __future__ import annotations

from acrlab.emulator.core.http import JSON
from acrlab.emulator.kubernetes.objects import KubeProblem, not_emulated
from acrlab.emulator.kubernetes.store import Kube

KINDS = {
    "pods": ("pod", "pods", "po"),
    "deployments": ("deployment", "deployments", "deploy", "deployment.apps", "deployments.apps"),
    "nodes": ("node", "nodes", "no"),
    "events": ("event", "events", "ev"),
    "namespaces": ("namespace", "namespaces", "ns"),
}
GAP = 3


def kind_of(word: str) -> str:
    """Return the kind that a word means. Raises: KubeProblem: it means none that is emulated."""
    found = next((kind for kind, names in KINDS.items() if word.lower() in names), "")
    if not found:
        raise not_emulated(f"the kind {word!r}; known: {', '.join(KINDS)}")
    return found


def pods_in(kube: Kube, namespace: str = "") -> list[JSON]:
    """The pods of a namespace, or of all, by name."""
    found = [pod for pod in kube.pods.values() if namespace in ("", pod["namespace"])]
    return sorted(found, key=lambda pod: (pod["namespace"], pod["name"]))


def pod_named(kube: Kube, namespace: str, name: str) -> JSON:
    """Return a pod. Raises: KubeProblem: there is none."""
    found: JSON | None = kube.pods.get(f"{namespace}/{name}")
    if found is None:
        raise KubeProblem(f'Error from server (NotFound): pods "{name}" not found')
    return found


def asked_for(words: list[str], verb: str) -> tuple[str, list[str]]:
    """`pod`, `pod a b` and `pod/a`, as a kind and the names, if any. Raises: KubeProblem: no kind is said."""
    if not words:
        raise KubeProblem(f"You must specify the type of resource to {verb}.")
    kind, mark, name = words[0].partition("/")
    return kind_of(kind), [*([name] if mark else []), *words[1:]]


def named(words: list[str]) -> list[tuple[str, str]]:
    """`pod a b` and `pod/a deployment/b`, as kinds and names."""
    if words and all("/" in word for word in words):
        return [(kind_of(word.partition("/")[0]), word.partition("/")[2]) for word in words]
    if len(words) < 2:
        raise KubeProblem("error: resource(s) were provided, but no name was specified")
    return [(kind_of(words[0]), name) for name in words[1:]]


def selected(items: list[JSON], selector: str) -> list[JSON]:
    """Those with the labels that a selector names: `app=web,tier=front`."""
    if not selector:
        return items
    wanted = [pair.replace("==", "=").partition("=") for pair in selector.split(",")]
    if any(not mark or "!" in key for key, mark, _ in wanted):
        raise not_emulated(f"the selector {selector!r}")
    return [item for item in items if all(item["labels"].get(key) == value for key, _, value in wanted)]


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as their widest word, three blanks between them."""
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    lines = []
    for row in [heads, *rows]:
        padded = [text.ljust(width + GAP) for text, width in zip(row[:-1], widths[:-1], strict=True)]
        lines.append("".join([*padded, row[-1]]).rstrip())
    return "\n".join(lines)


def age(seconds: float) -> str:
    """Write a duration as people read it: `34s`, `5m12s`, `12m`, `3h5m`, `2d`. Source: k8s.io/apimachinery duration."""
    whole = max(0, int(seconds))
    if whole < 120:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, left = divmod(minutes, 60)
    if hours < 8:
        return f"{hours}h{left}m" if left else f"{hours}h"
    return f"{hours}h" if hours < 48 else f"{hours // 24}d"

"""`kubectl` itself: which verb, which namespace, which objects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from acrlab.emulator.core.http import JSON
from acrlab.emulator.kubernetes import kubelet, yaml_text
from acrlab.emulator.kubernetes.kubectl import describe, get
from acrlab.emulator.kubernetes.kubectl.images import give_image, set_image
from acrlab.emulator.kubernetes.kubectl.words import kind_of, named, pod_named, pods_in
from acrlab.emulator.kubernetes.objects import KubeProblem, fit, is_ready, new_pod, not_emulated, put_deployment
from acrlab.emulator.kubernetes.pod_shell import CommandPod
from acrlab.emulator.kubernetes.store import Kube
from acrlab.emulator.shell.commands.options import Options, UnknownOption, take
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.types.aks.view import current_version

ALL, NAMESPACE = "-A --all-namespaces", "-n --namespace"
CLIENT = "v1.33.2"
STEP_S = 1.0  # how often `kubectl wait` looks
NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease", "aks-command")


def kubectl(process: Process) -> int:
    """Run one command against the cluster that its pod runs in."""
    if not isinstance(process.vm, CommandPod):
        process.warn("error: not emulated: kubectl outside a cluster; use az aks command invoke")
        return 1
    words = process.args
    verb, rest = (words[0], words[1:]) if words else ("", [])
    found = VERBS.get(verb)
    if found is None:
        process.warn(f'error: unknown command "{verb}" for "kubectl" (or not emulated); known: {", ".join(VERBS)}')
        return 1
    run, flags, valued = found
    kube = process.vm.kube
    try:
        given = take(rest, f"{flags} {ALL}", f"{valued} {NAMESPACE}", stop_at_word=False)
        namespace = given.value("-n", "--namespace", default="default")
        if namespace not in NAMESPACES:
            raise KubeProblem(f'Error from server (NotFound): namespaces "{namespace}" not found')
        kubelet.catch_up(kube)
        return run(process, kube, namespace, given)
    except UnknownOption as problem:
        process.warn(f"error: unknown flag: {problem} (or not emulated)\nSee 'kubectl {verb} --help' for usage.")
        return 1
    except KubeProblem as problem:
        process.warn(str(problem))
        return 1


# -- making ------------------------------------------------------------------------------------------------------------


def run_pod(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl run NAME --image=IMAGE [-- WORDS]`."""
    if not given.words or not given.value("--image"):
        raise KubeProblem(
            'error: required flag(s) "image" not set' if given.words else "error: NAME is required for run"
        )
    name, words = given.words[0], [word for word in given.words[1:] if word != "--"]
    restart = given.value("--restart", default="Always")
    if restart not in ("Always", "OnFailure", "Never"):
        raise KubeProblem(f"error: invalid restart policy: {restart}\nSee 'kubectl run -h' for help and examples")
    labels = dict(pair.partition("=")[::2] for pair in given.value("-l", "--labels", default=f"run={name}").split(","))
    container: JSON = {"name": name, "image": given.value("--image")}
    if words:
        container["command" if given.has("--command") else "args"] = words
    if policy := given.value("--image-pull-policy"):
        container["imagePullPolicy"] = policy
    spec: JSON = {"containers": [container], "restartPolicy": restart}
    for key, value in _overridden(given).items():
        spec[key] = value
    new_pod(kube, namespace, {"name": name, "labels": labels}, spec)
    process.print(f"pod/{name} created")
    return 0


def _overridden(given: Options) -> JSON:
    """What `--overrides` puts in the place of the specification's parts."""
    text = given.value("--overrides")
    if not text:
        return {}
    try:
        spec = json.loads(text).get("spec") or {}
    except (ValueError, AttributeError, RecursionError) as problem:
        raise KubeProblem(f"error: Invalid JSON Patch: {problem}") from problem
    if set(spec) - {"nodeName", "nodeSelector"}:
        raise not_emulated(f"--overrides of spec.{sorted(set(spec) - {'nodeName', 'nodeSelector'})[0]}")
    return dict(spec)


def apply(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl apply -f FILE`: pods and deployments."""
    for document in _documents(process, given):
        kind, metadata = document.get("kind"), document.get("metadata") or {}
        place = str(metadata.get("namespace") or namespace)
        name = str(metadata.get("name", ""))
        if (kind, document.get("apiVersion")) == ("Pod", "v1"):
            old = kube.pods.get(f"{place}/{name}")
            told = _pod_again(old, document) if old else "created"
            if old is None:
                new_pod(kube, place, metadata, document.get("spec") or {})
            process.print(f"pod/{name} {told}")
        elif (kind, document.get("apiVersion")) == ("Deployment", "apps/v1"):
            process.print(f"deployment.apps/{name} {put_deployment(kube, place, document)}")
        else:
            raise not_emulated(f"kind {kind} of {document.get('apiVersion')}; known: Pod of v1, Deployment of apps/v1")
    return 0


def _pod_again(old: JSON, document: JSON) -> str:
    """A pod that is there may get another image, and nothing else."""
    containers = (document.get("spec") or {}).get("containers") or [{}]
    return "configured" if give_image(old, str(containers[0].get("image", ""))) else "unchanged"


def _documents(process: Process, given: Options) -> list[JSON]:
    file = given.value("-f", "--filename")
    if not file:
        raise KubeProblem("error: must specify one of -f and -k")
    try:
        text = process.streams.stdin.read() if file == "-" else process.disk.text(process.path(file))
    except NoFile as problem:
        raise KubeProblem(f'error: the path "{file}" does not exist') from problem
    try:
        found = yaml_text.documents(text)
    except yaml_text.YamlProblem as problem:
        raise KubeProblem(f"error: error parsing {file}: error converting YAML to JSON: yaml: {problem}") from problem
    if not found or not all(isinstance(document, dict) for document in found):
        raise KubeProblem("error: no objects passed to apply")
    return found


# -- reading and removing ----------------------------------------------------------------------------------------------


def logs(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl logs POD`."""
    name = given.words[0].removeprefix("pod/") if given.words else ""
    pod = pod_named(kube, namespace, name)
    waiting = (pod["waiting"] or {}).get("reason", "")
    if pod["started"] is None and pod["ended"] is None:
        why = {
            "ErrImagePull": "image can't be pulled",
            "ImagePullBackOff": "trying and failing to pull image",
        }.get(waiting, waiting or "ContainerCreating")
        where = f'container "{pod["container"]}" in pod "{name}"'
        raise KubeProblem(f"Error from server (BadRequest): {where} is waiting to start: {why}")
    process.print(pod["log"], end="")
    return 0


def delete(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl delete pod|deployment NAME…`, or `-f FILE`."""
    if given.value("-f", "--filename"):
        documents = _documents(process, given)
        asked = [(kind_of(str(one.get("kind", "")).lower()), str(one["metadata"]["name"])) for one in documents]
    elif given.has("--all") and given.words:
        asked = [(kind_of(given.words[0]), pod["name"]) for pod in pods_in(kube, namespace)]
    else:
        asked = named(given.words)
    for kind, name in asked:
        if kind == "deployments":
            if kube.deployments.pop(f"{namespace}/{name}", None) is None:
                raise KubeProblem(f'Error from server (NotFound): deployments.apps "{name}" not found')
            for pod in [pod for pod in pods_in(kube, namespace) if pod["owner"] == name]:
                del kube.pods[f"{namespace}/{pod['name']}"]
            process.print(f'deployment.apps "{name}" deleted')
        elif not (given.has("--ignore-not-found") and f"{namespace}/{name}" not in kube.pods):
            _delete_pod(kube, namespace, name)
            process.print(f'pod "{name}" deleted')
    return 0


def _delete_pod(kube: Kube, namespace: str, name: str) -> None:
    """A deployment makes a new pod for one that goes."""
    pod = pod_named(kube, namespace, name)
    del kube.pods[f"{namespace}/{name}"]
    owner = kube.deployments.get(f"{namespace}/{pod['owner']}")
    if owner:
        fit(kube, owner)


def wait(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl wait --for=condition=Ready pod/NAME`: lets the world's clock go on."""
    text = given.value("--timeout", default="30s")
    match = re.fullmatch(r"(\d{1,4})([sm])", text)
    if match is None:
        raise KubeProblem(f'error: invalid argument "{text}" for "--timeout" flag')
    until = kube.world.now + float(match[1]) * (60 if match[2] == "m" else 1)
    asked = given.value("--for")
    test = CONDITIONS.get(asked.lower())
    if test is None:
        raise not_emulated(f"--for={asked}; known: {', '.join(CONDITIONS)}")
    for kind, name in named(given.words):
        if kind != "pods":
            raise not_emulated(f"kubectl wait for {kind}")
        while not test(pod_named(kube, namespace, name)):
            if kube.world.now >= until:
                process.warn(f"error: timed out waiting for the condition on pods/{name}")
                return 1
            kube.world.advance_to(min(kube.world.now + STEP_S, until))
            kubelet.catch_up(kube)
        process.print(f"pod/{name} condition met")
    return 0


CONDITIONS: dict[str, Callable[[JSON], bool]] = {
    "condition=ready": is_ready,
    "jsonpath={.status.phase}=succeeded": lambda pod: bool(pod["phase"] == "Succeeded"),
    "jsonpath={.status.phase}=running": lambda pod: bool(pod["phase"] == "Running"),
}


def version(process: Process, kube: Kube, namespace: str, given: Options) -> int:
    """`kubectl version`."""
    server = f"v{current_version(kube.cluster)}"
    if given.value("-o", "--output") == "json":
        known = {"clientVersion": CLIENT, "serverVersion": server}
        shown = {
            key: {"major": "1", "minor": text.split(".")[1], "gitVersion": text, "platform": "linux/amd64"}
            for key, text in known.items()
        }
        process.print(json.dumps(shown, indent=2))
    else:
        process.print(f"Client Version: {CLIENT}\nServer Version: {server}")
    return 0


Verb = Callable[[Process, Kube, str, Options], int]
VERBS: dict[str, tuple[Verb, str, str]] = {
    "run": (run_pod, "--command", "--image --restart -l --labels --image-pull-policy --overrides"),
    "apply": (apply, "", "-f --filename"),
    "get": (get.get, "--no-headers --show-labels", "-o --output -l --selector --sort-by --field-selector"),
    "describe": (describe.describe, "", "-l --selector"),
    "logs": (logs, "", ""),
    "delete": (delete, "--now --all --wait --ignore-not-found", "-f --filename"),
    "set": (set_image, "", ""),
    "wait": (wait, "", "--for --timeout"),
    "version": (version, "", "-o --output"),
}
KUBECTL = programs(kubectl=kubectl)

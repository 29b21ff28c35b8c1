"""The life of a pod, one step after the other, each due at a virtual second: placed, pulled, started, ended.

    schedule -> pull -> result -> start -> exit
                 ^         |
                 +- back-off (10 s, doubling to 5 minutes)

A kubelet looks at the network as it is when its step is due: what is fixed later shows at the next attempt.
Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/images/image_manager.go
"""

from __future__ import annotations

from collections.abc import Callable

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.world import World
from acrlab.emulator.kubernetes import containers
from acrlab.emulator.kubernetes.containerd import Pull, PullProblem
from acrlab.emulator.kubernetes.store import WAKE, Kube
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.shell.docker.images import Images
from acrlab.emulator.shell.docker.reference import Reference
from acrlab.emulator.types.aks.names import CLUSTER_TYPE

FIRST_S, LONGEST_S = 10.0, 300.0  # of the back-off, of pulls and of restarts alike
SYNC_S = 1.0  # until a kubelet looks at a pod again
MOST_STEPS = 200  # of one pod at one look


def wake(delivery: Delivery) -> None:
    """Let the pods of all clusters do what is due; nothing is due most of the time."""
    world: World = delivery.world
    due = world.value(WAKE, "")
    if not due or world.now < float(due):
        return
    world.set_value(WAKE, "")
    for cluster in list(world.of_type(CLUSTER_TYPE)):
        if cluster.state.get("kube", {}).get("pods"):
            kube = Kube(delivery, cluster)
            catch_up(kube)
            kube.save()


def catch_up(kube: Kube) -> None:
    """Do for each pod what is due by now."""
    for pod in list(kube.pods.values()):
        for _ in range(MOST_STEPS):
            then = pod.get("then")
            if not then or then["at"] > kube.world.now:
                break
            pod["then"] = None
            STEPS[then["what"]](kube, pod, then["at"])
        if (late := pod.get("then")) and late["at"] <= kube.world.now:
            late["at"] = kube.world.now + LONGEST_S


def _next(pod: JSON, what: str, at: float) -> None:
    pod["then"] = {"what": what, "at": at}


# -- the steps ---------------------------------------------------------------------------------------------------------


def schedule(kube: Kube, pod: JSON, at: float) -> None:
    """Place the pod on the node with the fewest pods, or on the one that it names."""
    nodes = [node.name for node in kube.nodes() if pod["wants"] in ("", node.name)]
    if not nodes:
        text = f"0/{len(kube.nodes())} nodes are available: node(s) didn't match Pod's node affinity/selector."
        told = text if kube.nodes() else "no nodes available to schedule pods"
        kube.tell(pod, at, "Warning", "FailedScheduling", told, source="default-scheduler")
        return _next(pod, "schedule", at + LONGEST_S)
    taken = [other["node"] for other in kube.pods.values()]
    pod["node"] = min(nodes, key=lambda name: (taken.count(name), nodes.index(name)))
    text = f"Successfully assigned {pod['namespace']}/{pod['name']} to {pod['node']}"
    kube.tell(pod, at, "Normal", "Scheduled", text, source="default-scheduler")
    pod["waiting"] = {"reason": "ContainerCreating"}
    return _next(pod, "pull", at + SYNC_S / 2)


def pull(kube: Kube, pod: JSON, at: float) -> None:
    """Look for the image on the node, and fetch it where the pod's policy or its absence asks for that."""
    node = kube.node(pod["node"])
    if node is None:
        return None  # the node is gone, and the pod with it at the next look
    reference = Reference.parse(pod["image"])
    if reference is None:
        return _invalid(kube, pod, at)
    reference = reference.tagged()
    image = Images(node).find(str(reference))
    if image is not None and pod["policy"] != "Always":
        kube.tell(pod, at, "Normal", "Pulled", f'Container image "{pod["image"]}" already present on machine')
        return _next(pod, "start", at)
    if pod["policy"] == "Never":
        text = f'Container image "{pod["image"]}" is not present with pull policy of Never'
        kube.tell(pod, at, "Warning", "ErrImageNeverPull", text)
        pod["waiting"] = {"reason": "ErrImageNeverPull", "message": text}
        return _next(pod, "pull", at + FIRST_S)
    kube.tell(pod, at, "Normal", "Pulling", f'Pulling image "{pod["image"]}"')
    try:
        size = Pull(node, reference).run()
    except PullProblem as problem:
        pod["result"] = {"problem": str(problem)}
        return _next(pod, "result", at + problem.seconds)
    seconds = 0.25 + size / 5e6
    pod["result"] = {"size": size, "seconds": seconds}
    return _next(pod, "result", at + seconds)


def result(kube: Kube, pod: JSON, at: float) -> None:
    """Tell how the pull ended."""
    told = pod.pop("result")
    if "problem" not in told:
        pod["attempts"] = 0
        took = duration(told["seconds"])
        text = f'Successfully pulled image "{pod["image"]}" in {took} ({took} including waiting). '
        kube.tell(pod, at, "Normal", "Pulled", f"{text}Image size: {told['size']} bytes.")
        return _next(pod, "start", at)
    kube.tell(pod, at, "Warning", "Failed", f'Failed to pull image "{pod["image"]}": {told["problem"]}')
    kube.tell(pod, at, "Warning", "Failed", "Error: ErrImagePull")
    pod["waiting"] = {"reason": "ErrImagePull", "message": told["problem"]}
    pod["attempts"] += 1
    pod["again"] = at + min(FIRST_S * 2 ** (pod["attempts"] - 1), LONGEST_S)
    return _next(pod, "back-off", at + SYNC_S)


def back_off(kube: Kube, pod: JSON, at: float) -> None:
    """Wait for the next attempt. Since 1.32 the reason of the wait keeps the last error."""
    text = f'Back-off pulling image "{pod["image"]}"'
    kube.tell(pod, at, "Normal", "BackOff", text)
    kube.tell(pod, at, "Warning", "Failed", "Error: ImagePullBackOff")
    last = (pod["waiting"] or {}).get("message", "")
    pod["waiting"] = {"reason": "ImagePullBackOff", "message": f"{text}: ErrImagePull: {last}"}
    _next(pod, "pull", pod["again"])


def start(kube: Kube, pod: JSON, at: float) -> None:
    """Start the container; what it does is done at once, and ends when its program would."""
    node = kube.node(pod["node"])
    if node is None:
        return None
    kube.tell(pod, at, "Normal", "Created", f"Created container: {pod['container']}")
    ran = containers.run(node, pod)
    if ran.refusal:
        kube.tell(pod, at, "Warning", "Failed", f"Error: {ran.refusal}")
        pod["ended"] = {"exit": 128, "reason": "StartError", "message": ran.refusal, "at": at}
        pod |= {"waiting": None, "started": None}
        return _after(kube, pod, at)
    kube.tell(pod, at, "Normal", "Started", f"Started container {pod['container']}")
    pod |= {"waiting": None, "started": at, "phase": "Running", "log": ran.log, "exit": ran.status}
    return _next(pod, "exit", at + ran.seconds)


def leave(kube: Kube, pod: JSON, at: float) -> None:
    """The program has ended."""
    reason = "Error" if pod["exit"] else "Completed"
    pod["ended"] = {"exit": pod["exit"], "reason": reason, "from": pod["started"], "at": at}
    pod["started"] = None
    _after(kube, pod, at)


def _after(kube: Kube, pod: JSON, at: float) -> None:
    """Start the container again where the pod is to run for ever."""
    failed = pod["ended"]["exit"] != 0
    if pod["restart"] == "Never" or (pod["restart"] == "OnFailure" and not failed):
        pod["phase"] = "Failed" if failed else "Succeeded"
        return
    pod["phase"] = "Running"
    wait = 0.0 if pod["restarts"] == 0 else min(FIRST_S * 2 ** (pod["restarts"] - 1), LONGEST_S)
    pod["again"] = at + max(wait, SYNC_S)
    _next(pod, "crash" if wait else "restart", at + SYNC_S)


def crash(kube: Kube, pod: JSON, at: float) -> None:
    """Wait before the container is started again."""
    whole = f"{pod['name']}_{pod['namespace']}({pod['uid']})"
    text = f"Back-off restarting failed container {pod['container']} in pod {whole}"
    kube.tell(pod, at, "Warning", "BackOff", text)
    wait = duration(min(FIRST_S * 2 ** (pod["restarts"] - 1), LONGEST_S))
    message = f"back-off {wait} restarting failed container={pod['container']} pod={whole}"
    pod["waiting"] = {"reason": "CrashLoopBackOff", "message": message}
    _next(pod, "restart", max(pod["again"], at))


def restart(kube: Kube, pod: JSON, at: float) -> None:
    """Begin again, with the image as the policy has it."""
    pod["restarts"] += 1
    _next(pod, "pull", at)


def _invalid(kube: Kube, pod: JSON, at: float) -> None:
    text = f'couldn\'t parse image name "{pod["image"]}": invalid reference format'
    kube.tell(pod, at, "Warning", "InspectFailed", f"Failed to apply default image tag {pod['image']!r}: {text}")
    kube.tell(pod, at, "Warning", "Failed", "Error: InvalidImageName")
    pod["waiting"] = {"reason": "InvalidImageName", "message": text}


def duration(seconds: float) -> str:
    """Write seconds as Go does, to the millisecond: `568ms`, `1.234s`, `2m40s`."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    shown = f"{rest:.3f}".rstrip("0").rstrip(".")
    return f"{int(minutes)}m{shown}s" if minutes else f"{shown}s"


STEPS: dict[str, Callable[[Kube, JSON, float], None]] = {
    "schedule": schedule,
    "pull": pull,
    "result": result,
    "back-off": back_off,
    "start": start,
    "exit": leave,
    "crash": crash,
    "restart": restart,
}

DEVIATIONS = (
    Deviation(
        of="Pods",
        what="A pod is a record, and its image is really pulled by its node. Its container is one program, of those "
        "that the emulated VM's shell has, on the image's own files; `pause` and `sleep` wait. One container a pod.",
        impact="Another program ends with `exec format error`; services, volumes and probes are not there.",
        reason="Nothing is virtualised: what is shown is how an image comes to a node, or why it does not.",
        workaround="Use hello-world, which says hello and ends, or oss/kubernetes/pause:3.9, which runs on.",
    ),
    Deviation(
        of="Pods",
        what="Several attempts that were due since the world was last looked at are made one after the other, all in "
        "the network as it is when they are looked at.",
        impact="A failure that came and went between two looks is not told.",
        reason="Nothing runs in the background of an emulated Azure.",
        workaround="Look in between.",
    ),
    Deviation(
        of="Pods",
        what="Nodes keep the name servers with which they were made.",
        impact="Other servers of their network reach new nodes alone.",
        reason="Restarts of nodes are not emulated.",
        workaround="Add a node pool, or make the cluster again.",
    ),
)

"""What a container does: its image's program, where the emulated shell has one of that name, as with `docker run`."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from acrlab.emulator.core.http import JSON
from acrlab.emulator.kubernetes.node import Node
from acrlab.emulator.shell import PROGRAMS
from acrlab.emulator.shell.control import Budget, Exhausted
from acrlab.emulator.shell.docker import container
from acrlab.emulator.shell.docker.client import DockerProblem
from acrlab.emulator.shell.docker.images import Image, Images
from acrlab.emulator.shell.docker.reference import Reference
from acrlab.emulator.shell.interpreter import Interpreter
from acrlab.emulator.shell.process import Process
from acrlab.emulator.shell.streams import Flood, Streams

FOR_EVER_S = 100 * 365 * 86400.0
ENDS_S = 0.1  # how long a program runs that does not sleep
LOG = 65_536  # characters of a log that are kept
REFUSED = "docker: Error response from daemon: "
_SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Ran:
    """What a container did.

    Attributes:
        refusal: why it could not be started; empty: it was.
    """

    log: str = ""
    status: int = 0
    seconds: float = ENDS_S
    refusal: str = ""


def run(node: Node, pod: JSON) -> Ran:
    """Run a pod's container to its end."""
    images = Images(node)
    reference = Reference.parse(pod["image"])
    image = images.find(str(reference.tagged())) if reference else None
    if image is None:
        return Ran(refusal=f'failed to create containerd container: image "{pod["image"]}": not found')
    command, args = list(pod["command"]), list(pod["args"])
    if seconds := _wait(image, images, command, args):
        return Ran(seconds=seconds)
    streams = Streams()
    shell = Interpreter(node, PROGRAMS, "root", Budget())
    try:
        words = [*command[1:], *args]
        process = Process("docker", [], streams, shell)
        status = container.run(process, image, images, words, command[0] if command else "")
    except (Exhausted, Flood, RecursionError, DockerProblem) as problem:
        return Ran(log=f"{problem}\n", status=1)
    log = (streams.out.text + streams.err.text)[-LOG:]
    if log.startswith(REFUSED):
        return Ran(refusal=f"failed to create containerd task: {log.removeprefix(REFUSED).strip()}")
    return Ran(log=log, status=status)


def _wait(image: Image, images: Images, command: list[str], args: list[str]) -> float:
    """How long a container runs whose image has a program that only waits: `pause`, `sleep 60`; 0: it has another."""
    settings = image.config.get("config") or {}
    words = command + args if command else list(settings.get("Entrypoint") or []) + (args or settings.get("Cmd") or [])
    name = posixpath.basename(words[0]) if words else ""
    if name not in ("pause", "sleep"):
        return 0.0
    disk = images.unpack(image)
    if not any(disk.is_file(path) for path in container.places(words[0], settings)):
        return 0.0
    if name == "pause" or words[1:] == ["infinity"]:
        return FOR_EVER_S
    return float(words[1]) if len(words) == 2 and _SECONDS.fullmatch(words[1]) else 0.0

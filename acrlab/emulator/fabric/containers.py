"""Container tools inside a VM: their own store and settings, and an engine for the docker command line.

A docker daemon of this computer would resolve and connect from this computer, no matter who asks it; so the VM has an
engine of its own, podman's, that starts when the first request for it comes in.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from acrlab.emulator.fabric import kernel

STORES = ("containers", "misc")  # what container tools keep under /var/lib
SOCKET = "/run/docker.sock"
SETTINGS = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
cgroups = "disabled"
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
_ACTIVATED = 3  # the descriptor that a socket is handed over as; source: sd_listen_fds(3)


def give_folders(folder: Path) -> None:
    """Put the VM's own folders where container tools keep images and state, so that they never touch the user's.

    What runs is forgotten with each command; images stay as long as the VM's folder.
    """
    kernel.mount("tmpfs", "/run", "tmpfs", 0, "mode=755")
    kernel.mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777")
    for name in STORES:
        if Path("/var/lib", name).is_dir():
            own = folder / f"var-lib-{name}"
            own.mkdir(exist_ok=True)
            kernel.mount(str(own), f"/var/lib/{name}", None, kernel.BIND)
    (folder / "containers.conf").write_text(SETTINGS)


def variables(folder: Path) -> Mapping[str, str]:
    """Return variables for container tools: limits they may set, and a store that works on every file system."""
    return {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "STORAGE_DRIVER": "vfs",
        "STORAGE_OPTS": "vfs.ignore_chown_errors=true",  # a user namespace may have one user only
        "DOCKER_HOST": f"unix://{SOCKET}",
        "_CONTAINERS_USERNS_CONFIGURED": "1",
    }


def with_substitute(words: Sequence[str]) -> Sequence[str]:
    """Return the command, or podman's twin of it where docker is not installed."""
    if words[0] == "docker" and not shutil.which("docker") and shutil.which("podman"):
        return ("podman", *words[1:])
    return words


def start_engine(environment: Mapping[str, str]) -> None:
    """Listen for the docker command line, where there is one; the engine ends with the command of this process."""
    podman = shutil.which("podman")
    if not podman or not shutil.which("docker"):
        return
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(SOCKET)
    listener.listen()
    command = os.getpid()
    if os.fork():
        listener.close()
        return
    kernel.die_with_parent(command)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(_ACTIVATED):
        os.dup2(silence, stream)
    select.select([listener], [], [])
    os.dup2(listener.fileno(), _ACTIVATED)
    own = {**environment, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.execve(podman, ["podman", "system", "service", "--time", "0"], own)

"""Run this computer's own programs where a VM of the lab stands: in its network namespace, or by its proxy.

Only Linux has network namespaces, and not everywhere; what keeps them away is said in one line.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from acrlab import capabilities
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.serving.azure_cli import configuration
from acrlab.serving.connection import environment, environment_of_vm, serving, vms_folder
from acrlab.settings.environment import world_file
from acrlab.steps.run_command import Outcome

OUTSIDE = "outside"  # a computer on the internet
LONGEST_S = 60


class RealNetwork:
    """A served lab whose VMs are network namespaces, until `close`, or the end of this process."""

    def __init__(self, path: Path, connection: dict[str, Any], opened: ExitStack) -> None:
        self._path, self._connection, self._opened = path, connection, opened

    def run(self, vm: str, *commands: str) -> Outcome:
        """Run commands of this computer where a VM stands, one after the other until one fails.

        Args:
            vm: its name, or `outside`: a computer on the internet.

        Returns: what they printed; nothing is raised when one fails.
        """
        words = entered(self._connection, vm, ["bash", "-c", "\n".join(["set -e", *commands])])
        variables = {**os.environ, **own_folders(self._path, vm)}
        try:
            done = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            return Outcome("", f"no end after {LONGEST_S} s", 124)
        return Outcome(done.stdout, done.stderr.strip("\n"), done.returncode)

    def close(self) -> None:
        """Take the namespaces down; the lab stays."""
        self._opened.close()


def real_network(lab: Lab) -> RealNetwork:
    """Lay the lab out in network namespaces: real packets, for a notebook.

    Raises: ConfigurationError: it is on a real Azure, or this computer does not allow namespaces, with its reason.
    """
    if lab.settings.backend != "emulator":
        raise ConfigurationError("backend", "network namespaces are for the emulated Azure: leave it at emulator.")
    capabilities.require_processes("A network namespace")
    if sys.platform != "linux":
        raise ConfigurationError("vm", f"network namespaces are Linux's; this is {sys.platform}.")
    path, opened = world_file(lab.settings.world), ExitStack()
    # A notebook's world keeps its own time: what it shows is the same every day.
    how = serving(path, 0, clock="deterministic", namespaces=vms_folder(path))
    connection = opened.enter_context(how)
    if not connection["vms"]:
        opened.close()
        raise ConfigurationError("vm", f"no network namespaces here: {connection['vms_problem']}.")
    return RealNetwork(path, connection, opened)


def entered(connection: Mapping[str, Any], name: str, words: Sequence[str]) -> list[str]:
    """The command that runs `words` in a VM's network namespace."""
    return [sys.executable, "-m", "acrlab.emulator.fabric.entry", connection["vms"], name, "--", *words]


def own_folders(path: Path, name: str) -> dict[str, str]:
    """Where tools keep what they were told about signing in: never the user's own folders."""
    own = vms_folder(path) / name
    own.mkdir(parents=True, exist_ok=True)
    signed_in = own / "auth.json"
    if not signed_in.exists():
        signed_in.write_text("{}")  # podman takes a missing file for a mistake
    folder = configuration(path)
    return {
        "AZURE_CONFIG_DIR": str(folder.with_name(f"{folder.name}-{name}")),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        "DOCKER_CONFIG": str(own / "docker"),
        "REGISTRY_AUTH_FILE": str(signed_in),
    }


def proxied(path: Path, name: str, connection: Mapping[str, Any]) -> dict[str, str]:
    """What leads a program through the VM's proxy instead. A variable without a value must not be there."""
    folder = configuration(path)
    if name == OUTSIDE:
        return environment(connection, folder)
    return environment_of_vm(path, name, connection, folder.with_name(f"{folder.name}-{name}"))

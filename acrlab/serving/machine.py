"""The lab's machines in network namespaces, for a notebook: this computer's own programs, and real packets.

Linux alone has them, and not everywhere; what it is that keeps them away is said in one line.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from acrlab.environment import world_file
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.serving.connection import machines_folder, serving
from acrlab.serving.machine_entry import entered, own_folders
from acrlab.steps.run_command import Outcome

__all__ = ["RealNetwork", "real_network"]

LONGEST_S = 60


class RealNetwork:
    """A served lab whose machines are network namespaces, until `close`, or the end of this process."""

    def __init__(self, path: Path, connection: dict[str, Any], opened: ExitStack) -> None:
        self._path, self._connection, self._opened = path, connection, opened

    def run(self, machine: str, *commands: str) -> Outcome:
        """Run commands of this computer where a machine stands, one after the other until one fails.

        Args:
            machine: its name, or `outside`: a computer on the internet.

        Returns: what they printed; nothing is raised when one fails.
        """
        words = entered(self._connection, machine, ["bash", "-c", "\n".join(["set -e", *commands])])
        variables = {**os.environ, **own_folders(self._path, machine)}
        try:
            done = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            return Outcome("", f"no end after {LONGEST_S} s", 124)
        return Outcome(done.stdout, done.stderr.strip("\n"), done.returncode)

    def close(self) -> None:
        """Take the namespaces down; the lab stays."""
        self._opened.close()


def real_network(lab: Lab) -> RealNetwork:
    """Lay the lab out in network namespaces.

    Raises: ConfigurationError: it is on a real Azure, or this computer does not allow namespaces, with its reason.
    """
    if lab.settings.backend != "emulator":
        raise ConfigurationError("backend", "network namespaces are for the emulated Azure: leave it at emulator.")
    if sys.platform != "linux":
        raise ConfigurationError("machine", f"network namespaces are Linux's; this is {sys.platform}.")
    path, opened = world_file(lab.settings.world), ExitStack()
    connection = opened.enter_context(serving(path, 0, namespaces=machines_folder(path)))
    if not connection["machines"]:
        opened.close()
        raise ConfigurationError("machine", f"no network namespaces here: {connection['machines_problem']}.")
    return RealNetwork(path, connection, opened)

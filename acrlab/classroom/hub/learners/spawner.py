"""A learner's server: a process of this computer, as the learner's own user of the system where there is one."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner, set_user_setuid
from traitlets import Dict, Integer, Unicode

PROCESSES = 400  # of one user: kernels, terminals, an Azure CLI or two


class LearnerSpawner(LocalProcessSpawner):  # type: ignore[misc]
    """Starts servers in learners' folders, with limits that hold for each of their processes."""

    accounts = Dict(help="Hub's user -> the system's; empty: the hub's own for all.").tag(config=True)
    folder = Unicode(help="With a folder for each of them.").tag(config=True)
    most_memory = Integer(0, help="Bytes that a process may take; 0: any.").tag(config=True)

    @property
    def home(self) -> str:
        return f"{self.folder}/{self.user.name}"

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Prepare what happens in the process between fork and exec."""
        account = self.accounts.get(name)
        become = set_user_setuid(account) if account else lambda: os.chdir(self.home)
        most = self.most_memory

        def preexec() -> None:
            if most:
                resource.setrlimit(resource.RLIMIT_DATA, (most, most))  # a cell that takes more gets MemoryError
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if account:  # they are counted by user
                resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
            os.umask(0o077)
            os.nice(5)  # the hub and the board answer, whatever learners compute
            become()

        return preexec

    def user_env(self, env: dict[str, Any]) -> dict[str, Any]:
        """Add who and where the learner is."""
        return {
            **env,
            "USER": self.accounts.get(self.user.name, self.user.name),
            "HOME": self.home,
            "SHELL": "/bin/bash",
        }

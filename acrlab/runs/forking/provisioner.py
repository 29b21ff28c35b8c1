"""Kernels that are forks of one process that has imported everything, where the system can do that; else plain ones.

Three things of Linux make it safe: descriptors sent over a socket, a signal when the parent dies, and descriptors of
processes. Elsewhere, and for any other kernel than this Python's own, `ForkProvisioner` starts what Jupyter would.
`ACRLAB_KERNELS=plain` asks for plain kernels everywhere: each has then a hash seed and imports of its own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from acrlab.runs.forking.client import ForkedProcess, ForkServer, can_fork

NAME = "acrlab-fork"  # of the provisioner, for `JUPYTER_DEFAULT_PROVISIONER_NAME`
LAUNCHER = ["-m", "ipykernel_launcher"]
END_S = 5  # real seconds within which a killed process has ended


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel by a fork, where that can be; ports, signals, restarts and shutdown are Jupyter's own."""

    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        ours = cmd[1:3] == LAUNCHER and os.path.realpath(cmd[0]) == os.path.realpath(sys.executable)
        forked = await self._forked(cmd[3:], kwargs) if ours and can_fork() and not kwargs.get("independent") else None
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked
        self.pid = self.pgid = forked.pid  # first of all it leads a session of its own
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        return self.connection_info

    async def _forked(self, arguments: list[str], asked: dict[str, Any]) -> ForkedProcess | None:
        """Fork a kernel; None: the server can't."""
        environment = dict(asked.get("env") or os.environ)
        server = ForkServer.running()
        out, err = _descriptor(asked.get("stdout"), 1), _descriptor(asked.get("stderr"), 2)
        try:
            forked = server.fork(arguments, str(asked.get("cwd") or Path.cwd()), environment, out, err)
        except OSError:
            return None
        if await forked.begun():
            return forked
        forked.close()
        return None

    async def kill(self, restart: bool = False) -> None:
        """Kill it and wait for its end: who asks at once is told so, where Jupyter would sleep 100 ms and ask again."""
        await super().kill(restart)
        if isinstance(self.process, ForkedProcess):
            await asyncio.wait_for(self.process.ended(), END_S)

    async def wait(self) -> int | None:
        if not isinstance(self.process, ForkedProcess):
            return await super().wait()
        process, self.process = self.process, None
        status = await process.ended()
        process.close()
        return status


def _descriptor(given: Any, otherwise: int) -> int:
    if given is None:
        return otherwise
    return given if isinstance(given, int) else int(given.fileno())

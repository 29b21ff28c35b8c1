"""Kernels for notebooks, started before they are needed: some boot and import while the notebooks before them run."""

from __future__ import annotations

import os
import tempfile
import uuid
from asyncio import Future, Task
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from acrlab.errors import AcrLabError
from acrlab.runs.forking.client import begin_to_load
from acrlab.runs.interrupts import held
from acrlab.settings.environment import SILENT

if TYPE_CHECKING:
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager

AHEAD = 2  # kernels that boot while a notebook runs
TRIES = 3  # Jupyter picks free ports before the kernel binds them: another process may be faster
BOOT_S = 60  # real seconds that a kernel may take to answer
# Nothing on the terminal that is not the lab's ("Kernel is running over TCP without encryption"), no history on disk.
QUIET = ("--log-level=ERROR", "--HistoryManager.hist_file=:memory:")
PRELOAD = "__import__('acrlab.runs.preload', fromlist=['load']).load({!r})"  # in a kernel, where no name is bound


class Kernels:
    """Kernels by the name of the notebook that each is for. Closing it stops those that were not taken."""

    def __init__(self, folder: Path, *, log: Path, backend: str) -> None:
        """Args:
        folder: where the kernels work.
        log: file that gets what a kernel itself, and not a cell, writes.
        backend: what the notebooks work on; a kernel loads what that needs while it waits.
        """
        self._folder, self._log = folder, log
        begin_to_load(backend)
        self._arguments = [*QUIET, f"--IPKernelApp.exec_lines={[PRELOAD.format(backend)]}"]
        self._booting: dict[str, tuple[AsyncKernelManager, Task[AsyncKernelClient], Mapping[str, str]]] = {}

    def start(self, name: str, environment: Mapping[str, str]) -> None:
        """Start the kernel of a notebook and do not wait for it; nothing happens where it was started before.

        Args:
            environment: variables in addition to this process's own.
        """
        if name not in self._booting:
            with held():
                self._start(name, environment)

    def _start(self, name: str, environment: Mapping[str, str]) -> None:
        from asyncio import ensure_future

        from jupyter_client.manager import AsyncKernelManager
        from jupyter_core.utils import ensure_event_loop

        from acrlab.runs.forking.provisioner import ForkProvisioner

        # Named here, so that it is known what to delete wherever the start is interrupted.
        ports_and_keys = Path(tempfile.gettempdir()) / f"acrlab-kernel-{uuid.uuid4()}.json"
        manager = AsyncKernelManager(kernel_name="python3", connection_file=str(ports_and_keys))
        manager.provisioner = ForkProvisioner(kernel_id=name, kernel_spec=manager.kernel_spec, parent=manager)
        with self._log.open("ab") as log:
            starting = manager.start_kernel(
                extra_arguments=self._arguments,
                cwd=str(self._folder),
                env={**os.environ, **SILENT, **environment},
                stdout=log,
                stderr=log,
            )
            _wait_or_undo(manager, ensure_future(starting, loop=ensure_event_loop()))
        self._booting[name] = (manager, ensure_event_loop().create_task(_connect(manager)), environment)

    def take(self, name: str) -> tuple[AsyncKernelManager, AsyncKernelClient]:
        """Hand over the kernel of a notebook, ready; who takes it stops it.

        Raises: AcrLabError: it did not come up.
        """
        from jupyter_core.utils import ensure_event_loop, run_sync

        for tries_left in reversed(range(TRIES)):
            manager, booting, environment = self._booting.pop(name)
            try:
                return manager, ensure_event_loop().run_until_complete(booting)
            except RuntimeError as problem:
                run_sync(manager.shutdown_kernel)(now=True)
                if not tries_left:
                    message = f"the Python kernel for {name} did not start: {problem}. See {self._log}."
                    raise AcrLabError(message) from problem
                self.start(name, environment)
        raise AssertionError("unreachable: the last try returns or raises")

    def close(self) -> None:
        """Stop the kernels that were not taken."""
        from jupyter_core.utils import ensure_event_loop, run_sync

        for manager, booting, _ in self._booting.values():
            booting.cancel()
            run_sync(manager.shutdown_kernel)(now=True)
        ensure_event_loop().run_until_complete(_ended([booting for _, booting, _ in self._booting.values()]))
        self._booting.clear()


def _wait_or_undo(manager: AsyncKernelManager, starting: Future[None]) -> None:
    """Wait until a kernel is started; an interruption leaves neither a process nor its file of ports and keys."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        loop.run_until_complete(starting)
    except BaseException:
        starting.cancel()
        loop.run_until_complete(_ended([starting]))
        if manager.has_kernel:
            loop.run_until_complete(manager.shutdown_kernel(now=True))
        Path(manager.connection_file).unlink(missing_ok=True)
        raise


async def _connect(manager: AsyncKernelManager) -> AsyncKernelClient:
    """Connect to a kernel: runs on beside the cells of another notebook, on the same event loop."""
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=BOOT_S)
    except BaseException:
        client.stop_channels()
        raise
    client.allow_stdin = False
    return client


async def _ended(tasks: Sequence[Future[AsyncKernelClient]] | Sequence[Future[None]]) -> None:
    from asyncio import gather

    for outcome in await gather(*tasks, return_exceptions=True):
        if outcome is not None and not isinstance(outcome, BaseException):
            outcome.stop_channels()

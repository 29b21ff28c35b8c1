"""What docker's daemon writes to its log when it can't pull.

Source: https://github.com/moby/moby, 26.1: distribution/pull.go, distribution/xfer/download.go, api/server
"""

from __future__ import annotations

from acrlab.emulator.shell.commands.journal import write
from acrlab.emulator.shell.docker.transfer import ATTEMPTS
from acrlab.emulator.shell.vm import Vm

HANDLER = "Handler for POST /v1.45/images/create returned error"
TRIED = f"download failed after attempts={ATTEMPTS}: "


def note_pull(vm: Vm, problem: str) -> None:
    """Write down why a pull failed: the registry did not answer, a layer did not come, or it was refused."""
    if problem.startswith("Get ") and ("dial tcp" in problem or "net/http" in problem):
        write(vm, "warning", f"Error getting v2 registry: {problem}")
        write(vm, "info", f"Attempting next endpoint for pull after error: {problem}")
        write(vm, "error", f"{HANDLER}: {problem}")
        return
    if TRIED in problem:
        _, _, cause = problem.partition(TRIED)
        for attempt in range(1, ATTEMPTS):
            write(vm, "info", f"Download failed, retrying ({attempt}/{ATTEMPTS - 1}): {cause}")
        write(vm, "error", f"Download failed after {ATTEMPTS} attempts: {cause}")
    write(vm, "error", f"Not continuing with pull after error: {problem}")

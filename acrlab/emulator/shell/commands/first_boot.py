"""A VM's first boot, in a world that is as late as Azure: `cloud-init`, and who holds apt's locks meanwhile.

Source: https://github.com/Azure/azure-linux-extensions/issues/1318 (who holds the locks), apt's own texts, and
https://cloudinit.readthedocs.io/en/latest/reference/cli.html#status
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.emulator.core import lateness
from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import Vm

KEEP_OFF = "N: Be aware that removing the lock file is not a solution and may break your system."


@dataclass(frozen=True)
class Lock:
    """A lock that apt takes, and who has it at first.

    Attributes:
        refused: what apt says in the end.
        seconds: virtual ones after the VM was made, until it is free.
        waits: whether apt waits for it where it is told to: for packages it does, for lists it does not.
    """

    file: str
    refused: str
    seconds: float
    waits: bool

    def left(self, vm: Vm) -> float:
        """Return the virtual seconds until the lock is free; 0: it is."""
        if not lateness.is_late(vm.world):
            return 0.0
        return max(0.0, vm.resource.created + self.seconds - vm.world.now)

    def holder(self, vm: Vm) -> str:
        """Name who has it: both programs take turns."""
        return "apt-get" if self is LISTS or int(vm.world.now / 30) % 2 else "unattended-upgr"

    def take(self, process: Process, timeout_s: float) -> bool:
        """Take the lock, waiting as long as apt was told to. Returns: whether it was free by then."""
        left = self.left(process.vm)
        if not left:
            return True
        held = f"Could not get lock {self.file}. It is held by process 2679 ({self.holder(process.vm)})"
        if self.waits and timeout_s:
            process.print(f"Waiting for cache lock: {held}... 0s")
            process.vm.world.advance_to(process.vm.world.now + min(left, timeout_s))
            if left <= timeout_s:
                return True
        process.warn(f"E: {held}\n{KEEP_OFF}\nE: {self.refused}")
        return False


LISTS = Lock(
    "/var/lib/apt/lists/lock", "Unable to lock directory /var/lib/apt/lists/", lateness.LISTS_LOCKED_S, waits=False
)
PACKAGES = Lock(
    "/var/lib/dpkg/lock-frontend",
    "Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?",
    lateness.PACKAGES_LOCKED_S,
    waits=True,
)


@refusing
def cloud_init(process: Process) -> int:
    """`cloud-init status`, with `--wait` until the first boot is done."""
    given = take(process.args, "--wait -w --long -l")
    if given.words != ["status"] or given.has("--long", "-l"):
        process.warn("cloud-init: not emulated but for: cloud-init status [--wait]")
        return 1
    vm = process.vm
    done = vm.resource.created + lateness.BOOT_S
    if lateness.is_late(vm.world) and vm.world.now < done:
        if not given.has("--wait", "-w"):
            process.print("status: running")
            return 0
        vm.world.advance_to(done)
    process.print("status: done")
    return 0


FIRST_BOOT = programs(cloud_init=cloud_init)

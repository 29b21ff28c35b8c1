"""The VM's shell: what Azure's run-command reaches.

Nothing here is scripted output: commands ask the VM's own resolver, send requests from the VM's own place in
the network, and keep what they did on the VM's disk.
"""

from __future__ import annotations

from acrlab.emulator.core.resource import Resource
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.shell.azure_cli.cli import AZURE_CLI
from acrlab.emulator.shell.commands.apt import APT
from acrlab.emulator.shell.commands.builtins import BUILTINS
from acrlab.emulator.shell.commands.conditions import CONDITIONS
from acrlab.emulator.shell.commands.curl import CURL
from acrlab.emulator.shell.commands.dns import DNS
from acrlab.emulator.shell.commands.files import FILES
from acrlab.emulator.shell.commands.first_boot import FIRST_BOOT
from acrlab.emulator.shell.commands.grep import GREP
from acrlab.emulator.shell.commands.journal import JOURNAL
from acrlab.emulator.shell.commands.openssl import OPENSSL
from acrlab.emulator.shell.commands.probes import PROBES
from acrlab.emulator.shell.commands.python import PYTHON
from acrlab.emulator.shell.commands.resolvectl import RESOLVECTL
from acrlab.emulator.shell.commands.services import SERVICES, start_all
from acrlab.emulator.shell.commands.system import SYSTEM
from acrlab.emulator.shell.commands.text import TEXT
from acrlab.emulator.shell.commands.users import USERS
from acrlab.emulator.shell.commands.wget import WGET
from acrlab.emulator.shell.control import Budget, Exhausted
from acrlab.emulator.shell.docker.cli import DOCKER
from acrlab.emulator.shell.interpreter import Interpreter
from acrlab.emulator.shell.outcome import ScriptOutcome
from acrlab.emulator.shell.streams import Flood, Streams
from acrlab.emulator.shell.vm import Vm

PROGRAMS = {
    **BUILTINS, **CONDITIONS, **TEXT, **GREP, **FILES, **SYSTEM, **SERVICES, **FIRST_BOOT, **APT, **CURL, **DNS,
    **RESOLVECTL, **PROBES, **OPENSSL, **WGET, **PYTHON, **USERS, **JOURNAL, **DOCKER, **AZURE_CLI,
}  # fmt: skip


def run_script(delivery: Delivery, vm: Resource, script: str) -> ScriptOutcome:
    """Run a script on a VM as root, and keep what it leaves on the disk.

    Any text is a script: what can't be read, and what would never end, is told on stderr.
    """
    with delivery.world.transaction():
        here = Vm(delivery, vm)
        streams = Streams()
        shell = Interpreter(here, PROGRAMS, "root", Budget())
        try:
            status = shell.run(script, streams)
        except (Exhausted, Flood, RecursionError) as problem:
            reason = str(problem) or ("too much output" if isinstance(problem, Flood) else "nested too deep")
            streams.err.write(f"bash: stopped: {reason}\n")
            status = 124
        delivery.world.settle(vm, vm.phase)
        return ScriptOutcome(streams.out.text, streams.err.text, status)


__all__ = ["PROGRAMS", "ScriptOutcome", "run_script", "start_all"]

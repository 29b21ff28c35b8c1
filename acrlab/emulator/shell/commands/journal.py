"""`journalctl -u docker`: what the daemon wrote down of pulls that failed; the last lines of it are kept.

Source: docker's daemon/containerd/pull and api/server, 26.1, for the words of its log.
"""

from __future__ import annotations

import re

from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import Vm

KEPT = 50
EMPTY = "-- No entries --"


def write(vm: Vm, level: str, message: str) -> None:
    """Let docker's daemon write a line."""
    quoted = message.replace("\\", "\\\\").replace('"', '\\"')
    now = vm.now()
    line = f"{now:%b %d %H:%M:%S} {vm.hostname} dockerd[1042]: "
    text = f'time="{now:%Y-%m-%dT%H:%M:%S}.000000000Z" level={level} msg="{quoted}"'
    vm.disk.journal[:] = [*vm.disk.journal, line + text][-KEPT:]


@refusing
def journalctl(process: Process) -> int:
    given = take(process.args, "--no-pager -x -e -r", "-u --unit -n --lines")
    unit = given.value("-u", "--unit").removesuffix(".service")
    lines = given.value("-n", "--lines", default=str(KEPT))
    if unit != "docker" or given.words or not re.fullmatch(r"\d{1,6}", lines):
        process.complain("not emulated but for docker: journalctl -u docker [-n LINES] [--no-pager]")
        return 1
    if process.user != "root":
        process.warn("No journal files were opened due to insufficient permissions.")
        return 1
    last = process.disk.journal[-int(lines) :] if int(lines) else []
    for line in reversed(last) if given.has("-r") else last:
        process.print(line)
    if not last:
        process.print(EMPTY)
    return 0


JOURNAL = programs(journalctl=journalctl)

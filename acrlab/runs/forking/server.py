"""The process that kernels are forked from, which has imported all: `python -m acrlab.runs.forking.server FD BACKEND`.

Imports are most of what a kernel does before its first cell; forks share them. It has one thread, no event loop, and
never forks while a world or a client is open, so that a fork holds nothing that would have to be shared or closed.

The runner's side is `acrlab.runs.forking.client`. They talk over one Unix socket: a request is its length with three
descriptors (line, stdout, stderr), then JSON `{arguments, folder, environment}`. On `line` comes the kernel's process
id, and its exit status when it has ended; a line that ends without a status says that this process is gone, and with
it (PR_SET_PDEATHSIG) the kernel. Source: unix(7), SCM_RIGHTS; prctl(2); pidfd_open(2).
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
import traceback
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from acrlab.runs import preload
from acrlab.runs.forking.rehearsal import rehearse

PARENT_DIED = 1  # PR_SET_PDEATHSIG
REHEARSED_AFTER = 3  # kernels: who asks for so many asks for more, and waits for none meanwhile
LENGTH = struct.Struct("!I")
Order = dict[str, Any]


def main(control: int, backend: str) -> None:
    """Import, then fork until the runner is gone; in each fork, be a kernel."""
    gc.disable()  # a collection would write into pages that forks share
    before = dict(os.environ)
    preload.load_kernel()
    preload.load(backend)
    preload.load_chapters()
    preload.tell_mappings_apart()
    _settle()
    order = _serve(socket.socket(fileno=control))
    if order is not None:
        _become_kernel(order, before)


def _rehearse() -> None:
    """Prepare what kernels would prepare one by one; they can be without it, on a full disk for example."""
    try:
        rehearse()
    except Exception:
        traceback.print_exc()
    gc.collect()  # of the rehearsal alone: what was there before is frozen
    _settle()


def _settle() -> None:
    """Be ready to fork: with one thread, and nothing in reach of the collector.

    What the imports left for it is not looked for: that would take as long as a quarter of them.
    """
    gc.freeze()
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        sys.exit("a module has started a thread as it was imported: no kernel can be forked")


def _serve(control: socket.socket) -> Order | None:
    """Fork whenever the runner asks. Returns: in a fork, what was asked; None: the runner is gone."""
    kernels: dict[int, tuple[int, int]] = {}  # descriptor of the process -> its id, its line
    forked, rehearsed = 0, False
    with selectors.DefaultSelector() as waiting:
        waiting.register(control, selectors.EVENT_READ)
        while True:
            if forked >= REHEARSED_AFTER and not rehearsed and not waiting.select(timeout=0):
                _rehearse()
                rehearsed = True
            for key, _ in waiting.select():
                if key.fd != control.fileno():
                    waiting.unregister(key.fd)
                    _report_end(key.fd, *kernels.pop(key.fd))
                elif (received := _receive(control)) is None:
                    _end_all(kernels)
                    return None
                else:
                    order, line, out, err = received
                    server, process = os.getpid(), os.fork()
                    if process == 0:
                        return {**order, "out": out, "err": err, "server": server}
                    forked += 1
                    _tell(line, process)
                    os.close(out)
                    os.close(err)
                    descriptor = os.pidfd_open(process)
                    kernels[descriptor] = (process, line)
                    waiting.register(descriptor, selectors.EVENT_READ)


def _receive(control: socket.socket) -> tuple[Order, int, int, int] | None:
    head, (*given,), _, _ = socket.recv_fds(control, LENGTH.size, 3)
    if not head:
        return None
    (size,) = LENGTH.unpack(head)
    body = b""
    while len(body) < size:
        body += control.recv(size - len(body))
    line, out, err = given
    return json.loads(body), line, out, err


def _report_end(descriptor: int, process: int, line: int) -> None:
    os.close(descriptor)
    _, status = os.waitpid(process, 0)
    _tell(line, os.waitstatus_to_exitcode(status))
    os.close(line)


def _end_all(kernels: dict[int, tuple[int, int]]) -> None:
    for process, _ in kernels.values():
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _tell(line: int, number: int) -> None:
    with suppress(BrokenPipeError):  # the runner has stopped listening to this kernel
        os.write(line, b"%d\n" % number)


def _become_kernel(order: Order, before: dict[str, str]) -> None:
    """Be the process that `python -m ipykernel_launcher` would be.

    Args:
        before: the environment before the imports; what they set stays, as it would in any kernel.
    """
    os.setsid()
    ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGKILL)
    if os.getppid() != order["server"]:
        os._exit(1)  # it ended before it was asked to tell of its end
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (order["out"], 1), (order["err"], 2)):
        os.dup2(source, target)
    os.closerange(3, 1 + max(int(file.name) for file in Path("/proc/self/fd").iterdir()))
    os.chdir(order["folder"])
    set_by_imports = {name: value for name, value in os.environ.items() if before.get(name) != value}
    os.environ.clear()
    # The parent's id is what Jupyter's launcher would have added.
    os.environ.update({**set_by_imports, **order["environment"], "JPY_PARENT_PID": str(order["server"])})
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.enable()
    from ipykernel.kernelapp import IPKernelApp

    launcher = find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin) if launcher else sys.argv[0], *order["arguments"]]

    # The kernel watches over its parent, whose id it read from the environment at its import.
    IPKernelApp.launch_instance(argv=[*order["arguments"], f"--IPKernelApp.parent_handle={order['server']}"])


if __name__ == "__main__":
    if sys.path[:1] in ([str(Path.cwd())], [""]):
        sys.path.pop(0)  # put there by `python -m`, and not for kernels, which work in other folders
    main(int(sys.argv[1]), sys.argv[2])

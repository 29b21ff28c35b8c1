"""Kernels by fork: what a cell sees is what it sees in a plain kernel, and nothing stays behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from acrlab.runs.forking import client, provisioner, server
from acrlab.runs.forking.client import CHOICE, PLAIN, ForkedProcess, ForkServer, can_fork
from acrlab.runs.forking.provisioner import ForkProvisioner
from acrlab.runs.forking.server import REHEARSED_AFTER

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only")

SEEN = """
import gc, os, random, signal, sys, threading, time, uuid, warnings
print(repr({
    "path": sys.path,
    "argv": [os.path.basename(sys.argv[0]), *sys.argv[3:]],
    "folder": os.getcwd(),
    "told": os.environ.get("TOLD"),
    "zone": time.tzname,
    "interrupts": signal.getsignal(signal.SIGINT) is not signal.SIG_IGN,
    "collects": gc.isenabled(),
    "threads": sorted(thread.name.split("-")[0] for thread in threading.enumerate()),
    "filters": len(warnings.filters),
    "leads": os.getsid(0) == os.getpid(),
    "flags": [name for name in ("PYTHONPATH", "JPY_PARENT_PID") if name in os.environ],
}))
"""
# Whether the SDK has worked out how a network is read.
HAS_MET_A_NETWORK = """
from azure.mgmt.network._utils.model_base import Model
print("azure.mgmt.network.models._models.VirtualNetwork" in Model._calculated)
"""


class Kernel:
    """A kernel of this Python: its process, and what executes code in it and returns what that prints."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self._manager = AsyncKernelManager(kernel_name="python3")
        self._manager.provisioner = ForkProvisioner(
            kernel_id="tried", kernel_spec=self._manager.kernel_spec, parent=self._manager
        )
        with (folder / "log").open("ab") as log:
            run_sync(self._manager.start_kernel)(cwd=str(folder), env=os.environ | variables, stdout=log, stderr=log)
        self.process = self._manager.provisioner.process
        self._client = self._manager.client()
        self._client.start_channels()
        run_sync(self._client.wait_for_ready)(timeout=60)

    @property
    def is_alive(self) -> bool:
        return run_sync(self._manager.is_alive)()

    def send(self, code: str) -> None:
        self._client.execute(code)

    def execute(self, code: str) -> str:
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            said.append(message["content"].get("text", ""))

        run_sync(self._client.execute_interactive)(code, timeout=60, output_hook=hear, allow_stdin=False)
        return "".join(said).strip()

    def close(self) -> None:
        self._client.stop_channels()
        run_sync(self._manager.shutdown_kernel)(now=True)


@contextmanager
def kernel(folder: Path, **variables: str) -> Iterator[Kernel]:
    with closing(Kernel(folder, variables)) as opened:
        yield opened


@pytest.fixture
def new_server(monkeypatch):
    """One that has forked no kernel yet."""
    monkeypatch.setattr(ForkServer, "_running", None)
    with closing(ForkServer.running()):
        yield


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def ends(process: int) -> bool:
    deadline = time.monotonic() + 20
    while is_there(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_there(process)


@pytest.fixture
def plain(monkeypatch):
    monkeypatch.setenv(CHOICE, PLAIN)


@pytest.mark.parametrize("before", [0, REHEARSED_AFTER])
def test_a_cell_sees_what_it_sees_in_a_plain_kernel(before, new_server, tmp_path, monkeypatch):
    for _ in range(before):
        with kernel(tmp_path) as one:
            assert one.execute(HAS_MET_A_NETWORK) == "False"
    with kernel(tmp_path, TOLD="yes", TZ="Asia/Tokyo") as one:
        assert isinstance(one.process, ForkedProcess)
        forked = one.execute(SEEN)
        assert one.execute(HAS_MET_A_NETWORK) == str(before > 0)
    monkeypatch.setenv(CHOICE, PLAIN)
    with kernel(tmp_path, TOLD="yes", TZ="Asia/Tokyo") as one:
        assert not isinstance(one.process, ForkedProcess)
        assert forked == one.execute(SEEN)


def test_a_rehearsal_leaves_nothing_that_a_fork_would_share(tmp_path):
    asked = textwrap.dedent("""
        import gc, os, tempfile
        from pathlib import Path
        from acrlab.runs import preload
        from acrlab.runs.forking.rehearsal import rehearse

        def left():
            return sorted(os.readlink(file) for file in Path("/proc/self/fd").iterdir() if file.exists())

        preload.load("emulator")
        preload.load_chapters()
        files, variables = left(), dict(os.environ)
        rehearse()
        gc.collect()
        print(
            len(list(Path("/proc/self/task").iterdir())),
            left() == files,
            dict(os.environ) == variables,
            list(Path(tempfile.gettempdir()).iterdir()),
        )
    """)
    home = tmp_path / "home"
    variables = os.environ | {"TMPDIR": str(tmp_path), "ACRLAB_HOME": str(home), "ACRLAB_WORLD": str(home / "world.db")}

    said = subprocess.run([sys.executable, "-c", asked], env=variables, capture_output=True, text=True, timeout=120)

    assert said.stdout == "1 True True []\n", said.stderr


def test_a_rehearsal_that_fails_is_told_and_costs_no_kernel(monkeypatch, capfd):
    settled = []

    def fail():
        raise OSError("No space left on device")

    monkeypatch.setattr(server, "rehearse", fail)
    monkeypatch.setattr(server, "_settle", lambda: settled.append(True))

    server._rehearse()

    assert settled
    assert "No space left on device" in capfd.readouterr().err


def test_forks_of_one_process_draw_other_random_numbers(tmp_path):
    drawn = []
    for _ in range(2):
        with kernel(tmp_path) as one:
            drawn.append(one.execute("import random, uuid; print(random.random(), uuid.uuid4())"))

    assert drawn[0] != drawn[1]


def test_a_kernel_that_ends_by_itself_tells_how(tmp_path):
    with kernel(tmp_path) as one:
        one.send("import os; os._exit(3)")
        assert one.process.wait(20) == 3
        assert not one.is_alive


def test_a_kernel_is_killed_at_once_and_leaves_nothing(tmp_path):
    with kernel(tmp_path) as one:
        process = one.process
        assert int(one.execute("import os; print(os.getpid())")) == process.pid

    assert process.returncode == -signal.SIGKILL
    assert not is_there(process.pid)


def test_a_busy_cell_is_interrupted_and_the_kernel_goes_on(tmp_path):
    with kernel(tmp_path) as one:
        one.execute("import os, signal, threading, time")
        said = one.execute(
            "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "try:\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    print('interrupted')"
        )
        assert said == "interrupted"
        assert one.execute("print('goes on')") == "goes on"


def test_kernels_end_with_the_process_that_they_were_forked_from_and_the_next_has_a_new_one(tmp_path):
    with kernel(tmp_path) as one:
        process, first = one.process, ForkServer.running()
        first._process.kill()
        assert ends(process.pid)
        assert process.wait(20) == -signal.SIGKILL
    with kernel(tmp_path) as one:
        assert one.execute("print(1)") == "1"
    assert ForkServer.running() is not first


def test_a_server_that_cannot_fork_is_replaced_by_plain_kernels(tmp_path, monkeypatch):
    class Unable:
        def fork(self, *asked):
            raise OSError("it has ended")

    monkeypatch.setattr(provisioner.ForkServer, "running", lambda: Unable())

    with kernel(tmp_path) as one:
        assert not isinstance(one.process, ForkedProcess)
        assert one.execute("print(1)") == "1"


def test_what_a_kernel_itself_writes_goes_to_its_log(tmp_path):
    with kernel(tmp_path) as one:
        one.execute("import os; os.write(2, b'a warning')")

    assert "a warning" in (tmp_path / "log").read_text()


def test_a_system_that_cannot_fork_and_a_wish_for_plain_kernels_are_heeded(monkeypatch, plain):
    assert not can_fork()
    monkeypatch.delenv(CHOICE)
    assert can_fork()
    monkeypatch.setattr(client.sys, "platform", "darwin")
    assert not can_fork()

"""What is asked of the kernel itself."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")

# A child asks to die with its parent, which has ended by then.
TOO_LATE = """
import os, sys, time
from acrlab.emulator.fabric import kernel
parent = os.getpid()
if child := os.fork():
    print(child, flush=True)
    os._exit(0)
while os.getppid() == parent:
    time.sleep(0.01)
kernel.die_with_parent(parent)
time.sleep(60)
"""


def test_a_child_whose_parent_has_ended_already_does_not_stay_behind():
    done = subprocess.run([sys.executable, "-c", TOO_LATE], stdout=subprocess.PIPE, text=True, check=True, timeout=30)
    child = int(done.stdout)

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and _lives(child):
        time.sleep(0.05)

    assert not _lives(child)


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"

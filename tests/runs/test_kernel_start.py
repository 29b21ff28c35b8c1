"""A chapter's cell in a kernel that was restarted says what to run again, and any other mistake is Python's own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

import acrlab

pytestmark = pytest.mark.xdist_group("kernels")
Said = Callable[[str], str]


def test_plain_python_in_a_terminal_of_jupyterlab_starts_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", str(Path(acrlab.__file__).with_name("jupyter") / "kernel_start.py"))

    done = subprocess.run([sys.executable, "-q", "-i"], input="print(1 + 1)\n", capture_output=True, text=True)

    assert done.stdout == "2\n"
    assert "Traceback" not in done.stderr


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """Run a cell in one new kernel after another cell. Returns: what the notebook shows of its error."""
    start = Path(acrlab.__file__).with_name("jupyter") / "kernel_start.py"
    monkeypatch.setenv("PYTHONSTARTUP", str(start))
    manager, client = start_new_kernel(kernel_name="python3")

    def run(source: str) -> str:
        shown: list[str] = []
        client.execute_interactive(
            source, output_hook=lambda heard: shown.extend(heard["content"].get("traceback", ())), timeout=60
        )
        return "\n".join(shown)

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_new_kernel_says_what_to_run_again_and_leaves_other_mistakes_alone(said: Said) -> None:
    assert said("acrlab.verify(lab, 'zone')") == (
        "\x1b[31mname 'acrlab' is not defined\x1b[0m. The kernel is new, as after a restart. "
        "Run the cells above again: Run, Run All Above Selected Cell."
    )
    assert "Run All Above" in said("acrlab = 1\nlab")
    assert "Traceback" in said("nosuch")
    assert "Traceback" in said("lab = 1\nsettings")
    assert "_install" in said("_install")

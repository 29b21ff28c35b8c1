"""A chapter's cell in a kernel that was restarted says what to run again, and any other mistake is Python's own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

import acrlab

Said = Callable[[str], str]


def test_plain_python_in_a_terminal_of_jupyterlab_starts_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", str(Path(acrlab.__file__).with_name("jupyter") / "kernel_start.py"))

    done = subprocess.run([sys.executable, "-q", "-i"], input="print(1 + 1)\n", capture_output=True, text=True)

    assert done.stdout == "2\n"
    assert "Traceback" not in done.stderr


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Said]]:
    """Start a kernel of a notebook of this name. What it gives runs a cell, and tells its error and what is printed."""
    monkeypatch.setenv("PYTHONSTARTUP", str(Path(acrlab.__file__).with_name("jupyter") / "kernel_start.py"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "share"))
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path))
    monkeypatch.delenv("ACRLAB_WORLD", raising=False)
    with ExitStack() as kernels:

        def begin(notebook: str) -> Said:
            monkeypatch.setenv("JPY_SESSION_NAME", f"course/{notebook}.ipynb")
            manager, client = start_new_kernel(kernel_name="python3")
            kernels.callback(manager.shutdown_kernel, now=True)
            kernels.callback(client.stop_channels)

            def run(source: str) -> str:
                shown: list[str] = []

                def hear(heard: dict[str, Any]) -> None:
                    shown.extend(heard["content"].get("traceback", ()))
                    shown.append(heard["content"].get("text", ""))

                client.execute_interactive(source, output_hook=hear, timeout=60)
                return "\n".join(filter(None, shown))

            return run

        yield begin


@pytest.fixture
def said(start: Callable[[str], Said]) -> Said:
    """Run a cell in one new kernel after another cell."""
    return start("03-private-link")


def test_two_notebooks_on_one_lab_are_told_of_each_other(start: Callable[[str], Said]) -> None:
    opening = "import acrlab\nlab = acrlab.connect(registry_name='contoso42')"
    first, second = start("03-private-link"), start("06-deny-public-access")
    assert first(opening) == second(opening) == ""
    assert first("acrlab.ensure_group(lab);") == ""
    assert second("acrlab.ensure_registry(lab);") == ""
    assert first("1 + 1;").startswith("06-deny-public-access has worked on this lab since this notebook last did.")
    assert first("1 + 1;") == ""


def test_a_new_kernel_says_what_to_run_again_and_leaves_other_mistakes_alone(said: Said) -> None:
    assert said("acrlab.verify(lab, 'zone')") == (
        "\x1b[31mname 'acrlab' is not defined\x1b[0m. The kernel is new, as after a restart. "
        "Run the cells above again: Run, Run All Above Selected Cell."
    )
    assert "Run All Above" in said("acrlab = 1\nlab")
    assert "Traceback" in said("nosuch")
    assert "Traceback" in said("lab = 1\nsettings")
    assert "_install" in said("_install")

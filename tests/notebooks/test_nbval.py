"""`pytest --nbval` compares strictly, on a world of its own for each notebook."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acrlab.runs import kernels, stored_outputs
from acrlab.runs.notebooks import find

CONFTEST = Path(__file__).resolve().parents[2] / "conftest.py"

Write = Callable[..., Path]


@pytest.fixture
def lessons(write_notebooks: Write, add_a_group: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two notebooks with their outputs stored; what they show depends on what is in their world."""
    monkeypatch.setattr(kernels, "PRELOAD", "pass")
    folder = write_notebooks([add_a_group], [add_a_group, add_a_group])
    for notebook, text in stored_outputs.rerun(find(folder)):
        notebook.path.write_text(text, "utf-8")
    shutil.copy(CONFTEST, folder)
    return folder


def nbval(folder: Path, *arguments: str, world: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-W",
        "error",
        "-c",
        os.devnull,
        "--rootdir",
        ".",
        "--confcutdir",
        ".",
    ]
    command += ["-p", "no:randomly", *arguments]
    environment = {**os.environ, "ACRLAB_WORLD": str(world)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.long
def test_it_is_green_again_and_again_in_any_order(lessons: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.db"

    first = nbval(lessons, "00-a.ipynb", "01-b.ipynb", world=mine)
    second = nbval(lessons, "01-b.ipynb", "00-a.ipynb", world=mine)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert not mine.exists(), "the learner's own world was used"
    assert "without encryption" not in first.stdout + first.stderr


@pytest.mark.long
@pytest.mark.parametrize("more", [(), ("--dist", "loadscope")], ids=["as people type it", "by scope"])
def test_it_is_green_with_two_workers(lessons: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    done = nbval(lessons, "-n", "2", *more, "-p", "xdist", ".", world=tmp_path / "mine.db")

    assert done.returncode == 0, done.stdout


@pytest.mark.long
def test_a_changed_output_is_red(lessons: Path, tmp_path: Path) -> None:
    path = lessons / "01-b.ipynb"
    document = json.loads(path.read_text("utf-8"))
    document["cells"][-1]["outputs"][0]["data"]["text/plain"][0] = "['/subscriptions/s/resourcegroups/g9']"
    path.write_text(json.dumps(document), "utf-8")

    done = nbval(lessons, "01-b.ipynb", world=tmp_path / "mine.db")

    assert done.returncode == 1
    assert "1 failed, 3 passed" in done.stdout

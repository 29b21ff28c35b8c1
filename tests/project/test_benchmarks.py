"""What the benchmarks stand on: servers that are never held up, and a computer that has not everything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from acrlab.runs import requirements
from tests.benchmarks import floor, served_world

ROOT = Path(__file__).resolve().parents[2]
TALKATIVE = """\
import sys, time
from pathlib import Path
sys.stderr.write("x" * 2**20)
sys.stderr.flush()
Path(sys.argv[1]).write_text("{}")
time.sleep(60)
"""


def test_a_server_that_says_more_than_a_pipe_holds_is_not_held_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_world, "START_S", 10)
    ready = tmp_path / "ready.json"

    server, told = served_world.start([sys.executable, "-c", TALKATIVE, str(ready)], ready)
    server.kill()
    server.wait()

    assert told == {}


def test_a_server_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "raise SystemExit('the port is taken')"]

    with pytest.raises(SystemExit, match="the server did not start: the port is taken"):
        served_world.start(words, tmp_path / "ready.json")


def test_without_az_the_article_is_skipped_by_name(tmp_path: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "ACRLAB_AZ"} | {"PATH": str(tmp_path)}
    words = [sys.executable, "-m", "tests.benchmarks", "article"]

    done = subprocess.run(words, cwd=ROOT, env=variables, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("article is skipped: az: ")


def test_notebooks_that_cannot_be_run_here_are_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "_namespaces", lambda: "no network namespaces here")
    run: list[list[str]] = []
    monkeypatch.setattr(
        floor, "_run", lambda notebooks, out: lambda: float(not run.append([n.name for n in notebooks]))
    )
    monkeypatch.setattr(floor, "_papermill", lambda notebooks, folder: lambda: 1.0)

    table = floor.floor(rounds=1)

    assert str(table.caption).startswith("10-real-packets is not among them: no network namespaces here")
    assert run
    assert not [names for names in run if "10-real-packets" in names]

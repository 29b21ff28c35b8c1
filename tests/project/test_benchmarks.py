"""What the benchmarks stand on: servers that are never held up, and a computer that has not everything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from acrlab.runs import requirements
from tests.benchmarks import floor, served_world
from tests.benchmarks.cores import Span, watched
from tests.benchmarks.matrix import efficiency

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


def test_cores_that_others_use_are_not_free_and_more_than_wanted_are_not_counted() -> None:
    span = Span(seconds=10, own_s=20, others_s=15)

    assert span.free(4, cores=4) == 2.5
    assert span.free(1, cores=4) == 1


@pytest.mark.parametrize(
    ("many", "reached"),
    [
        (Span(seconds=10, others_s=0), 1.0),
        (Span(seconds=12.5, others_s=0), 0.8),
        (Span(seconds=20, others_s=20), 1.0),  # one of two cores was not there
    ],
)
def test_two_workers_are_compared_with_one_by_the_cores_that_were_free(many: Span, reached: float) -> None:
    one = Span(seconds=20, others_s=0)

    assert efficiency(one, many, workers=2, cores=2) == pytest.approx(reached)


def test_what_a_child_computes_is_one_s_own() -> None:
    with watched() as span:
        subprocess.run([sys.executable, "-c", "sum(range(2_000_000))"], check=True)

    assert span.own_s > 0
    assert span.seconds > 0

"""Runs as the library offers them: what is executed, recorded, taken up again, kept apart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from acrlab.errors import ConfigurationError
from acrlab.runs import kernels, run
from acrlab.runs.notebooks import find
from acrlab.runs.record import NotebookRecord, RunRecord, unfinished
from acrlab.serving.world_file import reserved
from tests.runs.worlds import dump, groups

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")
Write = Callable[..., Path]
ACRLAB = "from acrlab.cli.app import main; main()"
RUN = (
    "import sys; from pathlib import Path; from rich.console import Console;"
    "from acrlab.runs import kernels, run as runs; from acrlab.runs.notebooks import find;"
    "from acrlab.runs.display import Lines; kernels.PRELOAD = 'pass';"
    "runs.run(runs.Order(find(Path(sys.argv[1])), out=Path(sys.argv[2])), Lines(Console()))"
)


class Told:
    """A display that remembers."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def begin(self, name: str, cells: int) -> None:
        self.words.append(f"{name} of {cells}")

    def cell(self) -> None:
        self.words.append(".")

    def end(self, outcome: NotebookRecord) -> None:
        self.words.append(outcome.status)

    def close(self) -> None:
        self.words.append("closed")


class Impatient(Told):
    """A learner who presses Ctrl-C while the second notebook's fourth cell is executed."""

    def cell(self) -> None:
        super().cell()
        if self.words[-4:] == [".", ".", ".", "."] and "01-b of 4" in self.words:
            raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def light_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of these tests need no SDK."""
    monkeypatch.setattr(kernels, "PRELOAD", "pass")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def order(folder: Path, out: Path, **more: Any) -> run.Order:
    return run.Order(find(folder), out=out, **more)


def source_of(path: Path) -> str:
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def test_notebooks_share_a_world_that_is_the_run_s_own(write_notebooks: Write, add_a_group: str, out: Path) -> None:
    folder = write_notebooks([add_a_group], [add_a_group])
    told = Told()

    record = run.run(order(folder, out), told)

    assert record.status == "finished"
    assert groups(record.world_file) == ["g0", "g1"]
    assert record.world_file.parent == record.folder
    assert told.words == ["00-a of 3", ".", ".", ".", "finished", "01-b of 3", ".", ".", ".", "finished", "closed"]


def test_the_record_tells_what_was_run_on_what_and_how_long(write_notebooks: Write, out: Path) -> None:
    folder = write_notebooks(['acrlab.runs.record.keep_fact("pull_digest", "sha256:0")\n1'])

    record = run.run(order(folder, out, parameters={"location": "westeurope"}), Told())

    stored = json.loads((record.folder / "record.json").read_text("utf-8"))
    (notebook,) = stored["notebooks"]
    assert (notebook["status"], notebook["cells"], notebook["failed_cell"]) == ("finished", 4, None)
    assert notebook["facts"] == {"pull_digest": "sha256:0"}
    assert 0 < notebook["slowest_cell"] <= notebook["seconds"] <= stored["seconds"]
    assert stored["parameters"] == {"location": "westeurope"}
    assert {"python", "system", "acrlab", "azure-mgmt-network", "papermill"} <= set(stored["versions"])


def test_what_a_lab_keeps_lies_where_the_run_was_begun_and_not_beside_the_notebooks(
    write_notebooks: Write, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed, the notebooks lie in the package, where nothing may be written."""
    monkeypatch.delenv("ACRLAB_HOME", raising=False)
    begun, elsewhere = tmp_path / "begun", tmp_path / "elsewhere"
    begun.mkdir()
    elsewhere.mkdir()
    look = 'acrlab.runs.record.keep_fact("home", os.environ["ACRLAB_HOME"])'
    folder = write_notebooks([look], ["1 / 0"])
    monkeypatch.chdir(begun)
    record = run.run(order(folder, out), Told())
    write_notebooks([look], [look])
    monkeypatch.chdir(elsewhere)

    record = run.resume(record.folder, Told())

    assert [notebook.facts for notebook in record.notebooks] == [{"home": str(begun / ".acrlab")}] * 2


def test_a_parameter_reaches_the_notebooks_that_declare_it(write_notebooks: Write, out: Path) -> None:
    folder = write_notebooks(["location"])

    record = run.run(order(folder, out, parameters={"location": "westeurope", "other": 1}), Told())

    copy = source_of(record.folder / "00-a.ipynb")
    assert 'location = "westeurope"' in copy
    assert "other" not in copy


def test_a_run_stops_at_the_first_failing_cell_and_names_it(write_notebooks: Write, out: Path) -> None:
    folder = write_notebooks(["1"], ['assert location == "mars", "expected mars, seen earth; look up"', "2"], ["3"])

    record = run.run(order(folder, out), Told())

    assert [one.status for one in record.notebooks] == ["finished", "failed", "waiting"]
    assert record.notebooks[1].failed_cell == {
        "number": 3,
        "section": "A section",
        "error": "AssertionError",
        "message": "expected mars, seen earth; look up",
    }
    assert unfinished(out) == record.folder


def test_a_run_goes_on_from_a_mended_notebook_on_the_world_as_it_is(
    write_notebooks: Write, add_a_group: str, out: Path
) -> None:
    folder = write_notebooks([add_a_group], [add_a_group, "1 / 0"], [add_a_group])
    failed = run.run(order(folder, out), Told())
    write_notebooks([add_a_group], ["mended = 1"], [add_a_group])

    record = run.resume(failed.folder, Told())

    assert record.status == "finished"
    assert groups(record.world_file) == ["g0", "g1", "g2"]
    assert RunRecord.read(record.folder).notebooks[1].failed_cell is None


@pytest.mark.long
def test_a_killed_run_ends_with_what_an_undisturbed_one_leaves(
    write_notebooks: Write, add_a_group: str, hold: str, out: Path
) -> None:
    folder = write_notebooks([add_a_group], [add_a_group, hold], [add_a_group])
    undisturbed = run.run(order(folder, out / "undisturbed"), Told())
    (folder / "hold").touch()
    process = subprocess.Popen([sys.executable, "-c", RUN, str(folder), str(out)], stdout=subprocess.DEVNULL)
    _wait_for(folder / "held")
    process.kill()
    process.wait()
    (folder / "hold").unlink()

    record = run.resume(unfinished(out), Told())

    assert record.status == "finished"
    assert dump(record.world_file) == dump(undisturbed.world_file)


def test_an_interrupted_run_is_taken_up_as_a_killed_one_is(write_notebooks: Write, add_a_group: str, out: Path) -> None:
    folder = write_notebooks([add_a_group], [add_a_group, "1"])

    interrupted = run.run(order(folder, out), Impatient())
    record = run.resume(unfinished(out), Told())

    assert interrupted.status == "interrupted"
    assert record.status == "finished"
    assert groups(record.world_file) == ["g0", "g1"]
    assert sorted(path.name for path in record.folder.iterdir() if path.suffix != ".blobs") == [
        "00-a.ipynb", "01-b.ipynb", "facts", "kernels.log", "record.json", "world.db", "world.db.lock",
    ]  # fmt: skip


@pytest.mark.table
@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("SIGINT", "its kernels start"),
        ("SIGINT", "a cell is at work"),
        pytest.param("SIGTERM", "a cell is at work", marks=POSIX),
        pytest.param("SIGHUP", "a cell is at work", marks=POSIX),
    ],
)
def test_a_run_that_is_told_to_end_says_so_leaves_nothing_and_can_be_taken_up(
    write_notebooks: Write, add_a_group: str, hold: str, out: Path, told: str, moment: str, tmp_path: Path
) -> None:
    (tmp_path / "temporary").mkdir()
    variables = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    folder = write_notebooks([add_a_group], [add_a_group, hold], [add_a_group])
    (folder / "hold").touch()
    words = [sys.executable, "-c", ACRLAB, "run", "--notebooks", str(folder), "--out", str(out)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables)
    _wait_for(folder / "held" if moment == "a cell is at work" else out / "*" / "kernels.log", process)
    process.send_signal(signal.Signals[told])
    _, said = process.communicate(timeout=60)
    (folder / "hold").unlink()

    record = run.resume(unfinished(out), Told())

    assert process.returncode == 130
    assert "To continue from there: acrlab run --resume" in said
    assert "Traceback" not in said
    assert list((tmp_path / "temporary").glob("*.json")) == [], "kernels' ports and keys"
    assert record.status == "finished"
    assert groups(record.world_file) == ["g0", "g1", "g2"]


def test_a_notebook_that_is_gone_cannot_be_resumed(write_notebooks: Write, out: Path) -> None:
    folder = write_notebooks(["1"], ["1 / 0"])
    failed = run.run(order(folder, out), Told())
    (folder / "01-b.ipynb").unlink()

    with pytest.raises(ConfigurationError, match=r"has no 01-b any more\. Begin a new run\."):
        run.resume(failed.folder, Told())


def test_a_kernel_that_dies_is_a_failed_cell(write_notebooks: Write, out: Path) -> None:
    folder = write_notebooks(["os._exit(7)"])

    record = run.run(order(folder, out), Told())

    assert record.notebooks[0].failed_cell
    assert record.notebooks[0].failed_cell["error"] == "DeadKernelError"
    assert record.notebooks[0].failed_cell["number"] == 3


def test_two_runs_on_one_world_are_kept_apart(write_notebooks: Write, out: Path, tmp_path: Path) -> None:
    folder = write_notebooks(["1"])
    world = tmp_path / "shared.db"

    with reserved(world), pytest.raises(ConfigurationError) as caught:
        run.run(order(folder, out, world=world), Told())

    assert str(caught.value) == (
        f"world: another command is using {world}. Wait until it has ended, or name another file with --world."
    )
    assert not out.exists()


def test_a_damaged_world_is_refused_before_anything_is_started(
    write_notebooks: Write, out: Path, tmp_path: Path
) -> None:
    world = tmp_path / "world.db"
    world.write_bytes(b"not a database, " * 100)

    with pytest.raises(ConfigurationError, match=r"world: .*world\.db is not a readable world"):
        run.run(order(write_notebooks(["1"]), out, world=world), Told())

    assert not out.exists()
    assert world.read_bytes() == b"not a database, " * 100


def test_there_is_nothing_to_resume(out: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"resume: no unfinished run in .*acrlab run"):
        unfinished(out)


def test_a_record_that_was_half_written_does_not_count(out: Path) -> None:
    record = RunRecord(out, source="", world="world.db", parameters={}, notebooks=[NotebookRecord("00-a")])
    out.mkdir()
    record.write()
    (out / "record.json.new").write_text("{", "utf-8")

    assert RunRecord.read(out).notebooks == record.notebooks


def test_nothing_is_recorded_outside_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from acrlab.runs.record import keep_fact

    monkeypatch.delenv("ACRLAB_RECORD", raising=False)

    keep_fact("pull_digest", object())


def _wait_for(path: Path, process: subprocess.Popen[str] | None = None) -> None:
    """Real processes take real time."""
    until = time.monotonic() + 60
    while not any(Path(path.anchor).glob(str(path.relative_to(path.anchor)))):
        assert process is None or process.poll() is None, "the run ended by itself"
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.02)

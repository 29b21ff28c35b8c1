"""The chapters themselves, run as `acrlab run` runs them: twice on one world, and under other names."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from rich.console import Console

import acrlab
from acrlab.lab.ownership import RUN
from acrlab.runs import run as runs
from acrlab.runs.display import Lines
from acrlab.runs.forking.client import CHOICE, PLAIN
from acrlab.runs.kernels import QUIET
from acrlab.runs.notebooks import Notebook, chosen, find
from acrlab.runs.record import RunRecord, unfinished
from acrlab.runs.requirements import unmet
from acrlab.serving.world_file import save
from tests.runs.worlds import dump

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = {"location": "westeurope", "registry_name": "contoso42"}


@pytest.fixture
def run_to_07(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run chapters 00 to 07 on one world that stays, and give the record."""
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path / "home"))

    def run() -> RunRecord:
        chapters = chosen(find(NOTEBOOKS), only=(), begin="", end="07")
        order = runs.Order(chapters, out=tmp_path / "runs", parameters=NAMES, world=tmp_path / "world.db")
        return runs.run(order, Lines(Console(quiet=True)))

    return run


@pytest.mark.long
def test_the_chapters_twice_on_one_world_come_to_the_same_and_show_the_given_names(
    run_to_07: Any, tmp_path: Path
) -> None:
    """The second time chapter 03 takes back its zone and its endpoint, and makes them anew; all else is untouched."""
    first = run_to_07()
    after_once = _dump(tmp_path / "world.db")

    second = run_to_07()

    assert (first.status, second.status) == ("finished", "finished")
    assert _dump(tmp_path / "world.db") == after_once
    (facts,) = [n.facts for n in first.notebooks if n.facts]
    assert re.fullmatch("sha256:[0-9a-f]{64}", facts["pull_digest"])
    for executed in sorted(first.folder.glob("0*.ipynb")):
        text = executed.read_text("utf-8")
        assert "contoso42" in text, executed.name
        assert "westeurope" in text, executed.name
        assert not re.search(r"myregistry[0-9a-f]{8}", text), executed.name


@pytest.mark.table
@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_plain_papermill_runs_a_chapter_alone_from_an_empty_world(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := unmet(Notebook(path)):
        pytest.skip(reason)
    monkeypatch.setenv("ACRLAB_WORLD", str(tmp_path / "world.db"))
    monkeypatch.chdir(tmp_path)

    done = papermill.execute_notebook(path, "out.ipynb", NAMES, progress_bar=False, extra_arguments=list(QUIET))

    cells = [cell for cell in done.cells if cell.cell_type == "code"]
    shown = str([cell.outputs for cell in cells])
    assert [cell.source for cell in cells if not cell.execution_count] == []
    assert re.findall(r"westus(?!\d)|myregistry[0-9a-f]{8}", shown) == []  # a list of regions may have westus2


@pytest.mark.long
def test_a_run_that_was_killed_ends_with_what_an_undisturbed_one_leaves(tmp_path: Path) -> None:
    acrlab = [sys.executable, "-c", "from acrlab.cli.app import main; main()"]
    command = [*acrlab, "run", "--from", "01", "--to", "03", "--notebooks", str(NOTEBOOKS)]
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    subprocess.run([*command, "--out", str(undisturbed)], check=True, capture_output=True)
    process = subprocess.Popen([*command, "--out", str(killed)], stdout=subprocess.DEVNULL)
    _wait_for_a_zone(killed)
    process.kill()
    process.wait()

    record = runs.resume(unfinished(killed), Lines(Console(quiet=True)))

    assert [one.status for one in record.notebooks] == ["finished"] * 3
    assert _without_the_run(record.world_file) == _without_the_run(next(undisturbed.glob("*/world.db")))


def _wait_for_a_zone(out: Path) -> None:
    """Wait for the middle of chapter 03: its zone is there, its endpoint is not. Real processes take real time."""
    until = time.monotonic() + 120
    while not any("privatednszones" in key for world in out.glob("*/world.db") for key in dump(world)):
        assert time.monotonic() < until, "chapter 03 made no zone"
        time.sleep(0.02)


def _without_the_run(world: Path) -> dict[str, Any]:
    """Every resource; which run made it is a tag of its own, and no two runs have the same, nor two worlds one key.

    A VM's disk is its owner's: chapter 02 signs in there, and a new login leaves a new token.
    """
    text = re.sub(r'"ssh-ed25519 [^"]*"', '"a key"', json.dumps(dump(world)))
    found: dict[str, Any] = json.loads(text)
    for resource in found.values():
        resource["state"].pop("disk", None)
        for tags in (resource["body"].get("tags"), resource["body"].get("properties", {}).get("metadata")):
            if tags is not None:
                tags.pop(RUN, None)
    return found


def _dump(world: Path) -> dict[str, Any]:
    """Every resource but for its GUID and its time, which differ where it is made again."""
    found = _without_the_run(world)
    text = re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b", "a GUID", json.dumps(found, sort_keys=True)
    )
    timeless: dict[str, Any] = json.loads(re.sub(r"2026-01-0[0-9]T[0-9:.]*", "a time", text))
    return timeless


# The last cell of a chapter, for a run that is killed behind it, and once only.
DIE = """
import os, pathlib, signal, time
once = pathlib.Path({once!r})
if not once.exists():
    once.touch()
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
"""


@pytest.mark.long
def test_a_run_that_was_killed_behind_the_last_cell_of_chapter_07_is_taken_up(tmp_path: Path) -> None:
    """What the chapter has forgotten by then, the world that is put back to before the chapter has not."""
    for path in NOTEBOOKS.glob("0[67]-*.ipynb"):
        shutil.copy(path, tmp_path)
    (last,) = tmp_path.glob("07-*.ipynb")
    book = nbformat.read(last, 4)
    book.cells.append(nbformat.v4.new_code_cell(DIE.format(once=str(tmp_path / "once"))))
    nbformat.write(book, last)
    acrlab = [sys.executable, "-c", "from acrlab.cli.app import main; main()"]
    command = [*acrlab, "run", "--notebooks", str(tmp_path), "--out", str(tmp_path / "runs")]
    # A plain kernel's parent is the run itself.
    killed = subprocess.run(command, capture_output=True, env={**os.environ, CHOICE: PLAIN})

    record = runs.resume(unfinished(tmp_path / "runs"), Lines(Console(quiet=True)))

    assert killed.returncode == -signal.SIGKILL
    assert [(one.status, one.failed_cell) for one in record.notebooks] == [("finished", None)] * 2


def test_a_world_that_was_saved_after_chapter_06_runs_chapter_07(tmp_path: Path) -> None:
    _run_alone("06", tmp_path / "world.db")

    save(tmp_path / "world.db", tmp_path / "copy.db")

    _run_alone("07", tmp_path / "copy.db")


def test_chapter_01_runs_after_a_visit_that_ended_with_a_closed_registry(tmp_path: Path) -> None:
    _run_alone("06", tmp_path / "world.db")
    _run_alone("01", tmp_path / "world.db")


def _run_alone(number: str, world: Path) -> None:
    chapter = chosen(find(NOTEBOOKS), only=(number,), begin="", end="")
    order = runs.Order(chapter, out=world.parent / "runs", parameters=NAMES, world=world)
    (outcome,) = runs.run(order, Lines(Console(quiet=True))).notebooks
    assert outcome.failed_cell is None, number


@pytest.mark.long
def test_the_chapters_use_what_was_there_before_and_leave_it_as_it_was(tmp_path: Path) -> None:
    """A group, a registry with settings of its own and a network, none of which the lab has made."""
    world, group, west = tmp_path / "world.db", "myResourceGroup", {"location": "westus"}
    lab = acrlab.connect(world=str(world), registry_name="contoso42")
    lab.resources.resource_groups.create_or_update(group, west)
    rules = {"defaultAction": "Allow", "ipRules": [{"action": "Allow", "value": "203.0.113.7"}]}
    access = {"networkRuleSet": rules, "networkRuleBypassOptions": "None", "networkRuleBypassAllowedForTasks": True}
    registry = {**west, "sku": {"name": "Premium"}, "properties": access}
    lab.registry.registries.begin_create(group, "contoso42", registry).result()
    subnets = [{"name": "myDockerVMSubnet", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    lab.network.virtual_networks.begin_create_or_update(group, "myDockerVMVNET", {**west, "properties": space}).result()
    before = {id: found["body"] for id, found in dump(world).items()}

    chapters = chosen(find(NOTEBOOKS), only=(), begin="", end="08")
    parameters = {"registry_name": "contoso42"}
    record = runs.run(runs.Order(chapters, tmp_path / "runs", parameters, world), Lines(Console(quiet=True)))

    assert [one.failed_cell for one in record.notebooks] == [None] * 9
    assert {id: found["body"] for id, found in dump(world).items()} == before
    assert list(lab.content.list_repository_names()) == []
    lab.close()

"""The chapters themselves, run as `acrlab run` runs them: twice on one world, and under other names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from acrlab import runs
from acrlab.emulator.azure import EmulatedAzure
from acrlab.notebooks import chosen, find
from acrlab.run_display import Lines
from acrlab.run_record import RunRecord

pytestmark = pytest.mark.xdist_group("kernels")

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
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


def test_the_chapters_twice_on_one_world_change_no_resource_and_show_the_given_names(
    run_to_07: Any, tmp_path: Path
) -> None:
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


def _dump(world: Path) -> dict[str, Any]:
    """Every resource as Azure keeps it. A machine's disk is its owner's: a new login leaves a new token there."""
    azure = EmulatedAzure(world)
    found = azure.world.dump()
    azure.close()
    for resource in found.values():
        resource["state"].pop("disk", None)
    return found

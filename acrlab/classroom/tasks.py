"""What a worker does with a row: run chapters, bring a learner's lab to a starting point, or take it away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from acrlab.classroom.rows import RowFailure, variables
from acrlab.learner.owner import as_owner, load_lab
from acrlab.settings import Settings
from acrlab.settings.environment import HOME, NONE, SETTINGS, WORLD
from acrlab.settings.file import read


def run_chapters(values: Mapping[str, Any], own: Path) -> dict[str, Any]:
    """Run chapters with a row's parameters, on an emulated Azure of this attempt's own.

    Args:
        values: `notebooks`, their folder; `chapters`, their names; `parameters`; `settings`, from the settings file;
            `world_settings`; `recording`, a file that is replayed, or empty.

    Returns: what the chapters put on record, `cells`, and `record`, the run's folder below that of the pass.

    Raises: RowFailure: a cell failed.
    """
    from acrlab.runs.notebooks import find
    from acrlab.runs.run import Order, run

    wanted = [one for one in find(_seen(Path(values["notebooks"]))) if one.name in values["chapters"]]
    recording = Path(values["recording"]) if values["recording"] else None
    order = Order(
        wanted,
        own,
        dict(values["parameters"]),
        recording=recording,
        settings=dict(values["settings"]),
        world_settings=dict(values["world_settings"]),
    )
    with variables(**{HOME: str(own / "home")}):
        record = run(order, _Silent())
    facts: dict[str, Any] = {
        "record": f"{own.parent.name}/{own.name}/{record.folder.name}",
        "cells": sum(one.cells for one in record.notebooks),
    }
    for outcome in record.notebooks:
        facts |= outcome.facts
        if outcome.failed_cell:
            cell = outcome.failed_cell
            raise RowFailure(f"{outcome.name} In [{cell['number']}]: {cell['error']}: {cell['message']}")
    if record.status != "finished":
        raise RowFailure(f"the run is {record.status}")
    return facts


def prepare(values: Mapping[str, Any], own: Path) -> dict[str, Any]:
    """Bring a learner's lab to where some steps end. What it costs was confirmed for all, and is remembered as such.

    Args:
        values: `folder`, the learner's, which holds the settings; `steps`; `more`, settings besides.

    Returns: `steps`, how many there are now.
    """
    from acrlab.course.progress import bring_to
    from acrlab.lab.confirmation import confirm
    from acrlab.lab.lab import connect
    from acrlab.serving.world_file import reserved
    from acrlab.settings.environment import world_file

    with _at_learner_s(values), reserved(world_file()), closing(connect(_settings(values))) as lab:
        if lab.settings.confirm_cost:
            confirm(lab, lab.settings.confirm_cost)
        there = bring_to(lab, *values["steps"])
    return {"steps": len(there.rows)}


def clean_up(values: Mapping[str, Any], own: Path) -> dict[str, Any]:
    """Delete all that a learner's lab made, prove that nothing of it is left, and tell what it cost.

    Args:
        values: `folder`, the learner's.

    Returns: `deleted`, how many resources there were; `dollars` since each was made, and `cost`, their arithmetic;
        `backend`.

    Raises: RowFailure: something is left; it says what.
    """
    from acrlab.classroom.costs import arithmetic, stood
    from acrlab.lab.lab import connect
    from acrlab.serving.world_file import reserved
    from acrlab.settings.environment import world_file
    from acrlab.steps.clean_up import delete_lab, prove_absence
    from acrlab.steps.clean_up_plan import plan_clean_up

    with _at_learner_s(values), reserved(world_file()), closing(connect(_settings(values))) as lab:
        spent = stood(lab, plan_clean_up(lab).resources)
        planned = delete_lab(lab)
        left = prove_absence(lab)
    if left:
        raise RowFailure(f"left: {', '.join(one.name for one in left)}")
    dollars = round(sum(one.dollars for one in spent), 4)
    told = {"deleted": len(planned.resources), "dollars": dollars, "cost": arithmetic(spent)}
    return {**told, "backend": lab.settings.backend}


@contextmanager
def _at_learner_s(values: Mapping[str, Any]) -> Iterator[None]:
    """Put this process into a learner's folder, as its owner."""
    folder = Path(values["folder"])
    home = folder / ".acrlab"
    own = {HOME: str(home), WORLD: str(home / "world.db"), SETTINGS: NONE}
    with as_owner(folder, load_lab), variables(**own):
        yield


def _settings(values: Mapping[str, Any]) -> Settings:
    return Settings.alone(**{**read(_seen(Path(values["folder"])) / "acrlab.toml"), **values.get("more", {})})


def _seen(folder: Path) -> Path:
    if not folder.is_dir():
        raise RowFailure(f"this worker does not see {folder}: all need a folder that they share")
    return folder


class _Silent:
    """Shows nothing: the row's own line does."""

    def begin(self, name: str, cells: int) -> None:
        """A chapter begins."""

    def cell(self) -> None:
        """A cell has ended."""

    def end(self, outcome: Any) -> None:
        """A chapter has ended."""

    def close(self) -> None:
        """The run has ended."""

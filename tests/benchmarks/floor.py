"""The whole offline run against its floor: as many notebooks with the same imports and nothing else in them.

There are two floors. One goes through `acrlab.runs.run`, which boots kernels ahead; the other is papermill alone, one
notebook after the other, as anybody would write it.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
from rich.table import Table

from acrlab.runs.notebooks import find
from acrlab.runs.record import NotebookRecord
from acrlab.runs.run import Order, run
from tests.benchmarks.measure import interleave, ratio

__all__ = ["floor"]

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
BOUND = 1.5  # times the floor, at most


class Silent:
    """A display that shows nothing."""

    def begin(self, name: str, cells: int) -> None: ...

    def cell(self) -> None: ...

    def end(self, outcome: NotebookRecord) -> None: ...

    def close(self) -> None: ...


def floor(*, rounds: int = 3) -> Table:
    """Measure the article's notebooks and their empty twins."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        twins = _twins(folder / "twins")
        arms = {
            "the article, on a new world": _run(NOTEBOOKS, folder),
            "floor: empty notebooks, same run": _run(twins, folder),
            "floor: empty notebooks, papermill alone": _papermill(twins, folder),
        }
        measured = interleave(arms, rounds=rounds)
    article, *floors = measured
    table = Table("what", "seconds, median (lowest-highest)", f"article / floor (at most {BOUND:g})")
    table.title = f"{len(find(NOTEBOOKS))} notebooks"
    table.add_row(article, measured[article].text(), "")
    for name in floors:
        times = ratio(measured[article], measured[name])
        table.add_row(name, measured[name].text(), f"[{'green' if times <= BOUND else 'bold red'}]{times:.2f}[/]")
    return table


def _twins(folder: Path) -> Path:
    """Write every notebook again with its imports, those that a run loads ahead, and empty cells."""
    folder.mkdir()
    loaded = '\nfrom acrlab.runs.preload import load\nload("emulator")'
    for notebook in find(NOTEBOOKS):
        twin = nbformat.read(notebook.path, as_version=4)
        for cell in twin.cells:
            imports = "imports" in cell.metadata.get("tags", ())
            cell.source = cell.source + loaded if imports else ""
        nbformat.write(twin, folder / notebook.path.name)
    return folder


def _run(notebooks: Path, folder: Path) -> Callable[[], float]:
    turn = itertools.count()

    def arm() -> float:
        order = Order(find(notebooks), out=folder / f"runs-{notebooks.name}-{next(turn)}")
        begun = time.perf_counter()
        record = run(order, Silent())
        seconds = time.perf_counter() - begun
        failed = [f"{one.name}: {one.failed_cell['message']}" for one in record.notebooks if one.failed_cell]
        if failed:
            raise SystemExit(f"nothing to measure, the run failed in {failed[0]}")
        return seconds

    return arm


def _papermill(notebooks: Path, folder: Path) -> Callable[[], float]:
    def arm() -> float:
        begun = time.perf_counter()
        for notebook in find(notebooks):
            target = folder / notebook.path.name
            papermill.execute_notebook(notebook.path, target, progress_bar=False, extra_arguments=["--log-level=ERROR"])
        return time.perf_counter() - begun

    return arm

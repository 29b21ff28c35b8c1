"""The whole offline run against its floor: as many notebooks with the same imports and nothing else in them.

There are two floors. One goes through `acrlab.runs.run`, which boots kernels ahead; the other is papermill alone, one
notebook after the other, as anybody would write it.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import papermill
from rich.table import Table

from acrlab.runs.notebooks import Notebook, find
from acrlab.runs.record import NotebookRecord
from acrlab.runs.requirements import runnable
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
    """Measure the notebooks that can be run here, and their empty twins."""
    notebooks, reasons = runnable(find(NOTEBOOKS))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        twins = _twins(notebooks, folder / "twins")
        arms = {
            "the notebooks, on a new world": _run(notebooks, folder / "runs"),
            "floor: empty notebooks, same run": _run(twins, folder / "twins-runs"),
            "floor: empty notebooks, papermill alone": _papermill(twins, folder),
        }
        measured = interleave(arms, rounds=rounds)
    whole, *floors = measured
    table = Table("what", "seconds, median (lowest-highest)", f"notebooks / floor (at most {BOUND:g})")
    table.title = f"{len(notebooks)} notebooks"
    table.add_row(whole, measured[whole].text(), "")
    for name in floors:
        times = ratio(measured[whole], measured[name])
        table.add_row(name, measured[name].text(), f"[{'green' if times <= BOUND else 'bold red'}]{times:.2f}[/]")
    table.caption = "\n".join(f"{name} is not among them: {reason}" for name, reason in reasons.items())
    return table


def _twins(notebooks: Sequence[Notebook], folder: Path) -> list[Notebook]:
    """Write notebooks again with their imports, those that a run loads ahead, and empty cells."""
    folder.mkdir()
    loaded = '\nfrom acrlab.runs.preload import load\nload("emulator")'
    for notebook in notebooks:
        twin = nbformat.read(notebook.path, as_version=4)
        for cell in twin.cells:
            imports = "imports" in cell.metadata.get("tags", ())
            cell.source = cell.source + loaded if imports else ""
        nbformat.write(twin, folder / notebook.path.name)
    return find(folder)


def _run(notebooks: Sequence[Notebook], out: Path) -> Callable[[], float]:
    turn = itertools.count()

    def arm() -> float:
        order = Order(notebooks, out=out / str(next(turn)))
        begun = time.perf_counter()
        record = run(order, Silent())
        seconds = time.perf_counter() - begun
        failed = [f"{one.name}: {one.failed_cell['message']}" for one in record.notebooks if one.failed_cell]
        if failed:
            raise SystemExit(f"nothing to measure, the run failed in {failed[0]}")
        return seconds

    return arm


def _papermill(notebooks: Sequence[Notebook], folder: Path) -> Callable[[], float]:
    def arm() -> float:
        begun = time.perf_counter()
        for notebook in notebooks:
            target = folder / notebook.path.name
            papermill.execute_notebook(notebook.path, target, progress_bar=False, extra_arguments=["--log-level=ERROR"])
        return time.perf_counter() - begun

    return arm

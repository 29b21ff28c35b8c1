"""`acrlab run --matrix` by one worker and by one a core, in turns: how much of the free cores more workers use."""

from __future__ import annotations

import os
import statistics
import tempfile
from importlib.util import find_spec
from pathlib import Path

from rich.table import Table

from tests.benchmarks.cores import Span, watched
from tests.benchmarks.measure import NotHere

__all__ = ["efficiency", "matrix"]

AT_LEAST = 0.8  # of the cores that were free
ROWS_A_CORE, CHAPTER = 4, "01-registry"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def matrix(*, rounds: int = 3) -> Table:
    """Measure the same rows both ways, every other round in the opposite order."""
    if find_spec("distributed") is None:
        raise NotHere("Dask is not installed. `make bench` gets it.")
    cores = os.cpu_count() or 1
    workers, rows = max(2, cores), ROWS_A_CORE * cores
    spans: dict[int, list[Span]] = {1: [], workers: []}
    for turn in range(rounds):
        for count in (1, workers) if turn % 2 == 0 else (workers, 1):
            spans[count].append(_run(count, rows))
    columns = ("workers", "took", "rows a minute", "its CPU", "cores in use by others", "cores free for it")
    table = Table(*columns, title=f"{rows} rows of chapter {CHAPTER[:2]} by `acrlab run --matrix`, median of {rounds}")
    for count, measured in spans.items():
        table.add_row(str(count), *_figures(measured, count, cores, rows))
    reached = statistics.median(
        efficiency(one, many, workers, cores) for one, many in zip(spans[1], spans[workers], strict=True)
    )
    colour = "green" if reached >= AT_LEAST else "bold red"
    table.caption = f"{workers} workers to one, by free cores: [{colour}]{reached:.2f}[/] (at least {AT_LEAST:g})"
    return table


def efficiency(one: Span, many: Span, workers: int, cores: int) -> float:
    """Compare what a free core does an hour: with many workers, to with one. 1: nothing is lost."""
    return (one.seconds * one.free(1, cores)) / (many.seconds * many.free(workers, cores))


def _figures(measured: list[Span], count: int, cores: int, rows: int) -> tuple[str, ...]:
    def median(values: list[float]) -> float:
        return statistics.median(values)

    seconds = median([span.seconds for span in measured])
    return (
        f"{seconds:.1f} s",
        f"{rows / seconds * 60:.0f}",
        f"{median([span.own_s for span in measured]):.1f} s",
        f"{median([span.others_s / span.seconds for span in measured]):.2f}",
        f"{median([span.free(count, cores) for span in measured]):.2f}",
    )


def _run(workers: int, rows: int) -> Span:
    """Do the rows by so many workers, which have begun before, each with a row that is not counted."""
    from acrlab.classroom import tasks
    from acrlab.classroom.cluster import opened
    from acrlab.classroom.fan_out import Pass, fan_out
    from acrlab.classroom.rows import Row

    def begun(folder: Path, count: int) -> Pass:
        values = {"notebooks": str(NOTEBOOKS), "chapters": [CHAPTER], "parameters": {}, "settings": {}}
        values |= {"world_settings": {}, "recording": ""}
        return Pass.begun(folder, "matrix", [Row(f"row-{number}", str(number), values) for number in range(count)])

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, opened(workers=workers) as client:
        client.wait_for_workers(workers)
        warm, counted = begun(Path(name) / "warm", workers), begun(Path(name) / "counted", rows)
        for wanted in (warm, counted):
            with watched() as span:
                fan_out(wanted, tasks.run_chapters, client, retries=0, say=lambda *_: None, note=print)
            assert wanted.conclude() == "finished", wanted.results()
    return span

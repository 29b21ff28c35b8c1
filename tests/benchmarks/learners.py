"""Labs of a class, prepared by `acrlab class prepare` on an emulated Azure each: how fast, and what a learner takes."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psutil
from rich.table import Table

from tests.benchmarks.cores import watched
from tests.benchmarks.measure import NotHere

__all__ = ["learners"]

LEARNERS, CHAPTER, MIB = 40, "03", 2**20
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def learners(*, count: int = LEARNERS) -> Table:
    """Prepare so many labs, with a worker for each core."""
    if find_spec("distributed") is None:
        raise NotHere("Dask is not installed. `make bench` gets it.")
    from acrlab.classroom import tasks
    from acrlab.classroom.cluster import opened
    from acrlab.classroom.fan_out import Pass, fan_out
    from acrlab.classroom.members import members
    from acrlab.classroom.plan import plan, write_files
    from acrlab.classroom.roster import read_roster
    from acrlab.classroom.starts import start_of
    from acrlab.runs.notebooks import find

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, opened() as client:
        roster, out = Path(name) / "class.csv", Path(name) / "class"
        roster.write_text("id\n" + "".join(f"learner-{number}\n" for number in range(count)), "utf-8")
        write_files(plan(read_roster(roster)), out)
        rows = members(roster, out, steps=list(start_of(find(NOTEBOOKS), CHAPTER)))
        wanted = Pass.begun(Path(name) / "passes", "prepare", rows)
        with watched() as span:
            fan_out(wanted, tasks.prepare, client, retries=0, say=lambda *_: None, note=print)
        assert wanted.conclude() == "finished", wanted.results()
        disk = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / MIB
        memory = max(one.memory_info().rss for one in psutil.Process().children(recursive=True)) / MIB
    cores = os.cpu_count() or 1
    columns = ("learners a minute", "CPU a learner", "disk a learner", "largest worker", "cores in use by others")
    table = Table(*columns, title=f"{count} labs brought to where chapter {CHAPTER} begins, by {cores} workers")
    table.add_row(
        f"{count / span.seconds * 60:.0f}",
        f"{span.own_s / count:.2f} s",
        f"{disk / count:.2f} MiB",
        f"{memory:.0f} MiB",
        f"{span.others_s / span.seconds:.2f}",
    )
    return table

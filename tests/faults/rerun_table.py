"""Every chapter run again on what was left half-done, or done: three tables of `make test-faults`.

A reader who restarts the kernel and runs a chapter from its top has to get through it, wherever it was stopped: after
each of its own cells, after any chapter, and after any chapter and `acrlab reset`. Cells are executed in this process,
on a world of their own, as a kernel would; what a kernel that dies leaves behind is what the world's file holds.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from acrlab.cli.world import reset
from acrlab.runs.notebooks import Notebook, find
from acrlab.runs.requirements import runnable
from acrlab.runs.run import WORLD
from acrlab.serving.world_file import put_back, save, set_up
from acrlab.settings.environment import SILENT

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Case:
    """A chapter, run on a world.

    Attributes:
        told: what was done before.
        world: the world as that left it.
        reset: whether it is reset in between.
    """

    chapter: str
    told: str
    world: Path
    reset: bool = False


def main(*, every: int, turn: int, only: list[str], timing: str) -> int:
    """Args:
    every: run every n-th case; 1: all of them.
    turn: with which to begin.
    only: numbers of chapters; none: all.
    timing: the world setting of that name: whether what was changed counts at once.

    Returns: 1 where anything failed.
    """
    begun = time.monotonic()
    chapters = [n.name for n in runnable(find(ROOT / "notebooks"))[0] if not only or n.name[:2] in only]
    with tempfile.TemporaryDirectory(prefix="acrlab-rerun-") as folder, ProcessPoolExecutor() as pool:
        work = [(name, Path(folder) / name, timing) for name in chapters]
        left = dict(zip(chapters, pool.map(_snapshots, work), strict=True))
        cases = [
            *(case for cases in left.values() for case in cases),
            *(Case(after, f"after {name[:2]}", cases[-1].world) for name, cases in left.items() for after in chapters),
            *(
                Case(after, f"after {name[:2]} and a reset", cases[-1].world, reset=True)
                for name, cases in left.items()
                for after in chapters
            ),
        ]
        chosen = cases[turn % every :: every]
        wrong = 0
        for said in filter(None, pool.map(_again, chosen)):
            wrong += 1
            print(said, flush=True)
    seconds = time.monotonic() - begun
    print(f"{len(chosen) - wrong} of {len(chosen)} chapters run again got through, of {len(cases)}; {seconds:.0f} s")
    return 1 if wrong else 0


def _snapshots(work: tuple[str, Path, str]) -> list[Case]:
    """Execute a chapter, and keep its world after each cell."""
    name, folder, timing = work
    folder.mkdir()
    world = folder / "first.db"
    set_up(world, {"timing": timing})
    kept: list[Case] = []
    with _kernel(world) as names:
        for at, source in _cells(name):
            _execute(source, names)
            if world.exists():
                kept.append(Case(name, f"stopped after cell {at}", folder / f"{at:03}.db"))
                save(world, kept[-1].world)
    return kept


def _again(case: Case) -> str:
    """Run a chapter from its top. Returns: what failed."""
    with tempfile.TemporaryDirectory(prefix="acrlab-again-") as folder:
        world = Path(folder) / "world.db"
        put_back(world, case.world)
        if case.reset:
            with redirect_stdout(StringIO()):
                reset(world=world, yes=True)
        with _kernel(world) as names:
            for at, source in _cells(case.chapter):
                try:
                    _execute(source, names)
                except Exception as problem:
                    said = traceback.format_exception_only(problem)[-1].strip()
                    return f"{case.chapter}, {case.told}: cell {at}: {said}"
    return ""


@contextmanager
def _kernel(world: Path) -> Iterator[dict[str, Any]]:
    """The names of a kernel of its own on this world; it has no folder but an empty one, which has to stay empty."""
    home = world.with_suffix(".home")
    os.environ.update({WORLD: str(world), "ACRLAB_HOME": str(home), **SILENT})
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        yield names
    finally:
        if (lab := names.get("lab")) is not None:
            lab.close()
    if home.exists():
        raise AssertionError(f"kept beside the world, and lost with it: {[*home.rglob('*')]}")


def _execute(source: str, names: dict[str, Any]) -> None:
    """Execute a cell, and show what its last line comes to, as a notebook does."""
    parsed = ast.parse(source)
    shown = parsed.body.pop() if parsed.body and isinstance(parsed.body[-1], ast.Expr) else None
    exec(compile(parsed, "<cell>", "exec"), names)
    if shown is not None:
        value = eval(compile(ast.Expression(shown.value), "<cell>", "eval"), names)
        getattr(value, "_repr_html_", value.__repr__)()


@cache
def _cells(name: str) -> list[tuple[int, str]]:
    notebook = Notebook(ROOT / "notebooks" / f"{name}.ipynb")
    return [(at, "".join(c["source"])) for at, c in enumerate(notebook.cells) if c["cell_type"] == "code"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--turn", type=int, default=0)
    parser.add_argument("--timing", default="instant")
    parser.add_argument("only", nargs="*")
    given = parser.parse_args()
    sys.exit(main(every=given.every, turn=given.turn, only=given.only, timing=given.timing))

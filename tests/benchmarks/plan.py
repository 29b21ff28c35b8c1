"""The plan on a served world whose operations take as long as the real Azure's: together, and one after the other."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.table import Table

import acrlab
from acrlab.course.lookup import PLAN, needed
from acrlab.course.runner import perform
from acrlab.course.section import Step
from acrlab.lab.lab import Lab
from acrlab.serving.connection import environment
from tests.benchmarks.served_world import ServedWorld

__all__ = ["longest_chain", "plan"]

OF_CHAIN, OF_SEQUENCE = 1.1, 0.6  # at most
STEPS = tuple(step.name for step in PLAN if step.name != "public-access-as-before")  # that one undoes


@dataclass
class Watch:
    """When each step began and ended, in seconds since the first began."""

    begun: float = field(default_factory=time.monotonic)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)

    def on(self, step: Step) -> Step:
        """The same step, watched."""

        def performed(lab: Lab) -> Any:
            begin = time.monotonic() - self.begun
            result = step.ensure(lab)
            self.spans[step.name] = (begin, time.monotonic() - self.begun)
            return result

        return replace(step, ensure=performed)

    @property
    def seconds(self) -> float:
        return max(end for _, end in self.spans.values())

    def took(self, name: str) -> float:
        begin, end = self.spans[name]
        return end - begin


def plan() -> Table:
    """Measure the whole plan in both ways, each on an empty world. It takes minutes, as it would on Azure."""
    steps = needed(STEPS)
    together = _watched(steps, perform)
    one_by_one = _watched(steps, _in_order)
    chain = longest_chain(steps, {step.name: together.took(step.name) for step in steps})
    longest = sum(together.took(name) for name in chain)
    table = Table("step", "together: from", "to", "took", "alone took", title="The plan with --speed real, seconds")
    for step in steps:
        begin, end = together.spans[step.name]
        mark = " *" if step.name in chain else ""
        row = (begin, end, end - begin, one_by_one.took(step.name))
        table.add_row(step.name + mark, *(f"{seconds:.1f}" for seconds in row))
    table.caption = (
        f"together {together.seconds:.1f} s; longest chain (*) {longest:.1f} s; in the article's order, one after the "
        f"other, {one_by_one.seconds:.1f} s\n"
        f"together / longest chain {_judged(together.seconds / longest, OF_CHAIN)}, "
        f"together / one after the other {_judged(together.seconds / one_by_one.seconds, OF_SEQUENCE)}"
    )
    return table


def longest_chain(steps: Sequence[Step], seconds: Mapping[str, float]) -> list[str]:
    """Name the steps, each needing the one before, that take longest together."""
    best: dict[str, list[str]] = {}

    def length(chain: list[str]) -> float:
        return sum(seconds[name] for name in chain)

    for step in steps:
        best[step.name] = [*max((best[name] for name in step.needs), key=length, default=[]), step.name]
    return max(best.values(), key=length)


def _in_order(lab: Lab, steps: Sequence[Step]) -> None:
    for step in steps:
        step.ensure(lab)


def _watched(steps: Sequence[Step], way: Callable[[Lab, Sequence[Step]], None]) -> Watch:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, _lab(Path(name)) as lab:
        watch = Watch()
        way(lab, [watch.on(step) for step in steps])
    return watch


@contextmanager
def _lab(folder: Path) -> Iterator[Lab]:
    """A lab on an empty world that another process serves, reached as a real Azure is."""
    world = ServedWorld(folder / "world.db", speed="real")
    before = dict(os.environ)
    try:
        os.environ.update(environment(world.connection, folder / "az") | {"ACRLAB_HOME": str(folder)})
        lab = acrlab.connect(backend="azure", confirm_cost=1)
        try:
            yield lab
        finally:
            lab.close()
    finally:
        os.environ.clear()
        os.environ.update(before)
        world.stop()


def _judged(ratio: float, limit: float) -> str:
    colour = "green" if ratio <= limit else "bold red"
    return f"[{colour}]{ratio:.2f}[/] (at most {limit:g})"

"""Runs steps, as many of them at once as possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from acrlab.capabilities import executor
from acrlab.course.section import Step
from acrlab.errors import NotReadyError, NotVisibleError, RefusedError
from acrlab.lab.lab import Lab

TOGETHER = 8  # steps at a time, more than the plan ever has: they wait for Azure, not for this computer


def perform(lab: Lab, steps: Sequence[Step]) -> None:
    """Perform steps, each as soon as what it needs is done: all of them take as long as the longest chain.

    After a failure nothing new begins, and what has begun is waited for.

    Args:
        steps: with all that they need.

    Raises: AcrLabError: of the first step that failed, with what there is now.
    """
    begun: dict[str, Future[Any]] = {}
    together = {step.name for step in steps}
    try:
        with executor(TOGETHER) as pool:
            while len(done := _done(begun)) < len(steps):
                for step in steps:
                    first = {*step.needs, *(name for name in step.after if name in together)}
                    if step.name not in begun and _done(begun) >= first:
                        begun[step.name] = pool.submit(step.ensure, lab)
                wait([begun[name] for name in begun.keys() - done], return_when=FIRST_COMPLETED)
    except (NotReadyError, NotVisibleError, RefusedError) as problem:
        there = "; ".join(step.does for step in steps if step.name in begun and not begun[step.name].exception())
        problem.args = (f"{problem} There is now: {there or 'nothing'}. To go on from there, call it again.",)
        raise


def _done(begun: Mapping[str, Future[Any]]) -> set[str]:
    """Names of the steps that have ended. Raises: whatever ended one of them."""
    done = {name for name, future in begun.items() if future.done()}
    for name in done:
        begun[name].result()
    return done

"""Shows that a long operation is alive: a bar in JupyterLab, a line on a terminal, nothing that is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from acrlab.audience import at_terminal, in_notebook

__all__ = ["follow"]

PATIENCE_S = 0.5  # what takes less is not worth a bar; on the emulated Azure that is everything
STEP_S = 0.25


def follow(poller: Any, what: str) -> Any:
    """Wait for an SDK poller and return its result; show `what` meanwhile if it takes a while."""
    poller.wait(PATIENCE_S)
    if not poller.done():
        with _shown(what) as tick:
            while not poller.done():
                poller.wait(STEP_S)
                tick()
    return poller.result()


@contextmanager
def _shown(what: str) -> Iterator[Callable[[], None]]:
    if in_notebook():
        with _bar(what) as tick:
            yield tick
    elif at_terminal():
        with _line(what) as tick:
            yield tick
    else:
        yield _nothing


@contextmanager
def _bar(what: str) -> Iterator[Callable[[], None]]:
    from IPython.display import clear_output, display
    from ipywidgets import HTML, HBox, IntProgress

    bar = IntProgress(value=0, max=40, bar_style="info")
    display(HBox([bar, HTML(what)]))  # type: ignore[no-untyped-call]

    def tick() -> None:
        bar.value = bar.value % bar.max + 1

    try:
        yield tick
    finally:
        clear_output(wait=True)  # type: ignore[no-untyped-call]


@contextmanager
def _line(what: str) -> Iterator[Callable[[], None]]:
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield _nothing


def _nothing() -> None:
    """There is nobody to show it to."""

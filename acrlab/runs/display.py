"""What a run shows while it goes: one live table in a terminal, one plain line a notebook elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from acrlab.runs.record import NotebookRecord

MARKS = {"finished": "[green]✓[/]", "failed": "[red]✗[/]", "running": " ", "waiting": " "}


class Display(Protocol):
    """Told by a run what happens, in this order; `close` always comes last."""

    def begin(self, name: str, cells: int) -> None: ...

    def cell(self) -> None: ...

    def end(self, outcome: NotebookRecord) -> None: ...

    def close(self) -> None: ...


def display_for(console: Console) -> Display:
    """Choose what fits: bars need a terminal."""
    return Bars(console) if console.is_terminal else Lines(console)


def _outcome_text(outcome: NotebookRecord) -> str:
    word = {"finished": "ok", "failed": "FAILED"}.get(outcome.status, outcome.status)
    return f"{outcome.name:<20} {word:<7} {outcome.cells:>3} cells {outcome.seconds:>6.1f} s"


class Lines:
    """A line for each notebook when it has ended: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, name: str, cells: int) -> None:
        pass

    def cell(self) -> None:
        pass

    def end(self, outcome: NotebookRecord) -> None:
        self._console.print(_outcome_text(outcome), markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        pass


class Bars:
    """A bar for each notebook, cell by cell."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.fields[mark]}"),
            TextColumn("{task.description:<20}"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed}/{task.total} cells"),
            TimeElapsedColumn(),
            SpinnerColumn(finished_text=""),
        )
        self._progress = Progress(*columns, console=console)
        self._task = TaskID(0)

    def begin(self, name: str, cells: int) -> None:
        self._progress.start()
        self._task = self._progress.add_task(name, total=cells, mark=MARKS["running"])

    def cell(self) -> None:
        self._progress.advance(self._task)

    def end(self, outcome: NotebookRecord) -> None:
        self._progress.update(self._task, completed=outcome.cells, mark=MARKS[outcome.status])
        self._progress.stop_task(self._task)

    def close(self) -> None:
        self._progress.stop()


@contextmanager
def lines(console: Console, total: int, done: int) -> Iterator[Callable[[str], None]]:
    """Print a line for each of many things as it ends; in a terminal there is a bar below the lines.

    Args:
        done: how many of them had ended before.
    """
    if not console.is_terminal:
        yield partial(console.print, markup=False, highlight=False, soft_wrap=True)
        return
    with Progress(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)

        def tell(text: str) -> None:
            console.print(text, markup=False, highlight=False, soft_wrap=True)
            bar.advance(task)

        yield tell

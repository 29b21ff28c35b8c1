"""Waiting: for a long operation, showing that it is alive, and for what Azure does not announce, by looking again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from html import escape
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from acrlab import capabilities
from acrlab.errors import NotReadyError
from acrlab.settings.environment import at_terminal, in_notebook

if TYPE_CHECKING:
    from azure.core.polling import LROPoller

Seen = TypeVar("Seen")

PATIENCE_S = 0.5  # what takes less is not worth a bar; on the emulated Azure that is everything
STEP_S = 0.25
LOOK_S, SELDOM_S, WAIT_S = 10, 60, 600  # Azure says of role assignments that they count after ten minutes at most


def follow(poller: LROPoller[Seen], what: str) -> Seen:
    """Wait for an SDK poller and return its result; show `what` meanwhile if it takes a while."""
    poller.wait(PATIENCE_S)
    if not poller.done():
        with _shown(what) as tick:
            while not poller.done():
                poller.wait(STEP_S)
                tick()
    return poller.result()


def look_until(
    ready: Callable[[Seen], bool],
    look: Callable[[], Seen],
    *,
    what: str,
    resource_id: str,
    pause: Callable[[float], None],
    told: Callable[[Seen], str] = str,
    lasts_s: Callable[[Seen], int] = lambda seen: 0,
) -> Seen:
    """Look again and again until what is seen is ready; show `what` meanwhile if it takes a while.

    Args:
        what: is waited for, to begin a sentence with.
        pause: the backend's, in the time of its Azure.
        told: puts what was seen into words.
        lasts_s: seconds for which what was seen first is known to stay as it is, such as an answer's TTL.

    Returns: what was seen last.
    Raises: NotReadyError: it was not ready ten minutes after it could be.
    """
    waited, began = 0, monotonic()
    with ExitStack() as shown:
        tick: Callable[[], None] | None = None
        limit = -1
        while not ready(seen := look()):
            limit = limit if limit >= 0 else WAIT_S + lasts_s(seen)
            if waited >= limit:
                state = " ".join(told(seen).split()).rstrip(".")
                told_last = f"Seen last: {state}. Find out what is holding it up, then call again."
                message = f"{what}: not within {waited} s. {told_last}"
                raise NotReadyError(message, resource_id=resource_id, waited_s=waited, last_state=state)
            if tick is None and monotonic() - began > LOOK_S / 2:
                tick = shown.enter_context(_shown(f"{what}: waiting, for {limit} s at most. Seen: {told(seen)}"))
            step = LOOK_S if waited < WAIT_S else SELDOM_S
            pause(step)
            waited += step
            (tick or _nothing)()
    return seen


@contextmanager
def _shown(what: str) -> Iterator[Callable[[], None]]:
    if in_notebook():
        with _bar(what) as tick:
            yield tick
    elif at_terminal() and capabilities.can_start_threads():  # rich draws from a thread
        with _line(what) as tick:
            yield tick
    else:
        yield _nothing


@contextmanager
def _bar(what: str) -> Iterator[Callable[[], None]]:
    from IPython.display import clear_output, display
    from ipywidgets import HTML, HBox, IntProgress

    bar = IntProgress(value=0, max=40, bar_style="info")
    display(HBox([bar, HTML(escape(what))]))  # type: ignore[no-untyped-call]

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
    """No one is watching."""

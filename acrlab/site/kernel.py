"""A kernel of the site: whatever a cell or a click does to the world is kept by the browser when it ends."""

from __future__ import annotations

import asyncio
import runpy
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Protocol

PATIENCE_S = 3
WAITING = "Another tab is at work on the same Azure; this waits until it is done."


class Store(Protocol):
    """What the page's store.mjs offers."""

    async def begin(self) -> str: ...
    async def end(self) -> str: ...


def install() -> None:
    """Guard this kernel's cells and clicks, and explain names that are missing after a restart."""
    import js
    from IPython import get_ipython

    shell: Any = get_ipython()
    guard(shell.kernel, js.acrlabStore)
    runpy.run_path(str(files("acrlab") / "jupyter" / "kernel_start.py"))


def guard(kernel: Any, store: Store) -> None:
    """Let each cell and each message of a control begin with the stored world, and end with storing it."""
    cell, message = kernel.run, kernel.comm_manager.comm_msg

    async def guarded_cell(code: str) -> Any:
        asked_by = kernel._parent_header
        async with _kept(store):
            kernel._parent_header = asked_by  # a click may have come while this waited
            return await cell(code)

    def guarded_message(*given: Any) -> None:
        # The page does not wait for a click's end, so it may wait here; what it prints belongs to its own request.
        asked_by = kernel._parent_header
        task = asyncio.ensure_future(_clicked(message, given, kernel, asked_by, store))
        running.add(task)
        task.add_done_callback(running.discard)

    running: set[asyncio.Task[None]] = set()  # the event loop alone would let go of them
    kernel.run, kernel.comm_manager.comm_msg = guarded_cell, guarded_message


async def _clicked(message: Callable[..., Any], given: Any, kernel: Any, asked_by: Any, store: Store) -> None:
    async with _kept(store):
        before, kernel._parent_header = kernel._parent_header, asked_by
        try:
            message(*given)
        finally:
            kernel._parent_header = before


@asynccontextmanager
async def _kept(store: Store) -> AsyncIterator[None]:
    granted = asyncio.ensure_future(store.begin())
    done, _ = await asyncio.wait([granted], timeout=PATIENCE_S)
    if not done:
        _say(WAITING)
    _say(await granted)
    try:
        yield
    finally:
        _say(await store.end())


def _say(text: str) -> None:
    if text:
        print(text, file=sys.stderr)  # noqa: T201

"""A kernel of the site: whatever a cell or a click does to the world is kept by the browser when it ends."""

from __future__ import annotations

import asyncio
import runpy
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Protocol

from acrlab.course.reporting import tell_by
from acrlab.settings.environment import lab_home
from acrlab.site.sender import BrowserSender, post_by_page

PATIENCE_S = 3
WAITING = "Another tab is at work on the same Azure; this waits until it is done."


class Store(Protocol):
    """What the page's store.mjs offers."""

    async def begin(self) -> str: ...
    async def end(self) -> str: ...


def install() -> None:
    """Guard this kernel's cells and clicks, explain names that are missing after a restart, and serve a class."""
    import js
    from IPython import get_ipython

    shell: Any = get_ipython()
    turns = Turns(js.acrlabStore)
    sender = BrowserSender(lab_home(), post_by_page, turns.alone, turns.quiet_s)
    turns.sender = sender
    guard(shell.kernel, turns)
    tell_by(sender)
    sender.start()
    runpy.run_path(str(files("acrlab") / "jupyter" / "kernel_start.py"))


class Turns:
    """Who has the world: a cell, a click, or what is sent to a class's board; and of all tabs one.

    The browser's own lock is for tabs, and is not there on plain http from another computer.
    """

    def __init__(self, store: Store, sender: BrowserSender | None = None) -> None:
        self._store, self.sender = store, sender
        self._free = asyncio.Lock()
        self._unsaid: list[str] = []
        self._ended = 0.0

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Have the world as it is stored, and store it in the end; what there is to say waits for a cell."""
        self._unsaid.append(await self._begin())
        try:
            yield
        finally:
            await self._end()

    @asynccontextmanager
    async def of_a_person(self) -> AsyncIterator[None]:
        """The same, for what someone waits for, and reads what is said."""
        granted = asyncio.ensure_future(self._begin())
        done, _ = await asyncio.wait([granted], timeout=PATIENCE_S)
        if not done:
            _say(WAITING)
        self._unsaid.append(await granted)
        self._speak()
        try:
            yield
        finally:
            if self.sender:
                self._unsaid.append(self.sender.settle())
            await self._end()
            self._speak()
            self._ended = time.monotonic()

    async def _begin(self) -> str:
        await self._free.acquire()
        try:
            return await self._store.begin()
        except BaseException:
            self._free.release()
            raise

    async def _end(self) -> None:
        try:
            self._unsaid.append(await self._store.end())
        finally:
            self._free.release()

    def _speak(self) -> None:
        for text in self._unsaid:
            _say(text)
        self._unsaid.clear()

    def quiet_s(self) -> float:
        """Say for how long no one has waited for anything."""
        return 0.0 if self._free.locked() else time.monotonic() - self._ended


def guard(kernel: Any, turns: Turns) -> None:
    """Let each cell and each message of a control begin with the stored world, and end with storing it."""
    cell, message = kernel.run, kernel.comm_manager.comm_msg

    async def guarded_cell(code: str) -> Any:
        asked_by = kernel._parent_header
        async with turns.of_a_person():
            kernel._parent_header = asked_by  # a click may have come while this waited
            return await cell(code)

    def guarded_message(*given: Any) -> None:
        # The page does not wait for a click's end, so it may wait here; what it prints belongs to its own request.
        asked_by = kernel._parent_header
        task = asyncio.ensure_future(_clicked(message, given, kernel, asked_by, turns))
        running.add(task)
        task.add_done_callback(running.discard)

    running: set[asyncio.Task[None]] = set()  # the event loop alone would let go of them
    kernel.run, kernel.comm_manager.comm_msg = guarded_cell, guarded_message


async def _clicked(message: Callable[..., Any], given: Any, kernel: Any, asked_by: Any, turns: Turns) -> None:
    async with turns.of_a_person():
        before, kernel._parent_header = kernel._parent_header, asked_by
        try:
            message(*given)
        finally:
            kernel._parent_header = before


def _say(text: str) -> None:
    if text:
        print(text, file=sys.stderr)  # noqa: T201

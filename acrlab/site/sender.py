"""Tells the board of a class what its learner does in this browser, who has joined on the site's first page.

The counterpart of acrlab/course/reporting/sender.py where there is neither a thread nor a socket: the same queue, which
the browser keeps with the Azure, and the page's own requests, between cells. In no class it does nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from acrlab.course.reporting import Kind

if TYPE_CHECKING:
    from acrlab.course.reporting.event import Event
    from acrlab.course.reporting.outbox import Outbox
    from acrlab.course.reporting.picture import Picture
    from acrlab.lab.lab import Lab

FILE, FOLDER = "class.json", "board"  # in the lab's folder; the first is the page's, see kept.mjs
UNWANTED = (400, 413)  # an event that was answered so is not sent again
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0  # between two tries while the board is away
TOLD_AFTER = 2  # tries in vain
QUIET_S = 2.0  # without a cell or a click, before the lab is read: that takes half a second in which none can begin
TIMEOUT_S = 5
AWAY = "The board of your class does not answer. What you do is kept in this browser, and sent later: just go on."
ENDED = (
    "Your class does not take what you do any more: your code was renewed, or you are not in it. On this site's first "
    "page leave the class, and join it again with your new code."
)


@dataclass(frozen=True)
class Member:
    """Who the learner is in the class.

    Attributes:
        api: address that everything is posted below, with a slash at its end.
    """

    learner: str
    token: str
    api: str


def member(home: Path) -> Member | None:
    """Read who has joined; None: no one has."""
    try:
        told = json.loads((home / FILE).read_text("utf-8"))
        me = Member(str(told["learner"]), str(told["token"]), str(told["api"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return me if re.fullmatch(r"[a-z0-9-]{1,32}", me.learner) else None


class BrowserSender:
    """A queue and the task that empties it. Nothing that happens here is ever raised in a cell."""

    def __init__(
        self,
        home: Path,
        post: Callable[[Member, str, bytes], Awaitable[int]],
        alone: Callable[[], AbstractAsyncContextManager[None]],
        quiet_s: Callable[[], float],
    ) -> None:
        """Args:
        home: the lab's folder.
        post: sends to a name below the member's address; gives the status, or raises OSError.
        alone: in which no cell runs, and after which the browser has stored what was written.
        quiet_s: for how many seconds no cell and no click has run; 0 while one does.
        """
        self._home, self._post, self._alone, self._quiet_s = home, post, alone, quiet_s
        self._asked = asyncio.Event()
        self._arrived: set[Path] = set()  # until a cell's end, when their files can go
        self._words: list[str] = []
        self._said: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._picture: Picture | None = None

    def start(self) -> None:
        """Send what an earlier kernel left, and then what happens."""
        self._task = asyncio.ensure_future(self._work())

    def close(self) -> None:
        if self._task:
            self._task.cancel()

    def tell(self, lab: Lab, section: str, kind: Kind, *, mark: str = "", hints: int = 0, saw: str = "") -> None:
        """Queue an event. Where the browser's storage is full it is lost, and the cell goes on."""
        me = member(self._home)
        if me is None:
            return
        from acrlab.course.reporting.event import happened
        from acrlab.course.reporting.picture import Picture

        try:
            self._outbox(me).put(happened(section, kind, mark=mark, hints=hints, saw=saw))
        except (OSError, ValueError):
            return
        self._picture = self._picture or Picture()
        self._picture.follow(lab)
        self._asked.set()

    def settle(self) -> str:
        """At a cell's end: delete what has arrived. Returns: what the learner has to know, once; or an empty text."""
        if self._arrived:
            from acrlab.course.reporting.outbox import drop

            drop([*self._arrived])
            self._arrived.clear()
        text, self._words = "\n".join(self._words), []
        return text

    async def _work(self) -> None:
        pause: float | None = 0.0
        failures = 0
        while True:
            await self._wait(pause)
            try:
                pause, failures = await self._round(), 0
            except Exception as problem:  # a learner's cell is not the place for the board's troubles
                failures += 1
                pause = min(FIRST_PAUSE_S * 2 ** (failures - 1), LONGEST_PAUSE_S)
                if failures == TOLD_AFTER and isinstance(problem, OSError):
                    self._say(AWAY)

    async def _wait(self, pause: float | None) -> None:
        """Wait for an event, or as long as this; None: for an event."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), pause)
        self._asked.clear()

    async def _round(self) -> float | None:
        """Send all that waits, then the lab. Returns: in how many seconds there is more to do; None: at the next event.

        Raises: OSError: the board is away.
        """
        me = member(self._home)
        if me is None:
            return None
        while waiting := self._waiting(me):
            if not await self._sent(me, "events", _written([*waiting.values()])):
                return None
            self._arrived |= waiting.keys()
        if self._picture is None or (due_s := self._picture.due_s()) is None:
            return None
        if (early_s := max(due_s, QUIET_S - self._quiet_s())) > 0:
            return early_s
        async with self._alone():
            content = self._picture.take()
        if await self._sent(me, "lab", content):
            self._picture.arrived()
        return None

    async def _sent(self, me: Member, name: str, content: bytes) -> bool:
        """Post. Returns: whether it arrived, or is not wanted; False: nothing of this learner's is taken any more."""
        status = await self._post(me, name, content)
        if status in (401, 403):
            self._say(ENDED)
            return False
        if status >= 300 and status not in UNWANTED:
            raise OSError(f"the board answered {status}")
        return True

    def _waiting(self, me: Member) -> dict[Path, Event]:
        return {path: event for path, event in self._outbox(me).first().items() if path not in self._arrived}

    def _outbox(self, me: Member) -> Outbox:
        """Give the learner's own queue: what one has done is never sent as another's."""
        from acrlab.course.reporting.outbox import Outbox

        return Outbox(self._home / FOLDER / me.learner)

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._words.append(text)


def _written(events: list[Event]) -> bytes:
    from acrlab.course.reporting.event import written

    return written(events)


async def post_by_page(me: Member, name: str, content: bytes) -> int:
    """Send JSON to the board as the page does. Returns: the status of the answer. Raises: OSError: no one answers."""
    from js import AbortSignal
    from pyodide.http import pyfetch

    headers = {"Authorization": f"token {me.token}", "Content-Type": "application/json"}
    answer = await pyfetch(
        me.api + name,
        method="POST",
        headers=headers,
        body=content.decode(),
        credentials="omit",
        redirect="error",
        signal=AbortSignal.timeout(TIMEOUT_S * 1000),
    )
    return int(answer.status)

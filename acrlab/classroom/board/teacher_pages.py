"""What teachers see: the page, its stream, a learner's lab, the gradebook. The hub says who is a teacher."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from jupyterhub.services.auth import HubOAuth, HubOAuthenticated
from tornado.escape import xhtml_escape
from tornado.iostream import StreamClosedError
from tornado.web import authenticated

from acrlab.classroom.board.gradebook import gradebook
from acrlab.classroom.board.learner_api import OneLine, refused
from acrlab.classroom.board.room import Room
from acrlab.doctor.drawing.lab import as_lines, as_svg
from acrlab.errors import ConfigurationError
from acrlab.snapshot import Snapshot, load

READ = "custom:board:read"
FILES = Path(__file__).parent
TOGETHER_S = 0.2  # events of a moment travel in one message
HEARTBEAT_S = 15.0  # a stream that says nothing longer is taken for dead
ASKED_AGAIN_S = 300.0  # after which a stream ends, and the page has to be let in anew
MOST_STREAMS = 40
# What the page loads comes from this service, and from nowhere else.
POLICY = "; ".join(
    [
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"),
    ]
)
DRAWING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # an image's own style, and no script


class Teachers(HubOAuthenticated, OneLine):  # type: ignore[misc]  # of a package without types
    """For those alone to whom the hub gives the scope to read."""

    hub_scopes = {READ}

    def initialize(self, room: Room, auth: HubOAuth) -> None:
        self.room, self.hub_auth = room, auth

    async def prepare(self) -> None:
        """Ask the hub without holding up the others; what it says is remembered for this request."""
        await self.hub_auth.get_user(self, sync=False)

    def require(self) -> None:
        """Refuse who may not read; a request that is no page view can't be sent round to sign in."""
        if self.current_user is None:
            raise refused(403, "only teachers of the class read the board; a page that was open long: load it again")


class Page(Teachers):
    @authenticated
    def get(self) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        page = (FILES / "page.html").read_text("utf-8")
        self.finish(page.replace("{{xsrf}}", xhtml_escape(self.xsrf_token)))


class Asset(OneLine):
    """The page's script and style, which are no secret."""

    KINDS = {"board.js": "text/javascript", "board.css": "text/css"}

    def get(self, name: str) -> None:
        self.set_header("Content-Type", f"{self.KINDS[name]}; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish((FILES / name).read_bytes())


class State(Teachers):
    """The whole room, for a program such as `acrlab class status`."""

    def get(self) -> None:
        self.require()
        self.room.refresh()
        self.finish(self.room.message())


class Gradebook(Teachers):
    def get(self) -> None:
        self.require()
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="class.csv"')
        self.finish("\ufeff" + gradebook(self.room.rows))  # the mark by which spreadsheets know UTF-8


class OfLearner(Teachers):
    """Something about one learner, who is named in the address."""

    @property
    def learner(self) -> str:
        name = self.get_argument("learner", "")
        if name not in self.room.learners:
            raise refused(404, "the roster has no such learner")
        return name

    async def drawn_from(self) -> Snapshot:
        """Read the facts of a learner's lab as they were last sent, in a thread: they may be many."""
        self.require()
        path = self.room.store.lab_of(self.learner)
        if not path.exists():
            raise refused(404, "nothing has been received about this lab yet")
        try:
            return await asyncio.to_thread(load, path)
        except ConfigurationError:
            raise refused(404, "this lab was sent by another acrlab") from None


class Learner(OfLearner):
    """What a learner did last."""

    def get(self) -> None:
        self.require()
        self.finish({"events": self.room.store.events(self.learner)})


class Words(OfLearner):
    """A learner's lab in words."""

    async def get(self) -> None:
        lines = await asyncio.to_thread(as_lines, await self.drawn_from())
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("\n".join(lines))


class Drawing(OfLearner):
    """A learner's lab as acrlab draws it."""

    async def get(self) -> None:
        svg = await asyncio.to_thread(as_svg, await self.drawn_from())
        self.set_header("Content-Type", "image/svg+xml")
        self.set_header("Content-Security-Policy", DRAWING_POLICY)
        self.finish(svg)


class Stream(Teachers):
    """Server-sent events: the whole room first, then those who have changed, as it happens."""

    streams = 0

    async def get(self) -> None:
        self.require()
        if Stream.streams >= MOST_STREAMS:
            raise refused(429, "too many pages watch the board")
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("X-Accel-Buffering", "no")  # a proxy in between passes it on at once
        queue, loop = self.room.watch(), asyncio.get_running_loop()
        Stream.streams += 1
        ends = loop.time() + ASKED_AGAIN_S
        changed: set[str] | None = None
        try:
            while loop.time() < ends and self.room.watches(queue):
                await self._send(self.room.message(changed))
                changed = await _next(queue)
        except StreamClosedError:
            return  # the page was closed
        finally:
            Stream.streams -= 1
            self.room.leave(queue)

    async def _send(self, message: dict[str, Any]) -> None:
        text = json.dumps(message, separators=(",", ":"))
        self.write(f"retry: 1000\ndata: {text}\n\n")
        await self.flush()


async def _next(queue: asyncio.Queue[set[str]]) -> set[str]:
    """Wait for changes, and a moment longer for more; none after a while is an answer, too."""
    try:
        changed = set(await asyncio.wait_for(queue.get(), HEARTBEAT_S))
    except TimeoutError:
        return set()
    await asyncio.sleep(TOGETHER_S)
    while not queue.empty():
        changed |= queue.get_nowait()
    return changed

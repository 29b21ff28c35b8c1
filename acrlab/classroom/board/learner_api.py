"""What learners' kernels may do: post events and the facts of their lab, each as herself, in bounds."""

from __future__ import annotations

import math
from typing import Any

from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError, RequestHandler

from acrlab.classroom.board.allowance import Allowance
from acrlab.classroom.board.browser_tokens import KIND, Tokens
from acrlab.classroom.board.outline import places
from acrlab.classroom.board.room import Room
from acrlab.course.reporting.event import read
from acrlab.errors import ConfigurationError
from acrlab.snapshot import parse

POST = "custom:board:post"
LARGEST_EVENTS, LARGEST_LAB = 64 * 1024, 256 * 1024  # bytes


class OneLine(RequestHandler):
    """Answers what went wrong in one line of plain text."""

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **about: Any) -> None:
        problem = about.get("exc_info", (None, None))[1]
        told = getattr(problem, "log_message", None) if isinstance(problem, HTTPError) and status_code < 500 else None
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{told or self._reason}\n")


class _Posting(OneLine):
    """The hub knows the sender by the token; a browser's token names its sender itself.

    A cookie does not count here, so that no page can post for a learner.
    """

    largest = 0

    def initialize(self, room: Room, auth: HubOAuth, allowance: Allowance, browsers: Tokens | None = None) -> None:
        self.room, self.auth, self.allowance, self.browsers = room, auth, allowance, browsers
        self.learner = ""

    def check_xsrf_cookie(self) -> None:
        """There is no cookie to be misused."""

    async def prepare(self) -> None:
        """Know the learner, and refuse what is too much before it is read."""
        token = self.auth.get_token(self, in_cookie=False) or ""
        name = self._of_browser(token) if token.startswith(f"{KIND}.") else await self._of_hub(token)
        if name not in self.room.learners:
            raise refused(403, "only a learner of the class's roster posts here, as herself")
        if wait_s := self.allowance.wait_s(name):
            raise refused(429, f"too many requests; come again in {math.ceil(wait_s)} s")
        if len(self.request.body) > self.largest:
            raise refused(413, f"it is larger than {self.largest // 1024} KiB")
        self.learner = name

    async def _of_hub(self, token: str) -> str:
        known = await self.auth.user_for_token(token, sync=False) if token else None
        if not known or not self.auth.check_scopes({POST}, known):
            raise refused(403, f"this needs a token of the hub with the scope {POST}")
        return str(known["name"]) if known.get("kind") == "user" else ""

    def _of_browser(self, token: str) -> str:
        name = self.browsers.holder(token) if self.browsers else ""
        if not name:
            raise refused(403, "this token holds no longer; join the class again")
        return name


class Events(_Posting):
    """`POST api/events`: what the learner did."""

    largest = LARGEST_EVENTS

    def post(self) -> None:
        try:
            events = read(self.request.body)
        except ValueError as problem:
            raise refused(400, f"not events of a learner: {problem}") from None
        unknown = [one.section for one in events if one.section not in places()]
        if unknown:
            raise refused(400, f"there is no section {unknown[0]}")
        self.room.take(self.learner, events)
        self.set_status(204)


class Lab(_Posting):
    """`POST api/lab`: what their lab is drawn from. The board draws it itself: it takes no picture from anyone."""

    largest = LARGEST_LAB

    def post(self) -> None:
        try:
            parse(self.request.body, "what was sent")
        except ConfigurationError as problem:
            raise refused(400, " ".join(str(problem).split())[:300]) from None
        self.room.take_lab(self.learner, self.request.body)
        self.set_status(204)


def refused(status: int, message: str) -> HTTPError:
    """An answer with a reason, in which nothing is a template."""
    return HTTPError(status, message.replace("%", "%%"))

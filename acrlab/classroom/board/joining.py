"""`POST api/join`: an id and a code, for a token that can post to the board as this learner, and do nothing else."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from acrlab.classroom.board.allowance import Allowance
from acrlab.classroom.board.browser_tokens import Tokens
from acrlab.classroom.board.learner_api import OneLine, refused
from acrlab.classroom.board.room import Room
from acrlab.classroom.hub.codes import right

LARGEST = 1024  # bytes
TRIES, A_SECOND = 10.0, 1 / 30  # for one id: at once, and then
BUCKETS = 4096  # ids that do not exist take no more memory than that
AT_ONCE, MOST_WAITING = 2, 200  # codes that are looked at: each takes 40 ms of a core
WRONG = "There is no learner in this class with this id and this code. Look at both again, or ask your teacher."


@dataclass
class Door:
    """Where codes are looked at: as slowly as at the hub's sign-in, and so many for one id."""

    room: Room
    codes: Path
    tokens: Tokens
    allowance: Allowance
    _waiting: int = 0
    _looking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def token_for(self, person: str, code: str) -> str:
        """Look at a code. Raises: HTTPError: it is not this learner's, or there were too many tries."""
        if wait_s := self.allowance.wait_s(str(crc32(person.encode()) % BUCKETS)):
            raise refused(429, f"There were too many tries with this id. Try again in {math.ceil(wait_s)} seconds.")
        if self._waiting >= MOST_WAITING:
            raise refused(503, "Too many join at this moment. Try again in a few seconds.")
        self._waiting += 1
        try:
            async with self._looking:
                known = await asyncio.to_thread(right, self.codes, person, code)
        finally:
            self._waiting -= 1
        if not known or person not in self.room.learners:
            raise refused(403, WRONG)
        return self.tokens.given(person)


class Join(OneLine):
    """Takes JSON alone, which a page from elsewhere can't send without being let."""

    def initialize(self, door: Door) -> None:
        self.door = door

    def check_xsrf_cookie(self) -> None:
        """There is no cookie to be misused."""

    async def post(self) -> None:
        if len(self.request.body) > LARGEST:
            raise refused(413, "An id and a code are shorter than that.")
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise refused(415, "An id and a code are sent as JSON.")
        person, code = _told(self.request.body)
        token = await self.door.token_for(person, code)
        self.door.room.take_browser(person)
        self.finish({"learner": person, "token": token})


def _told(body: bytes) -> tuple[str, str]:
    try:
        told = json.loads(body)
        person, code = told["id"], told["code"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise refused(400, "An id and a code are needed.") from None
    if not (isinstance(person, str) and isinstance(code, str)):
        raise refused(400, "An id and a code are needed.")
    return person.strip().lower(), code

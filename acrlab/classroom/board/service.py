"""The service itself: its addresses, its secret, its start and end."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler
from jupyterhub.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.web import Application

from acrlab.classroom.board import learner_api, teacher_pages
from acrlab.classroom.board.allowance import Allowance
from acrlab.classroom.board.browser_tokens import Tokens
from acrlab.classroom.board.joining import A_SECOND, TRIES, Door, Join
from acrlab.classroom.board.learner_api import OneLine, refused
from acrlab.classroom.board.room import Room
from acrlab.classroom.board.store import Store
from acrlab.errors import AcrLabError, ConfigurationError

STATE, ROSTER = "ACRLAB_BOARD_STATE", "ACRLAB_BOARD_ROSTER"
CODES = "ACRLAB_BOARD_CODES"  # of learners who join from the site; not set: none do
REFRESH_MS = 5_000
LARGEST_REQUEST = 1024 * 1024  # bytes, beyond which the server itself ends a connection


class _Callback(HubOAuthCallbackHandler):  # type: ignore[misc]  # of a package without types
    """Where the hub sends a teacher back to, signed in."""

    def initialize(self, auth: HubOAuth) -> None:
        self.hub_auth = auth


class _Nothing(OneLine):
    def prepare(self) -> None:
        raise refused(404, "there is nothing here")


def application(
    room: Room, auth: HubOAuth, allowance: Allowance, secret: bytes, prefix: str, door: Door | None = None
) -> Application:
    """Put the addresses below the service's own together.

    Args:
        secret: signs the cookie that says who a teacher is.
        prefix: of all addresses, such as /services/board/.
        door: where learners in the browser only join; None: the class has none.
    """
    posting = {"room": room, "auth": auth, "allowance": allowance, "browsers": door.tokens if door else None}
    reading = {"room": room, "auth": auth}
    pages = {
        "": teacher_pages.Page,
        "state": teacher_pages.State,
        "stream": teacher_pages.Stream,
        "gradebook.csv": teacher_pages.Gradebook,
        "learner": teacher_pages.Learner,
        "lab.svg": teacher_pages.Drawing,
        "lab.txt": teacher_pages.Words,
    }
    routes = [(url_path_join(prefix, path), handler, reading) for path, handler in pages.items()]
    return Application(
        [
            *routes,
            (url_path_join(prefix, "api/events"), learner_api.Events, posting),
            (url_path_join(prefix, "api/lab"), learner_api.Lab, posting),
            *([(url_path_join(prefix, "api/join"), Join, {"door": door})] if door else []),
            (url_path_join(prefix, "oauth_callback"), _Callback, {"auth": auth}),
            (url_path_join(prefix, r"(board\.js|board\.css)"), teacher_pages.Asset),
        ],
        cookie_secret=secret,
        default_handler_class=_Nothing,
    )


def kept_secret(path: Path) -> bytes:
    """Read a secret, so that what it has signed holds over a restart; make one where there is none."""
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(32))
        draft.replace(path)
    return path.read_bytes()


async def serve() -> None:
    """Serve until the hub ends it. Raises: ConfigurationError: a variable is missing, or says what is not possible."""
    folder, roster = Path(_variable(STATE)), Path(_variable(ROSTER))
    where, prefix = urlsplit(_variable("JUPYTERHUB_SERVICE_URL")), _variable("JUPYTERHUB_SERVICE_PREFIX")
    store = Store(folder)
    room = Room(store, roster)
    auth = HubOAuth(allow_token_in_url=False)
    secret = kept_secret(folder / "cookie_secret")
    made = application(room, auth, Allowance(time.monotonic), secret, prefix, _door(room, folder))
    server = HTTPServer(made, max_body_size=LARGEST_REQUEST)
    try:
        server.listen(where.port or 80, where.hostname or "127.0.0.1")
    except OSError as problem:
        raise ConfigurationError("board", f"{where.netloc} can't be listened on: {problem.strerror}.") from problem
    refreshing = PeriodicCallback(room.refresh, REFRESH_MS)
    refreshing.start()
    ended = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ended.set)
    await ended.wait()
    refreshing.stop()
    server.stop()
    store.close()


def main() -> None:
    """Serve; what is refused is one line, and exit code 2."""
    os.umask(0o077)
    try:
        asyncio.run(serve())
    except AcrLabError as problem:
        sys.stderr.write(f"board: {' '.join(str(problem).split())}\n")
        raise SystemExit(2) from None


def _door(room: Room, folder: Path) -> Door | None:
    codes = os.environ.get(CODES, "")
    if not codes:
        return None
    tokens = Tokens(kept_secret(folder / "browser_secret"), Path(codes))
    return Door(room, Path(codes), tokens, Allowance(time.monotonic, TRIES, A_SECOND))


def _variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigurationError("board", f"{name} is not set: a hub starts the board, as `acrlab class open` does.")
    return value

"""As much of a hub as a service asks for: who has a token, and signing in by a page.

As a program it listens on this computer, at the port that it is given.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from urllib.parse import urlencode

from tornado.web import Application, RequestHandler

READ, POST = "custom:board:read", "custom:board:post"
# Token -> who has it.
KNOWN = {
    "token-of-ada": {"name": "ada", "kind": "user", "scopes": [POST]},
    "token-of-bob": {"name": "bob", "kind": "user", "scopes": [POST]},
    "token-of-cy": {"name": "cy", "kind": "user", "scopes": [POST]},
    "token-of-eve": {"name": "eve", "kind": "user", "scopes": [POST]},  # not on the roster
    "token-of-no-scope": {"name": "ada", "kind": "user", "scopes": []},
    "token-of-service-ada": {"name": "ada", "kind": "service", "scopes": [POST]},
    "token-of-teacher": {"name": "teacher", "kind": "user", "scopes": [READ]},
    "token-of-service": {"name": "board", "kind": "service", "scopes": []},
}


class Hub:
    """Answers, and counts what it was asked."""

    def __init__(self, signs_in: str = "token-of-teacher") -> None:
        self.known: dict[str, dict[str, Any]] = dict(KNOWN)
        self.signs_in = signs_in  # everyone who comes to its page
        self.asked: list[str] = []

    def application(self) -> Application:
        hub = self

        class User(RequestHandler):
            def get(self) -> None:
                token = self.request.headers.get("Authorization", "").partition(" ")[2]
                hub.asked.append(token)
                if token not in hub.known:
                    self.set_status(403)
                    self.finish({"status": 403, "message": "Forbidden"})
                    return
                self.finish({"groups": [], "admin": False, **hub.known[token]})

        class Icon(RequestHandler):
            def get(self) -> None:
                self.set_status(204)

        class Authorize(RequestHandler):
            def get(self) -> None:
                answer = urlencode({"code": "code-1", "state": self.get_argument("state")})
                self.redirect(f"{self.get_argument('redirect_uri')}?{answer}")

        class Token(RequestHandler):
            def check_xsrf_cookie(self) -> None:
                pass

            def post(self) -> None:
                self.finish(json.dumps({"access_token": hub.signs_in, "token_type": "Bearer"}))

        return Application(
            [
                ("/favicon.ico", Icon),
                ("/hub/api/user", User),
                ("/hub/api/oauth2/authorize", Authorize),
                ("/hub/api/oauth2/token", Token),
            ]
        )


async def _serve(port: int) -> None:
    Hub().application().listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))

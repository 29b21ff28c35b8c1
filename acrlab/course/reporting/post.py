"""Posts to the board: one address, one token, no redirect, no proxy. The only module here that opens a connection."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT_S = 5


class Board:
    """The address that takes events, and the token by which the hub knows the learner."""

    def __init__(self, url: str, token: str) -> None:
        """Args:
        url: where events go, such as http://127.0.0.1:8890/services/board/api/events.

        Raises: ValueError: it is not an address of HTTP.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an address of HTTP")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path.rpartition("/")[0]
        self._token = token

    def post(self, name: str, content: bytes) -> int:
        """Send JSON to `events`, or to what stands beside it.

        Returns: the status of the answer. Raises: OSError: no one answers.
        """
        connection = self._kind(self._host, self._port, timeout=TIMEOUT_S)
        headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"{self._path}/{name}", content, headers)
            return connection.getresponse().status
        except HTTPException as problem:
            raise OSError(str(problem)) from problem
        finally:
            connection.close()

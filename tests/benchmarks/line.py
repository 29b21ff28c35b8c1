"""HTTP with as little around it as can be: requests that were written before, answers that are only cut off.

What is measured through it is the server, not a client.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Line", "written"]

CHUNK = 2**16
TIMEOUT_S = 60


class Line:
    """A connection to a server, kept for as long as the server keeps it."""

    def __init__(self, address: str, ca: str = "") -> None:
        """`ca`: file of the authority to trust; empty: no TLS."""
        parts = urlsplit(address)
        self._name, self._port = parts.hostname or "", parts.port or 0
        self._trust = ssl.create_default_context(cafile=ca) if ca else None
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> bytes:
        """Send a request. Returns: the answer's body. Raises: AssertionError: it was refused."""
        head, body = self.exchange(request)
        assert int(head[9:12]) < 400, (head, body)
        return body

    def exchange(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request. Returns: the answer's head and body."""
        line = self._socket or self._dial()
        line.sendall(request)
        head, _, body = _until_blank(line).partition(b"\r\n\r\n")
        fields = head.lower()
        length = int(fields.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length:
            body += line.recv(CHUNK)
        if b"connection: close" in fields or head.startswith(b"HTTP/1.0"):
            self.close()
        return head, body

    def _dial(self) -> socket.socket:
        plain = socket.create_connection((self._name, self._port), TIMEOUT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = self._trust.wrap_socket(plain, server_hostname=self._name) if self._trust else plain
        return self._socket

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None


def _until_blank(line: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        chunk = line.recv(CHUNK)
        assert chunk, "the server hung up"
        found += chunk
    return found


def written(method: str, address: str, headers: Mapping[str, str], body: Any = None) -> bytes:
    """A request's bytes. `body`: bytes, or JSON to be written; None: there is none."""
    parts = urlsplit(address)
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    query = f"?{parts.query}" if parts.query else ""
    fields = {"Host": parts.netloc, **({"Content-Length": str(len(raw))} if raw else {}), **headers}
    if raw and "Content-Type" not in fields:
        fields["Content-Type"] = "application/json"
    lines = [f"{method} {parts.path}{query} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + raw

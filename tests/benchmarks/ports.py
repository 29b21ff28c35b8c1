"""Ports for servers that can't say where they listen, and waiting until they do."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

__all__ = ["await_server", "free_port"]

START_S, LOOK_S = 30, 0.1


def free_port() -> int:
    """Find a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_server(port: int, name: str) -> None:
    """Wait until somebody listens. Raises: SystemExit: nobody does."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(LOOK_S)
    raise SystemExit(f"{name} did not start")

"""Where a served Azure listens on this computer: sockets that are bound, and the names that they go by."""

from __future__ import annotations

import socket

from acrlab.errors import ConfigurationError

EVERYWHERE = ("0.0.0.0", "::")  # listening at all addresses


def bound(address: str, port: int) -> socket.socket:
    """Listen over TCP. Raises: ConfigurationError: the port is taken."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's delay off only then.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen()  # where two may bind a port, only one may listen
    except OSError as problem:
        listener.close()
        message = f"{address}:{port} cannot be listened on: {problem.strerror}. Name another with --port, or 0 for any."
        raise ConfigurationError("port", message) from problem
    return listener


def bound_datagrams() -> socket.socket:
    """Listen over UDP, at whatever port of this computer is free."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    return listener


def called(listen: str) -> str:
    """Tell how this computer calls a listener; one on every address may be behind a container's published port."""
    return "localhost" if listen in ("127.0.0.1", *EVERYWHERE) else listen

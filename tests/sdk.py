"""The SDK's own clients on an emulated Azure, for tests that need no lab."""

from __future__ import annotations

from typing import TypeVar

from acrlab import capabilities
from acrlab.emulator.transport import OpenAzure
from acrlab.lab.polling import poll_in_place

Client = TypeVar("Client")


def client(kind: type[Client], opened: OpenAzure, subscription: str = "") -> Client:
    """Make a client; its pollers do without a thread where none can start, as a lab's do there."""
    made = kind(opened.credential, subscription or opened.subscription, transport=opened.transport)  # type: ignore[call-arg]
    if not capabilities.can_start_threads():
        poll_in_place(made)
    return made

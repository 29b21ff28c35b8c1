"""What a lab talks to: an emulated Azure in this process, a real subscription, or a recording of a run on one.

`open_backend` is the only place that chooses between them. All three are a `Backend`; what stands above knows no more.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from acrlab.azure.dns_answer import Answer
from acrlab.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

__all__ = ["Backend", "Memory", "as_opened", "open_backend"]


class Memory(Protocol):
    """What the lab remembers: texts by name. What is written is there whole or, after a kill, not at all."""

    def read(self, name: str) -> str | None:
        """Read a text; None: there is none of that name."""

    def write(self, name: str, text: str) -> None:
        """Write a text, in place of one of that name."""

    def delete(self, name: str) -> None:
        """Delete a text; nothing where there is none."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep all others from writing between a look and a change."""


class Backend(Protocol):
    """A way to an Azure: a credential, how its clients are made, and its time."""

    @property
    def subscription(self) -> str:
        """Id of the subscription that holds the lab."""

    def other_subscription(self) -> str:
        """Give the id of a second subscription that is the learner's; empty: only a setting could name one."""

    @property
    def credential(self) -> TokenCredential:
        """What signs requests."""

    @property
    def memory(self) -> Memory:
        """What was noted of the lab's resources: in the emulated world itself, else in the lab's folder."""

    def options(self) -> dict[str, Any]:
        """Give the arguments that every SDK client is made with: the transport, where it is not the SDK's own."""

    def resolve(self, name: str) -> Answer:
        """Ask for a name's addresses on this computer, outside the lab's network."""

    def pause(self, seconds: float) -> None:
        """Let time pass between two readings, in this Azure's own time."""

    def mark(self) -> object:
        """Give a value that changes when something may have changed; always the same where no one can tell."""

    def close(self) -> None:
        """Let go of connections and files; what was created stays."""


def open_backend(settings: Settings) -> Backend:
    """Open what the settings name. No request is sent to the emulated Azure or a recording.

    Raises: ConfigurationError: there is no credential or no recording, or the world's file can't be read.
    """
    # Each is loaded when it is chosen: a learner offline never waits for azure-identity.
    if settings.backend == "azure":
        from acrlab.backends.live import open_subscription

        return open_subscription(settings)
    if settings.backend == "replay":
        from acrlab.backends.replay import open_recording

        return open_recording(settings)
    from acrlab.backends.emulator import Emulated

    return Emulated(settings)


def as_opened(settings: Settings) -> Settings:
    """Give the settings that hold once the backend is open: a recording shows the lab that was recorded.

    Raises: ConfigurationError: there is no recording, or a setting is not what was recorded.
    """
    if settings.backend != "replay":
        return settings
    from acrlab.backends.replay import settings_of_recording

    return settings_of_recording(settings)

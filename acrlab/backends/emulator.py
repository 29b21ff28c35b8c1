"""Backend `emulator`: an Azure in this process, offline and free, whose world is one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acrlab.azure.dns_answer import Answer
from acrlab.settings import Settings
from acrlab.settings.environment import world_file

if TYPE_CHECKING:
    from acrlab.backends import Memory
    from acrlab.emulator.azure import EmulatedAzure
    from acrlab.emulator.transport import EmulatorCredential


class Emulated:
    """The way to an emulated Azure."""

    def __init__(self, settings: Settings) -> None:
        from acrlab.emulator.transport import open_azure  # loaded when it is opened: it is 130 modules

        self.path = world_file(settings.world)
        self._opened = open_azure(self.path)
        self.subscription: str = self._opened.subscription
        self.credential: EmulatorCredential = self._opened.credential
        self.memory: Memory = self._opened.memory

    @property
    def azure(self) -> EmulatedAzure:
        """The emulated Azure itself, for tests and tools."""
        return self._opened.azure

    def other_subscription(self) -> str:
        """Give the first subscription that was added to the world and is the learner's; without one, add it."""
        return self._opened.other_subscription()

    def options(self) -> dict[str, Any]:
        """Give every SDK client the transport without sockets."""
        return self._opened.options()

    def resolve(self, name: str) -> Answer:
        """Ask for a name's addresses where the learner's own computer stands, on the internet."""
        return self._opened.resolve(name)

    def pause(self, seconds: float) -> None:
        """Let virtual time pass."""
        self._opened.transport.sleep(seconds)

    def mark(self) -> object:
        """Give the times and sizes of the world's files: another process may have changed it."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return tuple((f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists())

    def close(self) -> None:
        """Close the world's file."""
        self._opened.close()

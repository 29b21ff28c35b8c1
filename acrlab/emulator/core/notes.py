"""Notes that a client keeps in a world: saved, restored, copied and reset with it. To the world they mean nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager

from acrlab.emulator.core.world import World

PREFIX = "note "  # of their keys among the world's small values


class Notes:
    """Texts by name, each written whole."""

    def __init__(self, world: World) -> None:
        self._world = world

    def read(self, name: str) -> str | None:
        """Read a text; None: there is none of that name."""
        with self._world.transaction():
            return self._world.value(PREFIX + name, "") or None

    def write(self, name: str, text: str) -> None:
        """Write a text, in place of one of that name."""
        with self._world.transaction():
            self._world.set_value(PREFIX + name, text)

    def delete(self, name: str) -> None:
        """Delete a text; nothing where there is none."""
        with self._world.transaction():
            self._world.db.execute("DELETE FROM value WHERE key = ?", (PREFIX + name,))

    def alone(self) -> AbstractContextManager[None]:
        """Keep all others from writing between a look and a change."""
        return self._world.transaction()

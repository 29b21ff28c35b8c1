"""What the lab remembers, as texts by name, and files that hold them for whatever is not the emulated Azure.

An emulated world remembers for itself: what is noted about it is saved, put back, copied and reset with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

__all__ = ["FileMemory", "Memory"]


class Memory(Protocol):
    """Texts by name. What is written is there whole or, after a kill, not at all."""

    def read(self, name: str) -> str | None:
        """Read a text; None: there is none of that name."""

    def write(self, name: str, text: str) -> None:
        """Write a text, in place of one of that name."""

    def delete(self, name: str) -> None:
        """Delete a text; nothing where there is none."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep all others from writing between a look and a change."""


class FileMemory:
    """A file for each text, in the lab's folder, for nobody else to read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text("utf-8")
        except FileNotFoundError:
            return None

    def write(self, name: str, text: str) -> None:
        path = self._folder / name
        with self.alone():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_name(f"{path.name}.new")
            draft.unlink(missing_ok=True)  # of a process that was killed
            draft.touch(mode=0o600)
            draft.write_text(text, "utf-8")
            draft.replace(path)

    def delete(self, name: str) -> None:
        with self.alone():
            (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        from filelock import FileLock

        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / "memory.lock", is_singleton=True):
            yield

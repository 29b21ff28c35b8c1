"""The lab's memory in files, where the Azure is not emulated: an emulated world remembers for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = r"[A-Za-z0-9][\w.-]{0,99}"  # never what leads out of a folder, on whatever system
PLAIN = re.compile(rf"{PART}(?:/{PART})?", re.ASCII)


class FileMemory:
    """A file for each text, in a folder, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> str | None:
        """Read a text; None: there is none of that name."""
        try:
            return self._path(name).read_text("utf-8")
        except FileNotFoundError:
            return None

    def write(self, name: str, text: str) -> None:
        """Write a text beside the old one, then put it in its place: a kill leaves one or the other."""
        path = self._path(name)
        with self.alone():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_name(f"{path.name}.new")
            draft.unlink(missing_ok=True)  # of a process that was killed
            draft.touch(mode=0o600)
            draft.write_text(text, "utf-8")
            draft.replace(path)

    def delete(self, name: str) -> None:
        """Delete a text; nothing where there is none."""
        with self.alone():
            self._path(name).unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others from writing between a look and a change."""
        from filelock import FileLock

        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / "memory.lock", is_singleton=True):
            yield

    def _path(self, name: str) -> Path:
        if not PLAIN.fullmatch(name):
            raise ValueError(
                f"{name!r} is not a plain name: a text of the lab's memory lies in its folder, nowhere else"
            )
        return self._folder / name

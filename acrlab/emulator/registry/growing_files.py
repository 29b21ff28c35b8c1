"""The file that an upload grows in: one for all of its requests, so that ending an upload only gives the file its name.

The digest is computed while bytes arrive. Its state can't be stored, so it stays in this process; where there is
none for the file as it is now, the file is read again.
"""

from __future__ import annotations

import hashlib
import os
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acrlab.emulator.core.http import FileRegion, Interrupted
from acrlab.emulator.core.world import World
from acrlab.emulator.registry.blob_files import PARTS, PIECE, write_all

MOST_DIGESTS = 1000  # of uploads that are not ended; an older one is computed again


class Busy(Exception):
    """Another request of this process is writing to the upload."""


@dataclass(frozen=True)
class Growth:
    """What one request brought.

    Attributes:
        before: bytes that the upload had.
        size: bytes that it has now.
        whole: its client was there until the end.
        digest: of the bytes that it had, as far as it is known.
    """

    before: int
    size: int
    whole: bool = True
    digest: Any = None


@dataclass(frozen=True)
class _Known:
    """A digest under way, and the file that it is of: its size and the time of its last change."""

    size: int
    file: tuple[int, int]
    digest: Any


@dataclass
class _Memory:
    claims: dict[str, object] = field(default_factory=dict)
    digests: dict[str, _Known] = field(default_factory=dict)


_MEMORIES: weakref.WeakKeyDictionary[World, _Memory] = weakref.WeakKeyDictionary()


class GrowingFiles:
    """The files of uploads, by the upload's id."""

    def __init__(self, world: World) -> None:
        self._folder = world.blobs / PARTS
        self._memory = _MEMORIES.setdefault(world, _Memory())

    def path(self, name: str) -> Path:
        return self._folder / name

    def holds(self, name: str, size: int) -> bool:
        """Tell whether the bytes that an upload should have are there."""
        found = self._stat(name)
        return size == 0 or (found is not None and found[0] >= size)

    @contextmanager
    def claimed(self, name: str) -> Iterator[None]:
        """Keep other requests from an upload meanwhile. Raises: Busy: another one has it."""
        mine = object()
        if self._memory.claims.setdefault(name, mine) is not mine:
            raise Busy
        try:
            yield
        finally:
            del self._memory.claims[name]

    def grow(self, name: str, size: int, pieces: Iterable[bytes], algorithm: str) -> Growth:
        """Write what comes behind the bytes that are there, for as long as it comes.

        Raises: OSError: it cannot be stored, and nothing of it is.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        digest = self._digest(name, size) if size else hashlib.new(algorithm)
        before = digest.copy() if digest else None
        end, whole = size, True
        try:
            number = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0))
            with os.fdopen(number, "wb", buffering=0) as file:
                if file.seek(0, os.SEEK_END) != size:
                    file.truncate(size)  # a request that was killed left more than was acknowledged
                file.seek(size)
                try:
                    for piece in pieces:
                        write_all(file.fileno(), piece)
                        end += len(piece)
                        if digest:
                            digest.update(piece)
                except Interrupted:
                    whole = False
        except BaseException:
            self.shrink(name, Growth(size, end, digest=before))
            raise
        self._remember(name, end, digest)
        return Growth(size, end, whole, before)

    def shrink(self, name: str, growth: Growth) -> None:
        """Take back what a request brought."""
        if growth.before == 0:
            self.discard(name)
        else:
            os.truncate(self.path(name), growth.before)
            self._remember(name, growth.before, growth.digest)

    def digest(self, name: str, size: int, algorithm: str) -> str:
        """Return the digest of an upload's bytes."""
        known = self._digest(name, size)
        if known is None or known.name != algorithm:
            known = hashlib.new(algorithm)
            for piece in FileRegion(self.path(name), 0, size).pieces(PIECE) if size else ():
                known.update(piece)
        return f"{algorithm}:{known.hexdigest()}"

    def discard(self, name: str) -> None:
        self._memory.digests.pop(name, None)
        self.path(name).unlink(missing_ok=True)

    def _digest(self, name: str, size: int) -> Any:
        known = self._memory.digests.get(name)
        return known.digest if known and known.size == size and known.file == self._stat(name) else None

    def _remember(self, name: str, size: int, digest: Any) -> None:
        digests, file = self._memory.digests, self._stat(name)
        digests.pop(name, None)
        if digest is not None and file is not None:
            digests[name] = _Known(size, file, digest)
        for oldest in list(digests)[:-MOST_DIGESTS]:
            digests.pop(oldest, None)

    def _stat(self, name: str) -> tuple[int, int] | None:
        try:
            found = self.path(name).stat()
        except FileNotFoundError:
            return None
        return found.st_size, found.st_mtime_ns

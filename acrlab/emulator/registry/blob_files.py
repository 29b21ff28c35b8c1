"""Content by digest, as files: the one place that reads and writes bytes of layers, configs and manifests.

What arrives is written to a part of its own and never touched again, so that no two requests write to one file and a
broken one leaves everything as it was. Only what has its digest gets that name. A file is never removed while the world
lives: another registry, or a transaction that is undone, may still name it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from acrlab.emulator.core.http import FileRegion, Interrupted

DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
SHA256 = "sha256"
PIECE = 2**20


@dataclass(frozen=True)
class BlobFile:
    """One blob that is there. Whoever answers with it decides how much to read at a time."""

    path: Path
    digest: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def read(self) -> bytes:
        return self.path.read_bytes()

    def region(self, start: int, stop: int) -> FileRegion:
        """Return the bytes from `start` up to but not including `stop`, not read yet."""
        return FileRegion(self.path, start, stop)


@dataclass(frozen=True)
class Part:
    """What one request brought.

    Attributes:
        name: of its file.
        digest: of its bytes.
        whole: its client was there until the end.
    """

    name: str
    size: int
    digest: str
    whole: bool = True


class BlobFiles:
    """A folder of blobs and of parts of blobs that are not complete."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts = folder / "uploads"

    def find(self, digest: str) -> BlobFile | None:
        path = self._path(digest)
        return BlobFile(path, digest) if path is not None and path.exists() else None

    def write(self, content: bytes, algorithm: str = SHA256) -> BlobFile:
        """Keep content under its own digest."""
        return self.find(digest_of(content, algorithm)) or self._named(self.take([content], algorithm))

    def take(self, pieces: Iterable[bytes], algorithm: str = SHA256) -> Part:
        """Store what comes, for as long as it comes. Raises: OSError: it cannot be stored, and nothing of it is."""
        self._parts.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=self._parts)
        digest, size, whole = hashlib.new(algorithm), 0, True
        try:
            with os.fdopen(number, "wb", buffering=0) as file:
                try:
                    for piece in pieces:
                        _write(file.fileno(), piece)
                        digest.update(piece)
                        size += len(piece)
                except Interrupted:
                    whole = False
        except BaseException:
            Path(name).unlink()
            raise
        return Part(Path(name).name, size, f"{algorithm}:{digest.hexdigest()}", whole)

    def complete(self, parts: Sequence[Part], digest: str) -> BlobFile | None:
        """Make a blob of parts, one behind the other; None: together they are not what the digest says."""
        algorithm = digest.partition(":")[0]
        if len(parts) == 1 and parts[0].digest.startswith(f"{algorithm}:"):
            return self._named(parts[0]) if parts[0].digest == digest else None
        joined = self.take(self._pieces(parts), algorithm)
        if joined.digest == digest:
            return self._named(joined)
        self.discard(joined)
        return None

    def parts(self) -> list[Path]:
        """The files of all parts that there are."""
        return list(self._parts.iterdir()) if self._parts.exists() else []

    def discard(self, *parts: Part) -> None:
        for part in parts:
            (self._parts / part.name).unlink(missing_ok=True)

    def _pieces(self, parts: Sequence[Part]) -> Iterator[bytes]:
        for part in parts:
            yield from FileRegion(self._parts / part.name, 0, part.size).pieces(PIECE)

    def _named(self, part: Part) -> BlobFile:
        """Give a part the name of its digest; it may have it already, from a request that did not get further."""
        path = self._path(part.digest)
        assert path is not None
        if path.exists():
            self.discard(part)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            (self._parts / part.name).replace(path)
        return BlobFile(path, part.digest)

    def _path(self, digest: str) -> Path | None:
        if not DIGEST.fullmatch(digest):
            return None
        algorithm, _, name = digest.partition(":")
        return self._folder / algorithm / name[:2] / name


def digest_of(content: bytes, algorithm: str = SHA256) -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def _write(number: int, piece: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part."""
    written = os.write(number, piece)
    while written < len(piece):
        written += os.write(number, memoryview(piece)[written:])

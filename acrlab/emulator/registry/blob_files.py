"""Content by digest, as files: the one place that reads and writes bytes of layers, configs and manifests.

Only what has its digest gets that name; what is on its way there lies in a folder of its own (`growing_files`). A file
goes when nothing in the world names it any more (`freed`), and not before.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from acrlab.emulator.core.http import FileRegion

DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
SHA256 = "sha256"
PARTS = "uploads"  # folder of what is not a blob yet
PIECE = 2**20


@dataclass(frozen=True)
class BlobFile:
    """One blob that is there. The caller that answers with it decides how much to read at a time."""

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


class BlobFiles:
    """A folder of blobs, and of files that may become one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts = folder / PARTS

    def find(self, digest: str) -> BlobFile | None:
        path = self._path(digest)
        return BlobFile(path, digest) if path is not None and path.exists() else None

    def write(self, content: bytes, algorithm: str = SHA256) -> BlobFile:
        """Keep content under its own digest. Raises: OSError: it cannot be stored, and nothing of it is."""
        digest = digest_of(content, algorithm)
        if (found := self.find(digest)) is not None:
            return found
        self._parts.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=self._parts)
        try:
            with os.fdopen(number, "wb", buffering=0) as file:
                write_all(file.fileno(), content)
            return self.adopt(Path(name), digest)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def adopt(self, file: Path, digest: str) -> BlobFile:
        """Give a file the name of its digest; the blob may be there already, from another repository."""
        path = self._path(digest)
        assert path is not None
        if path.exists():
            file.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            file.replace(path)
        return BlobFile(path, digest)

    def delete(self, digest: str) -> None:
        """Delete a blob's file; one that is being read where files can't be deleted meanwhile stays."""
        path = self._path(digest)
        assert path is not None
        with suppress(FileNotFoundError, PermissionError):
            path.unlink()

    def parts(self) -> list[Path]:
        """The files of all that is not a blob yet."""
        return list(self._parts.iterdir()) if self._parts.exists() else []

    def _path(self, digest: str) -> Path | None:
        if not DIGEST.fullmatch(digest):
            return None
        algorithm, _, name = digest.partition(":")
        return self._folder / algorithm / name[:2] / name


def digest_of(content: bytes, algorithm: str = SHA256) -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def write_all(number: int, piece: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part."""
    written = os.write(number, piece)
    while written < len(piece):
        written += os.write(number, memoryview(piece)[written:])

"""Content by digest, as files: the one place that reads and writes bytes of layers, configs and manifests.

A file is never removed while the world lives: another registry, or a transaction that is undone, may still name it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class BlobFile:
    """One blob that is there. Whoever answers with it decides how much to read at a time."""

    path: Path
    digest: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes from `start` up to but not including `stop`; None: to the end."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read() if stop is None else file.read(stop - start)


class BlobFiles:
    """A folder of blobs and of uploads that are not finished."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, digest: str) -> BlobFile | None:
        path = self._path(digest)
        return BlobFile(path, digest) if path is not None and path.exists() else None

    def write(self, content: bytes) -> BlobFile:
        """Keep content under its own digest."""
        digest = digest_of(content)
        found = self.find(digest)
        if found is not None:
            return found
        self.append(digest.removeprefix("sha256:"), 0, content)
        return self._finish(digest.removeprefix("sha256:"), digest)

    def append(self, upload: str, at: int, chunk: bytes) -> None:
        """Add to an upload; what an undone request left behind `at` is cut off first."""
        path = self._upload(upload)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "wb") as file:
            file.truncate(at)
            file.seek(at)
            file.write(chunk)

    def complete(self, upload: str, digest: str) -> BlobFile | None:
        """Turn an upload into a blob; None: it is not what the digest says, and it stays an upload."""
        path = self._upload(upload)
        if not path.exists():
            self.append(upload, 0, b"")
        return self._finish(upload, digest) if _digest_of_file(path) == digest else None

    def discard(self, upload: str) -> None:
        self._upload(upload).unlink(missing_ok=True)

    def _finish(self, upload: str, digest: str) -> BlobFile:
        path = self._path(digest)
        assert path is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        self._upload(upload).replace(path)
        return BlobFile(path, digest)

    def _path(self, digest: str) -> Path | None:
        if not DIGEST.fullmatch(digest):
            return None
        name = digest.removeprefix("sha256:")
        return self._folder / "sha256" / name[:2] / name

    def _upload(self, upload: str) -> Path:
        return self._folder / "uploads" / upload


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"

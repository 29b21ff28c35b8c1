"""Reads the images that the kit ships: OCI image layouts, as the specification has them.

Source: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from acrlab.emulator.core.http import JSON
from acrlab.emulator.registry.blob_files import DIGEST, BlobFile

IMAGES = Path(__file__).resolve().parents[1] / "images"
REFERENCE = "org.opencontainers.image.ref.name"


@dataclass(frozen=True)
class SourceImage:
    """An image where it is imported from: its manifest's digest, media type and bytes."""

    digest: str
    media_type: str
    raw: bytes

    @property
    def document(self) -> JSON:
        document: JSON = json.loads(self.raw)
        return document


class Layout:
    """One folder with an OCI image layout."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: list[JSON] = json.loads((folder / "index.json").read_bytes())["manifests"]

    @property
    def tags(self) -> list[str]:
        return sorted(m["annotations"][REFERENCE] for m in self._index)

    def find(self, reference: str) -> SourceImage | None:
        """Find an image by tag or digest."""
        for described in self._index:
            file = self.blob(described["digest"])
            if file and reference in (described["annotations"][REFERENCE], described["digest"]):
                return SourceImage(described["digest"], described["mediaType"], file.read())
        return None

    def blob(self, digest: str) -> BlobFile | None:
        path = self._folder / "blobs" / "sha256" / digest.removeprefix("sha256:")
        return BlobFile(path, digest) if DIGEST.fullmatch(digest) and path.exists() else None


@cache
def shipped(name: str) -> Layout:
    """Return the layout of a shipped image, e.g. `hello-world`."""
    return Layout(IMAGES / name)

"""The daemon's images: what they are called, what they are made of, and the files in them."""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.inflate import TooLong, inflated
from acrlab.emulator.registry.blob_files import BlobFiles, digest_of
from acrlab.emulator.shell.disk import Disk
from acrlab.emulator.shell.docker.client import DockerProblem
from acrlab.emulator.shell.docker.reference import Reference
from acrlab.emulator.shell.vm import Vm

LARGEST = 64 * 1024 * 1024  # bytes of a file that a container may read
LARGEST_LAYER = 512 * 1024 * 1024  # bytes of a layer, unpacked, that is looked into


@dataclass(frozen=True)
class Image:
    """One image on the disk.

    Attributes:
        id: digest of its configuration.
        kept: `names` (references), `digests` (repository -> digest of the manifest), `manifest`, `media_type`.
        manifest: the manifest itself.
        config: the configuration itself.
    """

    id: str
    kept: JSON
    manifest: JSON
    config: JSON

    @property
    def short_id(self) -> str:
        return self.id.removeprefix("sha256:")[:12]

    @property
    def layers(self) -> list[str]:
        return [layer["digest"] for layer in self.manifest["layers"]]

    @property
    def created(self) -> datetime | None:
        try:
            return datetime.fromisoformat((self.config.get("created") or "").replace("Z", "+00:00"))
        except ValueError:
            return None


class Images:
    """All images of one VM."""

    def __init__(self, vm: Vm) -> None:
        self._kept, self._blobs = vm.disk.images, BlobFiles(vm.world.blobs)
        self._vm = vm

    def __iter__(self) -> Iterator[Image]:
        yield from (self._load(id) for id in self._kept)

    def _load(self, id: str) -> Image:
        kept = self._kept[id]
        return Image(id, kept, json.loads(self.blob(kept["manifest"])), json.loads(self.blob(id)))

    def find(self, text: str) -> Image | None:
        """Find an image by name, or by the beginning of its id."""
        reference = Reference.parse(text)
        name = str(reference.tagged()) if reference else ""
        digest = f"{reference.repository}@{reference.digest}" if reference and reference.digest else ""
        for id, kept in self._kept.items():
            known = {f"{repository}@{found}" for repository, found in kept["digests"].items()}
            if name in kept["names"] or digest in known:
                return self._load(id)
        plain = text.removeprefix("sha256:")
        ids = [id for id in self._kept if len(plain) >= 4 and id.removeprefix("sha256:").startswith(plain)]
        return self._load(ids[0]) if len(ids) == 1 else None

    def has_layer(self, digest: str) -> bool:
        return any(digest in image.layers for image in self)

    def keep(self, blobs: list[bytes]) -> None:
        for blob in blobs:
            self._blobs.write(blob)

    def add(self, reference: Reference, raw: bytes, media_type: str) -> bool:
        """Keep an image under a name, its blobs being here; False: it has been here under it."""
        manifest = json.loads(raw)
        id, digest = manifest["config"]["digest"], digest_of(raw)
        self._blobs.write(raw)
        kept = self._kept.setdefault(id, {"names": [], "digests": {}, "manifest": digest, "media_type": media_type})
        known = kept["digests"].get(reference.repository) == digest and (
            not reference.tag or str(reference) in kept["names"]
        )
        kept["digests"][reference.repository] = digest
        if reference.tag and not reference.digest:
            self.name(id, reference)
        return not known

    def name(self, id: str, reference: Reference) -> None:
        """Give a name to an image; another that had it loses it."""
        for kept in self._kept.values():
            kept["names"] = [n for n in kept["names"] if n != str(reference)]
        self._kept[id]["names"].append(str(reference))

    def remove(self, image: Image) -> None:
        del self._kept[image.id]

    def blob(self, digest: str) -> bytes:
        """Read a blob. Raises: DockerProblem: the world lost it."""
        found = self._blobs.find(digest)
        if found is None:
            raise DockerProblem(f"content digest {digest}: not found")
        return found.read()

    # -- what is in an image -----------------------------------------------------------------------------------------

    def size(self, image: Image) -> int:
        return sum(m.size for layer in image.layers for m in self._members(layer) if m.isfile())

    def unpack(self, image: Image) -> Disk:
        """Make a disk with an image's files, the upper layers over the lower ones. Raises: DockerProblem."""
        disk = Disk(self._vm.world, {}, {}, ())
        for layer in image.layers:
            with self._open(layer) as archive:
                for member in archive:
                    _place(disk, archive, member)
        return disk

    def _members(self, layer: str) -> list[tarfile.TarInfo]:
        with self._open(layer) as archive:
            return archive.getmembers()

    def _open(self, layer: str) -> tarfile.TarFile:
        raw = self.blob(layer)
        try:
            return tarfile.open(fileobj=io.BytesIO(inflated(raw, LARGEST_LAYER)))
        except (TooLong, OSError, EOFError, tarfile.TarError) as problem:
            raise DockerProblem(f"failed to register layer: {problem}") from problem


def _place(disk: Disk, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    """Put one entry of a layer where it belongs; a `.wh.` entry takes away what is below it."""
    path = posixpath.normpath(posixpath.join("/", member.name))
    folder, name = posixpath.split(path)
    disk.make_folder(folder)
    if name == ".wh..wh..opq":
        for each in disk.names_in(folder):
            disk.remove(posixpath.join(folder, each))
    elif name.startswith(".wh."):
        disk.remove(posixpath.join(folder, name.removeprefix(".wh.")))
    elif member.isdir():
        disk.make_folder(path)
    elif member.isfile() and not disk.is_folder(path):
        content = archive.extractfile(member)
        disk.write(path, content.read(LARGEST) if content else b"")


def short(digest: str) -> str:
    """Return the twelve characters that docker shows of a digest."""
    return digest.removeprefix("sha256:")[:12]

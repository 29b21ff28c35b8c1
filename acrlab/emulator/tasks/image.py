"""Makes an image out of a base image, the instructions of a Dockerfile and the files of a source."""

from __future__ import annotations

import gzip
import io
import json
import posixpath
import tarfile
from dataclasses import dataclass, field

from acrlab.emulator.core.http import JSON
from acrlab.emulator.registry.blob_files import digest_of
from acrlab.emulator.shell.docker.client import INDEXES, Client, DockerProblem
from acrlab.emulator.shell.docker.documents import index_of, manifest_of
from acrlab.emulator.shell.docker.reference import Reference
from acrlab.emulator.tasks import dockerfile
from acrlab.emulator.tasks.dockerfile import Instruction
from acrlab.emulator.tasks.source import Source

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG, LAYER = "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True)
class Image:
    """An image in an agent's memory.

    Attributes:
        config: its configuration.
        layers: digest -> content, the lowest first.
        digest: of the manifest that it came with; empty for one that was made here.
    """

    config: JSON
    layers: dict[str, bytes] = field(default_factory=dict)
    digest: str = ""

    @property
    def raw_config(self) -> bytes:
        return json.dumps(self.config, separators=(",", ":"), sort_keys=True).encode()

    @property
    def id(self) -> str:
        return digest_of(self.raw_config)

    @property
    def manifest(self) -> bytes:
        raw = self.raw_config
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "size": len(raw), "digest": digest_of(raw)},
            "layers": [
                {"mediaType": LAYER, "size": len(content), "digest": digest} for digest, content in self.layers.items()
            ],
        }
        return json.dumps(document, indent=3).encode()


def pull(client: Client, reference: Reference) -> Image:
    """Fetch an image. Raises: DockerProblem."""
    raw, media_type, named = client.manifest(reference.path, reference.wanted)
    if media_type in INDEXES:
        raw, _, _ = client.manifest(reference.path, _for_linux(index_of(raw)))
    manifest = manifest_of(raw)
    config = json.loads(client.blob(reference.path, manifest["config"]["digest"]))
    layers = {layer["digest"]: client.blob(reference.path, layer["digest"]) for layer in manifest["layers"]}
    return Image(config, layers, named)


def _for_linux(index: JSON) -> str:
    for entry in index.get("manifests", []):
        platform = entry.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
            return str(entry["digest"])
    raise DockerProblem("no matching manifest for linux/amd64 in the manifest list entries")


def push(client: Client, reference: Reference, image: Image) -> str:
    """Bring an image to its registry; returns the digest of its manifest. Raises: DockerProblem."""
    for digest, content in {**image.layers, image.id: image.raw_config}.items():
        if not client.has_blob(reference.path, digest):
            client.push_blob(reference.path, digest, content)
    client.push_manifest(reference.path, reference.tag, image.manifest, MANIFEST)
    return digest_of(image.manifest)


def build(base: Image, instructions: list[Instruction], source: Source, created: str) -> Image:
    """Make the image that the instructions describe. Raises: DockerProblem: a file is missing."""
    copied = [layer_of(one, source) for one in instructions if one.word == "COPY"]
    packed = {digest_of(zipped): zipped for zipped in (gzip.compress(plain, mtime=0) for plain in copied)}
    rootfs = base.config.get("rootfs") or {"type": "layers", "diff_ids": []}
    history = [
        {"created": created, "created_by": f"/bin/sh -c #(nop) {one}", **({} if one.word == "COPY" else _EMPTY)}
        for one in instructions[1:]
    ]
    config = {
        **base.config,
        "created": created,
        "config": dockerfile.settings(instructions, base.config.get("config") or {}),
        "rootfs": {**rootfs, "diff_ids": [*rootfs["diff_ids"], *(digest_of(plain) for plain in copied)]},
        "history": [*(base.config.get("history") or []), *history],
    }
    return Image(config, {**base.layers, **packed})


def layer_of(instruction: Instruction, source: Source) -> bytes:
    """Pack what a COPY brings, dated as nothing is: the same files make the same layer. Raises: DockerProblem."""
    rest = instruction.rest
    *wanted, target = dockerfile.command(rest) if rest.startswith("[") else rest.split()
    if not wanted:
        raise DockerProblem("COPY requires at least two arguments, but only one was provided")
    files: dict[str, bytes] = {}
    for path in wanted:
        found = source.below(path)
        if not found:
            raise DockerProblem(
                f"COPY failed: file not found in build context or excluded by .dockerignore: stat {path}"
            )
        alone = len(found) == 1 and len(wanted) == 1 and not target.endswith("/") and posixpath.basename(path) in found
        files |= {target if alone else posixpath.join(target, name): content for name, content in found.items()}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(posixpath.normpath(posixpath.join("/", path)).lstrip("/"))
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


_EMPTY = {"empty_layer": True}

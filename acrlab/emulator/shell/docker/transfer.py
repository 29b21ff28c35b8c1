"""`docker pull` and `docker push`: what travels, and what is told on the way."""

from __future__ import annotations

from collections.abc import Callable

from acrlab.emulator.core.http import JSON
from acrlab.emulator.registry.blob_files import digest_of
from acrlab.emulator.shell.docker.client import INDEXES, MANIFESTS, Client, DockerProblem
from acrlab.emulator.shell.docker.credentials import credential_of
from acrlab.emulator.shell.docker.documents import index_of, manifest_of, require_configuration
from acrlab.emulator.shell.docker.images import Image, Images, short
from acrlab.emulator.shell.docker.proxy import Daemon
from acrlab.emulator.shell.docker.reference import Reference
from acrlab.emulator.shell.process import Process
from acrlab.emulator.shell.streams import Sink

ATTEMPTS = 6  # as often as docker's daemon tries to fetch a blob


def pull(process: Process, reference: Reference, images: Images, out: Sink, *, quiet: bool = False) -> None:
    """Fetch an image. Raises: DockerProblem."""
    client = Client(Daemon(process.vm), reference.host, credential_of(process, reference.domain))
    client.ping()
    raw, media_type, digest = client.manifest(reference.path, reference.wanted)
    named = digest
    if media_type in INDEXES:
        raw, media_type, _ = client.manifest(reference.path, _for_this_vm(index_of(raw)))
    if media_type not in MANIFESTS:
        raise DockerProblem(f"missing or unknown manifest media type {media_type!r}")
    manifest = manifest_of(raw)
    say: Callable[[str], None] = _silent if quiet else lambda text: out.write(f"{text}\n")
    say(f"{reference.digest or reference.tag}: Pulling from {reference.path}")
    fetched = _fetch(client, reference, manifest, images, say)
    images.keep(fetched)
    new = images.add(reference, raw, media_type)
    say(f"Digest: {named}")
    state = "Downloaded newer image for" if new else "Image is up to date for"
    say(f"Status: {state} {reference}")


def _fetch(
    client: Client, reference: Reference, manifest: JSON, images: Images, say: Callable[[str], None]
) -> list[bytes]:
    """Configuration and layers, each held against its digest by the client."""
    layers = [layer["digest"] for layer in manifest["layers"]]
    missing = [d for d in layers if not images.has_layer(d)]
    known = images.find(manifest["config"]["digest"])
    if known is not None:
        return []
    for digest in layers:
        say(f"{short(digest)}: {'Pulling fs layer' if digest in missing else 'Already exists'}")
    try:
        config = client.blob(reference.path, manifest["config"]["digest"])
    except DockerProblem as problem:
        raise DockerProblem(f"error pulling image configuration: {_tried(problem)}") from problem
    require_configuration(config)
    fetched = [config]
    for digest in missing:
        try:
            fetched.append(client.blob(reference.path, digest))
        except DockerProblem as problem:
            raise DockerProblem(_tried(problem)) from problem
        say(f"{short(digest)}: Verifying Checksum\n{short(digest)}: Download complete")
    for digest in missing:
        say(f"{short(digest)}: Pull complete")
    return fetched


def _tried(problem: DockerProblem) -> str:
    return f"download failed after attempts={ATTEMPTS}: {problem}" if "dial tcp" in str(problem) else str(problem)


def _for_this_vm(index: JSON) -> str:
    """The digest of the image for 64-bit Intel Linux. Raises: DockerProblem: there is none."""
    for entry in index.get("manifests", []):
        platform = entry.get("platform") or {"os": "linux", "architecture": "amd64"}
        if (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
            return str(entry.get("digest", ""))
    raise DockerProblem("no matching manifest for linux/amd64 in the manifest list entries")


def push(process: Process, reference: Reference, image: Image, images: Images) -> None:
    """Bring an image to its registry: what isn't there yet, and the manifest last. Raises: DockerProblem.

    Layers travel as they came: the real daemon may compress them again, which gives them other digests.
    """
    say = process.print
    say(f"The push refers to repository [{reference.domain}/{reference.path}]")
    client = Client(Daemon(process.vm), reference.host, credential_of(process, reference.domain))
    client.ping()
    layers = list(zip(image.layers, (image.config.get("rootfs") or {}).get("diff_ids") or image.layers, strict=False))
    for _, shown in layers:
        say(f"{short(shown)}: Preparing")
    for digest, shown in layers:
        if client.has_blob(reference.path, digest):
            say(f"{short(shown)}: Layer already exists")
        else:
            client.push_blob(reference.path, digest, images.blob(digest))
            say(f"{short(shown)}: Pushed")
    if not client.has_blob(reference.path, image.id):
        client.push_blob(reference.path, image.id, images.blob(image.id))
    raw = images.blob(image.kept["manifest"])
    client.push_manifest(reference.path, reference.tag, raw, image.kept["media_type"])
    image.kept["digests"][reference.repository] = digest_of(raw)
    say(f"{reference.tag}: digest: {digest_of(raw)} size: {len(raw)}")


def _silent(text: str) -> None:
    """Tell nothing."""

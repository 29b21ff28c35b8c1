"""Writes the shipped images, each an OCI layout, from the files beside this one.

    python tools/image/build.py            rebuild acrlab/emulator/images
    python tools/image/build.py FOLDER     write them elsewhere

Needs gcc on Linux x86-64; learners do not: they get the layout. Times, owners and order are fixed, so the same compiler
and zlib give the same bytes, and with them the same digests.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

SOURCE = Path(__file__).resolve().parent
SHIPPED = SOURCE.parents[1] / "acrlab" / "emulator" / "images"
COMPILER = "12"  # gcc's major version for the shipped bytes; another one may well choose other instructions
GZIP = 31  # zlib's own header, without a time; what the module gzip writes there changed with Python 3.13
CREATED = "2026-01-01T00:00:00Z"
FLAGS = (
    "-Os -static -nostdlib -no-pie -fno-pie -fno-ident -fno-stack-protector -fno-asynchronous-unwind-tables "
    "-fcf-protection=none -s -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro"
)


class Image(NamedTuple):
    """One image: its program, which is compiled, and the text that it is given to print."""

    program: str
    tags: tuple[str, ...]
    text: str = ""


IMAGES = {
    "hello-world": Image("cat", ("latest", "v1"), "message.txt"),
    "pause": Image("pause", ("3.9",)),
}


def build(folder: Path, image: Image = IMAGES["hello-world"]) -> str:
    """Write an image's layout and return the digest of its one manifest."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "blobs" / "sha256").mkdir(parents=True)
    tar = _layer(image)
    layer = _blob(folder, "application/vnd.oci.image.layer.v1.tar+gzip", zlib.compress(tar, 9, GZIP))
    config = _blob(folder, "application/vnd.oci.image.config.v1+json", _json(_config(image, _digest(tar))))
    manifest = _blob(
        folder,
        "application/vnd.oci.image.manifest.v1+json",
        _json(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": config,
                "layers": [layer],
            }
        ),
    )
    tagged = [manifest | {"annotations": {"org.opencontainers.image.ref.name": tag}} for tag in image.tags]
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": tagged}
    (folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    (folder / "index.json").write_bytes(_json(index))
    return str(manifest["digest"])


def _layer(image: Image) -> bytes:
    stream, files = io.BytesIO(), [(image.program, 0o755, _program(image.program))]
    if image.text:
        files.append((image.text, 0o644, (SOURCE / image.text).read_bytes()))
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, mode, content in files:
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), mode, 0
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def _program(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / name
        subprocess.run(["gcc", *FLAGS.split(), "-o", made, f"{name}.c"], cwd=SOURCE, check=True)
        return made.read_bytes()


def _config(image: Image, diff_id: str) -> dict[str, Any]:
    return {
        "created": CREATED,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Entrypoint": [f"/{image.program}"],
            **({"Cmd": [f"/{image.text}"]} if image.text else {}),
            "WorkingDir": "/",
        },
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        "history": [{"created": CREATED, "created_by": "tools/image/build.py"}],
    }


def _blob(folder: Path, media_type: str, content: bytes) -> dict[str, Any]:
    digest = _digest(content)
    (folder / "blobs" / "sha256" / digest.removeprefix("sha256:")).write_bytes(content)
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED
    for name, image in IMAGES.items():
        print(name, build(target / name, image))

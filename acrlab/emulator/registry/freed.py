"""Files of blobs that nothing names any more.

What is deleted is only noted, in the transaction that deletes it; the file goes in a later one, when that has counted.
Another repository may name it, another registry, or the disk of a VM that pulled it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from acrlab.emulator.core.world import World
from acrlab.emulator.registry.blob_files import DIGEST, BlobFiles
from acrlab.emulator.registry.content import BLOB, FREED, MANIFEST
from acrlab.emulator.types.network.network_interface import VM_TYPE

_NAMED = re.compile(DIGEST.pattern)
LARGEST_MANIFEST = 4 << 20


def delete_files(world: World) -> None:
    """Delete the files of what was freed before this transaction and is named nowhere."""
    where = "registry = '' AND repository = '' AND kind = ?"
    freed = {row[0] for row in world.db.rows(f"SELECT reference FROM content WHERE {where}", (FREED,))}
    if not freed:
        return
    files = BlobFiles(world.blobs)
    named = world.db.rows("SELECT DISTINCT reference FROM content WHERE kind IN (?, ?)", (BLOB, MANIFEST))
    for digest in freed - {row[0] for row in named} - _on_disks(world, files):
        files.delete(digest)
    world.db.execute(f"DELETE FROM content WHERE {where}", (FREED,))


def _on_disks(world: World, files: BlobFiles) -> set[str]:
    """What the disks of VMs name, and what the manifests that they name are made of."""
    rows = world.db.rows("SELECT state FROM resource WHERE type = ?", (VM_TYPE.lower(),))
    named = _digests(row[0] for row in rows)
    found = (file for file in map(files.find, named) if file and file.size <= LARGEST_MANIFEST)
    return named | _digests(file.read().decode(errors="replace") for file in found)


def _digests(texts: Iterable[str]) -> set[str]:
    return {digest for text in texts for digest in _NAMED.findall(text)}

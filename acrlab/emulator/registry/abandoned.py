"""Uploads that no client ends: over after a week of the world's time; and parts without an upload, as kills leave them.

Source: https://github.com/distribution/distribution/blob/main/docs/content/about/configuration.md#uploadpurging
"""

from __future__ import annotations

import time
from contextlib import suppress

from acrlab.emulator.core import blob_folder
from acrlab.emulator.core.world import World
from acrlab.emulator.registry.blob_files import BlobFiles
from acrlab.emulator.registry.content import UPLOAD, Entry

WEEK_S = 7 * 24 * 3600  # of the world
STILL_S = 3600  # of this computer: a part that grew less long ago may belong to a request of another process


def is_over(world: World, upload: Entry) -> bool:
    """Whether no client has touched an upload for so long that it cannot go on."""
    return str(upload.value["updated"]) <= world.timestamp(world.now - WEEK_S)


def sweep(world: World) -> None:
    """End the uploads that are over, and delete the parts that no client will ask for any more."""
    if world.path is None:
        return
    files = BlobFiles(blob_folder.folder_of(world.path))
    if not (parts := files.parts()):
        return
    with world.transaction():
        over = "kind = ? AND json_extract(value, '$.updated') <= ?"
        world.db.execute(f"DELETE FROM content WHERE {over}", (UPLOAD, world.timestamp(world.now - WEEK_S)))
        named = {name for (name,) in world.db.rows("SELECT reference FROM content WHERE kind = ?", (UPLOAD,))}
    latest = time.time() - STILL_S
    for path in parts:
        with suppress(FileNotFoundError):  # another process sweeps, too, or its request has come to an end
            if path.name not in named and path.stat().st_mtime < latest:
                path.unlink()

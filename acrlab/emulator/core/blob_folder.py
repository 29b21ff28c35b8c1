"""The folder of a world's blobs: where it lies, how it is copied, and when it goes."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path


def folder_of(path: Path) -> Path:
    """Name the folder that belongs to a world's file."""
    return path.with_suffix(".blobs")


def passing_folder(world: object) -> Path:
    """Make the folder of a world in memory; it goes with the world, or with the process."""
    folder = Path(tempfile.mkdtemp(prefix="acrlab-"))
    weakref.finalize(world, _delete, folder, os.getpid())
    return folder


def _delete(folder: Path, maker: int) -> None:
    if os.getpid() == maker:  # a fork of it that ends has no world of its own
        shutil.rmtree(folder, ignore_errors=True)


def copy(source: Path, target: Path) -> None:
    """Add the blobs of one folder to another."""
    if source.exists():
        shutil.copytree(source, target, dirs_exist_ok=True)

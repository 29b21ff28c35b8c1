"""The file of an emulated Azure, as runs and commands treat it: one user at a time, saved and put back whole.

What is in the file is the emulator's business; it is opened by name, so that a run on a real Azure never loads it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError

__all__ = ["declared_settings", "opened", "put_back", "require_legal", "reserved", "save", "set_up"]


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a world, making it where there is none.

    Raises: ConfigurationError: the file is not a world, is damaged, or comes from a newer acrlab.
    """
    azure = importlib.import_module("acrlab.emulator.azure").EmulatedAzure(path)
    try:
        yield azure.world
    finally:
        azure.close()


def declared_settings() -> Mapping[str, Any]:
    """What can be set about a world itself: name -> its default, its meaning, what it can be."""
    settings: Mapping[str, Any] = importlib.import_module("acrlab.emulator.core.settings").SETTINGS
    return settings


def require_legal(settings: Mapping[str, str]) -> None:
    """Raises: ConfigurationError: no world has such a setting, or in none can it be that."""
    for name, value in settings.items():
        importlib.import_module("acrlab.emulator.core.settings").require_legal(name, value)


def set_up(path: Path, settings: Mapping[str, str]) -> None:
    """Set properties of a world itself: all of them, or none.

    Raises: ConfigurationError: there is no such setting, it can't be that, or can't be any more.
    """
    with opened(path) as world, world.transaction():
        for name, value in settings.items():
            world.set_setting(name, value)


@contextmanager
def reserved(path: Path, *, otherwise: str = "name another file with --world") -> Iterator[None]:
    """Keep other runs away from a world. The system frees it when this process ends, however that happens.

    Args:
        path: the world's file, or whatever stands for a world that is no file.
        otherwise: what to do instead of waiting.

    Raises: ConfigurationError: another run has it.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f"{path.name}.lock"), blocking=False)
    try:
        lock.acquire()
    except Timeout as problem:
        message = f"another run is using {path}. Wait until it has ended, or {otherwise}."
        raise ConfigurationError("world", message) from problem
    try:
        yield
    finally:
        lock.release()


def save(path: Path, to: Path) -> None:
    """Copy a world to another file, replacing what is there."""
    with opened(path) as world:
        world.save(to)


def put_back(path: Path, saved: Path) -> None:
    """Make a world what it was when it was saved; where nothing was saved it becomes empty."""
    with opened(path) as world:
        if saved.exists():
            world.restore(saved)
        else:
            world.reset()

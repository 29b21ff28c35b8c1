"""What a run left in a world's file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from acrlab.emulator.azure import EmulatedAzure


def dump(world: Path) -> dict[str, Any]:
    """Every resource of a world, by its id."""
    with closing(EmulatedAzure(world)) as azure:
        return azure.world.dump()


def groups(world: Path) -> list[str]:
    return [key.rpartition("/")[2] for key in dump(world)]

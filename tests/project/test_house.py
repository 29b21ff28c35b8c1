"""The library's rooms stay small: what is in the package, and in each of its folders, can be read at a glance."""

from __future__ import annotations

from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2] / "acrlab"
MOST_ENTRIES, MOST_MODULES = 25, 13
# The emulated Azure's folders are catalogues: a file for each type, each rule, each command.
INSIDE = (path for path in HOUSE.rglob("*") if path.is_dir() and not {"emulator", "__pycache__"} & {*path.parts})
FOLDERS = [HOUSE, *INSIDE]


def test_the_package_shows_few_rooms() -> None:
    assert len([p for p in HOUSE.iterdir() if p.name != "__pycache__"]) <= MOST_ENTRIES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(HOUSE.parent).as_posix())
def test_no_folder_of_the_library_has_many_modules(folder: Path) -> None:
    modules = sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py")
    assert len(modules) <= MOST_MODULES, modules

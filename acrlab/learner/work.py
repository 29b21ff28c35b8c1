"""A learner's work as one file, a zip: the emulated Azure, and the notebooks that were changed.

It goes from one computer to another, and to the web site of the chapters and back, which reads and writes the same
(`site/browser/work.mjs`). In it are `acrlab-work.json`, `world.db` with its folder `world.blobs`, and `notebooks/`.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from acrlab.errors import ConfigurationError
from acrlab.runs.notebooks import find, shipped
from acrlab.serving.world_file import opened, put_back, reserved, save

MANIFEST, WORLD, NOTEBOOKS = "acrlab-work.json", "world.db", "notebooks/"
FORMAT = 1
LARGEST = 2**31  # bytes unpacked: a world with its images has some megabytes
BLOB = r"world\.blobs/sha\d+/[0-9a-f]{2}/[0-9a-f]{64,128}"
MEMBER = re.compile(rf"world\.db(?:-journal|-wal)?|{BLOB}|notebooks/[^/\\]+\.ipynb")
ASIDE = "taken up"


@dataclass(frozen=True)
class Kept:
    """What was put into a file: how many resources, and the names of the notebooks."""

    resources: int
    notebooks: tuple[str, ...]


@dataclass(frozen=True)
class TakenUp:
    """What came out of a file.

    Attributes:
        resources: how many the emulated Azure has now.
        notebooks: names of the notebooks as they lie in the folder now.
        aside: of these, the ones that stand beside one of the learner's, which was left as it is.
    """

    resources: int
    notebooks: tuple[str, ...]
    aside: tuple[str, ...]


def keep_work(to: Path, *, world: Path, folder: Path) -> Kept:
    """Write the work to a file, in place of work that was there.

    Args:
        folder: holds the learner's notebooks; it may be missing.

    Raises: ConfigurationError: the file is something else, or cannot be written.
    """
    if to.exists():
        with _reading(to):  # only work is replaced
            pass
    changed = _changed(folder)
    draft = to.with_name(f"{to.name}.new")
    try:
        with tempfile.TemporaryDirectory(prefix="acrlab-") as room:
            saved = Path(room) / WORLD
            save(world, saved)
            with opened(saved) as there:
                resources = there.count()
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
                made = datetime.now(UTC).isoformat(timespec="seconds")
                packed.writestr(MANIFEST, json.dumps({"format": FORMAT, "acrlab": version("acrlab"), "made": made}))
                for path in sorted(Path(room).rglob("*")):
                    if path.is_file() and MEMBER.fullmatch(name := path.relative_to(room).as_posix()):
                        packed.write(path, name)
                for notebook in changed:
                    packed.write(notebook, NOTEBOOKS + notebook.name)
        draft.replace(to)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise ConfigurationError("file", f"{to} cannot be written: {problem.strerror}. Name another.") from problem
    return Kept(resources, tuple(one.name for one in changed))


def resources_of(world: Path) -> int:
    """Count what is in an emulated Azure, and so would be replaced."""
    if not world.exists():
        return 0
    with opened(world) as there:
        return there.count()


def take_up(source: Path, *, world: Path, folder: Path) -> TakenUp:
    """Make the emulated Azure what it is in the file, and put the file's notebooks into a folder.

    A notebook there that the learner has changed stays: the file's one is put beside it under another name.

    Raises: ConfigurationError: the file is not work, is damaged, or comes from a newer acrlab; nothing was changed.
    """
    with _reading(source) as packed, tempfile.TemporaryDirectory(prefix="acrlab-") as room:
        for member in packed.infolist():
            if MEMBER.fullmatch(member.filename):
                packed.extract(member, room)
        there = Path(room) / WORLD
        if there.exists():
            with opened(
                there
            ) as found:  # what is damaged, or newer than this acrlab, is refused before anything changes
                resources = found.count()
            with reserved(world):
                put_back(world, there)
        else:
            resources = resources_of(world)
        own = _chapters()
        try:
            placed = [_place(notebook, folder, own) for notebook in sorted((Path(room) / NOTEBOOKS).glob("*.ipynb"))]
        except OSError as problem:
            message = f"{folder} cannot hold the notebooks: {problem.strerror}. The emulated Azure was taken up."
            raise ConfigurationError("folder", message) from problem
    names = tuple(name for name, _ in placed)
    return TakenUp(resources, names, tuple(name for name, aside in placed if aside))


def _changed(folder: Path) -> list[Path]:
    own = _chapters()
    there = sorted(folder.glob("*.ipynb")) if folder.is_dir() else []
    return [path for path in there if own.get(path.name) != path.read_bytes()]


def _chapters() -> dict[str, bytes]:
    """Read the chapters as they came with acrlab: name -> content."""
    return {chapter.path.name: chapter.path.read_bytes() for chapter in find(shipped())}


def _place(notebook: Path, folder: Path, own: Mapping[str, bytes]) -> tuple[str, bool]:
    """Copy a notebook into a folder. Returns: its name there, and whether it stands beside the learner's own."""
    content = notebook.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / notebook.name
    for name in _names(notebook):
        target = folder / name
        if not target.exists() or target.read_bytes() in (content, own.get(name)):
            break
    target.write_bytes(content)
    return target.name, target.name != notebook.name


def _names(notebook: Path) -> Iterable[str]:
    yield notebook.name
    yield f"{notebook.stem} ({ASIDE}).ipynb"
    number = 2
    while True:
        yield f"{notebook.stem} ({ASIDE}, {number}).ipynb"
        number += 1


def _reading(path: Path) -> zipfile.ZipFile:
    """Open a file of work and check all of it. Raises: ConfigurationError."""
    try:
        packed = zipfile.ZipFile(path)
        told = json.loads(packed.read(MANIFEST))
        if sum(member.file_size for member in packed.infolist()) > LARGEST:
            raise ConfigurationError("file", f"{path} unpacks to more than {LARGEST >> 30} GiB, which no work does.")
        damaged = packed.testzip()
    except OSError as problem:
        raise ConfigurationError("file", f"{path} cannot be read: {problem.strerror}.") from problem
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as problem:
        message = f"{path} is not work that was saved or downloaded, or it is damaged. Nothing was changed."
        raise ConfigurationError("file", message) from problem
    if damaged:
        raise ConfigurationError(
            "file", f"{path} is damaged ({damaged}). Nothing was changed; save the work once more."
        )
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        by = told.get("acrlab", "another version") if isinstance(told, dict) else "another program"
        message = (
            f"{path} was made by acrlab {by} in a form that this one does not read. Nothing was changed; update acrlab."
        )
        raise ConfigurationError("file", message)
    return packed

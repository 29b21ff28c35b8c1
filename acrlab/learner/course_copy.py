"""A learner's own copy of the chapters: made, trusted, and opened in JupyterLab.

It must never change what a learner wrote, nor the learner's own Jupyter settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from acrlab.errors import ConfigurationError
from acrlab.runs.notebooks import FIRST, find, shipped
from acrlab.settings.environment import lab_home

SETTINGS = "jupyter"  # folder in the package: defaults, which a learner's own settings override
KERNEL_START = f"{SETTINGS}/kernel_start.py"


@dataclass(frozen=True)
class Copied:
    """What came of copying.

    Attributes:
        fresh: chapters that are what came with acrlab, copied now or before.
        new: names of the chapters that were copied now.
        left: names of the chapters that were there and differ; they were not touched.
    """

    fresh: tuple[Path, ...]
    new: tuple[str, ...]
    left: tuple[str, ...]


def copy_chapters(folder: Path) -> Copied:
    """Copy the chapters that are not in a folder yet; it may be the one that they come from.

    Raises: ConfigurationError: the folder cannot be written.
    """
    fresh: list[Path] = []
    new: list[str] = []
    left: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for chapter in find(shipped()):
            target, content = folder / chapter.path.name, chapter.path.read_bytes()
            if not target.exists():
                draft = target.with_suffix(".new")  # whole or not there, whatever happens
                draft.write_bytes(content)
                draft.replace(target)
                new.append(target.name)
            (fresh if target.read_bytes() == content else left).append(target)
    except OSError as problem:
        message = f"{folder} cannot hold the chapters: {problem.strerror}. Name another: acrlab learn FOLDER"
        raise ConfigurationError("folder", message) from problem
    return Copied(tuple(fresh), tuple(new), tuple(path.name for path in left))


def trust(notebooks: Iterable[Path]) -> None:
    """Let JupyterLab show the stored outputs of notebooks as they were made, for this user, as `jupyter trust` does."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    try:
        for path in notebooks:
            notary.sign(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
    finally:
        notary.store.close()


def open_lab(folder: Path, words: Sequence[str] = ()) -> None:
    """Become JupyterLab in a folder of chapters: at the first one, or where the learner was before.

    Args:
        words: more options of `jupyter lab`.
    """
    from jupyterlab.labapp import LabApp

    settings = str(files("acrlab") / SETTINGS)
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, (settings, os.environ.get("JUPYTER_CONFIG_PATH"))))
    os.environ.setdefault("PYTHONSTARTUP", str(files("acrlab") / KERNEL_START))
    LabApp.launch_instance(argv=[*_options(folder.resolve()), *words])


def _options(folder: Path) -> list[str]:
    workspaces = lab_home(folder) / "workspaces"  # which chapters are open; apart from the learner's other work
    place = "/lab" if any(workspaces.glob("*")) else f"/lab/tree/{FIRST}"
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url={place}",
        f"--LabApp.workspaces_dir={workspaces}",
        *root,
    ]

"""The record of a run: written whole after each step, so that a killed run can be resumed."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError

FACTS = "ACRLAB_RECORD"  # names the file that the facts of a kernel's notebook go to
RECORD = "record.json"
MEASURED_WITH = ("acrlab", "azure-core", "azure-identity", "azure-containerregistry", "azure-mgmt-compute",
                 "azure-mgmt-containerregistry", "azure-mgmt-network", "azure-mgmt-privatedns", "azure-mgmt-resource",
                 "papermill", "nbclient", "ipykernel")  # fmt: skip


def keep_fact(name: str, value: Any) -> None:
    """Put a fact of this notebook into the record of the run that executes it; outside a run do nothing.

    Args:
        name: what it is, e.g. `pull_digest`. The last value of a name counts.
        value: anything that JSON can carry.
    """
    if path := os.environ.get(FACTS):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps({name: value}) + "\n")


def read_facts(path: Path) -> dict[str, Any]:
    """Collect what a notebook recorded; nothing when it recorded nothing."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {name: value for line in lines for name, value in json.loads(line).items()}


def homely(path: Path) -> str:
    """Write a path so that it tells of no user, whose home is `~`."""
    whole, home = path.absolute(), Path.home()
    return f"~/{whole.relative_to(home).as_posix()}" if whole.is_relative_to(home) else str(whole)


def versions() -> dict[str, str]:
    """Name what a run's outcome depends on: Python, the system, acrlab and the packages under it."""
    here = {"python": platform.python_version(), "system": platform.platform()}
    return here | {name: _version(name) for name in MEASURED_WITH}


def unfinished(out: Path) -> Path:
    """Find the newest run that did not end well.

    Raises: ConfigurationError: there is none.
    """
    for folder in sorted(out.glob(f"*/{RECORD}"), reverse=True):
        if RunRecord.read(folder.parent).status != "finished":
            return folder.parent
    raise ConfigurationError("resume", f"no unfinished run in {out}. Start one with: acrlab run")


@dataclass
class NotebookRecord:
    """How one notebook of a run went.

    Attributes:
        status: `waiting`, `running`, `finished` or `failed`.
        seconds: real time from the first cell to the last.
        cells: code cells that were executed.
        slowest_cell: seconds of the slowest cell but the imports.
        failed_cell: its number among all cells, section, error and message; None when none failed.
        facts: what the notebook itself put on record, by name.
    """

    name: str
    status: str = "waiting"
    seconds: float = 0.0
    cells: int = 0
    slowest_cell: float = 0.0
    failed_cell: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class RunRecord:
    """One run: what was asked for, and how far it has come.

    Attributes:
        folder: where the record and the executed copies lie; not written, a folder may be moved.
        source: folder of the notebooks; as in what follows, the user's home is written `~`, and tells no name.
        world: file of the emulated Azure; a name without a folder lies in the run's own.
        home: where the lab's own things lie, the VM's key and captured settings.
        settings: what the settings file said when the run began.
        world_settings: what was set about the world itself, by name.
        recording: file that the run is recorded to, or replayed from; empty: neither.
        status: `running` (or killed), `finished`, `failed` or `interrupted`.
        begun: when, local time, ISO 8601.
        seconds: real time, the parts of a resumed run added up.
        kernels: process and when it began (`processes.began`), of each kernel that may still live after a kill.
    """

    folder: Path
    source: str
    world: str
    parameters: dict[str, Any]
    notebooks: list[NotebookRecord]
    backend: str = "emulator"
    home: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    world_settings: dict[str, str] = field(default_factory=dict)
    recording: str = ""
    status: str = "running"
    begun: str = ""
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=versions)
    kernels: list[tuple[int, float]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> RunRecord:
        """Read a run's record.

        Raises: ConfigurationError: there is none, or it is not one.
        """
        try:
            stored = json.loads((folder / RECORD).read_text("utf-8"))
            notebooks = [NotebookRecord(**one) for one in stored.pop("notebooks")]
            return cls(folder=folder, notebooks=notebooks, **stored)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise ConfigurationError("run", f"{folder} holds no run that can be read: {problem}") from problem

    def write(self) -> None:
        """Replace the record's file whole: a reader sees the old one or the new one, even after a kill."""
        shown = {name: value for name, value in asdict(self).items() if name != "folder"}
        draft = self.folder / f"{RECORD}.new"
        draft.write_text(json.dumps(shown, indent=2) + "\n", "utf-8")
        draft.replace(self.folder / RECORD)

    @property
    def chosen(self) -> dict[str, Any]:
        """The settings that hold for the whole run: its parameters, over the settings file."""
        return {**self.settings, **self.parameters}

    @property
    def world_file(self) -> Path:
        return self.folder / Path(self.world).expanduser()

    @property
    def source_folder(self) -> Path:
        return Path(self.source).expanduser()

    @property
    def home_folder(self) -> Path:
        return Path(self.home).expanduser()

    @property
    def recording_file(self) -> Path:
        return Path(self.recording).expanduser()

    @property
    def owns_world(self) -> bool:
        """Whether the world was made for this run, and nothing else works on it."""
        return self.backend == "emulator" and Path(self.world).name == self.world

    def remaining(self) -> Iterator[NotebookRecord]:
        """Notebooks that have not succeeded yet, in order."""
        return (one for one in self.notebooks if one.status != "finished")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"

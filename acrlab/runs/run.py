"""Run the notebooks one after the other on one world; a run that stopped can be resumed.

This module must never know what is in a notebook, nor in a world.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from acrlab import capabilities
from acrlab.errors import ConfigurationError
from acrlab.recordings.format import merge
from acrlab.runs.display import Display
from acrlab.runs.engine import CellFailure, execute
from acrlab.runs.interrupts import stoppable
from acrlab.runs.kernels import AHEAD, Kernels
from acrlab.runs.notebooks import Notebook, find, passed
from acrlab.runs.record import FACTS, NotebookRecord, RunRecord, homely, read_facts
from acrlab.serving.processes import began, lives
from acrlab.serving.world_file import put_back, reserved, save, set_up
from acrlab.settings.environment import (
    CHAPTER,
    FIXTURES,
    HOME,
    NONE,
    RECORDING,
    RUN_VARIABLE,
    SETTINGS,
    SETTINGS_FILE,
    WORLD,
    lab_home,
)
from acrlab.settings.file import write

CHECKPOINTS = "checkpoints"
ORPHAN_S = 15  # real seconds that a killed run's kernels are waited for; they look for their parent every second


@dataclass(frozen=True)
class Order:
    """What is to be run.

    Attributes:
        out: folder of all runs; this one gets a folder of its own in it.
        world: file of the emulated Azure; None: a new one in the run's own folder.
        world_settings: what to set about the world itself, by name.
        recording: file that gets what the chapters say to a real Azure, and hear; or that is replayed; None: neither.
        settings: what the settings file says; parameters, and values in a chapter's parameters cell, win over it.
    """

    notebooks: Sequence[Notebook]
    out: Path
    parameters: dict[str, Any] = field(default_factory=dict)
    world: Path | None = None
    world_settings: dict[str, str] = field(default_factory=dict)
    recording: Path | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def backend(self) -> str:
        return str({**self.settings, **self.parameters}.get("backend", "emulator"))


def run(order: Order, display: Display) -> RunRecord:
    """Run notebooks until the first that fails. The record tells how each went.

    Raises: ConfigurationError: the world cannot be used, or set up so, or another command is using it.
    """
    capabilities.require_processes("Running a notebook")
    record = _drafted(order)
    with _alone(record):
        if order.world or order.world_settings:
            set_up(record.world_file, order.world_settings)  # a damaged world is refused before anything is started
        record.folder.mkdir(parents=True, exist_ok=True)
        record.write()
        return _carry_on(record, display)


def resume(folder: Path, display: Display) -> RunRecord:
    """Resume a run with the first notebook that has not succeeded: same parameters, same world.

    Where a notebook was killed or interrupted, the run's own world is put back to what it was before that notebook.
    After a failed cell it is left as it is: it may have been fixed by hand.

    Raises: ConfigurationError: there is no such run, or it is still going on.
    """
    capabilities.require_processes("Running a notebook")
    with _alone(RunRecord.read(folder)):
        record = RunRecord.read(folder)
        _wait_for_orphans(record)
        for outcome in record.remaining():
            if record.owns_world and outcome.status == "running":
                put_back(record.world_file, _checkpoint(record, outcome))
        return _carry_on(record, display)


def _drafted(order: Order) -> RunRecord:
    begun = datetime.now()
    name = begun.strftime("%Y-%m-%dT%H-%M-%S")
    taken = len(list(order.out.glob(f"{name}*")))
    return RunRecord(
        folder=order.out / (f"{name}-{taken + 1}" if taken else name),
        source=homely(order.notebooks[0].path.parent),
        world=homely(order.world) if order.world else "world.db",
        parameters=dict(order.parameters),
        settings={name: value for name, value in order.settings.items() if name != "fixtures"},
        world_settings=dict(order.world_settings),
        notebooks=[NotebookRecord(notebook.name) for notebook in order.notebooks],
        backend=order.backend,
        home=homely(lab_home()),
        recording=homely(order.recording) if order.recording else "",
        begun=begun.isoformat(timespec="seconds"),
    )


def _alone(record: RunRecord) -> AbstractContextManager[None]:
    """Reserve what two runs must not change at once: the world, or a subscription's resource group."""
    if record.backend == "emulator":
        return reserved(record.world_file)
    if record.backend == "replay":
        return nullcontext()  # nothing is changed
    names = (str(record.chosen.get(name) or "default") for name in ("subscription", "resource_group"))
    return reserved(record.folder.parent / "-".join(names), otherwise="choose another with -p resource_group NAME")


def _carry_on(record: RunRecord, display: Display) -> RunRecord:
    begun, before = time.perf_counter(), record.seconds
    sources = _sources(record)
    record.status = "running"
    try:
        with stoppable(), closing(display), closing(_kernels(record)) as kernels:
            try:
                record.status = _run_remaining(record, sources, kernels, display)
            except KeyboardInterrupt:
                record.status = "interrupted"  # the notebook stays `running`: it is treated as if it had been killed
    finally:  # whatever the display says: it may have lost its terminal
        record.seconds = round(before + time.perf_counter() - begun, 2)
        record.write()
    return record


def _run_remaining(record: RunRecord, sources: dict[str, Notebook], kernels: Kernels, display: Display) -> str:
    left = list(record.remaining())
    for at, outcome in enumerate(left):
        for coming in left[at : at + 1 + AHEAD]:
            kernels.start(coming.name, _environment(record, coming))
        _run_one(record, outcome, sources[outcome.name], kernels, display)
        if outcome.status == "failed":
            return "failed"
        if record.owns_world and outcome is not left[-1]:
            save(record.world_file, _checkpoint(record, left[at + 1]))
        if record.recording and record.backend == "azure":
            merge(_part(record, outcome.name), record.recording_file)
        record.write()
    shutil.rmtree(record.folder / CHECKPOINTS, ignore_errors=True)
    return "finished"


def _sources(record: RunRecord) -> dict[str, Notebook]:
    found = {notebook.name: notebook for notebook in find(record.source_folder)}
    if gone := [outcome.name for outcome in record.remaining() if outcome.name not in found]:
        raise ConfigurationError("notebooks", f"{record.source} has no {', '.join(gone)} any more. Begin a new run.")
    return found


def _run_one(record: RunRecord, outcome: NotebookRecord, source: Notebook, kernels: Kernels, display: Display) -> None:
    manager, client = kernels.take(outcome.name)
    outcome.status, outcome.failed_cell = "running", None
    record.kernels = [_fingerprint(manager)]
    _facts(record, outcome).unlink(missing_ok=True)
    record.write()
    display.begin(outcome.name, len(source.code))
    begun = time.perf_counter()
    target = record.folder / source.path.name
    try:
        executed = execute(source.path, target, passed(source, record.parameters), manager, client, display.cell)
        outcome.status, outcome.cells, outcome.slowest_cell = "finished", executed.cells, executed.slowest_cell
    except CellFailure as failure:
        outcome.status, outcome.cells, outcome.failed_cell = "failed", failure.number, failure.told()
    outcome.seconds = round(time.perf_counter() - begun, 2)
    outcome.facts = read_facts(_facts(record, outcome))
    record.kernels = []
    display.end(outcome)


def _kernels(record: RunRecord) -> Kernels:
    (record.folder / "facts").mkdir(exist_ok=True)
    if record.settings:
        write(record.folder / SETTINGS_FILE, record.settings)
    return Kernels(record.source_folder, log=record.folder / "kernels.log", backend=record.backend)


def _environment(record: RunRecord, outcome: NotebookRecord) -> dict[str, str]:
    told = {FACTS: str(_facts(record, outcome).absolute()), RUN_VARIABLE: record.folder.name, CHAPTER: outcome.name}
    # Kernels work beside the notebooks, which may lie where nothing can be written, and another settings file may lie.
    told[HOME] = str(record.home_folder)
    told[SETTINGS] = str((record.folder / SETTINGS_FILE).absolute()) if record.settings else NONE
    if record.backend == "emulator":
        return told | {WORLD: str(record.world_file.absolute())}
    if record.backend == "replay":
        return told | {FIXTURES: str(record.recording_file)}
    return told | ({RECORDING: str(_part(record, outcome.name).absolute())} if record.recording else {})


def _part(record: RunRecord, name: str) -> Path:
    """Where a chapter's own recording grows; it becomes part of the whole when the chapter has ended well."""
    return record.folder / "recordings" / f"{name}.jsonl"


def _facts(record: RunRecord, outcome: NotebookRecord) -> Path:
    return record.folder / "facts" / f"{outcome.name}.jsonl"


def _checkpoint(record: RunRecord, outcome: NotebookRecord) -> Path:
    """Name the copy of the world as it was before a notebook.

    It is complete before the record says that the notebook before it has finished, so a kill finds one or the other.
    """
    return record.folder / CHECKPOINTS / f"{outcome.name}.db"


def _fingerprint(manager: Any) -> tuple[int, float]:
    process = int(manager.provisioner.pid)
    return process, began(process)


def _wait_for_orphans(record: RunRecord) -> None:
    """Let the kernel of a killed run end: it notices by itself, but until then a cell may still be at work."""
    import psutil

    for process, begun in record.kernels:
        until = time.monotonic() + ORPHAN_S
        while lives(process, begun):
            if time.monotonic() > until:
                psutil.Process(process).kill()
            time.sleep(0.1)

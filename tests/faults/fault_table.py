"""Every step of the library, with each of its requests failing in turn in each way: the table of `make test-faults`.

A step has to end where it ends undisturbed: by itself, where trying again is safe; else, after a sentence that says
what failed, when it is called again. Nothing may be there twice, and nothing after a clean-up.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import acrlab
from acrlab.azure.arm_id import ArmId
from acrlab.backends.file_memory import FileMemory
from acrlab.course.lookup import PLAN
from acrlab.course.section import Step
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core import fault_injection
from acrlab.errors import AcrLabError
from acrlab.lab.lab import Lab
from acrlab.lab.memory import ACCESS, IMAGE, name_of
from acrlab.serving.connection import environment
from acrlab.serving.world_file import set_up

ACRLAB = [sys.executable, "-c", "from acrlab.cli.app import main; main()"]
REGISTRY = "contoso42"


def _pull(lab: Lab) -> None:
    """Use a right as soon as it is given."""
    acrlab.allow_vm_to_pull(lab)
    acrlab.login_and_pull(lab)


EXTRA = (
    Step("access-restored", "access as before", acrlab.restore_access, ("public-access-denied",)),
    Step("manual-endpoint", "an endpoint that waits", acrlab.ensure_manual_endpoint, ("registry", "subnet-policies")),
    Step("portal-endpoint", "the portal's lab", acrlab.steps.ensure_portal_endpoint, ("registry",)),
    Step("pull", "an image on the VM", _pull, ("azure-cli", "sample-image")),
    Step("clean-up", "nothing", acrlab.delete_lab, ("pull-right", "records")),
)
STEPS = (*PLAN, *EXTRA)
# What a step starts from besides what it needs.
BEFORE = {"public-access-as-before": ("public-access-denied",)}
KINDS = ("throttle", "error", "unavailable", "drop", "drop-answer", "fail-operation", "slow-role")
SLOW_S = 25  # more than one look
Opened = Callable[[Path], AbstractContextManager[Lab]]
SERVED_TOGETHER = 6  # most of the time they wait
START_S = 30
AGAIN = 2  # times that a step is called again after it said what failed


@dataclass
class Cell:
    """One step under one fault.

    Attributes:
        alone: how many of its requests could fail without anybody noticing.
        again: how many made the step stop, and end well when it was called again.
        wrong: what did not end as it should.
    """

    step: str
    kind: str
    alone: int = 0
    again: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if self.wrong:
            return f"✗ {len(self.wrong)}"
        if not self.alone + self.again:
            return "-"  # the step sends nothing of the kind
        return f"✓ {self.alone}" + (f" + {self.again}" if self.again else "")


def main(*, served: bool, every: int, timing: str) -> int:
    """Args:
    served: by way of HTTPS and another process, where waiting takes real time.
    timing: the world setting of that name: whether what was changed counts at once.
    every: let every n-th request fail; 1: all of them.

    Returns: 1 where anything ended wrong.
    """
    workers = SERVED_TOGETHER if served else None
    with tempfile.TemporaryDirectory(prefix="acrlab-faults-") as folder, ProcessPoolExecutor(workers) as pool:
        work = [(step.name, folder, served, every, timing) for step in STEPS]
        cells = [cell for part in pool.map(_tried, work) for cell in part]
    by_place = {(cell.step, cell.kind): cell for cell in cells}
    shown = Table("step", *KINDS, title="requests that failed unnoticed + stopped the step, which then went on")
    for step in STEPS:
        shown.add_row(step.name, *(str(by_place[step.name, kind]) for kind in KINDS))
    Console(width=120).print(shown)
    wrong = [f"{c.step}, {c.kind}: {text}" for c in cells for text in c.wrong]
    Console(width=120).print("\n".join(wrong) or f"{len(cells)} of {len(cells)} right", markup=False, highlight=False)
    return 1 if wrong else 0


def _tried(work: tuple[str, str, bool, int, str]) -> list[Cell]:
    """One step under every fault."""
    name, folder, served, every, timing = work
    step = next(one for one in STEPS if one.name == name)
    place = Path(folder) / name
    place.mkdir()
    start = place / "start.db"
    set_up(start, {"timing": timing})
    with _opened(start) as lab:
        acrlab.bring_to(lab, *step.needs, *BEFORE.get(step.name, ()))
    opened = _served if served else _opened
    with opened(_copy(start, place / "undisturbed.db")) as lab:
        step.ensure(lab)
    wanted = _facts(place / "undisturbed.db")
    return [_under(kind, step, start, wanted, opened, every) for kind in KINDS]


def _under(kind: str, step: Step, start: Path, wanted: dict[str, Any], opened: Opened, every: int) -> Cell:
    """One step with its first request faulty, then with its second, or every n-th, and so on to its last."""
    cell = Cell(step.name, kind)
    for n in count(1, every):
        world = _copy(start, start.with_name(f"{kind}-{n}.db"))
        _plant(world, fault_injection.Fault(kind, when="nth", n=n, seconds=SLOW_S if kind == "slow-role" else 1))
        with opened(world) as lab:
            said = _stops(lab, step)
        if not _struck(world, n):
            return cell
        if len(said) > AGAIN:
            cell.wrong.append(f"request {n}: {said[-1]}")
            continue
        _clear(world)
        if (seen := _facts(world)) != wanted:
            cell.wrong.append(f"request {n}: {_difference(seen, wanted)}")
        elif left := _cleaned(world):
            cell.wrong.append(f"request {n}: left after the clean-up: {', '.join(left)}")
        cell.again += bool(said)
        cell.alone += not said
    raise AssertionError("unreachable: a step ends, and with it its requests")


def _stops(lab: Lab, step: Step) -> list[str]:
    """Call a step until it ends well, and not for ever. Returns: what it said each time that it did not."""
    said: list[str] = []
    while len(said) <= AGAIN:
        try:
            step.ensure(lab)
            return said
        except AcrLabError as problem:
            said.append(str(problem))
    return said


def _cleaned(world: Path) -> list[str]:
    with _opened(world) as lab:
        acrlab.delete_lab(lab)
    return [*_facts(world)]


# -- worlds ------------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(world: Path) -> Iterator[Lab]:
    """A lab on a world in this process."""
    lab = acrlab.connect(world=str(world), registry_name=REGISTRY)
    try:
        yield lab
    finally:
        lab.close()


@contextmanager
def _served(world: Path) -> Iterator[Lab]:
    """A lab on the same world in a process of its own, reached as a real Azure is."""
    ready = world.with_suffix(".json")
    words = ["emulator", "serve", "--state", str(world), "--port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen([*ACRLAB, *words], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_S
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise AcrLabError(f"the server of {world.name} did not start")
            time.sleep(0.05)
        connection = json.loads(ready.read_text("utf-8"))
        os.environ.update(environment(connection, world.with_suffix(".az")) | {"ACRLAB_HOME": str(_home(world))})
        lab = acrlab.connect(backend="azure", registry_name=REGISTRY, confirm_cost=1, expires_hours=0)
        try:
            yield lab
        finally:
            lab.close()
    finally:
        process.terminate()
        process.wait(START_S)


def _home(world: Path) -> Path:
    """What the lab notes in an emulated world, it notes in its own folder for any other Azure."""
    home = world.with_suffix(".home")
    with _opened(world) as lab:
        names = [name_of(lab, what) for what in (ACCESS, IMAGE)]
        for name, text in ((name, lab.backend.memory.read(name)) for name in names):
            if text is not None:
                FileMemory(home).write(name, text)
    return home


def _copy(world: Path, target: Path) -> Path:
    for path in world.parent.glob(f"{world.stem}*"):
        there = target.with_name(path.name.replace(world.stem, target.stem, 1))
        if path.is_dir():
            shutil.copytree(path, there, dirs_exist_ok=True)
        else:
            shutil.copy(path, there)
    return target


def _plant(world: Path, fault: fault_injection.Fault) -> None:
    azure = EmulatedAzure(world)
    fault_injection.plant(azure.world, fault)
    azure.close()


def _struck(world: Path, n: int) -> bool:
    """Whether there was an n-th request for the fault to strike."""
    azure = EmulatedAzure(world)
    (fault,) = fault_injection.planted(azure.world)
    azure.close()
    return fault.met >= n


def _clear(world: Path) -> None:
    azure = EmulatedAzure(world)
    fault_injection.clear(azure.world)
    azure.close()


def _facts(world: Path) -> dict[str, Any]:
    """What there is: ids, states and settings, without what no two runs have in common (times, versions, GUIDs)."""
    azure = EmulatedAzure(world)
    found = azure.world.dump()
    phases = {id: azure.world.find(ArmId.parse(id)).phase for id in found}
    azure.close()
    return {id: {"phase": phases[id], **dict(_plain(one["body"]))} for id, one in found.items()}


def _plain(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("location", "tags", "sku"):
        yield name, body.get(name)
    properties = body.get("properties") or {}
    for name in ("publicNetworkAccess", "networkRuleSet", "aRecords", "roleDefinitionId"):
        yield name, properties.get(name)


def _difference(seen: dict[str, Any], wanted: dict[str, Any]) -> str:
    more, less = sorted(seen.keys() - wanted.keys()), sorted(wanted.keys() - seen.keys())
    other = [id for id in seen.keys() & wanted.keys() if seen[id] != wanted[id]]
    return f"too much: {more}; missing: {less}; different: {other}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--served", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--timing", default="instant")
    given = parser.parse_args()
    sys.exit(main(served=given.served, every=given.every, timing=given.timing))

"""Plants every fault in a lab of its own and prints what the doctor made of it: `make test-doctor`.

`python -m tests.faults.doctor_table NAME...` plants those of these names alone.

Remedies are run as they are printed: as library calls, and as commands of the real `az` where it is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

import acrlab
from acrlab.course.practice.drill import Drill, by_call, drill
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import FAULTS, named
from acrlab.course.section import Fault
from acrlab.doctor.finding import Remedy
from acrlab.lab.lab import Lab
from acrlab.serving import azure_cli
from acrlab.serving.connection import serving
from acrlab.steps.beyond.subscriptions import other_subscription

Way = Callable[[Lab, Remedy], object]


def main(*names: str) -> int:
    console = Console(width=120)
    table = Table("fault", "named as", "by", "left after the remedy", "")
    failed = 0
    with tempfile.TemporaryDirectory() as folder, _ways(Path(folder)) as ways:
        for number, fault in enumerate([named(name) for name in names] or FAULTS):
            for by, mend in ways.items():
                outcome = _drilled(Path(folder), f"{by.replace(' ', '')}{number:02}", fault, mend)
                failed += not outcome.passed
                table.add_row(
                    fault.name, ", ".join(outcome.named), by, ", ".join(outcome.left) or "nothing", _mark(outcome)
                )
    console.print(table)
    console.print(f"{len(table.rows) - failed} of {len(table.rows)} right")
    return 1 if failed else 0


def _mark(outcome: Drill) -> str:
    return "[green]✓[/green]" if outcome.passed else f"[red]✗ expected {outcome.fault.code}[/red]"


def _drilled(folder: Path, name: str, fault: Fault, mend: Way) -> Drill:
    """A lab of its own, in a group of its own: what one fault leaves behind is not the next one's."""
    lab = acrlab.connect(
        world=str(folder / "world.db"), resource_group=f"group-{name}", registry_name=f"registry{name}"
    )
    try:
        acrlab.bring_to(lab, *READY)
        return drill(lab, fault, mend)
    finally:
        lab.close()


@contextmanager
def _ways(folder: Path) -> Iterator[dict[str, Way]]:
    os.environ["ACRLAB_HOME"] = str(folder)
    if not azure_cli.is_installed():
        Console(stderr=True).print("az is not installed: its remedies are not tried")
        yield {"acrlab": by_call}
        return
    world = folder / "world.db"
    with closing(acrlab.connect(world=str(world))) as lab:
        other_subscription(lab)  # added first: az lists the subscriptions when it signs in
    with serving(world, 0) as connection:
        variables = azure_cli.prepare(world, connection)

        def type_it(lab: Lab, remedy: Remedy) -> None:
            for command in remedy.az:
                shell = f'az() {{ "{azure_cli.program()}" "$@"; }}; {command}'
                done = subprocess.run(["bash", "-c", shell], env=variables, capture_output=True, text=True)
                if done.returncode:
                    print(f"{command}\n{done.stderr}", file=sys.stderr)

        yield {"acrlab": by_call, "az": type_it}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

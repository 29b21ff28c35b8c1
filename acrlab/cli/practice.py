"""`acrlab practice`: a fault in a lab that works, to be found and mended; hints where they are wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrlab.cli.console import stdout

if TYPE_CHECKING:
    from acrlab.lab.lab import Lab

__all__ = ["practice"]

World = Annotated[Path | None, typer.Option(help="File of the emulated Azure.")]
Group = Annotated[str, typer.Option(help="Resource group of the lab to practise on.")]
Registry = Annotated[str, typer.Option(help="Its registry; empty: the lab's.")]
LEFT = 1  # exit code of `check` while the fault is there

practice = typer.Typer(
    no_args_is_help=True,
    help="Practise on planted faults: a symptom, hints, and whether it is mended.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@practice.command("list")
def show(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Show every fault by its symptom, and which are solved."""
    from acrlab.course import exercise

    lab = _lab(world, group, registry)
    faults = exercise.listed(lab)
    lab.close()
    _say(repr(faults))


@practice.command()
def start(
    fault: Annotated[str, typer.Argument(help="Its name; empty: the next that is not solved.")] = "",
    world: World = None,
    group: Group = "",
    registry: Registry = "",
) -> None:
    """Bring the lab to where it works, plant a fault in it, and say how it looks to people.

    Examples:

      acrlab practice start

      acrlab practice start the-quiet-layer
    """
    from acrlab.course import exercise

    lab = _lab(world, group, registry)
    chosen = exercise.start(lab, fault)
    lab.close()
    _say(f"{chosen.name}\n\n{chosen.symptom}\n\nLook: acrlab machine exec, az, acrlab doctor. Mend it, then:")
    _say("acrlab practice check     (or: hint, solve)")


@practice.command()
def hint(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Give the next of three hints, each clearer than the one before."""
    from acrlab.course import exercise

    lab = _lab(world, group, registry)
    number, text = exercise.hint(lab)
    lab.close()
    _say(f"{number} of 3: {text}")


@practice.command()
def check(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Say whether the lab works again, and exit with 1 if not."""
    from acrlab.course import exercise

    lab = _lab(world, group, registry)
    outcome = exercise.check(lab)
    lab.close()
    _say(repr(outcome))
    if not outcome.fixed:
        raise typer.Exit(LEFT)


@practice.command()
def solve(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Show what was wrong, how people get there, and mend it."""
    from acrlab.course import exercise

    lab = _lab(world, group, registry)
    fault = exercise.solve(lab)
    outcome = exercise.check(lab)
    lab.close()
    _say(f"{fault.code}: {fault.story}\n{fault.fix}\n{outcome!r}")


def _lab(world: Path | None, group: str, registry: str) -> Lab:
    from acrlab.lab.lab import connect

    given = {"world": str(world) if world else "", "resource_group": group, "registry_name": registry}
    return connect(settings=None, **{name: value for name, value in given.items() if value})


def _say(text: str) -> None:
    stdout().print(text, markup=False, highlight=False, soft_wrap=True)

"""The commands for learners: `learn` opens the chapters in JupyterLab, `practice` plants a fault to find and fix."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from acrlab.cli.console import HELP, Group, Registry, World, note, of_the_lab, say

if TYPE_CHECKING:
    from acrlab.lab.lab import Lab

COURSE = Path("acrlab-course")
LEFT = 1  # exit code of `practice check` while the fault is there

practice = typer.Typer(
    no_args_is_help=True,
    help="Practise on planted faults: a symptom, hints, and whether it is fixed.",
    context_settings=HELP,
)


class PassingCommand(TyperCommand):
    """A command that keeps what follows `--` for another program: in `ctx.args`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        super().parse_args(ctx, args[:at])
        ctx.args = args[at + 1 :]
        return list(ctx.args)


def learn(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where your copy of the chapters is, or will be.")] = COURSE,
    no_open: Annotated[bool, typer.Option("--no-open", help="Copy the chapters, and do not start JupyterLab.")] = False,
) -> None:
    """Copy the chapters into a folder of yours and open them in JupyterLab. What you changed there stays as it is.

    What follows -- goes to `jupyter lab`.

    Examples:

      acrlab learn

      acrlab learn my-course --no-open

      acrlab learn -- --no-browser --port 9999

      acrlab learn -- --ip 0.0.0.0        (in a container)
    """
    from acrlab.runs.course_copy import copy_chapters, open_lab, trust

    copied = copy_chapters(folder)
    trust(copied.fresh)
    if copied.new:
        say(f"Copied {len(copied.new)} chapter{'s' if len(copied.new) > 1 else ''} to {folder}.")
    if copied.left:
        again = "To get one fresh, rename yours and run this again."
        note(f"Left as you have changed them: {', '.join(copied.left)}. {again}")
    if no_open:
        say(f"Open them: acrlab learn {folder}")
        return
    open_lab(folder, ctx.args)


@practice.command("list")
def show(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Show every fault by its symptom, and which are solved."""
    from acrlab.course import exercise

    with closing(_lab(world, group, registry)) as lab:
        faults = exercise.listed(lab)
    say(repr(faults))


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

    with closing(_lab(world, group, registry)) as lab:
        chosen = exercise.start(lab, fault)
    say(f"{chosen.name}\n\n{chosen.symptom}\n\nLook: acrlab vm exec, az, acrlab doctor. Fix it, then:")
    say("acrlab practice check     (or: hint, solve)")


@practice.command()
def hint(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Give the next of three hints, each clearer than the one before."""
    from acrlab.course import exercise

    with closing(_lab(world, group, registry)) as lab:
        number, text = exercise.hint(lab)
    say(f"{number} of 3: {text}")


@practice.command()
def check(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Say whether the lab works again, and exit with 1 if not."""
    from acrlab.course import exercise

    with closing(_lab(world, group, registry)) as lab:
        outcome = exercise.check(lab)
    say(repr(outcome))
    if not outcome.fixed:
        raise typer.Exit(LEFT)


@practice.command()
def solve(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Show what was wrong, how people get there, and fix it."""
    from acrlab.course import exercise

    with closing(_lab(world, group, registry)) as lab:
        fault = exercise.solve(lab)
        outcome = exercise.check(lab)
    say(f"{fault.code}: {fault.story}\n{fault.fix}\n{outcome!r}")


def _lab(world: Path | None, group: str, registry: str) -> Lab:
    from acrlab.lab.lab import connect

    return connect(**of_the_lab(world=world, group=group, registry=registry))

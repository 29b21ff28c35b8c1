"""The commands for learners: `learn` opens the chapters, `practice` plants a fault, `work` carries work elsewhere."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from acrlab.cli.console import HELP, Group, Registry, World, Yes, confirmed, note, of_the_lab, say, world_path
from acrlab.errors import UnfinishedError

if TYPE_CHECKING:
    from acrlab.course.section import Fault
    from acrlab.lab.lab import Lab

COURSE = Path("acrlab-course")
LEFT = 1  # exit code of a wrong answer, and of a check while something is left to do

File = Annotated[Path, typer.Argument(help="A zip.")]
Folder = Annotated[Path, typer.Argument(help="Folder of your copy of the chapters.")]

practice = typer.Typer(
    no_args_is_help=True,
    help="Work on tickets: a fault is planted; you say what it is, fix it, and have it checked.",
    context_settings=HELP,
)
work = typer.Typer(
    no_args_is_help=True,
    help="Move your work: the emulated Azure and your notebooks in one file, which the web site reads and writes, too.",
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
    folder: Annotated[Path, typer.Argument(help="Folder of your copy of the chapters; created if missing.")] = COURSE,
    no_open: Annotated[bool, typer.Option("--no-open", help="Copy the chapters, but do not start JupyterLab.")] = False,
) -> None:
    """Copy the chapters to a folder and open them in JupyterLab. Files that you have changed there stay as they are.

    What follows -- goes to `jupyter lab`.

    Examples:

      acrlab learn

      acrlab learn my-course --no-open

      acrlab learn -- --no-browser --port 9999

      acrlab learn -- --ip 0.0.0.0        (in a container)
    """
    from acrlab.learner.course_copy import copy_chapters, open_lab, trust

    copied = copy_chapters(folder)
    trust(copied.fresh)
    if copied.new:
        say(f"Copied {len(copied.new)} chapter{'s' if len(copied.new) > 1 else ''} to {folder}.")
    if copied.left:
        again = "For a fresh copy of one, rename yours and run this again."
        note(f"Not overwritten, because you have changed them: {', '.join(copied.left)}. {again}")
    if no_open:
        say(f"Open them: acrlab learn {folder}")
        return
    open_lab(folder, ctx.args)


@practice.command("list")
def show(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Show every ticket by its symptom, and how you closed it: done, with hints, shown."""
    from acrlab.course.practice import exercise

    with closing(_lab(world, group, registry)) as lab:
        tickets = exercise.listed(lab)
    say(repr(tickets))


@practice.command()
def start(
    ticket: Annotated[
        str, typer.Argument(help="Its name; empty: the open one, or the next one; `another`: one at random.")
    ] = "",
    world: World = None,
    group: Group = "",
    registry: Registry = "",
) -> None:
    """Open a ticket: bring the lab to where it works, break one thing in it, and say what a user reports.

    Examples:

      acrlab practice start

      acrlab practice start the-quiet-layer

      acrlab practice start another
    """
    import random

    from acrlab.course.practice import exercise

    with closing(_lab(world, group, registry)) as lab:
        fault = exercise.start(lab, ticket, choose=random.choice)
    where = f"Where: {fault.stage.where}\n\n" if fault.stage.where else ""
    tools = "az aks command invoke, az" if fault.stage.cluster else "acrlab vm exec, az, dig, curl"
    say(f"{fault.name}\n\n{fault.symptom}\n\n{where}{_choices(fault)}\n\nLook: {tools}. Then:")
    say("acrlab practice answer N, fix it, acrlab practice check     (or: hint, give-up)")


@practice.command()
def answer(
    diagnosis: Annotated[str, typer.Argument(help="Its number in the ticket's list, or its name.")],
    world: World = None,
    group: Group = "",
    registry: Registry = "",
) -> None:
    """Say what is wrong, and exit with 1 if the answer is wrong. A wrong answer counts as a hint."""
    from acrlab.course.practice import exercise

    with closing(_lab(world, group, registry)) as lab:
        said = exercise.answer(lab, diagnosis)
    say(repr(said))
    if not said.right:
        raise typer.Exit(LEFT)


@practice.command()
def hint(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Give the next of three hints, each clearer than the one before."""
    from acrlab.course.practice import exercise

    with closing(_lab(world, group, registry)) as lab:
        text = exercise.hint(lab)
    say(text)


@practice.command()
def check(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Say whether the lab works again and the ticket is answered; exit with 1 if not."""
    from acrlab.course.practice import exercise

    with closing(_lab(world, group, registry, hands_on="on")) as lab:
        try:
            verdict = exercise.check(lab)
        except UnfinishedError as waiting:
            say(str(waiting))
            raise typer.Exit(LEFT) from None
    say(repr(verdict))


@practice.command()
def give_up(world: World = None, group: Group = "", registry: Registry = "") -> None:
    """Say what it was and how it happens, fix it, and show the commands that did."""
    from acrlab.course.practice import exercise

    with closing(_lab(world, group, registry)) as lab:
        shown = exercise.give_up(lab)
    say(repr(shown))


@work.command()
def save(file: File = Path("acrlab-work.zip"), folder: Folder = COURSE, world: World = None) -> None:
    """Write the emulated Azure and the notebooks that you changed to a file.

    Examples:

      acrlab work save

      acrlab work save my-work.zip my-course
    """
    from acrlab.learner.work import keep_work

    kept = keep_work(file, world=world_path(world), folder=folder)
    say(f"{file}: {_counted(kept.resources, 'resource')} and {_counted(len(kept.notebooks), 'notebook')}.")
    say("To continue elsewhere: acrlab work restore FILE, or Take it up again on the web site's first page.")


@work.command()
def restore(
    file: File = Path("acrlab-work.zip"), folder: Folder = COURSE, world: World = None, yes: Yes = False
) -> None:
    """Continue with saved work: it replaces the emulated Azure here. Your own notebooks stay.

    Examples:

      acrlab work restore my-work.zip my-course
    """
    from acrlab.learner.work import resources_of, take_up

    path = world_path(world)
    if not yes and (there := resources_of(path)):
        first = "To keep them: acrlab work save, or acrlab emulator save"
        confirmed(f"Replace the emulated Azure in {path}, which has {_counted(there, 'resource')}?", first=first)
    taken = take_up(file, world=path, folder=folder)
    placed = ", ".join(taken.notebooks) or "no new notebook"
    say(f"{path} has {_counted(taken.resources, 'resource')}; {folder} has {placed}.")
    if taken.aside:
        note(f"Put beside your own notebook of the same chapter, which was not changed: {', '.join(taken.aside)}.")


def _choices(fault: Fault) -> str:
    from acrlab.course.practice.diagnoses import choices

    return "\n".join(f"  {at}  {one.code}: {one.says}" for at, one in enumerate(choices(fault), 1))


def _lab(world: Path | None, group: str, registry: str, **more: str) -> Lab:
    from acrlab.lab.lab import connect

    return connect(**of_the_lab(backend="emulator", world=world, group=group, registry=registry, **more))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

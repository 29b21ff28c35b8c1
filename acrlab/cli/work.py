"""The commands that carry a learner's work to another computer, or to the web site of the chapters and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrlab.cli.console import HELP, World, Yes, confirmed, note, say, world_path
from acrlab.cli.learn import COURSE

File = Annotated[Path, typer.Argument(help="A zip.")]
Folder = Annotated[Path, typer.Argument(help="Where your copy of the chapters is.")]

work = typer.Typer(
    no_args_is_help=True,
    help="Carry your work elsewhere: the emulated Azure and your notebooks in one file, as the web site has it.",
    context_settings=HELP,
)


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
    say("To go on elsewhere: acrlab work restore FILE, or Take it up again on the web site's first page.")


@work.command()
def restore(
    file: File = Path("acrlab-work.zip"), folder: Folder = COURSE, world: World = None, yes: Yes = False
) -> None:
    """Go on with the work in a file: it takes the place of the emulated Azure here. Your own notebooks stay.

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
        note(f"Beside yours of the same chapter, which was left as it is: {', '.join(taken.aside)}.")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

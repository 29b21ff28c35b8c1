"""The commands for what goes to others: `handout` makes pages to print, `scan` looks for what must not leave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrlab.cli.console import Notebooks, Only, say
from acrlab.errors import ConfigurationError

FORMATS = ("html", "pdf")
FOUND = 1  # exit code of `scan` where there is anything


def handout(
    edition: Annotated[
        str, typer.Option(help="learner, or instructor: with solutions, timing, common mistakes.")
    ] = "learner",
    slides: Annotated[bool, typer.Option("--slides", help="Slides for a class, with the instructor's notes.")] = False,
    format: Annotated[list[str] | None, typer.Option(help="html or pdf; can be given again.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("handouts"),
    only: Only = None,
    notebooks: Notebooks = None,
) -> None:
    """Make handouts of the notebooks: one file a chapter and one of all, complete in themselves. Nothing is run.

    Examples:

      acrlab handout

      acrlab handout --edition instructor --format html --format pdf --out handouts

      acrlab handout --slides --only 03
    """
    from datetime import date
    from importlib.metadata import version

    from acrlab.handouts import EDITIONS, make, make_slides
    from acrlab.runs.notebooks import chosen, find, folder_of

    wanted = format or ["html"]
    if edition not in EDITIONS:
        raise ConfigurationError("--edition", f"there is no edition {edition}; there are {', '.join(EDITIONS)}.")
    if unknown := sorted(set(wanted) - set(FORMATS)):
        raise ConfigurationError("--format", f"{unknown[0]} is not a format; there are {', '.join(FORMATS)}.")
    listed = chosen(find(folder_of(notebooks)), only=only or (), begin="", end="")
    if slides:
        files = make_slides(listed, formats=wanted, out=out)
    else:
        files = make(
            listed,
            edition=EDITIONS[edition],
            formats=wanted,
            out=out,
            dated=date.today(),
            version=version("acrlab"),
        )
    for file in files:
        say(str(file))


def scan(paths: Annotated[list[Path], typer.Argument(help="Files and folders.")]) -> None:
    """Look for tokens, keys, passwords, ids, addresses and names in notebooks, recordings, records, logs, handouts.

    Says where and of what kind, never what. Exits with 1 where there is anything. Worlds of the emulated Azure are not
    read: what is in them is worth nothing anywhere else.

    Examples:

      acrlab scan runs class.jsonl

      acrlab scan notebooks handouts
    """
    from acrlab.recordings.scan import scan as look

    found = look(paths)
    say(repr(found))
    raise typer.Exit(FOUND if found.leaks else 0)

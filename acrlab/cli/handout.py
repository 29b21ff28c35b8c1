"""`acrlab handout`: the notebooks as pages to read, print and write on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrlab.cli.console import stdout
from acrlab.errors import ConfigurationError

FORMATS = ("html", "pdf")


def handout(
    edition: Annotated[
        str, typer.Option(help="learner, or instructor: with solutions, timing, common mistakes.")
    ] = "learner",
    format: Annotated[list[str] | None, typer.Option(help="html or pdf; can be given again.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("handouts"),
    only: Annotated[
        list[str] | None, typer.Option(help="This notebook: its number or name; can be given again.")
    ] = None,
    notebooks: Annotated[Path | None, typer.Option(help="Folder of the notebooks.")] = None,
) -> None:
    """Make handouts of the notebooks: one file a chapter and one of all, complete in themselves. Nothing is run.

    Examples:

      acrlab handout

      acrlab handout --edition instructor --format html --format pdf --out handouts
    """
    from datetime import date
    from importlib.metadata import version

    from acrlab.handouts import EDITIONS, make
    from acrlab.runs.notebooks import chosen, find, folder_of

    wanted = format or ["html"]
    if edition not in EDITIONS:
        raise ConfigurationError("--edition", f"there is no edition {edition}; there are {', '.join(EDITIONS)}.")
    if unknown := sorted(set(wanted) - set(FORMATS)):
        raise ConfigurationError("--format", f"{unknown[0]} is none; there are {', '.join(FORMATS)}.")
    listed = chosen(find(folder_of(notebooks)), only=only or (), begin="", end="")
    files = make(
        listed,
        edition=EDITIONS[edition],
        formats=wanted,
        out=out,
        dated=date.today(),
        version=version("acrlab"),
    )
    for file in files:
        stdout().print(str(file), highlight=False, soft_wrap=True)

"""`acrlab scan`: is there anything sensitive in what I am about to give away?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrlab.cli.console import stdout

FOUND = 1


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
    stdout().print(repr(found), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(FOUND if found.leaks else 0)

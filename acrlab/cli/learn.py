"""`acrlab learn`: the chapters in a folder of the learner's, open in JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from acrlab.cli.console import stderr, stdout

COURSE = Path("acrlab-course")


class PassingCommand(TyperCommand):
    """Keeps what follows `--` for another program: in `ctx.args`."""

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
        _say(f"Copied {len(copied.new)} chapter{'s' if len(copied.new) > 1 else ''} to {folder}.")
    if copied.left:
        again = "To get one fresh, rename yours and run this again."
        stderr().print(
            f"Left as you have changed them: {', '.join(copied.left)}. {again}", markup=False, highlight=False
        )
    if no_open:
        _say(f"Open them: acrlab learn {folder}")
        return
    open_lab(folder, ctx.args)


def _say(text: str) -> None:
    stdout().print(text, markup=False, highlight=False, soft_wrap=True)

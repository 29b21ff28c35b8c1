"""`acrlab clean-up`: what would go, what goes, and the proof that it is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from acrlab.cli_terms import confirmed, stderr, stdout
from acrlab.errors import RefusedError

__all__ = ["clean_up"]

LEFT = 1  # exit code where something is still there


def clean_up(
    group: Annotated[str, typer.Option(help="Resource group of the lab.")] = "",
    backend: Annotated[str, typer.Option(help="emulator, or azure: a real subscription.")] = "emulator",
    subscription: Annotated[str, typer.Option(help="Id of the real subscription.")] = "",
    world: Annotated[Path | None, typer.Option(help="File of the emulated Azure.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would go, and change nothing.")] = False,
) -> None:
    """Delete the lab's groups with all that is in them, and prove that nothing is left.

    Only groups with the lab's own tag are deleted; others of the same name are named, and stay. Exits with 1 where
    anything of the lab is left, with the reason.

    Examples:

      acrlab clean-up --plan

      acrlab clean-up --backend azure --group myResourceGroup
    """
    from acrlab.clean_up import delete_lab, plan_clean_up, prove_absence
    from acrlab.clients import connect

    given: dict[str, Any] = {
        "resource_group": group,
        "subscription": subscription,
        "world": str(world) if world else "",
    }
    lab = connect(backend=backend, **{name: value for name, value in given.items() if value})
    try:
        planned = plan_clean_up(lab)
        _say([f"{item.kind:<45} {item.name}" for item in planned.resources] or ["nothing of the lab is there"])
        _say([f"group {name} goes" for name in planned.groups])
        _say([f"group {name} stays: it does not carry the lab's tag" for name in planned.kept])
        if plan or not planned.groups:
            return
        if not yes:
            confirmed(f"Delete {' and '.join(planned.groups)}?", otherwise="say --yes to go on")
        reason = ""
        try:
            delete_lab(lab)
        except RefusedError as problem:
            reason = str(problem)
        left = prove_absence(lab)
    finally:
        lab.close()
    if left:
        _fail([*(f"left: {item.kind} {item.name}" for item in left), *([f"because: {reason}"] if reason else [])])
    _say(["nothing is left"])


def _say(lines: list[str]) -> None:
    for line in lines:
        stdout().print(line, markup=False, highlight=False, soft_wrap=True)


def _fail(lines: list[str]) -> None:
    stderr().print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(LEFT)

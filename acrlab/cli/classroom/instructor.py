"""The commands of a class's instructor: `class status`, `class solve`, `class plant`, `class deal`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from acrlab.cli.classroom.labs import CLASS, LEFT, Out
from acrlab.cli.console import Yes, confirmed, say

if TYPE_CHECKING:
    from acrlab.classroom.console.labs import Place

Whose = Annotated[
    Path | None, typer.Option("--roster", help="CSV of the learners; else the one that the class was opened with.")
]
Learner = Annotated[str, typer.Argument(help="A learner's id, or `all`.")]
Replace = Annotated[bool, typer.Option("--replace", help="Fix the open ticket first, then open the new one.")]


def status(
    out: Out = CLASS,
    board: Annotated[
        str, typer.Option(help="Address of a board to ask, with JUPYTERHUB_API_TOKEN; else the board's data here.")
    ] = "",
    roster: Whose = None,
) -> None:
    """Show how the class is doing, as the board does: learners who are stuck come first.

    Examples:

      acrlab class status

      acrlab class status --board http://127.0.0.1:8000/services/board/
    """
    from acrlab.classroom.console.status import status as told

    say(repr(told(out, board=board, roster=roster)))


def solve(
    learner: Annotated[str, typer.Argument(help="A learner's id.")],
    section: Annotated[str, typer.Argument(help="A section, or a task, by its name.")],
    out: Out = CLASS,
    roster: Whose = None,
    yes: Yes = False,
) -> None:
    """Solve a section in a learner's lab, which counts as shown. What they have already done stays as it is.

    Examples:

      acrlab class solve ada own-zone
    """
    from acrlab.classroom.console.labs import places
    from acrlab.classroom.console.solving import solved

    (place,) = places(out, learner, roster=roster)
    if not yes:
        confirmed(f"Solve {section} in the lab of {place.id}? It will count as shown.")
    verdict = solved(place, section)
    say(repr(verdict))
    raise typer.Exit(0 if verdict.done else LEFT)


def plant(
    fault: Annotated[str, typer.Argument(help="Name of the fault, as `acrlab practice list` has it.")],
    learner: Learner,
    out: Out = CLASS,
    roster: Whose = None,
    replace: Replace = False,
    yes: Yes = False,
) -> None:
    """Plant a fault in a learner's lab, or in everyone's: each learner finds an open ticket.

    A lab that is not built, has other faults or has an open ticket is not changed, and is named.

    Examples:

      acrlab class plant the-quiet-layer all

      acrlab class plant a-wall-of-silence ada --replace
    """
    from acrlab.classroom.console.labs import places
    from acrlab.course.practice.faults import named

    name, chosen = named(fault).name, places(out, learner, roster=roster)
    _plant(chosen, {place.id: name for place in chosen}, replace=replace, yes=yes)


def deal(
    learner: Learner = "all",
    seed: Annotated[str, typer.Option(help="Any text: the same text deals the same faults.")] = "1",
    fault: Annotated[list[str] | None, typer.Option(help="A fault to deal; can be given again.")] = None,
    out: Out = CLASS,
    roster: Whose = None,
    replace: Replace = False,
    yes: Yes = False,
) -> None:
    """Plant a fault in each learner's lab, dealt so that neighbours in the roster have different ones.

    Examples:

      acrlab class deal --seed 7

      acrlab class deal --fault the-quiet-layer --fault a-wall-of-silence
    """
    from acrlab.classroom.console.labs import places
    from acrlab.classroom.console.planting import dealt

    faults = dealt(places(out, roster=roster), seed=seed, faults=fault or ())  # of all, now or not
    _plant(places(out, learner, roster=roster), faults, replace=replace, yes=yes)


def _plant(chosen: Sequence[Place], faults: Mapping[str, str], *, replace: bool, yes: bool) -> NoReturn:
    """Plant, say a line for each learner, and end the command: 1 where one was left out."""
    from acrlab.classroom.console.planting import plant as planted

    if not yes:
        whose = chosen[0].id if len(chosen) == 1 else f"{len(chosen)} learners"
        confirmed(f"Break one thing in the lab of {whose}? First the lab is brought back to what the article builds.")
    left = 0
    for id, why in planted(chosen, faults, replace=replace):
        left += bool(why)
        say(f"{id}: not planted: {why}" if why else f"{id}: {faults[id]}")
    raise typer.Exit(LEFT if left else 0)

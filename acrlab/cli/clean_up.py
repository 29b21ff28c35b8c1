"""`acrlab clean-up`: what would be deleted, what is deleted, and the proof that it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrlab.cli.console import (
    Backend,
    Group,
    Registry,
    Subscription,
    World,
    Yes,
    backend_of,
    confirmed,
    of_the_lab,
    say,
    stderr,
    world_path,
)
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.steps.clean_up_plan import CleanUpPlan, Item

LEFT = 1  # exit code where something is still there
MOST_SHOWN = 20  # of a kind, before a question


def clean_up(
    group: Group = "",
    registry: Registry = "",
    backend: Backend = "",
    subscription: Subscription = "",
    world: World = None,
    yes: Yes = False,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would be deleted, and change nothing.")] = False,
    expired: Annotated[
        bool, typer.Option("--expired", help="Delete what has expired, of every lab in the subscription.")
    ] = False,
) -> None:
    """Delete what the lab has created, and prove that nothing is left.

    Only what carries the lab's own tag is deleted, and what came with it; everything else, and what is locked, is
    named and stays. Exits with 1 if anything of the lab is left, and says why.

    Examples:

      acrlab clean-up --plan

      acrlab clean-up --backend azure --group myResourceGroup

      acrlab clean-up --backend azure --expired --yes
    """
    from acrlab.serving.world_file import reserved

    backend = backend_of(backend)
    given = of_the_lab(backend=backend, group=group, registry=registry, subscription=subscription, world=world)
    with nullcontext() if plan or backend != "emulator" else reserved(world_path(world)):
        _clean_up(given, plan=plan, expired=expired, yes=yes)


def _clean_up(given: dict[str, Any], *, plan: bool, expired: bool, yes: bool) -> None:
    from acrlab.lab.lab import connect
    from acrlab.steps.clean_up import carry_out, give_back
    from acrlab.steps.clean_up_plan import plan_clean_up, plan_expired

    if not ("registry_name" in given or _registry_in_file(given) or expired):
        given |= _only_lab(given)
    lab = connect(**given)
    planning = plan_expired if expired else plan_clean_up
    changed: dict[str, Any] = {}
    refusals: dict[str, Any] = {}
    try:
        planned = planning(lab)
        _show(planned, whole=plan or yes)
        if not plan and not planned.empty and not yes:
            confirmed(f"Delete {len(planned.resources)} resources?")
        if not plan:
            if not expired:  # those are other labs'
                changed = give_back(lab, planned)
            refusals = carry_out(lab, planned)
            planned = planning(lab)
    finally:
        lab.close()
    if plan:
        return
    left = [
        *changed,
        *(f"{one.kind} {one.name}" for one in planned.left),
        *(f"group {name}" for name in planned.groups),
    ]
    if left:
        because = (changed | refusals).values()
        _fail([*(f"left: {one}" for one in left), *(f"because: {problem}" for problem in because)])
    say("nothing is left")


def _registry_in_file(given: dict[str, Any]) -> bool:
    """Whether the settings file names the registry of the lab that is meant."""
    from acrlab.settings.file import from_file, of_the_same_lab

    return "registry_name" in of_the_same_lab(from_file(), given)


def _only_lab(given: dict[str, Any]) -> dict[str, str]:
    """The registry of the lab that is there, where only its group was named."""
    from acrlab.lab.lab import connect
    from acrlab.steps.clean_up_plan import labs_of

    lab = connect(**given)
    try:
        labs = labs_of(lab)
    finally:
        lab.close()
    if len(labs) > 1:
        raise ConfigurationError("--registry", f"the group holds several labs: {', '.join(labs)}. Name one.")
    return {"registry_name": labs[0]} if labs else {}


def _show(planned: CleanUpPlan, *, whole: bool) -> None:
    """`whole`: all of it, however long; else the question behind it stays on the screen."""
    found = list(_listed(planned.resources, whole)) or ["nothing of the lab is there"]
    going = [f"group {name} is deleted" for name in planned.groups]
    staying = [f"{one.kind} {one.name} stays: {one.reason}" for one in planned.kept]
    for line in (*found, *going, *staying):
        say(line)


def _listed(items: Iterable[Item], whole: bool) -> Iterator[str]:
    for kind, of_kind in groupby(items, key=lambda item: item.kind):
        names = [item.name for item in of_kind]
        shown = len(names) if whole else MOST_SHOWN
        yield from (f"{kind:<45} {name}" for name in names[:shown])
        if names[shown:]:
            yield f"{kind:<45} and {len(names[shown:])} more; --plan lists them all"


def _fail(lines: list[str]) -> None:
    stderr().print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(LEFT)

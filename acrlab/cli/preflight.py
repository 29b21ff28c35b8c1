"""`acrlab preflight`: whether a run can succeed, what it makes and what it costs, before it begins."""

from __future__ import annotations

from typing import Annotated

import typer

from acrlab.cli.console import Backend, Group, Registry, Subscription, World, attended, backend_of, of_the_lab, say

NOT_READY = 1


def preflight(
    group: Group = "",
    registry: Registry = "",
    location: Annotated[str, typer.Option(help="Azure region.")] = "",
    backend: Backend = "",
    subscription: Subscription = "",
    world: World = None,
    register: Annotated[
        bool, typer.Option("--register", help="Register missing resource providers without asking.")
    ] = False,
    hours: Annotated[float, typer.Option(help="How many hours the lab will run.")] = 1.5,
) -> None:
    """Check whether a run can succeed: credential, subscription, providers, region, rights, names, quota, cost.

    Ends with the plan: every call that changes something, with its count. Changes nothing itself; only resource
    providers that are not registered yet can be registered right away: at a terminal it
    asks. Exits with 1 if something is in the way, and says what to do.

    Examples:

      acrlab preflight --backend azure --location westeurope

      acrlab preflight --backend azure --group shared --registry contoso42 --hours 8
    """
    from acrlab.lab.lab import connect
    from acrlab.preflight import run_preflight
    from acrlab.preflight.calls import calls_table
    from acrlab.steps.prerequisites import register_providers

    backend = backend_of(backend)
    given = of_the_lab(backend=backend, group=group, registry=registry, subscription=subscription, world=world)
    lab = connect(**given, **of_the_lab(location=location))
    try:
        found = run_preflight(lab, hours)
        if found.unregistered and (register or _wanted()):
            register_providers(lab)
            found = run_preflight(lab, hours)
    finally:
        lab.close()
    say(repr(found))
    say("")
    say(repr(calls_table()))
    if not found.ready:
        raise typer.Exit(NOT_READY)


def _wanted() -> bool:
    """Ask a person; where there is none, nothing is changed."""
    return attended() and typer.confirm("Resource providers are not registered. Register them now?")

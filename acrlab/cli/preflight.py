"""`acrlab preflight`: whether a run can succeed, what it makes and what it costs, before it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from acrlab.cli.console import attended, stdout

__all__ = ["preflight"]

NOT_READY = 1


def preflight(
    group: Annotated[str, typer.Option(help="Resource group of the lab.")] = "",
    registry: Annotated[str, typer.Option(help="Its registry; empty: one that is chosen for the group.")] = "",
    location: Annotated[str, typer.Option(help="Azure region.")] = "",
    backend: Annotated[str, typer.Option(help="emulator, or azure: a real subscription.")] = "emulator",
    subscription: Annotated[str, typer.Option(help="Id of the real subscription.")] = "",
    world: Annotated[Path | None, typer.Option(help="File of the emulated Azure.")] = None,
    register: Annotated[
        bool, typer.Option("--register", help="Register missing resource providers; do not ask.")
    ] = False,
    hours: Annotated[float, typer.Option(help="How long the lab is meant to stand.")] = 1.5,
) -> None:
    """Look whether a run can succeed: credential, subscription, providers, region, rights, names, quota, cost.

    Changes nothing; only resource providers that are not registered yet can be registered right away: at a terminal it
    asks. Exits with 1 where something stands in the way, and says what to do.

    Examples:

      acrlab preflight --backend azure --location westeurope

      acrlab preflight --backend azure --group shared --registry contoso42 --hours 8
    """
    from acrlab.lab.lab import connect
    from acrlab.preflight import run_preflight
    from acrlab.steps.prerequisites import register_providers

    given: dict[str, Any] = {
        "backend": backend,
        "resource_group": group,
        "registry_name": registry,
        "location": location,
        "subscription": subscription,
        "world": str(world) if world else "",
    }
    lab = connect(**{name: value for name, value in given.items() if value})
    try:
        found = run_preflight(lab, hours)
        if found.unregistered and (register or _wanted()):
            register_providers(lab)
            found = run_preflight(lab, hours)
    finally:
        lab.close()
    stdout().print(repr(found), markup=False, highlight=False, soft_wrap=True)
    if not found.ready:
        raise typer.Exit(NOT_READY)


def _wanted() -> bool:
    """Ask a person; where there is none, nothing is changed."""
    return attended() and typer.confirm("Resource providers are not registered. Register them now?")

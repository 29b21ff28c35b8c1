"""`acrlab emulator application`: others who sign in to a served Azure, each with a secret and a role of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrlab.cli.console import HELP, World, existing_world, say

application = typer.Typer(
    no_args_is_help=True,
    help="Add applications that programs sign in as, and list them.",
    context_settings=HELP,
)


@application.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the new application.")],
    subscription: Annotated[str, typer.Option(help="Name or id of the subscription that it is for.")],
    role: Annotated[str, typer.Option(help="Its role in all of it: Owner, Contributor, Reader or none.")] = "Owner",
    out: Annotated[
        Path | None, typer.Option(help="Write the sign-in to this file, for its owner alone, and do not print it.")
    ] = None,
    world: World = None,
) -> None:
    """Add an application with its own secret, which is shown only once.

    In other subscriptions it has no permissions unless a role is assigned to it there.

    Examples:

      acrlab emulator application add ada --subscription Spokes --out ada.json

      acrlab emulator application add auditor --subscription Spokes --role Reader
    """
    from acrlab.serving.world_file import add_application

    made = add_application(existing_world(world), name, subscription=subscription, role=role, out=out)
    say(f"{name} is {made.client_id}, {role} in {made.subscription}.")
    if out:
        say(f'To sign in: eval "$(acrlab emulator env --sign-in {out})"')
    else:
        say(f"Its secret, shown only once: {made.client_secret}")
        say(f"Its tenant: {made.tenant}")


@application.command("list")
def list_applications(world: World = None) -> None:
    """List the applications that were added: id, subscription, and role there.

    Examples:

      acrlab emulator application list
    """
    from acrlab.display import table
    from acrlab.serving.world_file import applications_of, looked_at

    with looked_at(existing_world(world)) as source:
        found = applications_of(source)
    rows = [{"name": one.name, "id": one.id, "subscription": one.subscription, "role": one.role} for one in found]
    say(repr(table(rows, columns=("name", "id", "subscription", "role"))))

"""The commands that look at a world or replace it: `status`, `reset`, `emulator …`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, Any

import typer

from acrlab.cli.console import confirmed, stdout
from acrlab.errors import ConfigurationError

__all__ = ["World", "emulator", "path_of", "reset", "status"]

World = Annotated[
    Path | None, typer.Option("--world", help="File of the emulated Azure; else ACRLAB_WORLD, else the lab's own.")
]
Backend = Annotated[str, typer.Option(help="emulator, or azure: a real subscription.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

emulator = typer.Typer(
    no_args_is_help=True,
    help="Look at the emulated Azure, save it, put it back, serve it to other programs.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def status(
    world: World = None,
    backend: Backend = "emulator",
    subscription: Annotated[str, typer.Option(help="For backend azure: the subscription's id.")] = "",
    resource_group: Annotated[
        str, typer.Option(help="For backend azure: the lab's resource group.")
    ] = "myResourceGroup",
) -> None:
    """Show what there is: every resource group and the resources in it.

    Examples:

      acrlab status

      acrlab status --world runs/2026-01-05T09-00-00/world.db
    """
    from rich.table import Table

    from acrlab.lab.lab import connect
    from acrlab.serving.world_file import looked_at
    from acrlab.settings import Settings

    values = {"backend": backend, "subscription": subscription, "resource_group": resource_group}
    table = Table("name", "type", "location", "group", box=None, header_style="bold", pad_edge=False)
    with ExitStack() as stack:
        if backend == "emulator":
            values["world"] = str(stack.enter_context(looked_at(_existing(world))))
        lab = stack.enter_context(closing(connect(Settings.from_parameters(**values))))
        for group in lab.resources.resource_groups.list():
            if backend == "emulator" or group.name == resource_group:
                table.add_row(group.name, "Microsoft.Resources/resourceGroups", group.location, "")
                for one in lab.resources.resources.list_by_resource_group(group.name):
                    table.add_row(one.name, one.type, one.location, group.name)
    stdout().print(table if table.row_count else "empty")


def reset(world: World = None, backend: Backend = "emulator", yes: Yes = False) -> None:
    """Empty the emulated Azure: no resources, its clock at the beginning. A real Azure is never touched.

    Examples:

      acrlab reset --yes
    """
    from acrlab.serving.world_file import opened, reserved

    if backend != "emulator":
        remedy = "chapter 08 removes what the lab made: acrlab run --only 08 -p backend azure -p subscription <id>"
        raise ConfigurationError("backend", f"reset is for the emulated Azure alone; {remedy}.")
    path = path_of(world)
    if not yes:
        confirmed(f"Empty {path}?")
    with reserved(path), opened(path) as there:
        there.reset()
    stdout().print(f"{path} is empty.", highlight=False, soft_wrap=True)


emulator.command("reset")(reset)


@emulator.command()
def save(to: Annotated[Path, typer.Argument(help="File to make or replace.")], world: World = None) -> None:
    """Copy the emulated Azure, images included, to a file.

    Examples:

      acrlab emulator save before-clean-up.db
    """
    from acrlab.serving.world_file import save as copy

    copy(_existing(world), to)
    stdout().print(f"Saved to {to}. Put it back with: acrlab emulator restore {to}", highlight=False, soft_wrap=True)


@emulator.command()
def restore(source: Annotated[Path, typer.Argument(help="File that `save` made.")], world: World = None) -> None:
    """Make the emulated Azure what it was when it was saved.

    Examples:

      acrlab emulator restore before-clean-up.db
    """
    from acrlab.serving.world_file import opened, reserved

    path = path_of(world)
    with reserved(path), opened(path) as there:
        there.restore(source)
    stdout().print(f"{path} is as {source} was.", highlight=False, soft_wrap=True)


@emulator.command()
def info(world: World = None) -> None:
    """Tell about the emulated Azure itself: its file, its clock, its size, its settings.

    Examples:

      acrlab emulator info
    """
    from rich.table import Table

    from acrlab.serving.world_file import looked_at, opened

    path = _existing(world)
    with looked_at(path) as source, opened(source) as there:
        table = Table(box=None, show_header=False, pad_edge=False)
        for name, value in _told(there, path).items():
            table.add_row(name, str(value))
    stdout().print(table, soft_wrap=True, highlight=False)


def _told(world: Any, path: Path) -> dict[str, object]:
    return {
        "file": path,
        "resources": world.count(),
        "time there": world.timestamp(),
        "subscription": world.setting("subscription"),
        "seed": world.setting("seed"),
        "size": f"{path.stat().st_size // 1024} KiB",
    }


def path_of(given: Path | None) -> Path:
    """The file of the world that a command is about."""
    from acrlab.environment import world_file

    return given or world_file()


def _existing(given: Path | None) -> Path:
    """A file that was named has to be there; the lab's own world is empty until somebody uses it."""
    if given and not given.exists():
        raise ConfigurationError("world", f"there is no {given}. Name a file that exists, or leave --world out.")
    return path_of(given)

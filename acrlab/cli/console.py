"""How the command line talks: the options that commands share, what goes to which stream, what is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from acrlab.errors import AcrLabError, ConfigurationError

Backend = Annotated[
    str, typer.Option(help="emulator, or azure: a real subscription; empty: as the settings file says, else emulator.")
]
Subscription = Annotated[str, typer.Option(help="Id of the real subscription.")]
Group = Annotated[str, typer.Option(help="Resource group of the lab.")]
Registry = Annotated[str, typer.Option(help="Its registry; empty: the one that is chosen for the group.")]
World = Annotated[
    Path | None,
    typer.Option("--world", "--state", help="File of the emulated Azure; else ACRLAB_WORLD, else the lab's own."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Only = Annotated[list[str] | None, typer.Option(help="This notebook: its number or name; can be given again.")]
Notebooks = Annotated[Path | None, typer.Option(help="Folder of the notebooks.")]

# For a command whose words, from the first that is not an option of its own, belong to another program.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
HELP = {"help_option_names": ["-h", "--help"]}


def of_the_lab(
    *, group: str = "", registry: str = "", subscription: str = "", world: Path | None = None, **more: str
) -> dict[str, Any]:
    """Collect what was given of a lab's settings, under their names there."""
    given = {
        "resource_group": group,
        "registry_name": registry,
        "subscription": subscription,
        "world": str(world) if world else "",
        **more,
    }
    return {name: value for name, value in given.items() if value}


def backend_of(given: str) -> str:
    """Say which backend a command works on: as given, else as the settings file says, else the emulated Azure."""
    from acrlab.settings.file import from_file

    return given or str(from_file().get("backend", "emulator"))


def world_path(given: Path | None) -> Path:
    """Name the file of the world that a command is about."""
    from acrlab.settings.environment import world_file

    return given or world_file()


def existing_world(given: Path | None) -> Path:
    """Name the file of the world that a command only looks at: one that was named has to be there."""
    if given and not given.exists():
        raise ConfigurationError("world", f"there is no {given}. Name a file that exists, or leave --world out.")
    return world_path(given)


def stdout() -> Console:
    return Console()


def stderr() -> Console:
    return Console(stderr=True, soft_wrap=True)


def say(text: str) -> None:
    """Print a result, as it is: no markup, no breaks of its own."""
    stdout().print(text, markup=False, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """Print, apart from the result, what a person should know."""
    stderr().print(text, markup=False, highlight=False)


def attended() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin.isatty()


def confirmed(question: str, *, first: str = "") -> None:
    """Ask a person; where no one can answer, refuse and say what to write instead.

    Args:
        first: what is wise before an unasked yes, an imperative; empty: nothing.

    Raises: AcrLabError: there is no terminal to answer in. typer.Abort: the answer is no.
    """
    if not attended():
        advice = f"{first}; to" if first else "To"
        message = f"{question} There is no terminal to answer in, so nothing was done. {advice} go ahead, add --yes."
        raise AcrLabError(message)
    typer.confirm(question, abort=True)

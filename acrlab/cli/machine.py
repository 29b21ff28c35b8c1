"""The commands that work where a machine stands: `machine exec`, `machine shell`, `shell-env`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from acrlab.cli.console import PASSED_ON, stderr
from acrlab.cli.server import World, env
from acrlab.errors import ConfigurationError

__all__ = ["machine", "shell_env"]

Name = Annotated[str, typer.Argument(help="Name of the virtual machine, or `outside`: a computer on the internet.")]

machine = typer.Typer(
    no_args_is_help=True,
    help="Run real programs where a virtual machine of the served Azure stands.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@machine.command("exec", context_settings=PASSED_ON)
def execute(ctx: typer.Context, name: Name, world: World = None) -> None:
    """Run a command inside a machine's network: its address, its resolver, real packets.

    Where this computer has no network namespaces, the command is sent through the machine's proxy instead.

    Examples:

      acrlab machine exec myDockerVM -- curl -s https://myregistry.azurecr.io/v2/

      acrlab machine exec outside -- dig myregistry.azurecr.io
    """
    words = ctx.args[1:] if ctx.args[:1] == ["--"] else ctx.args
    if not words:
        raise ConfigurationError("command", f"nothing to run. Write: acrlab machine exec {name} -- COMMAND")
    _become(name, world, words)


@machine.command()
def shell(name: Name, world: World = None) -> None:
    """Open a shell inside a machine's network.

    Examples:

      acrlab machine shell myDockerVM
    """
    _become(name, world, [os.environ.get("SHELL", "/bin/sh")])


def shell_env(
    name: Annotated[str, typer.Argument(help="Name of the virtual machine.")],
    world: World = None,
    shell: Annotated[str, typer.Option(help="sh or powershell.")] = "sh",
) -> None:
    """Print the variables that let a shell's tools stand where a machine stands, on every system.

    Examples:

      eval "$(acrlab shell-env myDockerVM)"
    """
    env(world=world, shell=shell, machine=name)


def _become(name: str, world: Path | None, words: list[str]) -> NoReturn:
    """Replace this process by a command inside a machine."""
    from acrlab.serving.machine_entry import entered, own_folders, proxied

    connection, path = _connection(world)
    variables = {**os.environ, **own_folders(path, name)}
    if connection["machines"]:
        entry = entered(connection, name, words)
        os.execve(entry[0], entry, variables)
    problem = f"no network namespaces here ({connection['machines_problem']}): through the machine's proxy instead"
    stderr().print(f"acrlab: {problem}", markup=False, highlight=False)
    variables |= proxied(path, name, connection)
    os.execvpe(words[0], words, {name: value for name, value in variables.items() if value})


def _connection(world: Path | None) -> tuple[dict[str, Any], Path]:
    from acrlab.environment import world_file
    from acrlab.serving.connection import find

    path = world or world_file()
    connection = find(path)
    if connection is None:
        raise ConfigurationError("world", f"nobody serves {path}. Start: acrlab emulator serve")
    return connection, path

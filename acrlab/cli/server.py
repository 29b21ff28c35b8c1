"""The commands that open the emulated Azure to other programs: `emulator serve`, `emulator env`, `az`."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import Annotated

import typer

from acrlab.cli.console import stderr
from acrlab.errors import ConfigurationError
from acrlab.serving.connection import PORT

__all__ = ["World", "az", "env", "serve"]

World = Annotated[
    Path | None,
    typer.Option("--world", "--state", help="File of the emulated Azure; else ACRLAB_WORLD, else the lab's own."),
]


def serve(
    world: World = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0: any that is free.", min=0, max=65535)] = PORT,
    ready_file: Annotated[
        Path | None, typer.Option(help="Write how to connect to this file, as one JSON object, once it answers.")
    ] = None,
    speed: Annotated[
        str, typer.Option(help="How long operations take: instant, real, or how many times faster than real.")
    ] = "instant",
    listen: Annotated[str, typer.Option(help="Address of this computer to listen on.")] = "127.0.0.1",
    open_to_others: Annotated[
        bool, typer.Option("--open-to-others", help="Allow an address that other computers can reach.")
    ] = False,
    namespaces: Annotated[bool, typer.Option(help="Make network namespaces, where that is possible.")] = True,
) -> None:
    """Serve the emulated Azure over HTTPS, until Ctrl-C: Resource Manager, Entra ID, the registries.

    On Linux, where the kernel allows it, networks and machines are network namespaces, too: see `acrlab machine`.

    Examples:

      acrlab emulator serve

      acrlab emulator serve --port 0 --ready-file server.json --state world.db

      acrlab emulator serve --speed 60
    """
    from acrlab.serving.connection import announcement, machines_folder, opened_server

    path = _path(world)
    _require_loopback(listen, open_to_others)
    files = [announcement(path), *([ready_file] if ready_file else [])]
    folder = machines_folder(path) if namespaces and sys.platform == "linux" else None
    with opened_server(path, listen=listen, port=port, speed=speed, files=files, namespaces=folder) as server:
        for line in (
            f"Serving {path} at {server.connection.arm}, until Ctrl-C.",
            f'In another shell: eval "$(acrlab emulator env{_option(world)})", or: acrlab az group list',
        ):
            stderr().print(line, highlight=False, markup=False)
        server.run_until_stopped()


def env(
    world: World = None,
    shell: Annotated[str, typer.Option(help="sh or powershell.")] = "sh",
    machine: Annotated[
        str, typer.Option(help="Sign in as this virtual machine's managed identity, not as the service principal.")
    ] = "",
) -> None:
    """Print the variables that point a shell's tools at the served Azure, its service principal's secret included.

    The Azure CLI, where it is installed, is signed in at once.

    Examples:

      eval "$(acrlab emulator env)"

      acrlab emulator env --shell powershell | Invoke-Expression

      eval "$(acrlab emulator env --machine myDockerVM)"
    """
    from acrlab.serving import azure_cli
    from acrlab.serving.connection import environment, environment_of_machine, find, script

    path = _path(world)
    connection = find(path)
    if connection is None:
        raise ConfigurationError("world", f"nobody serves {path}. Start: acrlab emulator serve{_option(world)}")
    if shell not in ("sh", "powershell"):
        raise ConfigurationError("shell", f"{shell!r} is not known. Use sh or powershell.")
    folder = azure_cli.configuration(path)
    if machine:
        variables = environment_of_machine(path, machine, connection, folder.with_name(f"{folder.name}-{machine}"))
    else:
        variables = environment(connection, folder)
        if azure_cli.is_installed():
            azure_cli.prepare(path, connection)
    typer.echo(script(variables, shell))


def az(
    ctx: typer.Context,
    world: World = None,
) -> None:
    """Run the real Azure CLI on the emulated Azure, with a configuration of its own, signed in.

    Without a server that runs already, the world is served for as long as the command takes.

    Examples:

      acrlab az group create --name myResourceGroup --location westus

      acrlab az acr list --output table
    """
    from acrlab.serving import azure_cli
    from acrlab.serving.connection import serving

    path = _path(world)
    azure_cli.program()
    with serving(path, azure_cli.last_port(path)) as connection:
        code = azure_cli.run(ctx.args, path, connection)
    raise typer.Exit(code)


def _path(given: Path | None) -> Path:
    from acrlab.environment import world_file

    return given or world_file()


def _option(world: Path | None) -> str:
    return f" --world {world}" if world else ""


def _require_loopback(listen: str, open_to_others: bool) -> None:
    """Raises: ConfigurationError: others could reach it, and nobody said that they may."""
    try:
        local = ipaddress.ip_address(listen).is_loopback
    except ValueError as problem:
        raise ConfigurationError("listen", f"{listen!r} is not an address. Use 127.0.0.1.") from problem
    if not local and not open_to_others:
        message = f"other computers can reach {listen}. Say --open-to-others if that is meant, or listen on 127.0.0.1."
        raise ConfigurationError("listen", message)

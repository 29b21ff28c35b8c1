"""The commands that open the emulated Azure to other programs.

`emulator serve`, `emulator env` and `az` show it as a whole; `vm exec`, `vm shell` and `shell-env` put a
program where a VM stands.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from acrlab.cli.console import HELP, PASSED_ON, World, note, world_path
from acrlab.cli.world_settings import WorldSettings, world_settings
from acrlab.errors import ConfigurationError
from acrlab.serving.connection import PORT

Name = Annotated[str, typer.Argument(help="Name of the virtual machine, or `outside`: a computer on the internet.")]
Shell = Annotated[str, typer.Option(help="sh or powershell.")]

AHEAD_S = 60  # from where on a learner would notice
vm = typer.Typer(
    no_args_is_help=True,
    help="Run real programs where a virtual machine of the served Azure is.",
    context_settings=HELP,
)


def serve(
    world: World = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0: any free one.", min=0, max=65535)] = PORT,
    ready_file: Annotated[
        Path | None, typer.Option(help="Write how to connect to this file, as one JSON object, once it answers.")
    ] = None,
    speed: Annotated[
        str, typer.Option(help="How long operations take: instant, real, or how many times faster than real.")
    ] = "instant",
    clock: Annotated[
        str,
        typer.Option(
            help="What time it is there: now; deterministic: a new world begins in January 2026, another goes on where "
            "it is; or a moment to begin at, such as 2026-06-01T09:00:00Z. Time never goes back."
        ),
    ] = "now",
    listen: Annotated[str, typer.Option(help="Address of this computer to listen on.")] = "127.0.0.1",
    open_to_others: Annotated[
        bool, typer.Option("--open-to-others", help="Allow an address that other computers can reach.")
    ] = False,
    namespaces: Annotated[bool, typer.Option(help="Use network namespaces, if possible.")] = True,
    setting: WorldSettings = None,
) -> None:
    """Serve the emulated Azure over HTTPS, until Ctrl-C: Resource Manager, Entra ID, the registries.

    On Linux, where the kernel allows it, networks and VMs are network namespaces, too: see `acrlab vm`.

    Examples:

      acrlab emulator serve

      acrlab emulator serve --port 0 --ready-file server.json --state world.db

      acrlab emulator serve --speed 60

      acrlab emulator serve --world-setting groups=assumed --world-setting subnet-network-policies=as-today
    """
    from acrlab.serving.connection import announcement, opened_server, vms_folder

    path = world_path(world)
    _require_loopback(listen, open_to_others)
    files = [announcement(path), *([ready_file] if ready_file else [])]
    folder = vms_folder(path) if namespaces and sys.platform == "linux" else None
    with opened_server(
        path,
        listen=listen,
        port=port,
        speed=speed,
        clock=clock,
        files=files,
        namespaces=folder,
        settings=world_settings(setting),
    ) as server:
        for line in (
            f"Serving {path} at {server.connection.arm}, until Ctrl-C.",
            f'In another shell: eval "$(acrlab emulator env{_option(world)})", or: acrlab az group list',
        ):
            note(line)
        if server.ahead_s > AHEAD_S:
            note(_ahead(path, server.ahead_s))
        server.run_until_stopped()


def env(
    world: World = None,
    shell: Shell = "sh",
    vm: Annotated[
        str, typer.Option(help="Sign in as this virtual machine's managed identity, not as the service principal.")
    ] = "",
    sign_in: Annotated[
        Path | None,
        typer.Option(help="Sign in with this file: as an application that was added, in its own subscription."),
    ] = None,
) -> None:
    """Print the variables that point a shell's tools at the served Azure, its service principal's secret included.

    The Azure CLI, where it is installed, is signed in at once.

    Examples:

      eval "$(acrlab emulator env)"

      acrlab emulator env --shell powershell | Invoke-Expression

      eval "$(acrlab emulator env --vm myDockerVM)"

      eval "$(acrlab emulator env --sign-in ada.json)"
    """
    from acrlab.serving import azure_cli
    from acrlab.serving import sign_in as sign_ins
    from acrlab.serving.connection import environment, environment_of_vm, script

    path = world_path(world)
    connection = _served(world)
    if shell not in ("sh", "powershell"):
        raise ConfigurationError("shell", f"{shell!r} is not known. Use sh or powershell.")
    if vm and sign_in:
        raise ConfigurationError("sign-in", "a virtual machine signs in as itself. Leave --vm or --sign-in out.")
    given = sign_ins.read(sign_in) if sign_in else None
    account = given.client_id if given else ""
    connection = given.connected(connection) if given else connection
    folder = azure_cli.configuration(path, account)
    if vm:
        variables = environment_of_vm(path, vm, connection, folder.with_name(f"{folder.name}-{vm}"))
    else:
        variables = environment(connection, folder)
        if azure_cli.is_installed():
            azure_cli.prepare(path, connection, account)
    typer.echo(script(variables, shell))


def approve(
    code: Annotated[str, typer.Argument(help="What `az login --use-device-code` shows.")], world: World = None
) -> None:
    """Approve a sign-in by device code on the served Azure: its holder acts as the lab's user.

    Approve only a code that you have just requested yourself.

    Examples:

      acrlab emulator approve 3F0A91C7D2
    """
    from acrlab.emulator.entra import device_codes
    from acrlab.serving.world_file import opened

    path = world_path(world)
    if not path.exists():
        raise ConfigurationError("world", f"there is no {path}. Name the world that is served with --world.")
    with opened(path) as there:
        device_codes.approve(there, code)
    typer.echo(f"Approved: the client that shows {code.strip().upper()} is signed in.")


def az(ctx: typer.Context, world: World = None) -> None:
    """Run the real Azure CLI on the emulated Azure, with a configuration of its own, signed in.

    If no server is running, the world is served for as long as the command takes.

    Examples:

      acrlab az group create --name myResourceGroup --location westus

      acrlab az acr list --output table
    """
    from acrlab.serving import azure_cli
    from acrlab.serving.connection import serving

    path = world_path(world)
    azure_cli.program()
    with serving(path, azure_cli.last_port(path)) as connection:
        code = azure_cli.run(ctx.args, path, connection)
    raise typer.Exit(code)


@vm.command("exec", context_settings=PASSED_ON)
def execute(ctx: typer.Context, name: Name, world: World = None) -> None:
    """Run a command inside a VM's network: its address, its resolver, real packets.

    Where this computer has no network namespaces, the command is sent through the VM's proxy instead.

    Examples:

      acrlab vm exec myDockerVM -- curl -s https://myregistry.azurecr.io/v2/

      acrlab vm exec outside -- dig myregistry.azurecr.io
    """
    words = ctx.args[1:] if ctx.args[:1] == ["--"] else ctx.args
    if not words:
        raise ConfigurationError("command", f"nothing to run. Write: acrlab vm exec {name} -- COMMAND")
    _become(name, world, words)


@vm.command()
def shell(name: Name, world: World = None) -> None:
    """Open a shell inside a VM's network.

    Examples:

      acrlab vm shell myDockerVM
    """
    _become(name, world, [os.environ.get("SHELL", "/bin/sh")])


def shell_env(
    name: Annotated[str, typer.Argument(help="Name of the virtual machine.")],
    world: World = None,
    shell: Shell = "sh",
) -> None:
    """Print the variables that make a shell's tools run as if on a VM, on every operating system.

    Examples:

      eval "$(acrlab shell-env myDockerVM)"
    """
    env(world=world, shell=shell, vm=name)


def _become(name: str, world: Path | None, words: list[str]) -> NoReturn:
    """Replace this process by a command inside a VM."""
    from acrlab.serving.vm import entered, own_folders, proxied

    connection, path = _served(world), world_path(world)
    variables = {**os.environ, **own_folders(path, name)}
    if connection["vms"]:
        entry = entered(connection, name, words)
        os.execve(entry[0], entry, variables)
    problem = f"no network namespaces here ({connection['vms_problem']}): through the VM's proxy instead"
    note(f"acrlab: {problem}")
    variables |= proxied(path, name, connection)
    os.execvpe(words[0], words, {name: value for name, value in variables.items() if value})


def _served(world: Path | None) -> dict[str, Any]:
    """How to reach the server of a world. Raises: ConfigurationError: there is none."""
    from acrlab.serving.connection import find

    path = world_path(world)
    connection = find(path)
    if connection is None:
        raise ConfigurationError("world", f"no server runs for {path}. Start: acrlab emulator serve{_option(world)}")
    return connection


def _ahead(world: Path, seconds: float) -> str:
    from datetime import timedelta

    advice = "Time never goes back: it continues from there. acrlab reset sets it to the beginning."
    return f"The clock of {world} is ahead by {timedelta(seconds=round(seconds))}. {advice}"


def _option(world: Path | None) -> str:
    return f" --world {world}" if world else ""


def _require_loopback(listen: str, open_to_others: bool) -> None:
    """Raises: ConfigurationError: others could reach it, and --open-to-others was not given."""
    try:
        local = ipaddress.ip_address(listen).is_loopback
    except ValueError as problem:
        raise ConfigurationError("listen", f"{listen!r} is not an address. Use 127.0.0.1.") from problem
    if not local and not open_to_others:
        message = f"other computers can reach {listen}. Add --open-to-others to allow that, or listen on 127.0.0.1."
        raise ConfigurationError("listen", message)

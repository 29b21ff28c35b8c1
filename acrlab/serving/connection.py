"""Connect to an emulated Azure that is served over HTTPS: find it or start it, and tell a shell how to use it.

The server is the emulator's business; it is imported where one is started, so that asking for an address is quick.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from acrlab import capabilities
from acrlab.errors import ConfigurationError
from acrlab.serving.processes import began, lives
from acrlab.serving.world_file import set_up
from acrlab.settings.environment import RESOLVER

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from acrlab.emulator.server.server import Server

PORT = 8443
TURN_S = 0.5  # between two checks whether a world is free, or has a server now
TRUST = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def announcement(world: Path) -> Path:
    """Name the file beside a world in which its server tells clients how to reach it."""
    return world.with_name(f"{world.stem}.server.json")


def vms_folder(world: Path) -> Path:
    """Name the folder of what VMs see instead of this computer's own files."""
    return world.with_suffix(".vms").resolve()


def find(world: Path) -> dict[str, Any] | None:
    """Find out how to reach the server of a world; None: there is none."""
    try:
        connection: dict[str, Any] = json.loads(announcement(world).read_text("utf-8"))
        # A killed server leaves its file, and its number to some later process.
        return connection if lives(connection["pid"], connection["begun"]) else None
    except (FileNotFoundError, ValueError, KeyError):
        return None


@contextmanager
def opened_server(
    world: Path,
    *,
    listen: str = "127.0.0.1",
    port: int,
    speed: str = "instant",
    clock: str = "now",
    files: Sequence[Path] = (),
    namespaces: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Open a world and the server for it, not serving yet.

    Args:
        speed, clock: how fast the world's time passes, and by which clock it goes: as `acrlab emulator serve` has them.
        files: where to tell how to connect.
        namespaces: folder for what VMs see in network namespaces; None: there are to be none.
        settings: what to set about the world itself first, by name.

    Raises: ConfigurationError: the world can't be read or set up so, it has a server, the port is taken, or the speed
        or the clock is not valid.
    """
    capabilities.require_sockets("Serving an emulated Azure")
    from filelock import Timeout

    free = _lock(world)  # makes the world's folder
    for file in files:
        if not file.parent.is_dir():
            raise ConfigurationError("ready_file", f"there is no folder {file.parent} for {file.name}. Make it first.")
    try:
        lock = free.acquire(timeout=0)
    except Timeout as problem:
        found = find(world)
        by = f"process {found['pid']} serves it at {found['arm']}" if found else "a command that is running serves it"
        remedy = f"{by}. Use that, stop it, or name another world."
        raise ConfigurationError("world", f"{world} is being served: {remedy}") from problem
    with lock:
        set_up(world, settings or {})
        with _server(
            world, listen=listen, port=port, speed=speed, clock=clock, files=files, namespaces=namespaces
        ) as server:
            yield server


@contextmanager
def serving(world: Path, port: int, *, clock: str = "now", namespaces: Path | None = None) -> Iterator[dict[str, Any]]:
    """Serve a world for a while: by the server that it has, else from a thread of this process.

    A server for a while is not announced, as no one could rely on it: others wait for their turn.

    Args:
        port: where to listen if it is free; else anywhere.
        clock, namespaces: as for `opened_server`; a server that was there may have been asked for something else.
    """
    capabilities.require_sockets("Serving an emulated Azure")
    from filelock import Timeout

    lock = _lock(world)
    while not lock.is_locked:
        if found := find(world):
            yield found
            return
        with suppress(Timeout):
            lock.acquire(timeout=TURN_S)
    from acrlab.emulator.server.server import running

    with (
        lock,
        _server(world, port=_free(port), clock=clock, namespaces=namespaces) as server,
        running(server) as connection,
    ):
        yield asdict(connection)


def namespaces_problem(folder: Path) -> str:
    """Make network namespaces and take them away again. Returns: why that does not work here; empty: it does."""
    if sys.platform != "linux":
        return f"they are Linux's, and this is {sys.platform}"
    from acrlab.emulator.fabric.fabric import Fabric, FabricError

    try:
        made = Fabric(folder, folder / "ca.crt")
        for listening in made.opened:
            listening.socket.close()
        made.close()
    except FabricError as problem:
        return str(problem)
    return ""


def _lock(world: Path) -> BaseFileLock:
    """The lock that a world's server holds. The system frees it when that process ends, however that happens."""
    from filelock import FileLock

    world.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(world.with_name(f"{world.stem}.server.lock"))


@contextmanager
def _server(world: Path, **how: Any) -> Iterator[Server]:
    from acrlab.emulator.azure import EmulatedAzure
    from acrlab.emulator.server.server import Server

    azure = EmulatedAzure(world)
    try:
        with closing(Server(azure, folder=world.with_suffix(".tls"), begun=began(os.getpid()), **how)) as server:
            yield server
    finally:
        azure.close()


def _free(port: int) -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def environment(connection: Mapping[str, Any], configuration: Path) -> dict[str, str]:
    """Variable -> value: what sends a shell's tools to the served Azure, and to nothing else.

    Tokens are asked for where Azure gives them out, login.microsoftonline.com: the proxy leads there. A host of another
    name would have to be at port 443, as the SDKs' sign-in knows no ports.

    Args:
        configuration: folder of the Azure CLI's own configuration, apart from the user's.
    """
    host = urlsplit(connection["arm"]).hostname or ""
    direct = ",".join(dict.fromkeys(("localhost", "127.0.0.1", "::1", host)))
    return {
        "HTTPS_PROXY": connection["proxy"],
        "https_proxy": connection["proxy"],
        "NO_PROXY": direct,
        "no_proxy": direct,
        **dict.fromkeys(TRUST, connection["ca"]),
        "AZURE_CONFIG_DIR": str(configuration),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "AZURE_TENANT_ID": connection["tenant"],
        "AZURE_CLIENT_ID": connection["client_id"],
        "AZURE_CLIENT_SECRET": connection["client_secret"],
        "AZURE_SUBSCRIPTION_ID": connection["subscription"],
        "ACRLAB_ARM": connection["arm"],
        RESOLVER: connection["dns"],
    }


def environment_of_vm(world: Path, vm: str, connection: Mapping[str, Any], configuration: Path) -> dict[str, str]:
    """Variable -> value: as `environment`, for a program that stands where a VM stands.

    Names lead where they lead there, connections come from there, and it signs in with the VM's managed identity.
    A variable without a value must not be there.

    Raises: ConfigurationError: the world has no VM of that name.
    """
    from acrlab.emulator.azure import EmulatedAzure
    from acrlab.emulator.server.metadata_tunnel import door_of

    azure = EmulatedAzure(world)
    try:
        door = door_of(azure.world, vm)
    finally:
        azure.close()
    return {
        **environment(connection, configuration),
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), _proxy_of(connection, vm)),
        **dict.fromkeys(("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"), ""),  # they would name another identity
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": f"{connection['arm']}{door}",
    }


def _proxy_of(connection: Mapping[str, Any], vm: str) -> str:
    """The proxy's address with a VM as user; some clients leave a user without password out."""
    return str(connection["proxy"]).replace("http://", f"http://{quote(vm)}:lab@")


def script(variables: Mapping[str, str], shell: str) -> str:
    """Write variables for a shell to read: `sh` or `powershell`. An empty one is taken away: SDKs tell that apart."""
    lines = []
    for name, value in variables.items():
        if shell == "powershell":  # which takes a variable away that is set to nothing
            lines.append(f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'")
        else:
            lines.append(f"export {name}={shlex.quote(value)}" if value else f"unset {name}")
    return "\n".join(lines)

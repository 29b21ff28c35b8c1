"""The command that opens a class on this computer: `class open`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrlab.cli.classroom.labs import CLASS, Out
from acrlab.cli.console import note, say
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.classroom.hub.opening import Opening
    from acrlab.classroom.hub.room import Room

NEEDS = "JupyterHub is not installed. Run make class in a checkout, or: python -m pip install 'acrlab[hub]'"
SHARED = (
    "All learners run as one user of this computer: they can read each other's work, and send the "
    "board false reports. Use it only if they trust each other; as root, everyone gets a user of their own."
)


def open_class(
    roster: Annotated[
        Path | None, typer.Argument(help="CSV of the learners, as for `class plan`; default: five learners to try.")
    ] = None,
    out: Out = CLASS,
    teacher: Annotated[
        str, typer.Option(help="Name that the teacher signs in with; the teacher sees the board.")
    ] = "teacher",
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0: all addresses of this computer.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65534, help="Port that browsers open.")] = 8000,
    certificate: Annotated[Path | None, typer.Option(help="Certificate file, for HTTPS.")] = None,
    key: Annotated[Path | None, typer.Option(help="The certificate's key file.")] = None,
    one_user: Annotated[
        bool, typer.Option("--one-user", help="Create no system users: all learners run as you.")
    ] = False,
    site: Annotated[
        Path | None, typer.Option(help="Folder of `acrlab site`, served to learners in the browser only.")
    ] = None,
    start: Annotated[bool, typer.Option("--start", help="Start every learner's server now.")] = False,
    idle: Annotated[float, typer.Option(min=1, max=1440, help="Minutes after which an idle kernel is stopped.")] = 60,
    memory: Annotated[
        int, typer.Option(min=0, help="Memory limit in MiB for each process of a learner; 0: none.")
    ] = 1536,
    new_code: Annotated[list[str] | None, typer.Option(help="Give this person a new code; can be given again.")] = None,
    close: Annotated[
        bool, typer.Option("--remove-users", help="Remove the class's system users, and open nothing.")
    ] = False,
) -> None:
    """Open a class on this computer: learners sign in with a browser, each to a JupyterLab of their own.

    Everyone gets a code, which is printed only once. Ctrl-C closes the class; run this again to continue it.

    Examples:

      acrlab class open

      acrlab class open class.csv --host 0.0.0.0 --certificate own.pem --key own.key

      acrlab class open class.csv --new-code ada

      acrlab class open class.csv --site site
    """
    _require_hub()
    from acrlab.classroom.hub import opening, proxy
    from acrlab.classroom.hub.learners import accounts
    from acrlab.classroom.hub.room import locked

    folder = out.absolute()
    with locked(folder):
        if close:
            gone = accounts.removed(folder)
            say(f"{len(gone)} system users were removed; their work is in {out}.")
            return
        words = proxy.found()  # before anything is made
        made = opening.prepared(
            roster or opening.DEMO,
            folder,
            teacher=teacher,
            host=host,
            port=port,
            certificate=certificate,
            key=key,
            one_user=one_user,
            idle_s=round(idle * 60),
            memory=memory * 1024**2,
            new_codes=new_code or (),
            site=site,
        )
        _show(made)
        _keep_open(made.room, words, start=start)


def _keep_open(room: Room, proxy: list[str], *, start: bool) -> None:
    from acrlab.classroom.hub.room import SITE
    from acrlab.classroom.hub.supervisor import Supervisor, until_told

    supervisor = Supervisor(room, proxy, note)
    with until_told() as told:
        with supervisor.opened() as took:
            say(f"The class is open: {room.url}/ (after {took:.1f} s). Ctrl-C closes it.")
            if room.site:
                say(f"In the browser only: {room.url}/services/{SITE}/, where learners join with their id and code.")
            if start:
                supervisor.start_servers()
            supervisor.watch(told)
            say("Closing.")
        say("The class is closed.")


def _show(made: Opening) -> None:
    """Print what is said once, and what one should know."""
    room = made.room
    if made.codes:
        say("Codes, printed only once (--new-code NAME makes a new one):")
        width = max(len(one) for one in made.codes)
        for person, code in made.codes.items():
            say(f"  {person:<{width}}  {code}  {made.names[person] if made.names[person] != person else ''}".rstrip())
    if not room.accounts:
        note(SHARED)
    if room.host not in ("127.0.0.1", "::1", "localhost") and not room.certificate:
        note("Codes and work travel unencrypted: on a network that others use, add --certificate and --key.")


def _require_hub() -> None:
    if sys.platform == "win32":
        raise ConfigurationError("class open", "JupyterHub does not run on Windows. Use WSL, or the values in deploy/.")
    if find_spec("jupyterhub") is None:
        raise ConfigurationError("acrlab[hub]", NEEDS)

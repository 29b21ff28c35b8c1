"""What has to be there before a class opens: ports, disk, people, their folders and codes."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from acrlab.classroom.hub import codes
from acrlab.classroom.hub import site as sites
from acrlab.classroom.hub.learners import accounts as users
from acrlab.classroom.hub.learners import folders, interpreter
from acrlab.classroom.hub.room import BOARD, CODES, PROXY, ROOM, SUPERVISOR, Room, state_of, write_secret
from acrlab.classroom.plan import plan
from acrlab.classroom.roster import ID, ID_RULE, Learner, read_roster
from acrlab.errors import ConfigurationError

DEMO = Path(str(files("acrlab") / "classroom" / "hub" / "demo.csv"))
EACH, FIRST = 8 * 1024**2, 200 * 1024**2  # bytes of disk: of a learner, and before any


@dataclass(frozen=True)
class Opening:
    """A class that can be opened.

    Attributes:
        codes: person -> code, of those who have just got one.
        names: person -> name for people.
    """

    room: Room
    codes: dict[str, str]
    names: dict[str, str]


def prepared(
    roster: Path,
    folder: Path,
    *,
    teacher: str,
    host: str,
    port: int,
    certificate: Path | None = None,
    key: Path | None = None,
    one_user: bool = False,
    idle_s: int = 3600,
    memory: int = 0,
    new_codes: Collection[str] = (),
    site: Path | None = None,
) -> Opening:
    """Make everyone a folder, a code, and an account where they get one; find ports.

    Raises: ConfigurationError: one line that says what stands in the way.
    """
    learners = [*read_roster(roster), _teacher(teacher)]
    names = {one.id: one.name or one.id for one in learners}
    if len(names) < len(learners):
        raise ConfigurationError("--teacher", f"{teacher!r} is a learner's id. Choose another name.")
    if unknown := sorted({*new_codes} - {*names}):
        raise ConfigurationError("--new-code", f"{unknown[0]!r} is not in the class.")
    _require_files(certificate, key)
    if site:
        sites.require(site)
    _require_disk(folder, len(names))
    written = state_of(folder) / ROOM
    former = Room.read(written) if written.exists() else None
    room = Room(
        folder=folder,
        roster=roster.absolute(),
        learners=tuple(one.id for one in learners[:-1]),
        teachers=(learners[-1].id,),
        host=host,
        port=port,
        inner_ports=_ports(host, port, former),
        python=sys.executable,
        certificate=str(certificate.absolute()) if certificate else "",
        key=str(key.absolute()) if key else "",
        idle_s=idle_s,
        memory=memory,
        site=str(site.absolute()) if site else "",
    )
    room = room if one_user else _with_accounts(room)
    folders.make(folder, plan(learners), room.accounts)
    if room.accounts:
        first = room.learners[0]
        python = interpreter.runnable(room.accounts[first], room.home(first), folder / ".python")
        room = replace(room, python=python)
    for name in (PROXY, SUPERVISOR, BOARD):
        _draw(room.state / f"{name}.token")
    (room.state / "board").mkdir(mode=0o700, exist_ok=True)
    room.write()
    return Opening(room, codes.hand_out(room.state / CODES, room.people, again=new_codes), names)


def _teacher(name: str) -> Learner:
    if not ID.fullmatch(name):
        raise ConfigurationError("--teacher", f"{name[:40]!a} is not possible: {ID_RULE}.")
    return Learner(name.lower())


def _with_accounts(room: Room) -> Room:
    """Give everyone a user of the system, as root; anyone else can't, and does without."""
    why = users.obstacle()
    if why and os.geteuid() == 0:
        raise ConfigurationError("--one-user", f"{why}. Without users of their own learners are root: add --one-user.")
    return room if why else replace(room, accounts=users.ensured(room.folder, room.people))


def _ports(host: str, port: int, former: Room | None) -> tuple[int, int, int, int]:
    """See that the class's own port is free, and find four for what talks on this computer alone.

    They are those of the last time, where they are free: servers that outlived a killed class still know them.
    """
    with ExitStack() as held:
        own = held.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind((host, port))
        except OSError as problem:
            message = f"port {port} of {host} can't be had: {problem.strerror}. Choose another, such as {port + 1}."
            raise ConfigurationError("--port", message) from problem
        wanted = [*(former.inner_ports if former else ()), 0, 0, 0, 0]  # an older acrlab needed fewer
        hub, proxy, board, site = (_inner(held, one) for one in wanted[:4])
        return hub, proxy, board, site


def _inner(held: ExitStack, wanted: int) -> int:
    one = held.enter_context(socket.socket())
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        one.bind(("127.0.0.1", wanted))
    except OSError:  # taken since
        one.bind(("127.0.0.1", 0))
    return int(one.getsockname()[1])


def _require_files(certificate: Path | None, key: Path | None) -> None:
    if (certificate is None) != (key is None):
        raise ConfigurationError("--certificate", "a certificate needs its --key, and a key its --certificate.")
    for option, path in (("--certificate", certificate), ("--key", key)):
        if path and not path.is_file():
            raise ConfigurationError(option, f"there is no file {path}.")


def _require_disk(folder: Path, people: int) -> None:
    needed, free = FIRST + EACH * people, shutil.disk_usage(folder).free
    if free < needed:
        message = f"the disk of {folder} has {free // 1024**2} MiB free; {people} people need {needed // 1024**2}."
        raise ConfigurationError("--out", f"{message} Make room, or name another folder.")


def _draw(path: Path) -> None:
    if not path.exists():
        write_secret(path, secrets.token_hex(32))

"""The file of an emulated Azure, as runs and commands treat it: one user at a time, saved and put back whole.

What is in the file is the emulator's business; it is imported where a file is opened, so that a run on a real Azure
never loads it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.emulator.core.settings import WorldSetting
    from acrlab.emulator.core.subscriptions import Subscription
    from acrlab.emulator.core.world import World
    from acrlab.emulator.entra.applications import Application
    from acrlab.serving.sign_in import SignIn

ROOM = 2**20  # bytes that a world needs beside it to be opened


@contextmanager
def opened(path: Path) -> Iterator[World]:
    """Open a world, making it where there is none.

    Raises: ConfigurationError: the file is not a world, is damaged, or comes from a newer acrlab.
    """
    from acrlab.emulator.azure import EmulatedAzure

    azure = EmulatedAzure(path)
    try:
        yield azure.world
    finally:
        azure.close()


def newest_layout() -> int:
    """Tell the newest layout of a world's file that this acrlab reads: SQLite's `user_version` in it."""
    from acrlab.emulator.core.storage import LAYOUT

    return LAYOUT


def declared_settings() -> Mapping[str, WorldSetting]:
    """List what can be set about a world itself: name -> its default, its meaning, its legal values."""
    from acrlab.emulator.core.settings import SETTINGS

    return SETTINGS


def require_legal_settings(settings: Mapping[str, str]) -> None:
    """Refuse what no world can be set to. Raises: ConfigurationError: a name or a value is not legal."""
    from acrlab.emulator.core.settings import require_legal

    for name, value in settings.items():
        require_legal(name, value)


def set_up(path: Path, settings: Mapping[str, str]) -> None:
    """Set properties of a world itself: all of them, or none.

    Raises: ConfigurationError: there is no such setting, it can't be that, or can't be any more.
    """
    with opened(path) as world, world.transaction():
        for name, value in settings.items():
            world.set_setting(name, value)


def found(path: Path, subscription: str, *others: str) -> None:
    """Begin a new world with these subscriptions.

    Raises: ConfigurationError: there is something in it already, or an id is not a GUID.
    """
    with opened(path) as world:
        count = world.count()
    if count:
        message = f"{path} has {count} resources. Name a new file with --world, or empty it: acrlab reset."
        raise ConfigurationError("world", message)
    set_up(path, {"subscription": subscription})
    there = {one.id.lower() for one in subscriptions_of(path)}
    for other in others:
        if other.lower() not in there:
            add_subscription(path, other, id=other, tenant="", role="Owner")


def subscriptions_of(path: Path) -> list[Subscription]:
    """List the subscriptions of a world, its own first."""
    from acrlab.emulator.core.subscriptions import subscriptions

    with opened(path) as world:
        return subscriptions(world)


def add_subscription(path: Path, name: str, *, id: str, tenant: str, role: str) -> Subscription:
    """Add a subscription to a world. Raises: ConfigurationError: it is there already, or a value is not legal."""
    from acrlab.emulator.core.subscriptions import add

    with opened(path) as world, world.transaction():
        return add(world, name, id=id, tenant=tenant, role=role)


def change_role(path: Path, name: str, role: str) -> Subscription:
    """Change the learner's role in an added subscription. Raises: ConfigurationError: no such one, or no such role."""
    from acrlab.emulator.core.subscriptions import set_role

    with opened(path) as world, world.transaction():
        return set_role(world, name, role)


def applications_of(path: Path) -> list[Application]:
    """List the applications that were added to a world, oldest first."""
    from acrlab.emulator.entra.applications import added

    with opened(path) as world:
        return added(world)


def add_application(path: Path, name: str, *, subscription: str, role: str, out: Path | None = None) -> SignIn:
    """Add an application to a world, for one of its subscriptions: both or neither where its sign-in goes to a file.

    Raises: ConfigurationError: it is there already, a value is not legal, or the file can't be made.
    """
    from acrlab.emulator.core.subscriptions import tenant_of
    from acrlab.emulator.entra.applications import add
    from acrlab.serving.sign_in import SignIn, write

    with opened(path) as world, world.transaction():
        made, secret = add(world, name, subscription, role=role)
        given = SignIn(tenant_of(world, made.subscription), made.subscription, made.id, secret)
        if out:
            write(out, given)
    return given


def add_accounts(path: Path, names: Sequence[str], hand_out: Callable[[Mapping[str, SignIn]], None]) -> None:
    """Add for each name a subscription and an application that owns it; nothing where one of them can't be handed out.

    Args:
        hand_out: is told name -> sign-in of all, before they count; what it raises takes them back.

    Raises: ConfigurationError: a name is taken.
    """
    from acrlab.emulator.core.subscriptions import add as add_one
    from acrlab.emulator.entra.applications import add
    from acrlab.serving.sign_in import SignIn

    with opened(path) as world, world.transaction():
        given = {}
        for name in names:
            there = add_one(world, name)
            made, secret = add(world, name, there.id)
            given[name] = SignIn(there.tenant, there.id, made.id, secret)
        hand_out(given)


@contextmanager
def reserved(path: Path, *, otherwise: str = "name another file with --world") -> Iterator[None]:
    """Keep other runs, resets and clean-ups away from a world. The end of this process frees it, whatever ends it.

    Args:
        path: the world's file, or what stands for a world that is not a file.
        otherwise: what to do instead of waiting.

    Raises: ConfigurationError: another command has it, or nothing can be written beside it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"), blocking=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as problem:
        message = f"another command is using {path}. Wait until it has ended, or {otherwise}."
        raise ConfigurationError("world", message) from problem
    except OSError as problem:
        message = f"{path} cannot be used here: {problem.strerror}. Free space, or {otherwise}; nothing was changed."
        raise ConfigurationError("world", message) from problem
    try:
        yield
    finally:
        lock.release()


@contextmanager
def looked_at(path: Path) -> Iterator[Path]:
    """Name the file to look into: the world's own, or a copy of it where it is read-only here, or the disk is full.

    Where there is none yet it is one that is thrown away: looking makes nothing.
    """
    there = path.exists() and (not path.is_file() or path.stat().st_size > 0)
    if there and (not path.is_file() or _is_writable(path)):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="acrlab-") as folder:
        if not there:
            yield Path(folder) / path.name
            return
        noted = path.parent.glob(f"{path.stem}-*")  # by the lab, beside the world
        for one in (path, path.with_name(f"{path.name}-wal"), *noted):
            if one.is_file():
                shutil.copyfile(one, Path(folder) / one.name)
        blobs = (Path(folder) / path.name).with_suffix(".blobs")
        blobs.mkdir()
        for one in path.with_suffix(".blobs").glob("sha*"):  # whole blobs; what is still on its way in is not looked at
            (blobs / one.name).symlink_to(one.resolve())
        yield Path(folder) / path.name


def _is_writable(path: Path) -> bool:
    free = shutil.disk_usage(path.parent).free
    return free > ROOM and all(os.access(place, os.W_OK) for place in (path, path.parent))


def save(path: Path, to: Path) -> None:
    """Copy a world to another file, replacing what is there."""
    with looked_at(path) as source, opened(source) as world:
        world.save(to)


def put_back(path: Path, saved: Path) -> None:
    """Make a world what it was when it was saved; where nothing was saved it becomes empty."""
    with opened(path) as world:
        if saved.exists():
            world.restore(saved)
        else:
            world.reset()

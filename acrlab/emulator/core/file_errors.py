"""What keeps a world's file from being used, in words: damage, a full disk, a read-only folder, another command."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acrlab.capabilities import in_browser
from acrlab.emulator.core.database import DatabaseError, OperationalError
from acrlab.errors import ConfigurationError

Cause = frozenset[tuple[bool, int]]  # (whether the system said so rather than SQLite, its code)
FULL: Cause = frozenset(
    {(False, sqlite3.SQLITE_FULL), (False, sqlite3.SQLITE_IOERR), (True, errno.ENOSPC), (True, errno.EDQUOT)}
)
CLOSED: Cause = frozenset(
    {(False, code) for code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)}
    | {(True, code) for code in (errno.EROFS, errno.EACCES, errno.EPERM)}
)
BUSY: Cause = frozenset({(False, sqlite3.SQLITE_BUSY), (False, sqlite3.SQLITE_LOCKED)})


def remedy() -> str:
    """Say what to do with a file that cannot be used as a world. In a browser there is no folder to look into."""
    if in_browser():
        return "On the first page of this site, download your work and then start again; nothing in it was changed."
    return "Move the file away, or name another with ACRLAB_WORLD; nothing in it was changed."


class UnusableWorld(ConfigurationError):
    """A world's file cannot be used.

    Attributes:
        cause: FULL, CLOSED or BUSY; None: it is damaged, or no world at all.
    """

    def __init__(self, message: str, cause: Cause | None) -> None:
        super().__init__("world", message)
        self.cause = cause


class SameFile:
    """A world's file as it was when it was opened: SQLite goes on in one that has been deleted, and no one sees it."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._known = path, _identity(path)

    def require(self) -> None:
        """Raises: UnusableWorld: the file was deleted or replaced."""
        if _identity(self._path) != self._known:
            message = (
                f"{self._path} was deleted, or replaced by another file, since it was opened here. Nothing that is "
                "done now would be kept: restart the kernel and run the chapter from its top."
            )
            raise UnusableWorld(message, None)


def _identity(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except OSError:  # gone, or its folder is
        return None
    return (found.st_dev, found.st_ino) if found else None


@contextmanager
def usable(path: Path | None) -> Iterator[None]:
    """Say what is wrong with a world's file that fails while it is used. Raises: UnusableWorld."""
    try:
        yield
    except DatabaseError as problem:
        if is_of_the_file(problem):
            raise unusable(path, problem) from problem
        raise


def is_of_the_file(problem: Exception) -> bool:
    """Tell whether a world's file cannot be read or written, as opposed to what a caller wanted to do with it."""
    return isinstance(problem, OperationalError | ConfigurationError) or type(problem) is DatabaseError


def unusable(path: Path | None, problem: Exception) -> UnusableWorld:
    """Word what keeps a world's file from being used: a full disk is no reason to give up a world."""
    code = getattr(problem, "sqlite_errorcode", None)
    code = getattr(problem, "errno", None) if code is None else code & 0xFF
    kind = (isinstance(problem, OSError), code if isinstance(code, int) else -1)
    cause = next((known for known in (FULL, CLOSED, BUSY) if kind in known), None)
    told = f"{path} is not a readable world: {problem}. {remedy()}"
    if cause is FULL:
        told = f"{path} cannot be written: the disk is full, or fails. Free space, and go on: nothing in it is lost."
    elif cause is CLOSED:
        told = (
            f"{path} cannot be written: the file, or the folder that it is in, is read-only here. Copy it to a folder "
            "of your own, or name another with ACRLAB_WORLD; nothing in it was changed."
        )
    elif cause is BUSY:
        told = f"{path} is busy: another command has been writing to it all the time. Wait until it has ended."
    return UnusableWorld(told, cause)


def decoded(text: str) -> Any:
    """Read JSON that stands in a world. Raises: DatabaseError: it is damaged."""
    try:
        return json.loads(text)
    except ValueError as problem:
        raise DatabaseError("a row is damaged") from problem

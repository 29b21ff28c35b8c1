"""Users of the system, one for each person of a class: what one's programs write, another's can't read."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from acrlab.errors import ConfigurationError


def obstacle() -> str:
    """Say why there can't be any; empty: there can."""
    if os.geteuid() != 0:
        return "only root may make users of the system"
    return "" if shutil.which("useradd") else "there is no useradd here"


def ensured(folder: Path, people: Iterable[str]) -> dict[str, str]:
    """Make the accounts that are not there. Returns: person -> name of the account.

    Args:
        folder: of the class, which an account belongs to as long as it is there.

    Raises: ConfigurationError: an account of that name is not the class's, or the system makes none.
    """
    return {person: _ensured(folder, person) for person in people}


def user(account: str) -> int:
    """Give an account's number."""
    return pwd.getpwnam(account).pw_uid


def of_class(folder: Path) -> list[str]:
    """List the accounts that were made for a class, also for learners who have left it."""
    return [entry.pw_name for entry in pwd.getpwall() if _is_class_s(entry, folder)]


def removed(folder: Path) -> list[str]:
    """Take a class's accounts away, not the folders. Returns: their names.

    Raises: ConfigurationError: the system keeps one.
    """
    accounts = of_class(folder)
    for account in accounts:
        _told("userdel", account)
    return accounts


def _ensured(folder: Path, person: str) -> str:
    account = _name(folder, person)
    try:
        entry = pwd.getpwnam(account)
    except KeyError:
        options = ("--no-create-home", "--home-dir", str(folder / person), "--user-group", "--shell", "/bin/bash")
        _told("useradd", *options, "--comment", _comment(folder), account)
        return account
    if not _is_class_s(entry, folder) or entry.pw_dir != str(folder / person):
        raise ConfigurationError("roster", f"the system's user {account} is there, and not of this class. Remove it.")
    return account


def _is_class_s(entry: pwd.struct_passwd, folder: Path) -> bool:
    return entry.pw_gecos == _comment(folder) and entry.pw_uid != 0


def _name(folder: Path, person: str) -> str:
    """At most 32 characters, and not the name of a user who is there for another reason, such as root."""
    return f"acr-{person[:19]}-{_digest(folder, person)}"


def _comment(folder: Path) -> str:
    return f"acrlab class {_digest(folder)}"


def _digest(folder: Path, person: str = "") -> str:
    return hashlib.sha256(f"{folder}\n{person}".encode()).hexdigest()[:8]


def _told(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = " ".join(done.stderr.split())
        raise ConfigurationError("--out", f"{words[0]} {words[-1]}: {said} To do without: --one-user.")

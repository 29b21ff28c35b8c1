"""First-use codes: drawn for each person, printed once. What is kept does not lead back to them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path

from acrlab.classroom.hub.room import write_secret
from acrlab.errors import ConfigurationError

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
BLOCKS, BLOCK = 3, 4  # 31 letters, 12 of them: 59 bits
COST = {"n": 2**14, "r": 8, "p": 1}  # of scrypt: 40 ms and 16 MiB


def hand_out(path: Path, people: Iterable[str], *, again: Collection[str] = ()) -> dict[str, str]:
    """Draw a code for each person who has none, or is to get another. The others' hold, also of those who are away.

    Returns: person -> code, of the new ones: the only time that they are seen.
    Raises: ConfigurationError: the file can't be read or written.
    """
    kept = _read(path)
    new = {one: _drawn() for one in people if one not in kept or one in again}
    for one, code in new.items():
        salt = secrets.token_bytes(16)
        kept[one] = {"salt": salt.hex(), "hash": _hash(code, salt)}
    if new:
        write_secret(path, json.dumps(kept))
    return new


def right(path: Path, person: str, code: str) -> bool:
    """Say whether this is the person's code; it takes as long where there is no such person."""
    kept = _read(path).get(person, {"salt": "", "hash": ""})
    return secrets.compare_digest(_hash(code, bytes.fromhex(kept["salt"])), kept["hash"])


def kept(path: Path, person: str) -> str:
    """Give what is kept of a person's code: another text after it was renewed, empty where there is none.

    Raises: ConfigurationError: the file can't be read.
    """
    found = _read(path).get(person)
    return f"{found['salt']}{found['hash']}" if found else ""


def _drawn() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(BLOCK)) for _ in range(BLOCKS))


def _hash(code: str, salt: bytes) -> str:
    letters = "".join(letter for letter in code.lower() if letter in LETTERS)  # as people type it
    return hashlib.scrypt(letters.encode(), salt=salt, **COST).hex()


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}
    except (OSError, ValueError) as problem:
        message = f"{path} can't be read: {problem}. Move it away, and everyone gets a new code."
        raise ConfigurationError("--out", message) from problem

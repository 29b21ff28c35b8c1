"""The file with which one signs in to a served Azure as an application that was added: its owner's alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError

LARGEST = 4096  # bytes
FIELD = "sign-in"


@dataclass(frozen=True)
class SignIn:
    """Who signs in, and where: values of `AZURE_TENANT_ID`, `AZURE_SUBSCRIPTION_ID` and the two `AZURE_CLIENT_…`."""

    tenant: str
    subscription: str
    client_id: str
    client_secret: str

    def connected(self, connection: Mapping[str, Any]) -> dict[str, Any]:
        """Tell how to reach a served Azure as this application, from how its own service principal reaches it."""
        return {**connection, **asdict(self)}


def write(path: Path, sign_in: SignIn) -> None:
    """Write a new file that only its owner may read, from its first byte on.

    Raises: ConfigurationError: there is a file, which is left as it is, or it can't be written.
    """
    text = json.dumps(asdict(sign_in), indent=1)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except FileExistsError as problem:
        raise ConfigurationError(FIELD, f"{path} is there already. Name another file, or move it away.") from problem
    except OSError as problem:
        raise ConfigurationError(FIELD, f"{path} can't be written: {problem.strerror}.") from problem


def read(path: Path) -> SignIn:
    """Read such a file. Raises: ConfigurationError: it can't be read, or is something else."""
    names = {field.name for field in fields(SignIn)}
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(LARGEST))
    except OSError as problem:
        raise ConfigurationError(FIELD, f"{path} can't be read: {problem.strerror}.") from problem
    except (ValueError, RecursionError):  # not JSON, or nested without end
        found = None
    if not isinstance(found, dict) or {*found} != names or not all(isinstance(one, str) for one in found.values()):
        remedy = "Name one that acrlab emulator application add --out, or acrlab class pairs, has written."
        raise ConfigurationError(FIELD, f"{path} is not a sign-in. {remedy}")
    return SignIn(**found)

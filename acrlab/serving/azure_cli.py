"""The real Azure CLI on the emulated Azure: its own configuration folder, its own cloud, signed in.

The user's own `~/.azure` is never read or written.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acrlab import capabilities
from acrlab.errors import ConfigurationError
from acrlab.serving.connection import PORT, environment
from acrlab.settings.environment import lab_home

CLOUD = "acrlab"
SETTINGS = """\
[core]
collect_telemetry = false
instance_discovery = false
login_experience_v2 = off
survey_message = false
[auto-upgrade]
enable = false
[extension]
use_dynamic_install = no
"""


def program() -> str:
    """Find `az`: the variable ACRLAB_AZ, the PATH, or the lab's own folder.

    Raises: ConfigurationError: it is not installed.
    """
    capabilities.require_processes("The Azure CLI")
    found = _program()
    if not found:
        remedy = f"python3 -m venv {_own().parents[1]} && {_own().parent / 'pip'} install azure-cli"
        message = f"the Azure CLI is not on the PATH. Install it, for the lab alone with: {remedy}"
        raise ConfigurationError("az", message)
    return found


def is_installed() -> bool:
    return bool(_program())


def _program() -> str:
    own = str(_own()) if _own().exists() else ""
    return os.environ.get("ACRLAB_AZ") or shutil.which("az") or own


def _own() -> Path:
    return lab_home() / "azure-cli" / ("Scripts/az.bat" if os.name == "nt" else "bin/az")


def configuration(world: Path, account: str = "") -> Path:
    """The folder of the CLI's configuration for a world.

    Args:
        account: who signs in to it; empty: the world's own service principal.
    """
    folder = world.with_suffix(".azure").resolve()
    return folder.with_name(f"{folder.name}-{account}") if account else folder


def last_port(world: Path) -> int:
    """The port that this world's `az` last signed in at; the usual one if it never did."""
    return int(_signed_in(configuration(world)).get("arm", f":{PORT}").rpartition(":")[2])


def prepare(world: Path, connection: Mapping[str, Any], account: str = "") -> dict[str, str]:
    """Make `az` know the cloud and sign it in, where that is not done yet.

    Args:
        account: as for `configuration`; `connection` says what it signs in with.

    Returns: the environment to run it in.
    Raises: ConfigurationError: it is not installed, or could not sign in.
    """
    from filelock import FileLock

    folder = configuration(world, account)
    variables = {**os.environ, **environment(connection, folder)}
    mark = {name: connection[name] for name in ("arm", "client_id", "tenant")}
    with FileLock(f"{folder}.lock"):  # two commands may be the first at the same time
        if _signed_in(folder) != mark:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
            (folder / "config").write_text(SETTINGS)
            with _secret_file(connection, folder) as secret:
                for words in _sign_in(connection, secret):
                    _quietly(words, variables)
            _mark(folder).write_text(json.dumps(mark))
    return variables


def run(words: Sequence[str], world: Path, connection: Mapping[str, Any]) -> int:
    """Run one `az` command with this terminal as its own. Returns: its exit code."""
    return subprocess.call([program(), *words], env=prepare(world, connection))


@contextmanager
def _secret_file(connection: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    """The secret in a file for as long as it takes to sign in: others on this computer can read a command line."""
    file = folder / "secret"
    file.touch(mode=0o600)
    try:
        file.write_text(connection["client_secret"])
        yield file
    finally:
        file.unlink()


def _sign_in(connection: Mapping[str, Any], secret: Path) -> tuple[list[str], ...]:
    account = ["-u", connection["client_id"], "--tenant", connection["tenant"]]
    return (
        ["cloud", "register", "--name", CLOUD, "--endpoint-resource-manager", connection["arm"]],
        ["cloud", "set", "--name", CLOUD],
        ["login", "--service-principal", *account, f"--password=@{secret}"],
    )


def _quietly(words: list[str], variables: Mapping[str, str]) -> None:
    done = subprocess.run([program(), *words, "--only-show-errors"], env=variables, capture_output=True, text=True)
    if done.returncode:
        raise ConfigurationError("az", f"`az {' '.join(words[:2])}` failed: {done.stderr.strip()}")


def _mark(folder: Path) -> Path:
    return folder / "acrlab.json"


def _signed_in(folder: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_mark(folder).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found

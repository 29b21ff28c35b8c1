"""How a program of this computer gets to where a machine stands: what to run, and with which variables."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acrlab.serving.azure_cli import configuration
from acrlab.serving.connection import environment, environment_of_machine, machines_folder

__all__ = ["OUTSIDE", "entered", "own_folders", "proxied"]

OUTSIDE = "outside"  # a computer on the internet


def entered(connection: Mapping[str, Any], name: str, words: Sequence[str]) -> list[str]:
    """The command that runs `words` in a machine's network namespace."""
    return [sys.executable, "-m", "acrlab.emulator.fabric.entry", connection["machines"], name, "--", *words]


def own_folders(path: Path, name: str) -> dict[str, str]:
    """Where tools keep what they were told about signing in: never the user's own folders."""
    own = machines_folder(path) / name
    own.mkdir(parents=True, exist_ok=True)
    signed_in = own / "auth.json"
    if not signed_in.exists():
        signed_in.write_text("{}")  # podman takes a missing file for a mistake
    folder = configuration(path)
    return {
        "AZURE_CONFIG_DIR": str(folder.with_name(f"{folder.name}-{name}")),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        "DOCKER_CONFIG": str(own / "docker"),
        "REGISTRY_AUTH_FILE": str(signed_in),
    }


def proxied(path: Path, name: str, connection: Mapping[str, Any]) -> dict[str, str]:
    """What leads a program through the machine's proxy instead. A variable without a value must not be there."""
    folder = configuration(path)
    if name == OUTSIDE:
        return environment(connection, folder)
    return environment_of_machine(path, name, connection, folder.with_name(f"{folder.name}-{name}"))

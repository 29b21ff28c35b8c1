"""`~/.docker/config.json`: who a user is at which registry."""

from __future__ import annotations

import base64
import binascii
import json
import posixpath

from acrlab.emulator.core import json_depth
from acrlab.emulator.core.http import JSON
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.docker.client import basic
from acrlab.emulator.shell.process import Process


def credential_of(process: Process, domain: str) -> str:
    """Return `user:password` for a registry; empty: none is kept."""
    try:
        text = base64.b64decode(_read(process)["auths"][domain]["auth"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return ""
    return text.decode("utf-8", "surrogateescape")


def keep(process: Process, domain: str, credential: str) -> str:
    """Write a credential down; returns the file's path."""
    kept = _read(process)
    kept.setdefault("auths", {})[domain] = {"auth": basic(credential)}
    return _write(process, kept)


def forget(process: Process, domain: str) -> bool:
    """Remove a registry's credential; False: there is none."""
    kept = _read(process)
    found = kept.get("auths", {}).pop(domain, None) is not None
    if found:
        _write(process, kept)
    return found


def path_of(process: Process) -> str:
    return posixpath.join(process.shell.variable("HOME") or "/root", ".docker/config.json")


def _read(process: Process) -> JSON:
    try:
        kept = json_depth.loads(process.disk.text(path_of(process)))
    except (NoFile, ValueError):
        return {}
    return kept if isinstance(kept, dict) and isinstance(kept.get("auths", {}), dict) else {}


def _write(process: Process, kept: JSON) -> str:
    path = path_of(process)
    process.disk.make_folder(posixpath.dirname(path))
    process.disk.write(path, json.dumps(kept, indent="\t") + "\n")
    return path

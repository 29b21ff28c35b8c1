"""Serve a site from its folder, as the `serve.py` that lies in it does."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from acrlab.errors import ConfigurationError

MARK = "acrlab-site.json"  # says what a site holds: a folder with that alone may be replaced
SERVER = Path(str(files("acrlab.site") / "browser" / "serve.py"))


def require_own(folder: Path, option: str) -> None:
    """Raise ConfigurationError where a folder is not a site, or one that another acrlab made."""
    again = f"acrlab site --out {folder}"
    try:
        made_by = str(json.loads((folder / MARK).read_text("utf-8"))["acrlab"])
    except OSError:
        raise ConfigurationError(option, f"{folder} is not a site. Make one: {again}") from None
    except (ValueError, KeyError, TypeError):
        made_by = "that tells no version"
    if made_by != version("acrlab"):
        message = f"{folder} is a site of an acrlab {made_by}; this is {version('acrlab')}. Make it again: {again}"
        raise ConfigurationError(option, message)


def serve(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C. Raises: ConfigurationError: the folder is not a site, or the port is taken."""
    if not (folder / MARK).exists():
        raise ConfigurationError("--serve", f"{folder} is not a site. Make one: acrlab site --out {folder}")
    try:
        server = runpy.run_path(str(SERVER))["server"](folder, port)
    except OSError as problem:
        raise ConfigurationError("--port", f"{port} is taken ({problem.strerror}). Name another, or 0.") from problem
    say(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return
    finally:
        server.server_close()

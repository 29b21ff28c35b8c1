"""Serve a site from its folder, as the `serve.py` that lies in it does."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from acrlab.errors import ConfigurationError
from acrlab.site.build import MARK

SERVER = Path(str(files("acrlab.site") / "browser" / "serve.py"))


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

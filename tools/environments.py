"""Environments that lie in the user's cache, for all checkouts: made once, and again when what is in them changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]


def kept(name: str, base: Path, what: Sequence[str]) -> Path:
    """Make an environment, or bring it up to date. Returns: its Python.

    Args:
        base: the Python that it is made with.
        what: requirements, as pip takes them; installed at the pins of constraints.txt.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "acrlab"
    home = cache / name
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = b"".join((ROOT / one).read_bytes() for one in ("pyproject.toml", "constraints.txt"))
    mark, digest = home / ".acrlab-ready", hashlib.sha256(wanted + " ".join(what).encode()).hexdigest()
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{name}.lock"):
        if not mark.exists() or mark.read_text("utf-8") != digest:
            print(f"Setting up {name} with {base.name}", flush=True)
            mark.unlink(missing_ok=True)
            for command in _set_up(base, home, python, ["-c", "constraints.txt", *what]):
                subprocess.run(command, cwd=ROOT, env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"}, check=True)
            mark.write_text(digest, "utf-8")
    return python


def _set_up(base: Path, home: Path, python: Path, what: Sequence[str]) -> Iterator[list[str]]:
    if uv := shutil.which("uv"):
        yield [uv, "venv", "-q", "--clear", "--python", str(base), str(home)]
        yield [uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(python), *what]
    else:
        yield [str(base), "-m", "venv", "--clear", str(home)]
        yield [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *what]

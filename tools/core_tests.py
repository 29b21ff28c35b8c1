#!/usr/bin/env python
"""The core's tests where nothing is installed but what the core needs: `make test-core`."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.core import WORDS
from tools import environments

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ("pytest", "hypothesis", "ecdsa")  # what tests need themselves; ecdsa is a browser's, and tested here as well


def main(words: list[str]) -> int:
    """Run them with the Python that runs this. Returns: pytest's exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    what = [*project["dependency-groups"]["core"], *BESIDE]
    name = f"core-{platform.python_version()}"
    python = environments.kept(name, Path(sys.executable), what)
    command = [python, "-m", "pytest", *WORDS, *words]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

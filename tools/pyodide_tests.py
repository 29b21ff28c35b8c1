#!/usr/bin/env python
"""The core's tests in the Python of the web site, run by Node.js, with the site's packages: `make test-pyodide`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from acrlab.errors import ConfigurationError
from acrlab.site import packages, tools
from tests.core import WORDS

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools"
# Of the checkout, for the tests that read it; acrlab itself comes as the site's package.
COPIED = ("docs", "notebooks", "tests", "tools", "CONTRIBUTING.md", "README.md", "constraints.txt", "pyproject.toml")
# ipywidgets warns of these names unless traitlets asks, and does not know traitlets by the name of its compiled file.
ASKED = ("widgets", "widget_types", "_active_widgets", "_widget_types")
QUIET = [word for name in ASKED for word in ("-W", f"ignore:Widget.{name} is deprecated:DeprecationWarning")]


def main(words: list[str]) -> int:
    """Run them. Returns: pytest's exit code; 1 where there is no Node.js, or a download fails."""
    try:
        return run(words)
    except ConfigurationError as problem:
        print(problem, file=sys.stderr)
        return 1


def run(words: list[str]) -> int:
    """Run them. Returns: pytest's exit code. Raises: ConfigurationError: something for it can't be had."""
    tools.run(["node", "--version"])
    with tempfile.TemporaryDirectory(prefix="acrlab-pyodide-") as folder:
        work = Path(folder)
        gather(work, work / "packages")
        checkout(work / "checkout")
        script = [TOOLS / "pyodide_tests.mjs", tools.package("pyodide"), work / "packages", work / "checkout"]
        return subprocess.run(["node", *script, *WORDS, *QUIET, *words], check=False).returncode


def gather(work: Path, to: Path) -> None:
    """Pack what the site has, as it has it, and put pytest's wheels beside it."""
    python, runtime = tools.lite_python(), tools.package("pyodide")
    site = tools.wheels(Path(str(files("acrlab.site") / "wheels.txt")), python)
    every = [*site, *packages.kernel_wheels(python), packages.own_wheel(work)]
    packages.pack(every, pyodide=runtime, work=work / "work", to=to)
    whole = [one for one in site if one.name.startswith("pygments-")]  # pytest asks for more than the site keeps of it
    for wheel in [*tools.wheels(TOOLS / "pyodide_wheels.txt", python), *whole]:
        shutil.copy(wheel, to)


def checkout(to: Path) -> None:
    """Copy what tests read: what they write there is lost, and nothing of it is the checkout's."""
    to.mkdir()
    for path in (ROOT / name for name in COPIED):
        if path.is_dir():
            shutil.copytree(path, to / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, to)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

#!/usr/bin/env python
"""The project on every Python that it claims, and on newer ones that are here: `make test-pythons`.

Each has an environment of its own in the user's cache, which all checkouts share. The one of `make test` is left out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools import environments

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
TESTS = (
    "course/test_plan.py",
    "lab/test_lab.py",
    "emulator/core",
    "emulator/network",
    "emulator/test_transport.py",
)
# What is run with each -> arguments
CHECKS = {
    "threads": ("-m", "tests.faults.thread_table"),
    "tests": ("-m", "pytest", *(f"tests/{one}" for one in TESTS), "-p", "no:nbval", "-q"),
    "notebooks": ("-m", "pytest", "--nbval", "notebooks", "-q"),
}
ASK = (
    "import json, platform, sys, sysconfig; print(json.dumps([platform.python_implementation(),"
    " sysconfig.get_config_var('Py_GIL_DISABLED') or 0, sys.version_info[:3], sys.executable]))"
)
Version = tuple[int, ...]


def main() -> int:
    """Returns: 1 where one of them failed."""
    here = sys.version_info[:2]
    found = newest(filter(None, map(asked, candidates())))
    print(f"Python {_text(here)}: make test runs on it")
    failed = []
    for minor in sorted({*claimed(), *found} - {here}):
        if minor in found:
            failed += checked(*found[minor])
        else:
            print(f"Python {_text(minor)}: skipped, there is none on this computer")
    print("failed: " + ", ".join(failed) if failed else "all that are here are right")
    return 1 if failed else 0


def claimed() -> set[Version]:
    """The minor versions that the project says it runs on."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    return {tuple(map(int, one.split("."))) for one in re.findall(r"Python :: (\d+\.\d+)", "\n".join(classifiers))}


def candidates() -> Iterator[Path]:
    """Whatever may be a Python on this computer: of pyenv, on the PATH, and of uv."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from sorted(versions.glob("*/bin/python"))
    for folder in map(Path, os.get_exec_path()):
        yield from (
            path for path in sorted(folder.glob("python3.*")) if re.fullmatch(r"python3\.\d+(\.exe)?", path.name)
        )
    if uv := shutil.which("uv"):
        for minor in sorted(claimed()):
            told = _told(uv, "python", "find", "--no-python-downloads", "--system", _text(minor))
            yield from map(Path, told.splitlines())


def asked(path: Path) -> tuple[Version, Path] | None:
    """Ask a Python for its version and where it is; None: it does not run (a stub), or is none that is claimed."""
    told = _told(str(path), "-c", ASK)
    if not told:
        return None
    name, without_lock, version, executable = json.loads(told)
    fits = name == "CPython" and not without_lock and tuple(version[:2]) >= OLDEST
    return (tuple(version), Path(executable)) if fits else None


def newest(pythons: Iterable[tuple[Version, Path]]) -> dict[Version, tuple[Version, Path]]:
    """Choose one Python for each minor version: the newest, and of several the one that was found first."""
    chosen: dict[Version, tuple[Version, Path]] = {}
    for version, path in pythons:
        if version > chosen.get(version[:2], ((), path))[0]:
            chosen[version[:2]] = version, path
    return chosen


def checked(version: Version, path: Path) -> list[str]:
    """Run everything with one Python. Returns: what failed."""
    python, failed = ready(version, path), []
    environment = os.environ | {"PYTHONPATH": str(ROOT)}  # this checkout, whichever one made the environment
    for name, arguments in CHECKS.items():
        print(f"Python {_text(version)}: {name}", flush=True)
        begin = time.monotonic()
        if subprocess.run([python, *arguments], cwd=ROOT, env=environment, check=False).returncode:
            failed.append(f"{name} on {_text(version)}")
        print(f"Python {_text(version)}: {name} took {time.monotonic() - begin:.0f} s", flush=True)
    return failed


def ready(version: Version, path: Path) -> Path:
    """Make a Python's environment, or bring it up to date. Returns: its Python."""
    return environments.kept(f"python-{_text(version)}", path, ["-e", ".[test]"])


def _told(*command: str) -> str:
    """What a program says; empty: it does not run, or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()


def _text(version: Version) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    raise SystemExit(main())

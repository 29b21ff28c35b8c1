"""A Python that learners' accounts can run: this one, or one of the system with this one's packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from acrlab.classroom.hub.learners.accounts import user
from acrlab.errors import ConfigurationError

PACKAGES = "of-the-class.pth"
ASKED = "import os, sys, jupyterhub.singleuser, acrlab.learner; os.listdir(); print(sys.prefix)"


def runnable(account: str, home: Path, place: Path) -> str:
    """Find one, as that account, in its home.

    A Python in a home that is closed to others, such as root's, can't be run by them. Its packages often can be read.

    Args:
        place: where an environment may be made, outside every closed folder.

    Returns: the path of the interpreter.
    Raises: ConfigurationError: there is none.
    """
    why = _refusal(sys.executable, account, home)
    if not why:
        return sys.executable
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"  # packages fit no other version
    if Path(system).exists():
        made = _environment(system, place)
        why = _refusal(made, account, home)
        if not why:
            return made
    message = f"learners' own users can't run {sys.executable} in {home}: {why} Let them, or add --one-user."
    raise ConfigurationError("--out", message)


def _refusal(python: str, account: str, home: Path) -> str:
    """Say why an account can't run it; empty: it can. Only a process that is the account's alone shows that."""
    who = user(account)
    try:
        done = subprocess.run(
            [python, "-c", ASKED],
            cwd=home,
            env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
            user=who,
            group=who,
            extra_groups=[],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
    except OSError as problem:
        return f"{problem.strerror}."
    said = done.stderr.strip().splitlines() or ["it ends at once."]
    return said[-1] if done.returncode else ""


def _environment(system: str, place: Path) -> str:
    """Make an environment of the system's Python that has this one's packages, JupyterLab's files and `acrlab`.

    One that is there already stays, as servers may run on it.
    """
    python = place / "bin" / "python"
    (theirs,) = {path for path in sys.path if path.endswith("site-packages") and path.startswith(sys.prefix)}
    line = f"import site; site.addsitedir({theirs!r})\n"
    if any(path.read_text("utf-8") == line for path in place.glob(f"lib/python*/site-packages/{PACKAGES}")):
        return str(python)
    shutil.rmtree(place, ignore_errors=True)
    command = [system, "-m", "venv", "--without-pip", str(place)]
    if subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode:
        return str(python)  # which is not there: trying it says so
    for name in ("etc", "share"):
        (place / name).symlink_to(Path(sys.prefix) / name)
    command_line = place / "bin" / "acrlab"
    command_line.write_text(f"#!{python}\nfrom acrlab.cli.app import main\n\nmain()\n", "utf-8")
    command_line.chmod(0o755)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / PACKAGES).write_text(line, "utf-8")  # last: with it the environment is whole
    return str(python)

"""A served world, and a shell that is pointed at it as a learner's is: `eval "$(acrlab emulator env)"`."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from acrlab.errors import ConfigurationError
from acrlab.serving import azure_cli

ACRLAB = str(Path(sys.executable).with_name("acrlab"))
START_S, STOP_S = 30, 10


@dataclass
class Shell:
    """One bash after the other, each with the variables that the one before it left.

    Attributes:
        home: its home, where nothing of the user's lies.
    """

    home: Path

    def run(self, script: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a script. `check`: it has to succeed."""
        state = self.home / "variables.sh"
        begin = f". {state}; " if state.exists() else ""
        text = f"set -a; {begin}{script}\ncode=$?; export -p > {state}; exit $code"
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}
        done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, env=variables, cwd=self.home)
        if check and done.returncode:
            pytest.fail(f"{script}\nexit code {done.returncode}\n{done.stdout}\n{done.stderr}", pytrace=False)
        return done

    def json(self, script: str) -> Any:
        """Run a command and read what it prints."""
        return json.loads(self.run(script).stdout)

    def text(self, script: str) -> str:
        return self.run(script).stdout.strip()


@contextmanager
def served(world: Path) -> Iterator[dict[str, Any]]:
    """Serve a world from a process of its own."""
    ready = world.with_name("ready.json")
    words = [ACRLAB, "emulator", "serve", "--state", str(world), "--port", "0"]
    process = subprocess.Popen([*words, "--ready-file", str(ready)], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + START_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail(f"the server did not start: {process.communicate()[1]}")
        time.sleep(0.05)
    try:
        yield json.loads(ready.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 0
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture(scope="session")
def installed() -> None:
    """Skip where there is no Azure CLI."""
    try:
        azure_cli.program()
    except ConfigurationError as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab") / "world.db"


@pytest.fixture(scope="module")
def connection(world: Path) -> Iterator[dict[str, Any]]:
    with served(world) as connection:
        yield connection


@pytest.fixture(scope="module")
def shell(installed: None, connection: dict[str, Any], world: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A shell that was told where the served Azure is, and nothing else."""
    shell = Shell(tmp_path_factory.mktemp("home"))
    az = Path(azure_cli.program()).parent
    shell.run(f'export PATH="{az}:$PATH"; eval "$({shlex.quote(ACRLAB)} emulator env --world {world})"')
    return shell

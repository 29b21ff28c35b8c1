"""The wheel, in an environment of its own; an empty folder, and a user who has nothing yet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Built:
    """What `python -m build` made: the sdist, the wheel that came of it, and the wheel that comes of the checkout."""

    sdist: Path
    wheel: Path
    from_checkout: Path


@dataclass(frozen=True)
class Person:
    """Somebody who has installed acrlab, in an empty folder.

    Attributes:
        environment: folder of the environment that acrlab is installed in, and nothing else that it does not ask for.
        folder: where commands are typed.
    """

    environment: Path
    folder: Path

    @property
    def python(self) -> Path:
        return self.environment / SCRIPTS / "python"

    @property
    def variables(self) -> dict[str, str]:
        """A home of the person's own, and nothing of who runs these tests."""
        kept = {
            n: v for n, v in os.environ.items() if not n.startswith(("ACRLAB_", "JUPYTER", "PYTHON", "VIRTUAL_ENV"))
        }
        home = str(self.folder.parent)
        path = os.pathsep.join((str(self.environment / SCRIPTS), os.environ["PATH"]))
        return {**kept, "HOME": home, "USERPROFILE": home, "PATH": path, "COLUMNS": "200"}

    def acrlab(self, *words: str, code: int = 0) -> Done:
        """Type a command; it has to end with this exit code."""
        done = _run([str(self.environment / SCRIPTS / "acrlab"), *words], self.folder, self.variables)
        assert done.returncode == code, f"acrlab {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done

    @contextmanager
    def started(self, *words: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Type a command that goes on until it is stopped."""
        words = (str(self.environment / SCRIPTS / "acrlab"), *words)
        with log.open("wb") as file:
            process = subprocess.Popen(words, cwd=self.folder, env=self.variables, stdout=file, stderr=file)
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)


def _run(words: list[str], folder: Path, variables: dict[str, str] | None = None) -> Done:
    return subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8")


def _made(words: list[str], folder: Path) -> None:
    done = _run(words, folder)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build twice: the wheel by way of the sdist, as a release is, and straight from the checkout."""
    builder = os.environ.get("ACRLAB_BUILD")
    if not builder:
        pytest.skip("ACRLAB_BUILD names no Python with `build`: `make test-installed` installs one")
    release, straight = tmp_path_factory.mktemp("release"), tmp_path_factory.mktemp("straight")
    build = [builder, "-m", "build", "--no-isolation", "--outdir"]
    _made([*build, str(release), "."], CHECKOUT)
    _made([*build, str(straight), "--wheel", "."], CHECKOUT)
    (sdist,), (wheel,), (other,) = release.glob("*.tar.gz"), release.glob("*.whl"), straight.glob("*.whl")
    return Built(sdist, wheel, other)


@pytest.fixture(scope="session")
def person(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Install the wheel as the README says, with uv where it is, else with pip alone."""
    environment = tmp_path_factory.mktemp("clean") / "venv"
    person = Person(environment, tmp_path_factory.mktemp("home") / "empty")
    person.folder.mkdir()
    wanted = ["-q", "-c", str(CHECKOUT / "constraints.txt"), str(built.wheel)]
    if uv := shutil.which("uv"):
        _made([uv, "venv", "-q", "--python", sys.executable, str(environment)], person.folder)
        _made([uv, "pip", "install", "--python", str(person.python), *wanted], person.folder)
    else:
        _made([sys.executable, "-m", "venv", str(environment)], person.folder)
        _made([str(person.python), "-m", "pip", "install", "--disable-pip-version-check", *wanted], person.folder)
    return person

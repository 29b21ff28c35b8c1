"""`make test-pythons`: which Pythons are found, which are chosen, and that no more is claimed than is tested."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tools import pythons

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


def stand_in(path: Path, version: str, *, name: str = "CPython", without_lock: int = 0) -> Path:
    """A file that answers as a Python of that version would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = ", ".join(version.split("."))
    path.write_text(f"""#!/bin/sh\necho '["{name}", {without_lock}, [{numbers}], "{path}"]'\n""", "utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", pythons.TESTS)
def test_what_each_python_runs_is_there(name: str) -> None:
    assert (ROOT / "tests" / name).exists()


@posix
def test_pythons_of_pyenv_and_of_the_path_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = stand_in(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python", "3.12.1")
    other = stand_in(tmp_path / "bin" / "python3.13", "3.13.0")
    stand_in(tmp_path / "bin" / "python3.13-config", "3.13.0")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert list(pythons.candidates()) == [mine, other]


@posix
def test_a_python_says_itself_what_it_is(tmp_path: Path) -> None:
    path = stand_in(tmp_path / "python3", "3.13.0")

    assert pythons.asked(path) == ((3, 13, 0), path)
    assert pythons.asked(Path(sys.executable)) == (sys.version_info[:3], Path(sys.executable))


@posix
@pytest.mark.parametrize(
    ("version", "told"), [("3.10.13", {}), ("3.13.0", {"name": "PyPy"}), ("3.13.0", {"without_lock": 1})]
)
def test_what_is_too_old_or_no_cpython_with_its_lock_is_left_out(tmp_path: Path, version: str, told: dict) -> None:
    assert pythons.asked(stand_in(tmp_path / "python3", version, **told)) is None


@posix
def test_a_name_on_the_path_that_is_no_python_is_left_out(tmp_path: Path) -> None:
    stub = tmp_path / "python3.12"
    stub.write_text("#!/bin/sh\nexit 127\n")
    stub.chmod(0o755)

    assert pythons.asked(stub) is None
    assert pythons.asked(tmp_path / "python3.13") is None


def test_of_a_minor_version_the_newest_is_chosen() -> None:
    older, newer, same = Path("older"), Path("newer"), Path("same")

    chosen = pythons.newest([((3, 12, 1), older), ((3, 12, 16), newer), ((3, 12, 16), same), ((3, 13, 0), older)])

    assert chosen == {(3, 12): ((3, 12, 16), newer), (3, 13): ((3, 13, 0), older)}


def test_a_python_that_is_claimed_and_not_here_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pythons, "candidates", lambda: iter(()))
    monkeypatch.setattr(pythons, "claimed", lambda: {(3, 99)})

    assert pythons.main() == 0
    assert "Python 3.99: skipped, there is none on this computer" in capsys.readouterr().out


def test_one_that_fails_is_named_and_the_others_are_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Path(sys.executable)
    monkeypatch.setattr(pythons, "candidates", lambda: [Path("one"), Path("other")])
    monkeypatch.setattr(pythons, "claimed", set)
    monkeypatch.setattr(pythons, "asked", {Path("one"): ((3, 98, 1), here), Path("other"): ((3, 99, 0), here)}.get)
    monkeypatch.setattr(pythons, "ready", lambda version, path: path)
    monkeypatch.setattr(pythons, "CHECKS", {"first": ("-c", "raise SystemExit(1)"), "second": ("-c", "")})

    assert pythons.main() == 1
    assert "failed: first on 3.98.1, first on 3.99.0" in capsys.readouterr().out


def test_what_is_claimed_is_what_the_readme_and_the_makefile_say() -> None:
    told = [".".join(map(str, minor)) for minor in sorted(pythons.claimed())]
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert f"Python {', '.join(told[:-1])} or {told[-1]}" in (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"python(3\.\d+)", makefile) == told[::-1]
    assert f"TESTED := {' '.join(told)}\n" in makefile


def test_continuous_integration_runs_on_all_of_them() -> None:
    assert "test-pythons" in (ROOT / ".ci" / "run").read_text("utf-8")

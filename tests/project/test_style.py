"""What the tools hold the code to: lint, form, types, floors, size, and who lists names."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "acrlab").rglob("*.py"))
LIBRARY = [path for path in MODULES if "emulator" not in path.relative_to(ROOT).parts]
LONGEST = 300

FLOORS = "from importlinter.cli import lint_imports_command as lint; lint()"


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _holds(*arguments: str) -> None:
    """Run `python` with these arguments and fail with all that it says, unless it ends well."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def test_the_linter_has_no_complaint() -> None:
    _holds("-m", "ruff", "check", "--output-format=concise")


def test_every_file_has_the_formatter_s_form() -> None:
    _holds("-m", "ruff", "format", "--check")


def test_each_floor_imports_only_floors_below() -> None:
    _holds("-c", FLOORS, "--no-cache")


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_no_module_is_too_long_to_be_one_idea(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", LIBRARY, ids=_name)
def test_only_the_face_of_a_package_lists_its_names(path: Path) -> None:
    """Elsewhere a name without an underscore is public; a list of them would say nothing else."""
    if path.name == "__init__.py":
        face = importlib.import_module(_name(path))
        assert [name for name in getattr(face, "__all__", ()) if not hasattr(face, name)] == [], "listed, but not there"
    else:
        assert "__all__" not in path.read_text("utf-8")


def test_no_public_name_is_a_module_s_as_well() -> None:
    """The module, once imported, would stand where the name should; `acrlab.steps` is one, and the same."""
    import acrlab

    modules = {path.stem for path in (ROOT / "acrlab").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert [name for name in acrlab.__all__ if name in modules] == ["steps"]

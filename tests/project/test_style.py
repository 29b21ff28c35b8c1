"""What the tools hold the code to: lint, form, types, floors, size, and `__all__`."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from functools import cache
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


def test_the_types_are_right() -> None:
    _holds("-m", "mypy")


def test_each_floor_imports_only_floors_below() -> None:
    _holds("-c", FLOORS, "--no-cache")


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_no_module_is_too_long_to_be_one_idea(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", LIBRARY, ids=_name)
def test_all_names_what_is_public(path: Path) -> None:
    module = importlib.import_module(_name(path))
    listed = set(getattr(module, "__all__", ()))
    assert [name for name in listed if not hasattr(module, name)] == [], "named, but not there"
    assert _public(path) - listed == set(), "public, but not named in __all__"


def test_no_public_name_is_a_module_s_as_well() -> None:
    """The module, once imported, would stand where the name should."""
    import acrlab

    assert [name for name in acrlab.__all__ if (LIBRARY[0].parent / f"{name}.py").exists()] == []


def _public(path: Path) -> set[str]:
    """Functions and classes without an underscore, but for a command of the command line; what other modules import."""
    names = {
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not any(map(_is_command, node.decorator_list))
    }
    return {name for name in names if not name.startswith("_")} | _imported_elsewhere().get(_name(path), set())


@cache
def _imported_elsewhere() -> dict[str, set[str]]:
    """Module -> names of it that another module of `acrlab` imports, modules themselves left out."""
    found: dict[str, set[str]] = {}
    modules = {_name(path) for path in MODULES}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {alias.name for alias in node.names if f"{node.module}.{alias.name}" not in modules}
                found.setdefault(node.module, set()).update(names)
    return found


def _is_command(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in {"command", "callback"}

"""pyproject.toml says what is needed; constraints.txt and environment.yml only follow it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("acrlab", "tests", "tools")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = [Requirement(line) for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]]
MORE = [Requirement(line) for name in ("browser", "class", "hub") for line in PROJECT["optional-dependencies"][name]]
LINES = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if line and not line.startswith("#")]
PINNED = {canonicalize_name(pin.name) for pin in PINS}
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
CONDA = dict(re.match(r"([\w-]+)=*(.*)", entry).groups() for entry in ENVIRONMENT if isinstance(entry, str))  # type: ignore[union-attr]
PIP = [line for entry in ENVIRONMENT if isinstance(entry, dict) for line in entry["pip"]]


@pytest.mark.parametrize("needed", [*NEEDED, *MORE], ids=str)
def test_constraints_satisfy_pyproject(needed: Requirement) -> None:
    versions = [next(iter(pin.specifier)).version for pin in PINS if canonicalize_name(pin.name) == needed.name]
    assert versions, f"{needed.name} is missing in constraints.txt: run `make constraints`"
    assert all(needed.specifier.contains(version) for version in versions), f"{versions}: run `make constraints`"


def test_constraints_pin_by_version_and_name_no_address() -> None:
    assert [str(pin) for pin in PINS if pin.url or not str(pin.specifier).startswith("==")] == []
    assert [line for line in LINES if "://" in line or line.startswith("-")] == []


def test_constraints_pin_everything_that_is_installed_with_the_project() -> None:
    assert sorted(_closure(NEEDED) - PINNED) == []


def test_the_needless_second_at_every_start_stays_out() -> None:
    assert "rfc3987-syntax" not in PINNED


def test_azure_sdks_are_pinned_exactly() -> None:
    """Their version decides the api-version."""
    loose = [str(needed) for needed in NEEDED if needed.name.startswith("azure-") and "==" not in str(needed)]
    assert loose == []


def test_every_import_is_declared() -> None:
    """Not one rests on what another package happens to bring along."""
    declared = {canonicalize_name(needed.name) for needed in (*NEEDED, *MORE)} | {"acrlab"}
    found = {name for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") for name in _imported(path)}
    packages_of = metadata.packages_distributions()  # which reads what every installed package has
    homes = {name: _homes(name, packages_of) for name in sorted(found)}
    assert [name for name, packages in homes.items() if packages and not packages & declared] == []


def test_conda_takes_a_python_that_the_project_supports() -> None:
    assert SpecifierSet(PROJECT["requires-python"]).contains(CONDA["python"])
    assert f"Programming Language :: Python :: {CONDA['python']}" in PROJECT["classifiers"]


def test_conda_installs_the_project_itself_with_the_constraints_and_what_the_readme_s_tests_need() -> None:
    assert PIP == ["-c constraints.txt", "-e .[test]"]


def test_conda_pins_nothing_differently() -> None:
    pins = {canonicalize_name(pin.name): pin.specifier for pin in PINS}
    different = [name for name, version in CONDA.items() if version and name in pins and version not in pins[name]]
    assert different == []


def _imported(path: Path) -> set[str]:
    """Dotted names of the modules that a file imports, those of the standard library and its own tree left out."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=str(module), level=0):
                names.add(module)
    return {name for name in names if name.partition(".")[0] not in {*sys.stdlib_module_names, *FOLDERS}}


def _homes(module: str, packages_of: Mapping[str, list[str]]) -> set[str]:
    """Names of the packages that a module may come from; many share `azure`, where its path decides."""
    if not module.startswith("azure."):
        return {canonicalize_name(name) for name in packages_of.get(module.partition(".")[0], [])}
    parts = module.split(".")
    return {"-".join(parts[:size]) for size in range(2, 1 + len(parts))}


def _closure(needed: list[Requirement]) -> set[str]:
    """Names of everything that these requirements bring into this environment."""
    found: set[str] = set()
    queue = [(canonicalize_name(one.name), tuple(one.extras)) for one in needed]
    seen = set(queue)
    while queue:
        name, extras = queue.pop()
        found.add(name)
        for line in metadata.requires(name) or []:
            one = Requirement(line)
            wanted = one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras))
            key = (canonicalize_name(one.name), tuple(one.extras))
            if wanted and key not in seen:
                seen.add(key)
                queue.append(key)
    return found

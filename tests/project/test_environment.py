"""pyproject.toml says what is needed; constraints.txt and environment.yml only follow it."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = [Requirement(line) for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]]
LINES = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if line and not line.startswith("#")]
PINNED = {canonicalize_name(pin.name) for pin in PINS}
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
CONDA = dict(re.match(r"([\w-]+)=*(.*)", entry).groups() for entry in ENVIRONMENT if isinstance(entry, str))  # type: ignore[union-attr]
PIP = [line for entry in ENVIRONMENT if isinstance(entry, dict) for line in entry["pip"]]


@pytest.mark.parametrize("needed", NEEDED, ids=str)
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


def test_conda_takes_a_python_that_the_project_supports() -> None:
    assert SpecifierSet(PROJECT["requires-python"]).contains(CONDA["python"])
    assert f"Programming Language :: Python :: {CONDA['python']}" in PROJECT["classifiers"]


def test_conda_installs_the_project_itself_with_the_constraints() -> None:
    assert PIP == ["-c constraints.txt", "-e ."]


def test_conda_pins_nothing_differently() -> None:
    pins = {canonicalize_name(pin.name): pin.specifier for pin in PINS}
    different = [name for name, version in CONDA.items() if version and name in pins and version not in pins[name]]
    assert different == []


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

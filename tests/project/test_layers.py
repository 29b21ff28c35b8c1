"""What the core needs is a part of what everyone gets, and a browser gets just that."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.core import FOLDERS, NEEDS

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CORE = PROJECT["dependency-groups"]["core"]
BROWSER = {
    **default_environment(),
    "os_name": "posix",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.2",
    "python_version": "3.14",
    "sys_platform": "emscripten",
    "extra": "",
}
# A wheel of the site that the core does not ask for -> why it is there.
BESIDE = {
    "micropip": "JupyterLite's kernel imports it when it starts",
    "packaging": "micropip imports it",
}
# What the core asks for and the site does not have -> why it runs without it.
WITHOUT = {
    "certifi": "of requests",
    "charset-normalizer": "of requests",
    "idna": "of requests",
    "jupyterlab-widgets": "its scripts are in JupyterLite's own pages",
    "requests": "azure-core imports it when it opens a connection, which a browser can't",
    "urllib3": "of requests",
    "widgetsnbextension": "JupyterLite's kernel brings a stand-in",
}


def pins(path: Path) -> dict[str, str]:
    """Name -> version, of a file in pip's form."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def reached(requirements: list[str], found: set[str]) -> set[str]:
    """Add the names of all that these requirements bring to a browser."""
    for one in map(Requirement, requirements):
        name = canonicalize_name(one.name)
        if name not in found and _in_browser(one):
            found.add(name)
            reached(metadata.requires(name) or [], found)
    return found


WHEELS = pins(ROOT / "acrlab" / "site" / "wheels.txt")


def test_the_core_asks_for_nothing_that_acrlab_does_not_bring():
    assert set(CORE) <= set(PROJECT["project"]["dependencies"])


def test_a_browser_has_all_that_the_core_names_at_the_project_s_pins():
    pinned = pins(ROOT / "constraints.txt")
    named = [
        canonicalize_name(one.name) for one in map(Requirement, CORE) if not one.marker or one.marker.evaluate(BROWSER)
    ]

    assert {name: WHEELS.get(name) for name in named} == {name: pinned[name] for name in named}


def test_a_browser_has_what_that_needs_in_turn_and_nothing_more():
    needed = reached(CORE, set())

    assert WHEELS.keys() - needed == BESIDE.keys()
    assert needed - WHEELS.keys() == WITHOUT.keys()


@pytest.mark.parametrize("name", [*FOLDERS, *(name for need in NEEDS for name in need.tests)])
def test_what_is_run_and_what_is_left_out_of_it_is_there(name: str):
    path, _, test = name.partition("::")
    found = ROOT / "tests" / path

    assert found.exists()
    assert not test or f"def {test.partition('[')[0]}(" in found.read_text("utf-8")
    assert any(path == one or path.startswith(f"{one}/") for one in FOLDERS)


def _in_browser(one: Requirement) -> bool:
    return one.marker is None or one.marker.evaluate(BROWSER)

"""What the site's Python has, and what its tests have beside that, is what everybody has."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
KERNEL_ONLY = {"micropip"}  # JupyterLite's kernel imports it; acrlab's environment has none
SITE = Path(str(files("acrlab.site"))) / "wheels.txt"
TESTS = CHECKOUT / "tools" / "pyodide_wheels.txt"


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize(("listed", "others"), [(SITE, KERNEL_ONLY), (TESTS, set())])
def test_every_wheel_has_the_version_that_the_project_pins(listed: Path, others: set[str]) -> None:
    pinned = pins(CHECKOUT / "constraints.txt")

    assert {name: version for name, version in pins(listed).items() if pinned.get(name) != version}.keys() == others


@pytest.mark.parametrize("listed", [SITE, TESTS])
def test_every_wheel_is_checked_by_its_hash(listed: Path) -> None:
    lines = listed.read_text("utf-8").splitlines()

    assert [one for one in lines if "==" in one and not re.search(r" --hash=sha256:[0-9a-f]{64}$", one)] == []

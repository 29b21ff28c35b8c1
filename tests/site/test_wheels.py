"""What the site's Python has is what everybody has."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
KERNEL_ONLY = {"micropip"}  # JupyterLite's kernel imports it; acrlab's environment has none


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def test_every_wheel_has_the_version_that_the_project_pins() -> None:
    wheels = pins((files("acrlab.site") / "wheels.txt").read_text("utf-8"))
    pinned = pins((CHECKOUT / "constraints.txt").read_text("utf-8"))

    assert {name: version for name, version in wheels.items() if pinned.get(name) != version}.keys() == KERNEL_ONLY


def test_every_wheel_is_checked_by_its_hash() -> None:
    lines = (files("acrlab.site") / "wheels.txt").read_text("utf-8").splitlines()

    assert [one for one in lines if "==" in one and not re.search(r" --hash=sha256:[0-9a-f]{64}$", one)] == []

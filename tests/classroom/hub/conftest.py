"""A folder that passes for a site."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from acrlab.site.build import MARK, OWN


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "lab").mkdir(parents=True)
    (folder / MARK).write_text(json.dumps({"acrlab": version("acrlab")}))
    (folder / "index.html").write_text((OWN / "index.html").read_text("utf-8"))
    (folder / "lab" / "index.html").write_text("the lab")
    (folder / "code.mjs").write_text("export const a = 1;\n" * 99)
    return folder

"""A class of three."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "class.csv"
    path.write_text("id,name,group\nada,Ada Lovelace,early\nbob,,late\ncarol,Carol,late\n", "utf-8")
    return path

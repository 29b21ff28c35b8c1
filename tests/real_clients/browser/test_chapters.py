"""Every chapter of the article, run by "Run All" in JupyterLab, in light and in dark, and kept as a picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real_clients.browser.conftest import CHECKOUT, PICTURES
from tests.real_clients.browser.lab_page import LabPage

CHAPTERS = [path.stem for path in sorted((CHECKOUT / "notebooks").glob("0[0-8]-*.ipynb"))]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_run_all(opened: Callable[[str], LabPage], chapter: str, theme: str) -> None:
    page = opened(chapter)

    page.run_all()
    page.photograph(PICTURES / theme / f"{chapter}.png")

    assert page.errors() == []

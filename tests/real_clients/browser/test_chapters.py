"""Every chapter of the article, run by "Run All" in JupyterLab, in light and in dark, and kept as a picture.

axe-core finds nothing serious in its controls.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real_clients.browser.axe import serious
from tests.real_clients.browser.conftest import CHECKOUT, PICTURES
from tests.real_clients.browser.lab_page import LabPage

CONTROLS = {
    "00-start-here": "acrlab.settings_form",
    "03-private-link": "section_bar(lab, ",
    "04-manual-approval": "acrlab.approval_panel",
    "05-portal": "acrlab.endpoint_form",
    "06-verify-access": "acrlab.live_picture",
}
CHAPTERS = [path.stem for path in sorted((CHECKOUT / "notebooks").glob("0[0-8]-*.ipynb"))]


def broken(page: LabPage) -> list[str]:
    """Descriptions of the pictures that the page shows as words."""
    pictures = page.notebook.locator("img")
    found: list[str] = pictures.evaluate_all("(all) => all.filter((one) => !one.naturalWidth).map((one) => one.alt)")
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_run_all(opened: Callable[[str], LabPage], chapter: str, theme: str) -> None:
    page = opened(chapter)
    assert broken(page) == [], "a stored picture is one before any cell runs"

    page.run_all()
    assert broken(page) == []
    page.photograph(PICTURES / theme / f"{chapter}.png")

    assert page.errors() == []
    if chapter in CONTROLS:
        output = page.output(CONTROLS[chapter])
        output.locator(".jupyter-widgets, .acrlab-live").first.wait_for()
        output.evaluate("(element) => element.classList.add('looked-at')")
        assert serious(page.page, ".looked-at") == []

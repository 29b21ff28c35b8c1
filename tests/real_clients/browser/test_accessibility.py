"""axe-core finds nothing serious in what a reader or a learner gets from this kit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.real_clients.browser.conftest import CHECKOUT
from tests.real_clients.browser.lab_page import LabPage

CONTROLS = {
    "00-start-here": "acrlab.settings_form",
    "03-private-link": "section_bar(lab, ",
    "04-manual-approval": "acrlab.approval_panel",
    "05-portal": "acrlab.endpoint_form",
    "06-verify-access": "acrlab.live_picture",
}


@pytest.fixture(scope="session", params=["learner", "instructor"])
def handouts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp(request.param)
    words = [str(Path(sys.executable).with_name("acrlab")), "handout", "--edition", request.param, "--format", "html"]
    subprocess.run([*words, "--out", str(out)], check=True, cwd=CHECKOUT)
    return sorted(out.glob("**/*.html"))


def serious(page: Page, within: str | None = None) -> list[str]:
    """What axe-core calls serious or critical: the rule, and the elements."""
    found: dict[str, Any] = Axe().run(page, context=within).response
    assert found["passes"], "axe-core has looked at nothing"
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_the_handouts(handouts: list[Path], context: BrowserContext) -> None:
    page = context.new_page()
    found = {}
    for path in handouts:
        page.goto(path.as_uri())
        found[path.name] = serious(page)

    assert len(found) > 12
    assert {name: rules for name, rules in found.items() if rules} == {}


@pytest.mark.parametrize("chapter", CONTROLS)
def test_the_controls(opened: Callable[[str], LabPage], chapter: str) -> None:
    page = opened(chapter)
    page.run_all()
    output = page.output(CONTROLS[chapter])
    output.locator(".jupyter-widgets, .acrlab-live").first.wait_for()
    output.evaluate("(element) => element.classList.add('looked-at')")

    assert serious(page.page, ".looked-at") == []

"""axe-core finds nothing serious in the handouts; test_chapters.py asks it about the controls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.real_clients.browser.axe import serious
from tests.real_clients.browser.conftest import CHECKOUT


@pytest.fixture(scope="session", params=["learner", "instructor"])
def handouts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp(request.param)
    words = [str(Path(sys.executable).with_name("acrlab")), "handout", "--edition", request.param, "--format", "html"]
    subprocess.run([*words, "--out", str(out)], check=True, cwd=CHECKOUT)
    return sorted(out.glob("**/*.html"))


def test_the_handouts(handouts: list[Path], context: BrowserContext) -> None:
    page = context.new_page()
    found = {}
    for path in handouts:
        page.goto(path.as_uri())
        found[path.name] = serious(page)

    assert len(found) > 12
    assert {name: rules for name, rules in found.items() if rules} == {}

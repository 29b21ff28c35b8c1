"""Slides as a class sees them: every one fits the wall, the keys go on and back, and nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from acrlab.handouts import make_slides
from acrlab.runs.notebooks import find
from tests.real_clients.browser.conftest import CHECKOUT, PICTURES

SETTLED_MS = 300  # a key that is pressed while the slide still glides goes nowhere
TOO_BIG = """[...document.querySelectorAll('.slide')].filter(
    one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1
).map(one => one.innerText.slice(0, 60))"""


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_slides_fit_and_are_turned_by_the_keys(chromium: Browser, tmp_path: Path, size: tuple[int, int]) -> None:
    *_, deck = make_slides(find(CHECKOUT / "notebooks"), formats=["html"], out=tmp_path)
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(deck.as_uri())
        assert page.evaluate(TOO_BIG) == []
        for key, number in (("PageDown", 1), ("ArrowDown", 2), ("Space", 3), ("PageUp", 2)):
            page.keyboard.press(key)
            page.wait_for_function(f"scrollY === {number} * innerHeight", timeout=5000)
            page.wait_for_timeout(SETTLED_MS)
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"slide-{size[0]}.png")
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    finally:
        page.close()

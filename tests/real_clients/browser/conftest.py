"""JupyterLab and Debian's Chromium: one server in light and one in dark, one browser for all tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from acrlab.errors import ConfigurationError
from acrlab.handouts.pdf import browser as installed
from tests.real_clients.browser.lab_page import LabPage, Server, served

CHECKOUT = Path(__file__).resolve().parents[3]
PICTURES = CHECKOUT / "build" / "browser"
AUTO = 'hands_on: str = \\"auto\\"'
SIZE = {"width": 1280, "height": 1000}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's browser. Its sandbox needs rights that root in a container has not."""
    try:
        program = installed()
    except ConfigurationError as problem:
        pytest.skip(str(problem))
    rights = ["--no-sandbox"] if os.geteuid() == 0 else []
    started = playwright.chromium.launch(executable_path=program, args=[*rights, "--disable-gpu"])
    yield started
    started.close()


@pytest.fixture(scope="session", params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, which JupyterLab may write to: the chapters show everything; as they are they lie in `hands-on`."""
    copy = Path(shutil.copytree(CHECKOUT / "notebooks", tmp_path_factory.mktemp("copy") / "notebooks"))
    shutil.copytree(CHECKOUT / "notebooks", copy / "hands-on")
    for path in copy.glob("*.ipynb"):
        text = path.read_text("utf-8")
        assert AUTO in text, path.name
        path.write_text(text.replace(AUTO, AUTO.replace("auto", "off")), "utf-8")
    return copy


@pytest.fixture(scope="session")
def server(theme: str, notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp(theme), notebooks, dark=theme == "dark") as started:
        yield started


@pytest.fixture
def context(chromium: Browser, theme: str) -> Iterator[BrowserContext]:
    """A fresh browser: no history, no cookies."""
    made = chromium.new_context(viewport=SIZE, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def opened(context: BrowserContext, server: Server) -> Iterator[Callable[[str], LabPage]]:
    """Open a chapter. Afterwards its kernel is stopped, and nothing was asked of the rest of the world."""
    pages: list[LabPage] = []

    def opening(name: str) -> LabPage:
        pages.append(LabPage(context.new_page(), server, name))
        return pages[-1]

    yield opening
    for page in pages:
        page.close()
    assert server.foreign == []

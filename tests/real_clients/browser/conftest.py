"""JupyterLab and Debian's Chromium: one server in light and one in dark, one browser for all tests."""

from __future__ import annotations

import os
import runpy
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import chdir
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from acrlab.errors import ConfigurationError
from acrlab.handouts.pdf import browser as installed
from acrlab.runs.notebooks import find
from acrlab.site import tools
from acrlab.site.build import build
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


# -- the web site -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def site(notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a site whose chapters do their tasks themselves."""
    if shutil.which("node") is None or "ACRLAB_LITE" not in os.environ:
        pytest.skip("a site is made with Node.js, and with JupyterLite, which `make test-browser` sets up")
    try:
        for name in tools.PACKAGES:
            tools.package(name)
        tools.wheels(Path(str(files("acrlab.site") / "wheels.txt")), tools.lite_python())
    except ConfigurationError as problem:
        pytest.skip(f"what a site is made of can't be downloaded here: {problem}")
    root = tmp_path_factory.mktemp("served")
    with chdir(root):  # a path as it is typed
        made = build(Path("course"), find(notebooks), say=lambda text: None)
    assert made.size < 48e6
    assert made.compressed < 30e6
    return root / "course"


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """A site that is served from a folder below the root, as code hosts do."""
    root = site.parent
    shutil.copytree(root / "course", root / "other", copy_function=os.link)
    server = runpy.run_path(str(root / "course" / "serve.py"))["server"](root)
    _count(server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/course/"
    server.shutdown()
    server.server_close()


SENT: list[int] = []


def _count(server: ThreadingHTTPServer) -> None:
    """Note how many bytes go out, headers included."""
    handler = server.RequestHandlerClass.func  # type: ignore[attr-defined]
    set_up = handler.setup

    def counting(self: BaseHTTPRequestHandler) -> None:
        set_up(self)
        write = self.wfile.write
        self.wfile.write = lambda content: SENT.append(len(content)) or write(content)  # type: ignore[func-returns-value, method-assign]

    handler.setup = counting


@pytest.fixture
def sent() -> list[int]:
    """Bytes that the site's server sends from now on, by piece."""
    SENT.clear()
    return SENT


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser that was never here. What it asks of anywhere else fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    away: list[str] = []
    context.on("request", lambda request: None if _is_here(request.url, address) else away.append(request.url))
    yield context
    context.close()
    assert away == []


@pytest.fixture
def profile(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[[], BrowserContext]]:
    """Start a browser that keeps what it has seen in a folder, as a person's does; again after it has ended."""
    started: list[BrowserContext] = []

    def start() -> BrowserContext:
        rights = ["--no-sandbox"] if os.geteuid() == 0 else []
        started.append(
            playwright.chromium.launch_persistent_context(str(tmp_path), executable_path=installed(), args=rights)
        )
        return started[-1]

    yield start
    started[-1].close()


def _is_here(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:")) or url.startswith(address.removesuffix("course/"))

"""The web site of the chapters: they run in a browser alone, and what was done there outlives the page."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import chdir
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

from playwright.sync_api import Browser, BrowserContext, Page

from acrlab.errors import ConfigurationError
from acrlab.runs.notebooks import find
from acrlab.site import tools
from acrlab.site.build import build
from acrlab.site.chapters import ON_A_COMPUTER

CHECKOUT = Path(__file__).resolve().parents[3]
CHAPTERS = [one.name for one in find(CHECKOUT / "notebooks") if one.number not in ON_A_COMPUTER]
PATIENCE_S = 120
COMPARED = ("text/plain", "text/html", "text/markdown")
KERNEL = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.kernelDisplayStatus || ''"
CELLS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => ({id: cell.id, ran: cell.execution_count, state: cell.executionState, outputs: cell.outputs}))"""
RUN_ALL = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); return 1 }"
CLEAR = "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
HANDS_ON = """() => {
    for (const cell of window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells)
        cell.setSource(cell.getSource().replace('hands_on: str = "off"', 'hands_on: str = "on"'));
}"""
RUN_CODE = """async (code) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const said = [];
    const asked = kernel.requestExecute({code});
    asked.onIOPub = message => said.push(message.content.text || message.content.evalue || '');
    await asked.done;
    return said.join('');
}"""
THERE = """
import acrlab
lab = acrlab.connect()
print(sorted(r.name for r in lab.resources.resources.list()))
"""


@pytest.fixture(scope="session")
def address(notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose chapters do their tasks themselves, served from a folder below the root, as code hosts do."""
    if shutil.which("node") is None or "ACRLAB_LITE" not in os.environ:
        pytest.skip("a site is made with Node.js, and with JupyterLite, which `make test-browser` sets up")
    try:
        tools.pyodide()
        tools.wheels(Path(str(files("acrlab.site") / "wheels.txt")), tools.lite_python())
    except ConfigurationError as problem:
        pytest.skip(f"what a site is made of can't be downloaded here: {problem}")
    root = tmp_path_factory.mktemp("served")
    with chdir(root):  # a path as it is typed
        made = build(Path("course"), find(notebooks), say=lambda text: None)
    assert made.size < 45e6
    assert made.compressed < 30e6
    server = runpy.run_path(str(root / "course" / "serve.py"))["server"](root)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/course/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser that was never here. What it asks of anywhere else fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    away: list[str] = []
    context.on("request", lambda request: None if _is_here(request.url, address) else away.append(request.url))
    yield context
    context.close()
    assert away == []


def _is_here(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:")) or url.startswith(address.removesuffix("course/"))


def opened(context: BrowserContext, address: str, chapter: str) -> Page:
    """Open a chapter, and wait for its kernel."""
    page = context.new_page()
    page.goto(f"{address}lab/index.html?path={chapter}.ipynb")
    page.wait_for_selector(".jp-Notebook:visible", timeout=PATIENCE_S * 1000)
    until(page, lambda: page.evaluate(KERNEL) == "idle", "the kernel is ready")
    return page


def until(page: Page, seen: Any, what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not seen():
        assert time.monotonic() < end, f"not within {PATIENCE_S} s: {what}"
        page.wait_for_timeout(100)


def run_all(page: Page) -> list[dict[str, Any]]:
    """Run every cell, to the end or to the first that fails. Returns: the cells of code."""
    page.evaluate(CLEAR)
    page.evaluate(RUN_ALL)

    def over() -> bool:
        cells = page.evaluate(CELLS)
        stopped = any(out["output_type"] == "error" for cell in cells for out in cell["outputs"])
        return (stopped or all(cell["ran"] for cell in cells)) and page.evaluate(KERNEL) == "idle"

    until(page, over, "all cells have run")
    page.wait_for_timeout(500)
    return list(page.evaluate(CELLS))


def shown(outputs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What a cell shows, as text; a control is a control in the browser, and its words on paper."""
    found = []
    for output in outputs:
        data = output.get("data", {})
        found += [(kind, "".join(data[kind])) for kind in COMPARED if kind in data]
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_gives_the_stored_outputs_in_a_browser(visit, address, chapter):
    stored = json.loads((CHECKOUT / "notebooks" / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
    expected = {cell["id"]: shown(cell["outputs"]) for cell in stored if cell["cell_type"] == "code"}

    cells = run_all(opened(visit, address, chapter))

    failed = [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]
    assert [f"{one['ename']}: {one['evalue']}" for one in failed] == []
    controls = {
        cell["id"]
        for cell in cells
        if any("widget-view" in kind for o in cell["outputs"] for kind in o.get("data", {}))
    }
    different = [c["id"] for c in cells if c["id"] not in controls and shown(c["outputs"]) != expected[c["id"]]]
    assert different == []


def test_the_start_page_names_each_chapter_once_and_every_link_leads_somewhere(visit, address):
    page = visit.new_page()
    page.goto(address)
    rows = page.locator("li a").all_inner_texts()
    links = page.evaluate("() => [...document.links].map(one => one.href)")

    assert rows[:2] == [
        "00 - Private Link for Azure Container Registry: who can reach your registry?",
        "01 - A Premium registry with something in it",
    ]
    assert len(rows) == len(CHAPTERS) + len(ON_A_COMPUTER)
    assert {url: page.request.get(url).status for url in links} == dict.fromkeys(links, 200)
    page.goto(links[-1])
    assert page.locator("li a").count() > 40, "every licence is linked"


def test_where_the_reader_does_the_tasks_run_all_stops_at_the_first(visit, address):
    page = opened(visit, address, "01-registry")
    page.evaluate(HANDS_ON)

    (error,) = [out for cell in run_all(page) for out in cell["outputs"] if out["output_type"] == "error"]

    assert "UnfinishedError" in error["ename"]
    assert error["evalue"].startswith("Give the resource group a tag of your own")


def test_chapter_10_says_that_it_needs_a_computer(visit, address):
    page = opened(visit, address, "10-real-packets")

    (error,) = [out for cell in run_all(page) for out in cell["outputs"] if out["output_type"] == "error"]

    assert "ConfigurationError" in error["ename"]
    assert "which a browser does not allow" in error["evalue"]
    assert "\n" not in error["evalue"]


def test_what_was_done_outlives_the_page_and_another_tab_goes_on_from_there(visit, address):
    page = opened(visit, address, "01-registry")
    said = page.evaluate(RUN_CODE, THERE + "acrlab.bring_to(lab, 'registry')")
    assert said.startswith("[]")
    page.close()

    first = opened(visit, address, "02-docker-vm")
    assert "myregistry" in first.evaluate(RUN_CODE, THERE)
    second = opened(visit, address, "03-private-link")
    assert "'myDockerVMVNET'" not in second.evaluate(RUN_CODE, "import acrlab; lab = acrlab.connect()\n" + THERE)
    first.evaluate(RUN_CODE, "acrlab.bring_to(lab, 'network')")

    assert "'myDockerVMVNET'" in second.evaluate(RUN_CODE, THERE)

"""A chapter of the web site in a browser: opened, run, and asked what its cells show."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import BrowserContext, Page

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

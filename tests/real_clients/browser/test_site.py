"""The web site of the chapters: they run in a browser alone, and give the outputs that are stored in them."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

from acrlab.runs.notebooks import find
from acrlab.site.chapters import ON_A_COMPUTER
from tests.real_clients.browser.axe import serious
from tests.real_clients.browser.conftest import CHECKOUT
from tests.real_clients.browser.site_page import HANDS_ON, opened, run_all, shown

CHAPTERS = [one.name for one in find(CHECKOUT / "notebooks") if one.number not in ON_A_COMPUTER]


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


def test_axe_finds_nothing_serious_on_the_start_page_and_in_a_chapter(visit, address):
    page = visit.new_page()
    page.goto(address)
    assert serious(page) == []
    chapter = opened(visit, address, "01-registry")
    run_all(chapter)
    assert serious(chapter, ".jp-Notebook .jp-OutputArea-output") == []

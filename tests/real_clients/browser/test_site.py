"""The web site of the chapters: they run in a browser alone, and give the outputs that are stored in them."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

from acrlab.runs.notebooks import find
from acrlab.site.chapters import ON_A_COMPUTER
from tests.real_clients.browser.axe import serious
from tests.real_clients.browser.conftest import CHECKOUT
from tests.real_clients.browser.site_page import HANDS_ON, RUN_CODE, opened, run_all, shown

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


# What a learner types into each open cell of chapter 03, which is not the solution.
TYPED = {
    "# zone =": (
        "own = {**acrlab.steps.tags_of(lab), 'purpose': 'private-link'}\n"
        "made = lab.dns.private_zones.begin_create_or_update\n"
        "made(settings.resource_group, settings.zone_name, {'location': 'global', 'tags': own}).wait()"
    ),
    "# network =": (
        "to = {'virtualNetwork': {'id': lab.id_of('Microsoft.Network/virtualNetworks', settings.network_name)}}\n"
        "link = {'location': 'global', 'tags': own, 'properties': {**to, 'registrationEnabled': False}}\n"
        "place = settings.resource_group, settings.zone_name\n"
        "lab.dns.virtual_network_links.begin_create_or_update(*place, settings.link_name, link).wait()"
    ),
    "# properties =": (
        "data = f'{settings.registry_name}.{settings.location}.data'\n"
        "address = acrlab.endpoint_addresses(lab)[f'{data}.azurecr.io']\n"
        "record = {'ttl': 60, 'aRecords': [{'ipv4Address': address}], 'metadata': acrlab.steps.tags_of(lab)}\n"
        "lab.dns.record_sets.create_or_update(*place, 'A', data, {'properties': record})"
    ),
    '# acrlab.run_on_vm(lab, "az login': (
        "words = 'az login --identity', f'az acr login --name {settings.registry_name}'\n"
        "acrlab.run_on_vm(lab, *words, f'docker pull {settings.login_server}/hello-world:v1')"
    ),
    "# record =": (
        "kept = lab.dns.record_sets.get(*place, 'A', data)\n"
        "kept.properties.ttl = 300\n"
        "lab.dns.record_sets.create_or_update(*place, 'A', data, kept)"
    ),
}
OPEN_CELL = """(begin) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const at = notebook.widgets.findIndex((cell) => cell.model.sharedModel.getSource().startsWith(begin));
    notebook.activeCellIndex = at;
    return notebook.scrollToItem(at).then(() => notebook.mode = "edit");
}"""


def test_chapter_03_is_done_by_typing_from_its_first_cell_to_its_last(visit, address):
    page = opened(visit, address, "03-private-link")
    page.evaluate(HANDS_ON)
    for begin, text in TYPED.items():
        page.evaluate(OPEN_CELL, begin)
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)

    cells = run_all(page)

    assert [out["evalue"] for cell in cells for out in cell["outputs"] if out["output_type"] == "error"] == []
    assert all(cell["ran"] for cell in cells)
    rows = page.evaluate(RUN_CODE, "print([row for row in acrlab.progress(lab).rows if 'chapter 03' in row[0]])")
    assert "5 of 5: 5 done" in rows


def test_a_first_visit_is_small_and_a_second_one_smaller(profile, address, sent):
    context = profile()
    opened(context, address, "01-registry").close()
    first = sum(sent)
    sent.clear()
    opened(context, address, "01-registry").close()

    assert 5e6 < first < 30e6
    assert sum(sent) < 100e3, "what the browser has is only asked about"


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

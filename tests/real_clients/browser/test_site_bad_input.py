"""The web site where a browser lacks something, or keeps something odd: one clear line each, and nothing is lost."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

from tests.real_clients.browser.site_page import RUN_CODE, THERE, opened

GONE = "Object.defineProperty(globalThis, '{0}', {{ value: undefined }})"
MADE = THERE + "acrlab.ensure_group(lab);"
# Arguments: the world's folder, the content of its file.
KEEP = """([home, text]) => new Promise((done) => {
    const asked = indexedDB.open(home, 21);
    asked.onupgradeneeded = () =>
        asked.result.createObjectStore("FILE_DATA").createIndex("timestamp", "timestamp", { unique: false });
    asked.onsuccess = () => {
        const change = asked.result.transaction("FILE_DATA", "readwrite");
        const contents = new TextEncoder().encode(text);
        change.objectStore("FILE_DATA").put({ timestamp: new Date(), mode: 0o100666, contents }, `${home}/world.db`);
        change.oncomplete = () => { asked.result.close(); done(1); };
    };
})"""


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("WebAssembly", "This browser has no WebAssembly, so Python cannot run in it."),
        ("indexedDB", "This browser stores nothing for this page (a private window?)."),
    ],
)
def test_what_a_browser_lacks_is_said_on_the_first_page(visit, address, lacking, said):
    page = visit.new_page()
    page.add_init_script(GONE.format(lacking))
    page.goto(address)
    assert page.locator("#told").inner_text().startswith(said)


def test_a_damaged_store_is_named_and_can_be_downloaded_before_one_starts_again(visit, address):
    page = visit.new_page()
    page.goto(address)
    home = page.evaluate("() => '/acrlab' + encodeURIComponent(location.pathname)")
    page.evaluate(KEEP, [home, "damaged" * 5000])

    chapter = opened(visit, address, "01-registry")
    assert "is not a readable world: file is not a database. On the first page of this site, download your work" in (
        chapter.evaluate(RUN_CODE, MADE)
    )
    chapter.close()

    page.click("text=Start again")
    with page.expect_download() as started:
        page.click("text=Download it first, then go on")
    assert started.value.suggested_filename.startswith("acrlab-work-")
    page.wait_for_function("() => document.getElementById('done').textContent.includes('is empty')")
    assert opened(visit, address, "01-registry").evaluate(RUN_CODE, MADE) == "[]\n"


def test_an_older_site_s_world_goes_on_in_this_one(visit, address):
    page = opened(visit, address, "01-registry")
    page.evaluate(RUN_CODE, MADE)
    older = "import sqlite3; db = sqlite3.connect(lab.backend.path); db.execute('PRAGMA user_version = 1'); db.close()"
    page.evaluate(RUN_CODE, f"lab.close(); {older}")
    page.close()

    assert "[]" not in opened(visit, address, "02-docker-vm").evaluate(
        RUN_CODE, "import acrlab\nprint(list(acrlab.connect().resources.resource_groups.list()))"
    )


@pytest.fixture
def elsewhere(playwright, address):
    """A browser that came by plain http from another computer, and the site's address there."""
    import os

    from acrlab.handouts.pdf import browser as installed

    args = ["--host-resolver-rules=MAP lab.test 127.0.0.1", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    started = playwright.chromium.launch(executable_path=installed(), args=args)
    yield started.new_context(), address.replace("127.0.0.1", "lab.test")
    started.close()


def test_plain_http_from_another_computer_keeps_the_azure_and_says_what_it_does_not_keep(elsewhere):
    context, address = elsewhere
    page = context.new_page()
    page.goto(address)
    assert page.locator("#told").inner_text().startswith("This page came without https.")
    first = opened(context, address, "01-registry")
    first.evaluate(RUN_CODE, MADE)
    first.close()
    listed = "import acrlab\nprint([g.name for g in acrlab.connect().resources.resource_groups.list()])"
    assert opened(context, address, "02-docker-vm").evaluate(RUN_CODE, listed) == "['myResourceGroup']\n"


def test_without_a_service_worker_a_chapter_runs_and_is_kept(chromium, address):
    context = chromium.new_context(service_workers="block")
    first = opened(context, address, "01-registry")
    first.evaluate(RUN_CODE, MADE)
    first.close()
    listed = "import acrlab\nprint([g.name for g in acrlab.connect().resources.resource_groups.list()])"
    assert opened(context, address, "02-docker-vm").evaluate(RUN_CODE, listed) == "['myResourceGroup']\n"
    context.close()

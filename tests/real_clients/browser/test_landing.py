"""What a learner sees first: chapter 00, a list of chapters that can be read, and nothing that asks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.real_clients.browser.conftest import CHECKOUT
from tests.real_clients.browser.lab_page import LONGEST_MS, LONGEST_S

ACRLAB = [sys.executable, "-c", "from acrlab.cli.app import main; main()"]
OWN = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `acrlab learn` prints, for somebody who has no settings yet."""
    folder = tmp_path_factory.mktemp("learner")
    environment = {**os.environ, **{name: str(folder / name.lower()) for name in OWN}}
    environment.pop("ACRLAB_HOME", None)
    words = ["learn", "course", "--", "--no-browser", "--port=0", "--ip=127.0.0.1", "--IdentityProvider.token=lab"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*ACRLAB, *words], env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            yield _printed(folder / "log", process)
        finally:
            process.terminate()
            process.wait(30)


def _printed(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + LONGEST_S
    while not (found := re.search(r"http://127\.0\.0\.1:\d+/lab\S*(?=\?token)", log.read_text("utf-8"))):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < until, log.read_text("utf-8")
        time.sleep(0.2)
    return f"{found[0]}?token=lab"


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for(timeout=LONGEST_MS)
    page.locator("text=/ipykernel\\) \\| Idle/").wait_for(timeout=LONGEST_MS)
    return page


def test_chapter_00_is_open_and_lists_the_others(page: Page) -> None:
    expect(page.locator(".lm-TabBar-tabLabel:visible", has_text="00-start-here.ipynb")).to_have_count(1)
    expect(page.locator('.jp-NotebookPanel a:text-is("12 - On your own Azure")')).to_have_count(1)


def test_every_chapter_s_name_can_be_read_and_nothing_else_is_there(page: Page) -> None:
    names = page.locator(".jp-DirListing-itemText")
    cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)"

    chapters = sorted(path.name for path in (CHECKOUT / "notebooks").glob("*.ipynb"))
    assert [text[:3] for text in names.all_inner_texts()] == [name[:3] for name in chapters]
    assert names.evaluate_all(cut) == []


def test_nobody_is_asked_about_news(page: Page) -> None:
    page.wait_for_timeout(2000)  # JupyterLab asks a moment after it has opened
    assert page.locator(".Toastify__toast").count() == 0

"""Learners in one Chromium, each with a context of their own: sign in with the form, run chapters in JupyterLab."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from acrlab.handouts.pdf import browser as installed
from tests.real_clients.classroom.open_class import OpenClass

LONGEST_MS = 240_000


def do_chapters(school: OpenClass, names: Sequence[str], chapters: Sequence[str]) -> None:
    """Let all of them do chapter after chapter, at once."""
    with sync_playwright() as playwright:
        rights = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=installed(), args=[*rights, "--disable-gpu"])
        pages = {name: _signed_in(browser, school, name) for name in names}
        for chapter in chapters:
            for page in pages.values():
                _open(page, chapter)
            for name, page in pages.items():
                _wait_for_kernel(page, f"{school.room.url}/user/{name}/api/sessions", chapter)
                _choose(page, "Run", "Run All Cells")
            for name, page in pages.items():
                _settle(page, f"{name} in {chapter}")
        browser.close()


def _signed_in(browser: Browser, school: OpenClass, name: str) -> Page:
    page = browser.new_context().new_page()
    page.set_default_timeout(LONGEST_MS)
    page.goto(f"{school.room.url}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", school.codes[name])
    page.click("#login_submit")
    page.wait_for_url("**/lab/tree/00-start-here.ipynb*", wait_until="commit")
    return page


def _open(page: Page, chapter: str) -> None:
    """Open a chapter as people do, from the list of files; the one before stays open behind it."""
    page.locator(f'.jp-DirListing-item:has-text("{chapter}.ipynb")').dblclick()
    page.locator(f'.lm-TabBar-tab.jp-mod-current:has-text("{chapter}.ipynb")').first.wait_for()
    page.locator(".jp-NotebookPanel:visible .jp-CodeCell").first.wait_for()


def _wait_for_kernel(page: Page, sessions: str, chapter: str) -> None:
    """The page's own sign says idle before there is a kernel: the server is asked."""
    until = time.monotonic() + LONGEST_MS / 1000
    while not any(_is_ready(one, chapter) for one in page.request.get(sessions).json()):
        assert time.monotonic() < until, f"{chapter} has no kernel"
        page.wait_for_timeout(200)


def _is_ready(session: dict[str, Any], chapter: str) -> bool:
    kernel = session["kernel"]
    return session["path"] == f"{chapter}.ipynb" and kernel["execution_state"] == "idle" and bool(kernel["connections"])


def _choose(page: Page, *words: str) -> None:
    """Click through a menu."""
    page.locator(f'.lm-MenuBar-itemLabel:text-is("{words[0]}")').click()
    for word in words[1:]:
        page.locator(f'.lm-Menu-itemLabel:text-is("{word}")').click()


def _settle(page: Page, who: str) -> None:
    """Wait until every cell has run, and nothing went wrong."""
    page.wait_for_function(
        """() => {
            const panel = [...document.querySelectorAll('.jp-NotebookPanel')].find((one) => one.offsetParent);
            const cells = [...panel.querySelectorAll('.jp-CodeCell')];
            const marks = cells.map((cell) => cell.querySelector('.jp-InputPrompt')?.textContent ?? '');
            const failed = panel.querySelector('[data-mime-type*="error"]');
            return failed || (cells.length > 0 && marks.every((mark) => /\\[\\d+\\]/.test(mark)));
        }"""
    )
    wrong = page.locator('.jp-NotebookPanel:visible .jp-RenderedText[data-mime-type*="error"]').all_inner_texts()
    assert wrong == [], f"{who}: {wrong}"

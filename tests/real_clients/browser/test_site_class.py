"""A class whose learners have a browser and nothing else: the class serves the site, and they join with a code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jupyterhub", reason="`make class` installs it")

from playwright.sync_api import Browser, BrowserContext, Page, expect

from acrlab.classroom.board.joining import WRONG
from acrlab.classroom.board.outline import places
from acrlab.classroom.hub import proxy
from acrlab.errors import ConfigurationError
from acrlab.site.sender import AWAY
from tests.real_clients.browser.axe import serious
from tests.real_clients.browser.conftest import PICTURES
from tests.real_clients.browser.site_page import RUN_CODE, opened, until
from tests.real_clients.classroom.open_class import OpenClass, reachable_folder

expect.set_options(timeout=30_000)
CONNECT = """
import acrlab
from acrlab.course.tasks.table import BY_NAME
lab = acrlab.connect(hands_on="on")
acrlab.bring_to(lab, "registry")
"""
CHECK = "acrlab.check(lab, 'group-tag')"
DO = f"BY_NAME['group-tag'].solution(lab)\n{CHECK}"
QUEUE = """
import os, pathlib
print(sorted(path.name for path in pathlib.Path(os.environ["ACRLAB_HOME"], "board").rglob("*.json")))
"""


@pytest.fixture(scope="module")
def school(site: Path) -> Iterator[OpenClass]:
    try:
        proxy.found()
    except ConfigurationError as problem:
        pytest.skip(f"{problem} `make test-browser` does.")
    made = OpenClass(reachable_folder())
    made.write_roster(["ada", "bob", "cleo"])
    try:
        made.open("--one-user", "--site", str(site))
        yield made
    finally:
        made.take_away()


@dataclass
class Visitor:
    """A browser that was never here, and what it has sent to the board."""

    context: BrowserContext
    url: str
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("request", lambda request: self.sent.append(request.url) if "/board/" in request.url else None)

    def first_page(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.url}/")
        expect(page.get_by_role("heading", name="Your class")).to_be_visible()
        return page


@pytest.fixture
def visitor(chromium: Browser, school: OpenClass) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    yield Visitor(context, school.room.url)
    context.close()


def join(page: Page, who: str, code: str) -> None:
    """Type both, without a mouse."""
    page.get_by_label("Id").focus()
    page.keyboard.type(who)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def row(school: OpenClass, who: str) -> dict[str, Any]:
    """What the board shows a teacher."""
    teacher = school.learner("teacher")
    teacher.http.get("/services/board/")
    told = teacher.http.get("/services/board/state").raise_for_status().json()
    school.forget_learners()
    return next(one for one in told["learners"] if one["id"] == who)


def test_who_joins_by_code_is_on_the_board_with_what_a_check_saw(school: OpenClass, visitor: Visitor) -> None:
    page = visitor.first_page()
    assert page.url == f"{school.room.url}/services/site/"
    join(page, "Ada", school.codes["ada"])
    expect(page.locator("#joined")).to_have_text("You are in the class as ada. Leave the class")
    expect(page.locator("#joined")).to_be_focused()
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "site-joined.png")
    assert serious(page) == []

    chapter = opened(visitor.context, page.url, "01-registry")
    chapter.evaluate(RUN_CODE, CONNECT)
    assert "Seen: acrlab=" in chapter.evaluate(RUN_CODE, CHECK)
    until(chapter, lambda: row(school, "ada")["attempts"] == 1, "the board has the check in vain")
    assert "acrlab=" in row(school, "ada")["saw"]
    chapter.evaluate(RUN_CODE, DO)
    until(chapter, lambda: row(school, "ada")["marks"][places()["group-tag"]] == "d", "the board has it done")
    until(chapter, lambda: row(school, "ada")["lab"] > 0, "the board has the lab")

    assert row(school, "ada")["browser"]
    assert (row(school, "bob")["state"], row(school, "bob")["browser"]) == ("not begun", False)
    chapter.evaluate(RUN_CODE, "1")
    assert chapter.evaluate(RUN_CODE, QUEUE) == "[]\n"
    chapter.close()
    page.get_by_role("button", name="Start again").click()
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.locator("#done")).to_have_text("The Azure of this browser is empty.")
    page.reload()
    expect(page.locator("#joined")).to_contain_text("You are in the class as ada.")


@pytest.mark.parametrize(("who", "whose"), [("bob", ""), ("bob", "ada"), ("mallory", "bob")])
def test_a_wrong_code_is_refused_with_words(school: OpenClass, visitor: Visitor, who: str, whose: str) -> None:
    page = visitor.first_page()
    join(page, who, school.codes.get(whose, "abcd-abcd-abcd"))

    expect(page.get_by_role("alert")).to_have_text(WRONG, timeout=30_000)  # codes are slow to check, on purpose
    expect(page.get_by_label("Code")).to_be_focused()
    expect(page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#joined")).to_be_hidden()
    assert serious(page) == []
    page.screenshot(path=PICTURES / "site-wrong-code.png")


def test_who_has_not_joined_or_has_left_sends_nothing(school: OpenClass, visitor: Visitor) -> None:
    page = visitor.first_page()
    chapter = opened(visitor.context, page.url, "01-registry")
    chapter.evaluate(RUN_CODE, CONNECT)
    chapter.evaluate(RUN_CODE, CHECK)
    assert visitor.sent == []
    join(page, "bob", school.codes["bob"])
    expect(page.locator("#joined")).to_be_visible()
    page.get_by_role("button", name="Leave the class").click()
    expect(page.get_by_label("Id")).to_be_focused()
    chapter.evaluate(RUN_CODE, CHECK)
    assert chapter.evaluate(RUN_CODE, QUEUE) == "[]\n"

    assert [url.rpartition("/")[2] for url in visitor.sent] == ["join"]
    assert row(school, "bob")["state"] == "not begun"


def test_a_network_that_is_away_fails_no_cell_and_is_told_once(school: OpenClass, visitor: Visitor) -> None:
    page = visitor.first_page()
    join(page, "cleo", school.codes["cleo"])
    expect(page.locator("#joined")).to_be_visible()
    chapter = opened(visitor.context, page.url, "01-registry")
    chapter.evaluate(RUN_CODE, CONNECT)
    visitor.context.set_offline(True)
    assert AWAY not in chapter.evaluate(RUN_CODE, DO)
    until(chapter, lambda: AWAY in chapter.evaluate(RUN_CODE, "1"), "it is told")
    assert chapter.evaluate(RUN_CODE, "1") == ""
    assert row(school, "cleo")["state"] == "not begun"
    visitor.context.set_offline(False)

    until(chapter, lambda: row(school, "cleo")["marks"][places()["group-tag"]] == "d", "the board has it later")


def test_a_site_that_no_class_serves_asks_for_nothing(visit: BrowserContext, address: str) -> None:
    page = visit.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)

    expect(page.locator("#class-part")).to_be_hidden()
    assert [url for url in asked if "class" in url or "/api/" in url] == []

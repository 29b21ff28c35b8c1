"""The board in Chromium, signed in by the hub: by keyboard, by screen reader, in light and dark, on a projector."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

pytest.importorskip("jupyterhub", reason="`make class` installs it")

from jupyterhub.services.auth import HubOAuth
from playwright.sync_api import Browser, Page, expect
from tornado.httpserver import HTTPServer
from tornado.routing import PathMatches, Rule, RuleRouter
from tornado.testing import bind_unused_port

from acrlab.classroom.board.allowance import Allowance
from acrlab.classroom.board.room import Room
from acrlab.classroom.board.service import application
from acrlab.classroom.board.store import Store
from acrlab.course.progress import bring_to
from acrlab.course.reporting.event import Event
from acrlab.doctor.observe import survey
from acrlab.lab.lab import connect
from acrlab.snapshot import form_of
from tests.classroom.board.fake_hub import POST, Hub
from tests.real_clients.browser.axe import serious
from tests.real_clients.browser.conftest import PICTURES

expect.set_options(timeout=30_000)  # on a computer that does much else
PREFIX = "/services/board/"
PROJECTOR = {"width": 1280, "height": 720}
HOSTILE = "<img src=x onerror=document.title='taken'>"
SAW = "endpoint Approved, and no A record of contoso42.westus.data in privatelink.azurecr.io"


@dataclass
class Board:
    """One that runs in a thread, with its hub on the same address, as behind a hub's proxy."""

    folder: Path
    hub: Hub = field(default_factory=Hub)
    url: str = ""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(60)

    async def _serve(self, ready: threading.Event) -> None:
        self.ended = asyncio.Event()
        names = ["ada,Ada Lovelace,early", "bob,,late", f"carol,{HOSTILE},late"]
        self.ids = ["ada", "bob", "carol", *(f"learner-{at:02}" for at in range(4, 31))]
        lines = ["id,name,group", *names, *(f"{id},,{('early', 'late')[at % 2]}" for at, id in enumerate(self.ids[3:]))]
        roster = self.folder / "class.csv"
        roster.write_text("\n".join(lines) + "\n", "utf-8")
        for id in self.ids:
            self.hub.known[f"token-of-{id}"] = {"name": id, "kind": "user", "scopes": [POST]}
        store = Store(self.folder / "board")
        _fill(store, self.ids)
        self.room = Room(store, roster)
        auth = HubOAuth(api_token="token-of-service", oauth_client_id="service-board", base_url=PREFIX)
        boards = application(self.room, auth, Allowance(lambda: 0.0), b"x" * 32, PREFIX)
        router = RuleRouter(
            [
                Rule(PathMatches("/(hub/.*|favicon.ico)"), self.hub.application()),
                Rule(PathMatches("/services/.*"), boards),
            ]
        )
        server = HTTPServer(router)
        socket, port = bind_unused_port()
        server.add_sockets([socket])
        auth.api_url = f"http://127.0.0.1:{port}/hub/api"
        self.url = f"http://127.0.0.1:{port}{PREFIX}"
        ready.set()
        await self.ended.wait()
        server.stop()
        await server.close_all_connections()
        store.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.ended.set)
        self._thread.join(30)
        self._loop.close()

    def post(self, who: str, path: str, content: bytes) -> None:
        headers = {"Authorization": f"token token-of-{who}"}
        request = urllib.request.Request(self.url + path, content, headers)
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 204

    def tell(self, who: str, kind: str, section: str = "own-zone", **more: object) -> None:
        event = {"id": uuid4().hex, "section": section, "kind": kind, **more}
        self.post(who, "api/events", json.dumps({"events": [event]}).encode())


def _fill(store: Store, ids: list[str]) -> None:
    """A class in the middle of chapter 03."""
    now = time.time()

    def event(kind: str, section: str, ago_s: float, **more: object) -> Event:
        return Event.model_validate({"id": uuid4().hex, "section": section, "kind": kind, "ago_s": ago_s, **more})

    for at, id in enumerate(ids[1:26]):
        marks = ({"kind": "solved", "mark": "done"}, {"kind": "shown", "mark": "shown"})
        done = [
            event(section=s, ago_s=900.0, **marks[at % 7 == 0]) for s in ("group-tag", "own-zone", "own-link")[: at % 4]
        ]
        if at % 5 == 0:
            done.append(event("hint", "own-link", 800.0, hints=1))
            done.append(event("solved", "own-link", 700.0, mark="done"))
        vain = [event("attempt", "data-record", 20.0 * (at % 9 + 1), saw=SAW) for _ in range(at % 6)]
        store.add(id, [*done, *vain] or [event("begun", "dns-records", 700.0)], now)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    HubOAuth.clear_instance()
    made = Board(tmp_path_factory.mktemp("class"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(chromium: Browser, theme: str, board: Board) -> Iterator[Page]:
    """A teacher's page, signed in by the hub; what it asks of anywhere else fails the test."""
    context = chromium.new_context(viewport=PROJECTOR, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    away: list[str] = []
    problems: list[str] = []
    made = context.new_page()
    context.on(
        "request", lambda one: None if one.url.startswith(board.url.partition("/services")[0]) else away.append(one.url)
    )
    made.on("pageerror", lambda problem: problems.append(str(problem)))
    made.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    made.goto(board.url)
    expect(made.locator("#learners tbody tr")).to_have_count(30)
    yield made
    context.close()
    assert (away, problems) == ([], [])


def row(page: Page, name: str) -> str:
    return page.locator("#learners tbody tr", has=page.get_by_role("button", name=name, exact=True)).inner_text()


def test_a_teacher_sees_who_is_stuck_first_and_a_change_as_it_happens(page: Page, board: Board, theme: str) -> None:
    states = page.locator("#learners tbody td.state").all_inner_texts()
    assert states == sorted(states, key=["▲ stuck", "◇ quiet", "working", "not begun"].index)
    expect(page.locator("#summary")).to_contain_text("of 30")
    page.screenshot(path=PICTURES / f"board-{theme}.png")

    section = {"light": "longer-ttl", "dark": "private-pull"}[theme]
    for _ in range(7):
        board.tell("bob", "attempt", section, saw=HOSTILE)
    expect(page.locator("#learners tbody tr").first).to_contain_text("bob")
    expect(page.locator("#learners tbody tr").first).to_contain_text(HOSTILE)
    board.tell("bob", "solved", section, mark="done")
    expect(page.locator("#learners tbody tr.stuck", has_text="bob")).to_have_count(0)
    assert page.title() == "The class"


def test_a_learner_s_text_is_text(page: Page) -> None:
    assert HOSTILE in page.locator("#learners").inner_text()
    assert page.locator("#learners img, #grid img").count() == 0
    assert page.title() == "The class"


def test_no_serious_trouble_for_those_who_do_not_see_it(page: Page) -> None:
    assert serious(page) == []
    page.get_by_role("button", name="Ada Lovelace").click()
    assert serious(page) == []


def test_everything_is_said_without_colour(page: Page) -> None:
    assert page.locator("#learners thead th[scope=col]").count() == 10
    assert page.locator("#learners tbody th[scope=row]").count() == 30
    said = {one.strip() for one in page.locator("#grid td .heard").all_inner_texts()}
    assert said <= {"by herself", "with hints", "shown", "at it", "not begun"}
    assert len(said) >= 4
    assert page.locator("#summary").get_attribute("aria-live") == "polite"


def test_a_learner_s_lab_is_opened_and_closed_by_keyboard(page: Page, board: Board, theme: str) -> None:
    lab = connect(registry_name="contoso42", world=str(board.folder / f"{theme}.db"))
    bring_to(lab, "records")
    board.post("ada", "api/lab", json.dumps(form_of(survey(lab))).encode())
    lab.close()
    board.tell("ada", "attempt", saw=SAW)
    expect(page.locator("#learners tr", has_text="Ada")).to_contain_text(SAW)

    page.get_by_role("button", name="Ada Lovelace").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#events tbody tr").first).to_contain_text(SAW)
    drawn = page.locator("#lab")
    expect(drawn).to_be_visible()
    page.wait_for_function("document.getElementById('lab').naturalWidth > 300")
    expect(page.locator("#words")).to_contain_text("contoso42.azurecr.io")
    page.screenshot(path=PICTURES / f"board-lab-{theme}.png")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Ada Lovelace")).to_be_focused()


def test_choices_narrow_what_is_shown(page: Page, theme: str) -> None:
    page.locator("#group").select_option("early")
    shown = page.locator("#learners tbody tr:visible")
    assert shown.count() == 15
    page.get_by_label("Only stuck and quiet").check()
    assert set(page.locator("#learners tbody tr:visible td.state").all_inner_texts()) <= {"▲ stuck", "◇ quiet"}
    page.get_by_label("Hide names").check()
    assert "Ada" not in page.locator("main").inner_text()
    page.locator("#chapter").select_option("01")
    expect(page.locator("#where")).to_have_text("Sections of chapter 01")
    page.locator("#where").scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / f"board-sections-{theme}.png")


def test_on_a_projector_nothing_is_cut_off_and_letters_are_large(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PROJECTOR["width"]
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('th, td, label, p')].filter(one => one.textContent.trim())"
        ".map(one => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 16

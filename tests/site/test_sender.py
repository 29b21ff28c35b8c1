"""What a learner does in a browser is told to the class's board: between cells, once, and only for who has joined."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

import acrlab
from acrlab.course import reporting
from acrlab.course.reporting.event import OLDEST_S, read
from acrlab.site import sender as sending
from acrlab.site.sender import AWAY, ENDED, BrowserSender, member
from acrlab.snapshot import parse

FIRST, SECOND, OF_BOB = "browser.ada.1", "browser.ada.2", "browser.bob.1"
ADA = {"learner": "ada", "token": FIRST, "api": "http://127.0.0.1:8000/services/board/api/"}


class Board:
    """Notes what it gets, and answers what it is told to: a status, or OSError for one that is away."""

    def __init__(self):
        self.status, self.events, self.labs, self.asked, self.who = 204, [], [], 0, set()

    async def post(self, me, name, content):
        self.asked += 1
        self.who.add((me.learner, me.token, me.api))
        if self.status is None:
            raise OSError("no one answers")
        if self.status < 300:
            if name == "events":
                self.events += read(content)
            else:
                self.labs.append(content)
        return self.status


class Kernel:
    """A sender as the site's kernel has it, whose time passes at once where it would wait."""

    def __init__(self, home, board):
        self.home, self.board, self.alone, self.quiet_s = home, board, 0, 99.0
        self.sender = BrowserSender(home, board.post, self._alone, lambda: self.quiet_s)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        self.alone += 1
        yield

    def join(self, who=ADA):
        self.home.mkdir(exist_ok=True)
        (self.home / sending.FILE).write_text(json.dumps(who))

    def cell(self, lab, section="registry", kind="attempt", **more):
        """A cell in which something happens; then the page has time. Returns: what is said below it."""

        async def run():
            self.sender.start()
            self.sender.tell(lab, section, kind, **more)
            said = self.sender.settle()
            for _ in range(50):
                await asyncio.sleep(0)
            self.sender.close()
            return said

        return asyncio.run(run())

    def waiting(self):
        return len([*self.home.rglob("*.json")]) - 1


@pytest.fixture
def board(monkeypatch):
    monkeypatch.setattr(sending, "FIRST_PAUSE_S", 0.0)
    return Board()


@pytest.fixture
def kernel(tmp_path, board):
    return Kernel(tmp_path / "home", board)


def test_who_has_not_joined_tells_nothing_and_writes_nothing(kernel, board, lab):
    assert kernel.cell(lab) == ""

    assert board.asked == 0
    assert not kernel.home.exists()


def test_an_event_arrives_and_its_file_goes_with_the_next_cell(kernel, board, lab):
    kernel.join()

    kernel.cell(lab, "group-tag", "solved", mark="done", hints=1, saw="")

    (event,) = board.events
    assert (event.section, event.kind, event.mark, event.hints) == ("group-tag", "solved", "done", 1)
    assert board.who == {("ada", "browser.ada.1", ADA["api"])}
    assert kernel.waiting() == 1, "a file that goes between cells would come back with the next"
    assert kernel.sender.settle() == ""
    assert kernel.waiting() == 0


def test_her_lab_follows_when_no_cell_runs(kernel, board, lab):
    kernel.join()
    acrlab.bring_to(lab, "registry")
    kernel.quiet_s = 0.0
    kernel.cell(lab)
    assert board.events
    assert (board.labs, kernel.alone) == ([], 0)

    kernel.quiet_s = 99.0
    kernel.cell(lab)

    assert kernel.alone == 1
    assert parse(board.labs[0], "lab").registry.name == "contoso42"


def test_a_board_that_is_away_is_told_once_and_gets_it_later(kernel, board, lab):
    kernel.join()
    board.status = None
    assert kernel.cell(lab, saw="first") == ""

    said = [kernel.cell(lab, saw="second"), kernel.cell(lab, saw="third")]

    assert "".join(said) == AWAY
    board.status = 204
    kernel.cell(lab, saw="last")
    assert [one.saw for one in board.events] == ["first", "second", "third", "last"]


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_every_refusal_that_passes_keeps_it(kernel, board, lab, status):
    kernel.join()
    board.status = status
    kernel.cell(lab)
    kernel.sender.settle()

    assert kernel.waiting() == 1


@pytest.mark.parametrize("status", [400, 413])
def test_what_the_board_does_not_want_is_dropped(kernel, board, lab, status):
    kernel.join()
    board.status = status
    kernel.cell(lab)
    kernel.sender.settle()

    assert kernel.waiting() == 0


def test_a_token_that_has_ended_is_told_once_and_what_waits_goes_with_the_next_one(kernel, board, lab):
    kernel.join()
    board.status = 403
    kernel.cell(lab, saw="before")
    asked = board.asked
    assert asked == 1, "it is not tried again by itself"
    assert [kernel.cell(lab), kernel.cell(lab)] == [ENDED, ""]

    board.status = 204
    kernel.join(ADA | {"token": SECOND})
    kernel.cell(lab)

    assert board.events[0].saw == "before"


def test_what_one_has_done_is_not_sent_as_another_s(kernel, board, lab):
    kernel.join()
    board.status = None
    kernel.cell(lab, saw="ada's")
    board.status = 204

    kernel.join(ADA | {"learner": "bob", "token": OF_BOB})
    kernel.cell(lab, saw="bob's")
    assert [one.saw for one in board.events] == ["bob's"]

    kernel.join()
    kernel.cell(lab, saw="ada's, too")
    assert [one.saw for one in board.events] == ["bob's", "ada's", "ada's, too"]


def test_who_leaves_tells_nothing_more(kernel, board, lab):
    kernel.join()
    (kernel.home / sending.FILE).unlink()

    kernel.cell(lab)

    assert board.asked == 0


def test_a_new_kernel_sends_what_the_last_one_left(kernel, board, lab):
    kernel.join()
    board.status = None
    kernel.cell(lab, saw="left")
    board.status = 204

    async def begin():
        later = BrowserSender(kernel.home, board.post, kernel._alone, lambda: 0.0)
        later.start()
        for _ in range(50):
            await asyncio.sleep(0)
        later.close()

    asyncio.run(begin())
    assert [one.saw for one in board.events] == ["left"]


def test_a_storage_that_is_full_breaks_no_cell(kernel, board, lab, monkeypatch):
    def full(self, event):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("acrlab.course.reporting.outbox.Outbox.put", full)
    kernel.join()

    assert kernel.cell(lab) == ""
    assert board.asked == 0


def test_what_waits_is_bounded_in_age(kernel, board, lab, monkeypatch):
    kernel.join()
    board.status = None
    kernel.cell(lab, saw="of another class")
    board.status = 204
    later = time.time() + OLDEST_S + 60
    monkeypatch.setattr("acrlab.course.reporting.outbox.time.time", lambda: later)

    kernel.cell(lab)

    assert board.events == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"learner": "../x", "token": "t", "api": "http://x/"}', "\udcff"]
)
def test_a_file_that_says_nothing_possible_is_no_member(tmp_path, text):
    (tmp_path / sending.FILE).write_text(text, "utf-8", "surrogatepass")

    assert member(tmp_path) is None


def test_the_course_tells_what_the_kernel_has_brought(lab, monkeypatch):
    told = []

    class Teller:
        def tell(self, lab, section, kind, *, mark, hints, saw):
            told.append((section, kind, mark, hints, saw))

    monkeypatch.setattr(reporting, "_own", [])
    reporting.tell_by(Teller())
    acrlab.bring_to(lab, "sample-image")
    acrlab.hint(lab, "group-tag")

    assert told == [("group-tag", "hint", "", 1, "")]

"""What a learner does is told to the class's board: nothing where there is none, and never at a cell's cost."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import acrlab
from acrlab.course import attempt
from acrlab.course.practice import exercise
from acrlab.course.reporting import sender as sending
from acrlab.course.reporting.event import LONGEST, OLDEST_S, happened, read, written
from acrlab.course.reporting.outbox import MOST, Outbox
from acrlab.course.reporting.post import Board
from acrlab.course.tasks.table import BY_NAME
from acrlab.errors import UnfinishedError
from acrlab.snapshot import parse

LONG_S = 60  # that a test waits for what happens at once


class Listener:
    """A board that notes what it gets, and answers what it is told to."""

    def __init__(self):
        self.status, self.events, self.labs, self.tokens, self.paths = 204, [], [], set(), []
        self.heard = threading.Condition()
        listener = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                content = self.rfile.read(int(self.headers["Content-Length"]))
                with listener.heard:
                    listener.paths.append(self.path)
                    listener.tokens.add(self.headers["Authorization"])
                    if listener.status < 300 and self.path.endswith("/events"):
                        listener.events += read(content)
                    if self.path.endswith("/lab"):
                        listener.labs.append(content)
                    self.send_response(listener.status)
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    listener.heard.notify_all()

            def log_message(self, *about):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/board/api/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, until):
        with self.heard:
            assert self.heard.wait_for(until, LONG_S), (self.paths, self.events)

    def told(self):
        return [(one.section, one.kind, one.mark, one.hints) for one in self.events]


@pytest.fixture
def board():
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


@pytest.fixture
def told(board, monkeypatch, lab):
    """A lab of a learner of a class; what she does arrives at the board."""
    monkeypatch.setenv("ACRLAB_BOARD_URL", board.url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-ada")
    monkeypatch.setattr(lab, "settings", lab.settings.model_copy(update={"hands_on": "on"}))
    sending.the_sender.cache_clear()
    yield lab
    if sending.the_sender.cache_info().currsize and (sender := sending.the_sender()):
        sender.close()
    sending.the_sender.cache_clear()


def test_without_the_variable_no_thread_is_started_and_nothing_is_written(lab, monkeypatch, tmp_path):
    monkeypatch.delenv("ACRLAB_BOARD_URL", raising=False)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-ada")
    sending.the_sender.cache_clear()
    acrlab.bring_to(lab, "sample-image")
    acrlab.hint(lab, "group-tag")

    assert sending.the_sender.cache_info().misses == 0
    assert not (tmp_path / sending.FOLDER).exists()


@pytest.mark.parametrize(
    ("url", "token"), [("file:///etc", "t"), ("nothing", "t"), ("http://[", "t"), ("http://b/", "")]
)
def test_a_variable_that_says_nothing_possible_or_no_token_tells_nothing(lab, monkeypatch, tmp_path, url, token):
    monkeypatch.setenv("ACRLAB_BOARD_URL", url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    sending.the_sender.cache_clear()
    acrlab.bring_to(lab, "sample-image")

    assert acrlab.hint(lab, "group-tag").startswith("Hint 1")
    assert not (tmp_path / sending.FOLDER).exists()
    sending.the_sender.cache_clear()


def test_a_task_is_told_from_the_first_check_to_the_last(told, board):
    task = BY_NAME["group-tag"]
    acrlab.bring_to(told, "sample-image")
    with pytest.raises(UnfinishedError):
        attempt.check(told, task)
    acrlab.hint(told, "group-tag")
    acrlab.solve(told, "group-tag")
    acrlab.reset(told, "group-tag")
    board.wait(lambda: len(board.events) >= 4)

    assert board.told() == [
        ("group-tag", "attempt", "", 0),
        ("group-tag", "hint", "", 1),
        ("group-tag", "shown", "shown", 1),
        ("group-tag", "reset", "", 0),
    ]
    assert board.events[0].saw == attempt.verified(told, task).seen
    assert board.tokens == {"token token-of-ada"}
    assert set(board.paths) <= {"/services/board/api/events", "/services/board/api/lab"}


def test_a_task_that_she_does_herself_is_told_so(told, board):
    acrlab.bring_to(told, "sample-image")
    BY_NAME["group-tag"].solution(told)
    acrlab.check(told, "group-tag")
    board.wait(lambda: board.events)

    assert board.told() == [("group-tag", "solved", "done", 0)]


def test_a_section_of_the_article_is_told_by_what_azure_shows(told, board):
    acrlab.bring_to(told, "network")
    acrlab.verify(told, "private-dns-zone")
    acrlab.ensure_zone(told)
    acrlab.verify(told, "private-dns-zone")
    acrlab.solve(told, "zone-link")
    board.wait(lambda: len(board.events) >= 4)

    assert board.told() == [
        ("private-dns-zone", "attempt", "", 0),
        ("private-dns-zone", "solved", "done", 0),
        ("zone-link", "shown", "shown", 0),
        ("zone-link", "solved", "done", 0),
    ]


def test_a_ticket_is_told_from_its_opening_to_its_end(told, board):
    acrlab.ticket(told, "the-quiet-layer")
    with pytest.raises(UnfinishedError):
        exercise.check(told)
    exercise.answer(told, "record-missing")
    exercise.give_up(told)
    board.wait(lambda: len(board.events) >= 4)

    assert board.told() == [
        ("the-quiet-layer", "begun", "", 0),
        ("the-quiet-layer", "attempt", "", 0),
        ("the-quiet-layer", "hint", "", 1),
        ("the-quiet-layer", "shown", "shown", 1),
    ]


def test_her_lab_follows_as_facts_that_can_be_drawn(told, board):
    acrlab.bring_to(told, "registry")
    acrlab.verify(told, "registry")
    board.wait(lambda: board.labs)

    assert parse(board.labs[0], "lab").registry.name == "contoso42"


def test_a_board_that_is_away_delays_nothing_and_gets_it_later(told, board, tmp_path):
    board.status = 503
    acrlab.verify(told, "registry")
    board.wait(lambda: board.paths)
    board.status = 204
    acrlab.verify(told, "private-dns-zone")  # the next event takes along what waits
    board.wait(lambda: len(board.events) >= 2)

    assert [one.section for one in board.events] == ["registry", "private-dns-zone"]


@pytest.mark.parametrize("status", [400, 403, 413])
def test_what_the_board_does_not_want_is_dropped(status, board, tmp_path):
    board.status = status
    outbox = Outbox(tmp_path / "board")
    outbox.put(happened("registry", "attempt", saw="none"))

    assert sending.Sender(Board(board.url, "t"), outbox)._deliver()
    assert outbox.first() == {}


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 503])
def test_every_other_refusal_keeps_it_and_no_redirect_takes_the_token_elsewhere(status, board, tmp_path):
    board.status = status
    outbox = Outbox(tmp_path / "board")
    outbox.put(happened("registry", "attempt", saw="none"))

    assert not sending.Sender(Board(board.url, "t"), outbox)._deliver()
    assert len(outbox.first()) == 1
    assert board.paths == ["/services/board/api/events"]


def test_a_full_disk_breaks_no_cell(told, board, monkeypatch):
    def full(self, event):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Outbox, "put", full)
    acrlab.verify(told, "registry")

    assert board.paths == []


def test_what_waits_is_bounded_in_number_and_in_age(tmp_path, monkeypatch):
    outbox = Outbox(tmp_path / "board")
    now = time.time()
    for at in range(MOST + 20):
        monkeypatch.setattr("acrlab.course.reporting.outbox.time.time_ns", lambda at=at: int((now + at / 1000) * 1e9))
        outbox.put(happened("registry", "attempt", saw=str(at)))

    assert next(iter(outbox.first().values())).saw == "20"
    assert len([*(tmp_path / "board").glob("*.json")]) == MOST
    monkeypatch.setattr("acrlab.course.reporting.outbox.time.time", lambda: now + OLDEST_S + 3600)
    assert outbox.first() == {}


def test_a_file_that_is_no_event_is_taken_away(tmp_path):
    outbox = Outbox(tmp_path / "board")
    outbox.put(happened("registry", "begun"))
    (tmp_path / "board" / "00000000000000000001-x.json").write_text("{", "utf-8")
    (tmp_path / "board" / "later-x.json").write_text(json.dumps([1]), "utf-8")

    assert [one.kind for one in outbox.first().values()] == ["begun"]
    assert len([*(tmp_path / "board").iterdir()]) == 1


@pytest.mark.parametrize(
    ("saw", "line"),
    [
        ("two\nlines", "two lines"),
        ("\x1b[31mred", "[31mred"),
        ("a\u202eb", "a b"),
        ("  ", ""),
        ("x" * 999, "x" * 299 + "…"),
    ],
)
def test_what_was_seen_travels_as_one_short_line(saw, line):
    event = happened("registry", "attempt", saw=saw)

    assert event.saw == line
    assert len(event.saw) <= LONGEST
    assert read(written([event])) == [event]

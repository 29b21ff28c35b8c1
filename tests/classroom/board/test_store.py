"""What the board keeps, counts once, and writes for a gradebook."""

from __future__ import annotations

import csv
import io
import sqlite3
from uuid import uuid4

import pytest

from acrlab.classroom.board.allowance import Allowance
from acrlab.classroom.board.gradebook import gradebook
from acrlab.classroom.board.outline import columns
from acrlab.classroom.board.room import Room
from acrlab.classroom.board.standing import row
from acrlab.classroom.board.store import REMEMBERED, Store, read_standings
from acrlab.classroom.roster import Learner
from acrlab.course.reporting.event import Event
from acrlab.errors import ConfigurationError


def event(kind="attempt", section="own-zone", **more):
    return Event(id=uuid4().hex, section=section, kind=kind, **more)


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "board")
    yield made
    made.database.close()


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_its_files_are_its_owner_s_alone(store, tmp_path):
    store.add("ada", [event()], 1.0)
    store.put_lab("ada", b"{}")

    files = [path for path in (tmp_path / "board").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert (tmp_path / "board").stat().st_mode & 0o077 == 0
    assert {"board.sqlite", "board.sqlite-wal", "ada.json"} <= {path.name for path in files}


def test_an_event_that_comes_again_counts_once_even_after_a_restart(store, tmp_path):
    one = event(saw="none")
    assert store.add("ada", [one], 1.0)
    assert not store.add("ada", [one], 2.0)
    store.database.close()

    again = Store(tmp_path / "board")
    assert not again.add("ada", [one], 3.0)
    assert again.standings["ada"]["own-zone"].attempts == 1
    again.database.close()


def test_what_happened_before_it_arrived_happened_then(store):
    store.add("ada", [event(ago_s=600.0)], 1000.0)

    assert store.standings["ada"]["own-zone"].last == 400.0


def test_a_batch_that_fails_in_the_middle_leaves_nothing(store, monkeypatch):
    class Full:
        """A database whose disk is full when standings are written."""

        def __init__(self, real):
            self.real = real

        def __enter__(self):
            return self.real.__enter__()

        def __exit__(self, *about):
            return self.real.__exit__(*about)

        def execute(self, *words):
            return self.real.execute(*words)

        def executemany(self, *words):
            raise sqlite3.OperationalError("database or disk is full")

    one, real = event(), store.database
    monkeypatch.setattr(store, "database", Full(real))
    with pytest.raises(sqlite3.OperationalError):
        store.add("ada", [one], 1.0)
    monkeypatch.setattr(store, "database", real)

    assert store.standings == {}
    assert store.add("ada", [one], 2.0)


def test_events_of_one_learner_are_bounded(store):
    for _ in range(0, REMEMBERED + 100, 50):
        store.add("ada", [event() for _ in range(50)], 1.0)

    (kept,) = store.database.execute("select count(*) from event").fetchone()
    assert kept == REMEMBERED
    assert store.standings["ada"]["own-zone"].attempts == REMEMBERED + 100


def test_the_work_of_an_event_and_of_a_look_does_not_grow_with_the_class(tmp_path, store):
    """200 learners, 10,000 events: a look at all asks the file nothing, and one event a fixed number of times."""
    path = tmp_path / "large.csv"
    path.write_text("id\n" + "".join(f"sim{at:03}\n" for at in range(200)), "utf-8")
    names = [column.name for column in columns()][:50]
    for at in range(200):
        store.add(f"sim{at:03}", [event(section=name) for name in names], 1000.0)
    room, asked = Room(store, path, Clock()), []
    store.database.set_trace_callback(asked.append)

    message = room.message()
    assert len(message["learners"]) == 200
    assert message["histogram"][0] == [200, 0, 0, 0]
    assert asked == []
    room.take("sim007", [event()])
    assert len(asked) <= 6  # begin, event, standing, bound, commit
    assert len(room.message({"sim007"})["learners"]) == 1


def test_a_page_is_told_who_has_changed_and_time_alone_changes_someone(store, roster):
    clock = Clock()
    room = Room(store, roster, clock)
    watching = room.watch()

    room.take("ada", [event(saw="none")])
    assert watching.get_nowait() == {"ada"}
    room.refresh()
    assert watching.empty()
    clock.now += 400
    room.refresh()
    assert watching.get_nowait() == {"ada"}
    assert room.rows[0].state == "stuck"


def test_a_page_that_does_not_read_is_let_go(store, roster):
    room = Room(store, roster, Clock())
    watching = room.watch()

    for _ in range(300):
        room.take("ada", [event()])

    assert not room.watches(watching)


def test_the_roster_counts_as_it_is_now_and_a_broken_one_as_it_was(store, roster):
    clock = Clock()
    room = Room(store, roster, clock)
    roster.write_text("id,name\nada,Ada\ndora,Dora\n", "utf-8")
    clock.now += 10
    room.refresh()
    assert {one.learner.id for one in room.rows} == {"ada", "dora"}

    roster.write_text("nothing of the kind\n", "utf-8")
    clock.now += 10
    room.refresh()
    assert {one.learner.id for one in room.rows} == {"ada", "dora"}


def test_the_gradebook_has_a_line_for_each_learner_and_nothing_that_a_spreadsheet_computes(store):
    store.add("ada", [event("solved", mark="done")], 1.0)
    store.add("ada", [event(section="data-record", saw="=HYPERLINK(1)")], 2.0)
    rows = [row(Learner("bob", " @SUM(1)"), {}, 2.0), row(Learner("ada", "-2+3"), store.standings["ada"], 2.0)]

    ada, bob = csv.DictReader(io.StringIO(gradebook(rows)))

    assert (ada["id"], ada["name"], ada["done"], ada["03 own-zone"]) == ("ada", "'-2+3", "1", "done")
    assert ada["the check saw"] == "'=HYPERLINK(1)"
    assert (bob["name"], bob["state"], bob["03 own-zone"]) == ("' @SUM(1)", "not begun", "")
    assert len(bob) == 11 + len(columns())


def test_a_learner_may_post_much_at_once_and_little_for_long():
    clock = Clock()
    allowance = Allowance(clock, at_once=3, a_second=0.5)

    assert [allowance.wait_s("ada") for _ in range(4)] == [0, 0, 0, 2]
    assert allowance.wait_s("bob") == 0
    clock.now += 2
    assert [allowance.wait_s("ada") for _ in range(2)] == [0, 2]


def test_standings_are_read_beside_a_board_that_runs(store, tmp_path):
    store.add("ada", [event(saw="none")], 1.0)

    assert read_standings(tmp_path / "board") == store.standings
    with pytest.raises(ConfigurationError, match=r"holds no board's state"):
        read_standings(tmp_path / "elsewhere")


def test_a_state_of_another_course_does_not_stop_the_board(store, roster):
    store.database.execute("insert into standing values('ada', 'gone-section', '', 1, 0, '', 1, 1)")
    store.standings["ada"] = read_rows(store)

    assert Room(store, roster, Clock()).row_of("ada").state == "not begun"


def read_rows(store):
    from acrlab.classroom.board.store import _standings

    return _standings(store.database)["ada"]


@pytest.mark.skipif("os.geteuid() == 0", reason="root may write everywhere")
def test_a_folder_that_can_t_be_written_to_is_one_line(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigurationError, match=r"can't hold the board's state"):
        Store(tmp_path / "board")

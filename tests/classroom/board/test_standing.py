"""What an event changes, who is stuck, and who comes first."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acrlab.classroom.board.outline import OF_THE_ARTICLE, columns, places
from acrlab.classroom.board.standing import QUIET_S, STUCK_S, Standing, after, histogram, ordered, row
from acrlab.classroom.roster import Learner
from acrlab.course.reporting.event import Event

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
ADA, BOB = Learner("ada", "Ada"), Learner("bob")


def event(kind, section="own-zone", **more):
    return Event(id=uuid4().hex, section=section, kind=kind, **more)


def story(*events):
    standing = None
    for at, one in enumerate(events):
        standing = after(standing, one, float(at))
    return standing


def test_attempts_are_counted_with_what_the_last_check_saw():
    stands = story(event("begun"), event("attempt", saw="no zone"), event("attempt", saw="a zone, no link"))

    assert stands == Standing("own-zone", "", 2, 0, "a zone, no link", 0.0, 2.0)


@pytest.mark.parametrize(
    ("events", "mark"),
    [
        ([event("attempt", saw="none"), event("solved", mark="done")], "done"),
        ([event("hint", hints=1), event("solved", mark="with hints", hints=1)], "with hints"),
        ([event("hint", hints=1), event("solved", mark="done")], "with hints"),  # of the article: no one remembers
        ([event("shown", mark="shown"), event("solved", mark="done")], "shown"),
        ([event("solved", mark="done"), event("shown", mark="done")], "done"),
        ([event("solved", mark="done"), event("attempt", mark="done", saw="gone")], "done"),
        ([event("shown", mark="shown"), event("reset"), event("solved", mark="done")], "done"),
        ([event("solved", mark="done"), event("reset")], ""),
    ],
)
def test_who_did_it_is_told_truly(events, mark):
    assert story(*events).mark == mark


def test_three_checks_in_vain_make_stuck_at_once_and_one_or_a_hint_after_a_while():
    one = {"own-zone": story(event("attempt", saw="none"))}
    three = {"own-zone": story(*[event("attempt", saw="none")] * 3)}
    hint = {"own-zone": story(event("hint", hints=1))}

    assert row(ADA, one, 1.0).state == "working"
    assert row(ADA, one, STUCK_S).state == "stuck"
    assert row(ADA, hint, STUCK_S).state == "stuck"
    assert row(ADA, three, 3.0).state == "stuck"


def test_who_has_finished_a_section_is_not_stuck_in_it_but_may_be_quiet():
    done = {"own-zone": story(*[event("attempt", saw="none")] * 3, event("solved", mark="done"))}

    assert row(ADA, done, 10.0).state == "working"
    assert row(ADA, done, QUIET_S + 3).state == "quiet"
    assert row(ADA, {}, QUIET_S).state == "not begun"


def test_the_section_of_a_learner_is_the_one_where_something_happened_last():
    stands = {
        "own-zone": Standing("own-zone", "", 1, 0, "none", 0, 5),
        "own-link": Standing("own-link", "done", last=9),
    }

    assert row(ADA, stands, 10.0).section == "own-link"


def test_those_who_need_someone_come_first_and_the_worst_of_them_first():
    def of(name, attempts, last):
        return row(Learner(name), {"own-zone": Standing("own-zone", "", attempts, 0, "none", 0.0, last)}, 1000.0)

    rows = [of("works", 0, 990.0), of("stuck-3", 3, 900.0), of("quiet", 0, 1.0), of("stuck-5", 5, 900.0)]

    assert [one.learner.id for one in ordered([*rows, row(BOB, {}, 1000.0)])] == [
        *("stuck-5", "stuck-3", "quiet", "works", "bob")
    ]


def test_the_histogram_counts_each_way_to_stand_in_a_section():
    marks = ("", "done", "with hints", "shown", "shown")
    rows = [row(Learner(f"a{at}"), {"own-zone": Standing("own-zone", m, last=1.0)}, 2.0) for at, m in enumerate(marks)]

    assert histogram([*rows, row(BOB, {}, 2.0)])[places()["own-zone"]] == [1, 1, 1, 2]


def test_what_the_article_s_cells_do_is_not_counted_as_the_learner_s_own():
    stands = {name: Standing(name, "done", last=1.0) for name in ("group", "group-tag")}

    assert row(ADA, stands, 2.0).counted("done") == 1


@given(st.permutations([event("attempt", saw="a"), event("hint", hints=2), event("hint", hints=1), event("begun")]))
def test_the_order_in_which_events_arrive_changes_no_count(events):
    stands = story(*events)

    assert (stands.attempts, stands.hints, stands.mark) == (1, 2, "")


def test_the_article_s_sections_stand_in_the_chapters_that_show_them():
    shown = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        source = "\n".join("".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"])
        if bars := tuple(re.findall(r'section_bar\(lab, "([a-z-]+)"\)', source)):
            shown[path.name[:2]] = bars

    assert shown == OF_THE_ARTICLE


def test_no_two_columns_have_the_same_name():
    assert len(places()) == len(columns())

"""The instructor's console: learners' own labs, solved and broken from outside; what is theirs is left or asked."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import uuid4

import pytest

from acrlab.classroom.board.store import Store
from acrlab.classroom.console.labs import Place, opened, places
from acrlab.classroom.console.planting import dealt, plant
from acrlab.classroom.console.solving import solved
from acrlab.classroom.console.status import status
from acrlab.classroom.plan import plan, write_files
from acrlab.classroom.roster import read_roster
from acrlab.course import marks
from acrlab.course.practice import exercise
from acrlab.course.practice.faults import FAULTS
from acrlab.course.practice.plant import drop_https
from acrlab.course.progress import bring_to, look
from acrlab.course.reporting.event import Event
from acrlab.course.tasks.table import BY_NAME
from acrlab.errors import ConfigurationError

IDS = ("ada", "bob", "carol")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A class of three, planned and not built."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\n" + "".join(f"{id},{id.title()}\n" for id in reversed(IDS)), "utf-8")
    folder = tmp_path / "class"
    write_files(plan(read_roster(roster)), folder)
    return folder


def build(out: Path, *ids: str) -> None:
    for id in ids:
        with opened(Place(id, out / id)) as lab:
            bring_to(lab, *exercise.READY)


def test_learners_are_those_of_the_roster_in_its_order_or_those_who_have_a_folder(out):
    assert [one.id for one in places(out)] == [*IDS]
    assert [one.id for one in places(out, roster=out.parent / "class.csv")] == [*reversed(IDS)]
    assert places(out, "Bob") == (Place("bob", out / "bob"),)


def test_a_learner_whom_the_class_does_not_have_is_one_line(out, tmp_path):
    with pytest.raises(ConfigurationError, match=r"there is no learner 'bop'; did you mean bob"):
        places(out, "bop")
    with pytest.raises(ConfigurationError, match=r"has no learners' folders. Write them: acrlab class plan"):
        places(tmp_path / "nowhere")


def test_a_section_is_solved_in_that_lab_alone_and_counts_as_shown(out):
    build(out, "ada")
    verdict = solved(Place("ada", out / "ada"), "own-zone")

    assert verdict.done
    with opened(Place("ada", out / "ada")) as lab:
        assert marks.read(lab)["own-zone"].told == "shown"
        assert look(lab, "own-zone").done
    with opened(Place("bob", out / "bob")) as lab:
        assert not look(lab, "group").done


def test_what_a_learner_has_done_is_left_and_stays_theirs(out):
    build(out, "ada")
    with opened(Place("ada", out / "ada")) as lab:
        BY_NAME["group-tag"].solution(lab)

    assert solved(Place("ada", out / "ada"), "group-tag").done
    with opened(Place("ada", out / "ada")) as lab:
        assert "group-tag" not in marks.read(lab)


def test_a_fault_is_planted_where_the_lab_is_built_and_each_other_learner_is_one_line(out):
    build(out, "ada", "carol")
    with opened(Place("carol", out / "carol")) as lab:
        s = lab.settings
        lab.dns.record_sets.delete(s.resource_group, s.zone_name, "A", f"{s.registry_name}.{s.location}.data")
    told = dict(plant(places(out), dict.fromkeys(IDS, "a-wall-of-silence")))

    assert told == {
        "ada": "",
        "bob": "the lab is not built: registry is not done",
        "carol": "the lab is not built: dns-records is not done",
    }
    with opened(Place("ada", out / "ada")) as lab:
        assert exercise.note_of(lab).fault == "a-wall-of-silence"
        assert exercise.answer(lab, "security-group-blocks-https").right


def test_troubles_of_one_s_own_are_not_covered_by_another(out):
    build(out, "ada")
    with opened(Place("ada", out / "ada")) as lab:
        drop_https(lab)

    assert dict(plant(places(out, "ada"), {"ada": "the-quiet-layer"})) == {
        "ada": "the lab has other faults: security-group-blocks-https"
    }


def test_an_open_ticket_is_left_unless_it_is_to_be_replaced(out):
    build(out, "ada")
    ada = places(out, "ada")
    assert dict(plant(ada, {"ada": "the-quiet-layer"})) == {"ada": ""}

    left = dict(plant(ada, {"ada": "a-wall-of-silence"}))
    assert left == {"ada": "the ticket the-quiet-layer is open; --replace fixes it first"}
    assert dict(plant(ada, {"ada": "a-wall-of-silence"}, replace=True)) == {"ada": ""}
    with opened(ada[0]) as lab:
        assert exercise.note_of(lab).fault == "a-wall-of-silence"


def test_no_board_is_told_of_what_the_instructor_does(out, monkeypatch):
    monkeypatch.setenv("ACRLAB_BOARD_URL", "http://127.0.0.1:9/services/board/api/events")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-teacher")
    solved(Place("ada", out / "ada"), "group")

    assert not (out / "ada" / ".acrlab" / "board").exists()


def test_faults_are_dealt_so_that_neighbours_differ_and_the_same_seed_deals_the_same(out):
    faults = dealt(places(out), seed="7")

    assert faults == dealt(places(out), seed="7")
    assert len(set(faults.values())) == len(IDS)
    assert not any(one.stage.build for one in FAULTS if one.name in faults.values())
    with pytest.raises(ConfigurationError, match=r"there is no"):
        dealt(places(out), seed="7", faults=["the-quiet-layers"])


def test_the_status_is_what_the_board_keeps(out, monkeypatch):
    store = Store(out / ".hub" / "board")
    vain = [Event(id=uuid4().hex, section="own-zone", kind="attempt", saw="no zone", ago_s=1.0) for _ in range(3)]
    store.add("bob", vain, time.time())
    store.close()
    roster = out.parent / "class.csv"

    told = status(out, roster=roster)
    assert told.caption == "The class: 1 stuck, 2 not begun, of 3"
    assert told.rows[0] == ("Bob", "stuck", "own-zone", "0 min", "3", "0", "0", "0", "0", "no zone")
    with pytest.raises(ConfigurationError, match=r"name the class's roster: --roster FILE.csv"):
        status(out)
    with pytest.raises(ConfigurationError, match=r"holds no board's state"):
        status(out.parent / "nowhere", roster=roster)


@pytest.mark.parametrize(
    ("board", "told"),
    [("127.0.0.1:9", "is not an address such as"), ("http://127.0.0.1:9/services/board/", "can't be asked: ")],
)
def test_a_board_that_can_t_be_asked_is_one_line(monkeypatch, board, told):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-teacher")
    with pytest.raises(ConfigurationError, match=told):
        status(board=board)

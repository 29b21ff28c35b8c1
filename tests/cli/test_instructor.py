"""`acrlab class status`, `solve`, `plant` and `deal`: what they ask, say and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from acrlab.classroom.console.labs import Place, opened
from acrlab.classroom.plan import plan, write_files
from acrlab.classroom.roster import read_roster
from acrlab.course.practice.exercise import READY
from acrlab.course.progress import bring_to


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A class of two, of whom one has a lab."""
    roster = tmp_path / "class.csv"
    roster.write_text("id\nada\nbob\n", "utf-8")
    folder = tmp_path / "class"
    write_files(plan(read_roster(roster)), folder)
    with opened(Place("ada", folder / "ada")) as lab:
        bring_to(lab, *READY)
    return folder


def test_the_commands_ask_first_and_say_a_line_for_each(out, typed, monkeypatch):
    words = ("class", "plant", "the-quiet-layer", "all", "--out", str(out))
    code, _, err = typed(*words)
    assert (code, "so nothing was done" in err) == (2, True)

    code, told, _ = typed(*words, "--yes")
    assert (code, told.splitlines()[0]) == (1, "ada: the-quiet-layer")
    assert told.splitlines()[1] == "bob: not planted: the lab is not built: registry is not done"

    code, told, _ = typed("class", "solve", "bob", "group", "--out", str(out), "--yes")
    assert (code, told) == (0, "✓ group: group acrlab-bob\n")


def test_the_commands_say_in_one_line_what_can_not_be_done(out, typed):
    for words, told in (
        (("plant", "the-quiet-layers", "all"), "did you mean the-quiet-layer"),
        (("plant", "the-quiet-layer", "dora"), "there is no learner 'dora'"),
        (("solve", "ada", "own-zones", "--yes"), "did you mean own-zone"),
        (("deal", "--fault", "none"), "there is no"),
        (("status",), "name the class's roster"),
    ):
        code, shown, err = typed("class", *words, "--out", str(out))
        assert (code, shown, err.count("\n")) == (2, "", 1), (words, shown, err)
        assert told in err

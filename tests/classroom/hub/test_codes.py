"""Codes: printed once, and what is kept of them does not lead back."""

from __future__ import annotations

import re

import pytest

from acrlab.classroom.hub.codes import hand_out, right
from acrlab.errors import ConfigurationError


def test_a_code_is_given_once_and_holds(tmp_path):
    kept = tmp_path / "codes.json"

    first = hand_out(kept, ["ada", "bob"])

    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){2}[a-hjkmnp-z2-9]{4}", code) for code in first.values())
    assert hand_out(kept, ["ada", "bob", "cleo"]).keys() == {"cleo"}
    assert right(kept, "ada", first["ada"])
    assert not right(kept, "ada", first["bob"])
    assert not right(kept, "ada", "")
    assert not right(kept, "mallory", first["ada"])


def test_a_code_is_taken_as_people_type_it(tmp_path):
    code = hand_out(tmp_path / "codes.json", ["ada"])["ada"]

    assert right(tmp_path / "codes.json", "ada", f" {code.upper().replace('-', ' ')}\n")


def test_a_new_code_ends_the_old_one_and_no_other(tmp_path):
    kept = tmp_path / "codes.json"
    first = hand_out(kept, ["ada", "bob"])

    new = hand_out(kept, ["ada", "bob"], again=["ada"])

    assert new.keys() == {"ada"}
    assert right(kept, "ada", new["ada"])
    assert not right(kept, "ada", first["ada"])
    assert right(kept, "bob", first["bob"])


def test_the_code_of_a_learner_who_is_away_holds(tmp_path):
    kept = tmp_path / "codes.json"
    code = hand_out(kept, ["ada", "bob"])["bob"]

    hand_out(kept, ["ada", "cleo"])

    assert hand_out(kept, ["ada", "bob"]) == {}
    assert right(kept, "bob", code)


def test_no_code_stands_in_the_file_which_its_owner_alone_reads(tmp_path):
    kept = tmp_path / "codes.json"
    code = hand_out(kept, ["ada"])["ada"]

    assert code not in kept.read_text()
    assert code.replace("-", "") not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_broken_is_named(tmp_path):
    (tmp_path / "codes.json").write_text("{")

    with pytest.raises(ConfigurationError, match=r"codes\.json can't be read: .* everyone gets a new code"):
        hand_out(tmp_path / "codes.json", ["ada"])

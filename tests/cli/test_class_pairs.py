"""`acrlab class pairs`: what it prints and writes, and what it refuses in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from acrlab.serving.sign_in import read
from tests.cli.conftest import Typed


def test_pairs_are_shown_with_their_secrets_once(typed: Typed) -> None:
    Path("class.csv").write_text("id,name\nada,Ada\nbob,\ncleo,\n")

    code, out, err = typed("class", "pairs", "class.csv", "--world", "pairs.db")

    assert (code, err) == (0, "")
    for id in ("ada", "bob", "cleo"):
        assert out.count(read(Path("class", id, "sign-in.json")).client_secret) == 1
    assert "1     ada      owner     bob, cleo" in out
    assert "1     cleo     consumer  ada" in out
    assert "To serve them: acrlab emulator serve --world pairs.db" in out
    assert "acrlab emulator env --world pairs.db --sign-in class/ada/sign-in.json" in out


@pytest.mark.parametrize(
    ("roster", "words", "told"),
    [
        ("id\nada\n", (), "roster: a pair takes two learners, and there is one."),
        ("id\n../x\nbob\n", (), "roster: line 2: '../x' is not an id"),
        ("id\na;b\nbob\n", (), "roster: line 2: 'a;b' is not an id"),
        ("id\nada\nada\n", (), "roster: line 3: 'ada' is on line 2 already."),
        ("id\nada\nbob\n", ("--prefix", "A b"), "--prefix: 'A b' is not possible"),
        ("id\nada\nbob\n", ("--out", "class.csv"), "--out: class.csv/ada can't be made: Not a directory."),
    ],
)
def test_what_is_not_possible_is_said_in_one_line_and_nothing_is_made(
    typed: Typed, roster: str, words: tuple[str, ...], told: str
) -> None:
    Path("class.csv").write_text(roster)

    code, out, err = typed("class", "pairs", "class.csv", *words)

    assert (code, out) == (2, "")
    assert err.startswith(f"acrlab: {told}")
    assert err.count("\n") == 1
    assert not Path("class").exists()
    assert typed("emulator", "subscription", "list")[1].count("Owner") == 1


def test_a_second_time_they_are_left_as_they_are(typed: Typed) -> None:
    Path("class.csv").write_text("id\nada\nbob\n")
    typed("class", "pairs", "class.csv")
    before = json.loads(Path("class/ada/sign-in.json").read_text())

    code, _, err = typed("class", "pairs", "class.csv")

    assert code == 2
    assert "class/ada/acrlab.toml exists already, and was not changed." in err
    assert json.loads(Path("class/ada/sign-in.json").read_text()) == before

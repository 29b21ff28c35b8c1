"""The file with which an application signs in: its owner's alone, new, and told apart from anything else."""

from __future__ import annotations

import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from acrlab.errors import ConfigurationError
from acrlab.serving.sign_in import SignIn, read, write

GIVEN = SignIn("t", "s", "c", "-" + "secret")


def test_what_was_written_is_read_and_its_owner_s_alone(tmp_path: Path) -> None:
    write(tmp_path / "a.json", GIVEN)

    assert read(tmp_path / "a.json") == GIVEN
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("mine")

    with pytest.raises(ConfigurationError, match="is there already"):
        write(tmp_path / "a.json", GIVEN)

    assert (tmp_path / "a.json").read_text() == "mine"


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be written: No such file"):
        write(tmp_path / "nowhere" / "a.json", GIVEN)


@pytest.mark.parametrize("text", ["", "[]", "{}", "\x00", json.dumps({**asdict(GIVEN), "tenant": 1}), "[" * 5000])
def test_what_is_no_sign_in_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)

    with pytest.raises(ConfigurationError, match="is not a sign-in") as caught:
        read(tmp_path / "a.json")

    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be read: No such file"):
        read(tmp_path / "a.json")


def test_it_takes_the_place_of_the_world_s_own_service_principal() -> None:
    own = {"arm": "https://localhost", **dict.fromkeys(asdict(GIVEN), "own"), "pid": 1}

    assert GIVEN.connected(own) == {"arm": "https://localhost", **asdict(GIVEN), "pid": 1}

"""What an open class runs: the board and the site beside the hub, each with what it needs and no more."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from acrlab.classroom.hub.programs import programs
from acrlab.classroom.hub.room import Room, write_secret

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub does not run on Windows")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(
        folder=tmp_path,
        roster=tmp_path / "class.csv",
        learners=("ada",),
        teachers=("teacher",),
        host="127.0.0.1",
        port=8000,
        inner_ports=(8001, 8002, 8003, 8004),
        python=sys.executable,
    )
    made.state.mkdir()
    for name in ("proxy", "board"):
        write_secret(made.state / f"{name}.token", f"token-of-{name}")
    return made


def test_a_class_without_a_site_runs_three_programs_and_lets_no_one_join_from_a_browser(room: Room) -> None:
    made = programs(room, ["node", "proxy.js"])

    assert {name: one.port for name, one in made.items()} == {"proxy": 8002, "hub": 8001, "board": 8003}
    assert "ACRLAB_BOARD_CODES" not in made["board"].environment
    assert made["board"].environment["JUPYTERHUB_SERVICE_URL"] == "http://127.0.0.1:8003"


def test_a_site_runs_beside_it_and_has_no_secret(room: Room) -> None:
    made = programs(replace(room, site="/srv/site"), ["node", "proxy.js"])

    assert made["site"].words[-3:] == ["-m", "acrlab.classroom.hub.site", "/srv/site"]
    assert made["site"].environment["JUPYTERHUB_SERVICE_PREFIX"] == "/services/site/"
    assert not [value for value in made["site"].environment.values() if "token" in value]
    assert made["board"].environment["ACRLAB_BOARD_CODES"] == str(room.state / "codes.json")
    assert made["board"].environment["JUPYTERHUB_API_TOKEN"] == "token-of-board"
    assert "token" not in " ".join(word for one in made.values() for word in one.words), "anyone can read a command"

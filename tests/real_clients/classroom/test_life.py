"""The life of a class on a subscription that all share: planned, prepared, worked in, broken, and taken away whole."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("jupyterhub", reason="`make class` installs it")

from acrlab.serving.connection import environment
from acrlab.settings import NO_SHUTDOWN
from acrlab.settings.file import write
from tests.benchmarks.served_world import ServedWorld
from tests.real_clients.classroom.board_beside import BoardBeside, board
from tests.real_clients.classroom.conftest import Command

LEARNERS, TICKET, DIAGNOSIS = ("ada", "bob", "cy"), "a-wall-of-silence", "security-group-blocks-https"
# What each does in the section: Ada by herself, Bob after a hint, Cy by looking it up.
TAG = """
tags = lab.resources.resource_groups.get(lab.settings.resource_group).tags | {"purpose": "private-link"}
lab.resources.resource_groups.update(lab.settings.resource_group, {"tags": tags})
"""
CHECK, HINT, SOLVE = (f"acrlab.{call}(lab, 'group-tag')" for call in ("check", "hint", "solve"))
WORK = {"ada": TAG + CHECK, "bob": HINT + TAG + CHECK, "cy": SOLVE}
# Ada finds what is wrong with her lab, and mends it.
MEND = f"""
from acrlab.course.practice import exercise, plant
assert exercise.answer(lab, {DIAGNOSIS!r}).right
plant.let_https_pass(lab)
assert exercise.check(lab).done
"""


class Class:
    """A class that shares a served Azure whose clock goes fast, so that what takes minutes there takes moments here."""

    def __init__(self, folder: Path, subscription: str, board: BoardBeside) -> None:
        self.folder, self.board = folder, board
        self.azure = ("--backend", "azure", "--subscription", subscription)

    def types(self, *words: str, code: int = 0) -> str:
        """Type a command about the class, and say what it has printed."""
        command = Command(self.folder, "class", *words)
        assert command.ended() == code, command.text
        return command.text

    def works(self, learner: str, code: str) -> None:
        """Have a learner's own program run in their own folder."""
        begun = f"import acrlab\nlab = acrlab.connect(hands_on='on')\n{code}\nlab.close()"
        variables = os.environ | self.board.told_by(learner) | {"ACRLAB_SETTINGS": ""}  # those of the folder count
        place = self.folder / "class" / learner
        done = subprocess.run([sys.executable, "-c", begun], cwd=place, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def marks(self, section: str) -> dict[str, str]:
        """Learner -> who did a section, as the gradebook has it."""
        return {id: line[section] for id, line in self.board.gradebook().items()}


@pytest.fixture
def shared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Class]:
    world = ServedWorld(folder / "world.db", clock="deterministic", speed="600", settings=("timing=as-azure",))
    (folder / "class.csv").write_text("id,name\nada,Ada\nbob,Bob\ncy,Cy\n")
    state = folder / "class" / ".hub" / "board"
    state.mkdir(parents=True)
    for name, value in environment(world.connection, folder / "azure").items():
        monkeypatch.setenv(name, value)
    try:
        with board(state, folder / "class.csv") as beside:
            yield Class(folder, world.connection["subscription"], beside)
    finally:
        world.stop()


def test_a_class_shares_a_subscription_from_the_plan_to_the_proof(shared: Class) -> None:
    _plan(shared)
    _prepare(shared)
    _work(shared)
    _break_and_fix(shared)
    _take_away(shared)


def _plan(shared: Class) -> None:
    planned = shared.types("plan", "class.csv", *shared.azure, "--hours", "4", "--out", "class")

    assert "3 learners × 4 hours × 0.1447 US dollars an hour = 1.74 US dollars" in planned
    assert "Registries' names: 3 of 3 are free." in planned
    for learner in LEARNERS:  # days pass here while commands start: no VM is to be switched off meanwhile
        write(shared.folder / "class" / learner / "acrlab.toml", {"shutdown_time": NO_SHUTDOWN})


def _prepare(shared: Class) -> None:
    unasked = shared.types("prepare", "class.csv", "--chapter", "11", code=2)
    assert "Create 3 labs, for about 0.98 US dollars in 2.25 hours?" in unasked
    shared.types("prepare", "class.csv", "--chapter", "11", "--yes", "--workers", "2")

    again = shared.types("plan", "class.csv", *shared.azure, "--out", "class")
    assert "Registries' names: 3 of 3 are free." in again, "a learner's own is not taken"
    shared.types("plan", "class.csv", *shared.azure, "--prefix", "other")

    place = shared.folder / "class"
    (file,) = (place / ".passes").glob("*-prepare/results.csv")
    with file.open(newline="") as lines:
        assert [(row["row"], row["status"]) for row in csv.DictReader(lines)] == [
            ("ada", "finished"),
            ("bob", "finished"),
            ("cy", "finished"),
        ]
    text = "".join(path.read_text("utf-8", "replace") for path in place.rglob("*") if path.is_file())
    assert "AZURE_CLIENT_SECRET" not in text


def _work(shared: Class) -> None:
    for learner, code in WORK.items():
        shared.works(learner, code)
    solved = shared.types("solve", "cy", "second-tag", "--roster", "class.csv", "--yes")

    assert "✓ second-tag" in solved
    assert shared.marks("01 group-tag") == {"ada": "done", "bob": "with hints", "cy": "shown"}
    assert shared.marks("01 second-tag") == dict.fromkeys(LEARNERS, ""), "the instructor tells the board nothing"
    told = shared.types("status", "--roster", "class.csv")
    assert "The class: 3 working, of 3" in told


def _break_and_fix(shared: Class) -> None:
    planted = shared.types("plant", TICKET, "all", "--roster", "class.csv", "--yes")
    assert planted.splitlines() == [f"{learner}: {TICKET}" for learner in LEARNERS]
    again = shared.types("plant", "the-quiet-layer", "all", "--roster", "class.csv", "--yes", code=1)
    assert again.count(f"the ticket {TICKET} is open") == 3

    shared.works("ada", MEND)

    assert shared.marks(f"11 {TICKET}") == {"ada": "done", "bob": "", "cy": ""}
    ada, bob, _ = shared.board.gradebook().values()
    assert (ada["section"], ada["done"], bob["section"], bob["with hints"]) == (TICKET, "2", "group-tag", "1")


def _take_away(shared: Class) -> None:
    taken = shared.types("clean-up", "class.csv", "--yes", "--workers", "2")

    assert re.search(r"^ada: registry \d+\.\d\d h × 0\.0695 \+ vm .* = \d+\.\d\d US dollars$", taken, re.MULTILINE)
    assert re.search(r"^3 labs: \d+\.\d\d US dollars$", taken, re.MULTILINE)
    left = Command(shared.folder, "status", "--backend", "emulator", "--world", "world.db")
    assert left.ended() == 0
    assert left.text.startswith("empty")

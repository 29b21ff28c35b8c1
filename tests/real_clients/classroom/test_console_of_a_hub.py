"""The instructor's console beside a hub whose learners are users of the system: their labs change, and stay theirs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: make test-class")
if sys.platform == "win32" or os.geteuid() != 0:
    pytest.skip("learners are users of the system only where root opens the class", allow_module_level=True)

import pwd

from acrlab.classroom.hub import proxy
from acrlab.errors import ConfigurationError
from tests.real_clients.classroom.open_class import OpenClass, reachable_folder

TICKET = "a-wall-of-silence"
OPEN = "import acrlab\nlab = acrlab.connect()\nprint(lab.settings.resource_group)"
TAG = """
from acrlab.course import marks
group = lab.resources.resource_groups.get(lab.settings.resource_group)
print(group.tags.get('purpose'), marks.read(lab)['group-tag'].told)
"""
FIND = """
from acrlab.course.practice import exercise, plant
print(exercise.note_of(lab).fault, exercise.answer(lab, 'security-group-blocks-https').right)
plant.let_https_pass(lab)
print(exercise.check(lab).done)
"""


@pytest.fixture(scope="module")
def school() -> Iterator[OpenClass]:
    """Two learners whose labs were prepared before the class was opened."""
    try:
        proxy.found()
    except ConfigurationError as problem:
        pytest.skip(f"{problem} `make test-class` does.")
    opened = OpenClass(reachable_folder())
    opened.write_roster(("ada", "bob"))
    types(opened, "plan", "class.csv", "--out", "class")
    types(opened, "prepare", "class.csv", "--chapter", "11")
    try:
        opened.open()
        yield opened
    finally:
        opened.forget_learners()
        opened.take_away()


def types(school: OpenClass, *words: str) -> str:
    """Type a command about the class as root, and say what it has printed."""
    command = school.command(*words)
    said = command.communicate(timeout=240)[0]
    assert command.returncode == 0, said
    return str(said)


def owners(school: OpenClass, learner: str) -> set[str]:
    """Return the owners of the files in a learner's folder, leaving out what the kernel deletes meanwhile."""
    home, found = school.folder / "class" / learner, set[str]()
    for path in (home, *home.rglob("*")):
        with suppress(FileNotFoundError):  # such as what has just been sent to the board
            found.add(pwd.getpwuid(path.lstat().st_uid).pw_name)
    return found


def test_a_learner_s_kernel_goes_on_with_what_the_instructor_did(school: OpenClass) -> None:
    ada = school.learner("ada")
    ada.start()
    kernel = ada.kernel()
    assert ada.run(kernel, OPEN) == "acrlab-ada\n"

    assert "✓ group-tag" in types(school, "solve", "ada", "group-tag", "--yes")
    assert types(school, "plant", TICKET, "all", "--yes").splitlines() == [f"ada: {TICKET}", f"bob: {TICKET}"]

    assert ada.run(kernel, TAG) == "private-link shown\n"
    assert ada.run(kernel, FIND) == f"{TICKET} True\nTrue\n"


def test_what_the_instructor_wrote_is_the_learner_s(school: OpenClass) -> None:
    accounts = school.room.accounts

    assert {name: owners(school, name) for name in ("ada", "bob")} == {
        name: {accounts[name]} for name in ("ada", "bob")
    }


def test_a_lab_is_prepared_again_and_the_status_is_told(school: OpenClass) -> None:
    types(school, "prepare", "class.csv", "--chapter", "11")

    assert owners(school, "bob") == {school.room.accounts["bob"]}
    assert "of 2" in types(school, "status")

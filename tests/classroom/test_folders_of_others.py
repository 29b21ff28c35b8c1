"""Root's commands in folders that learners own: what they write is the learner's, and no link leads them outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("there is no root on Windows", allow_module_level=True)
if os.geteuid() != 0:
    pytest.skip("only root can work in others' folders", allow_module_level=True)

from acrlab.classroom import tasks
from acrlab.classroom.members import members
from acrlab.classroom.pairs.opening import open_pairs
from acrlab.classroom.pairs.pairing import paired
from acrlab.classroom.plan import plan, write_files
from acrlab.classroom.roster import Learner, read_roster
from acrlab.errors import AcrLabError, ConfigurationError
from acrlab.learner.owner import as_owner

LEARNER = 61234  # a number that no user has here
LEARNERS = [Learner("ada"), Learner("bob")]


# What root's commands do, one a process; it prints what is imported while root is someone else.
COMMAND = """
import os, sys
from pathlib import Path

from acrlab.cli.app import main

late = []
sys.addaudithook(lambda event, told: event == "import" and os.geteuid() != 0 and late.append(told[0]))
out, way = Path("class"), sys.argv[1]
match way:
    case "plan":
        from acrlab.classroom.plan import plan, write_files
        from acrlab.classroom.roster import read_roster
        write_files(plan(read_roster(Path("class.csv"))), out)
    case "solve" | "plant":
        from acrlab.classroom.console import planting, solving
        from acrlab.classroom.console.labs import places
        (ada, _) = places(out)
        if way == "solve":
            assert solving.solved(ada, "group-tag").done
        else:
            assert dict(planting.plant([ada], {"ada": "the-other-twin"})) == {"ada": ""}
    case "prepare" | "clean_up":
        from acrlab.classroom import tasks
        from acrlab.classroom.members import members
        steps = ["records", "pull-right", "sample-image"] if way == "prepare" else []
        getattr(tasks, way)(members(Path("class.csv"), out, steps=steps)[0].values, out)
assert os.geteuid() == 0
print(late)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A class whose folders were handed over, beside something of root's; all of it can be passed through."""
    place = Path(tempfile.mkdtemp(prefix="acrlab-class-", dir="/tmp"))
    place.chmod(0o711)
    (place / "class.csv").write_text("id\nada\nbob\n")
    (place / "root-s").mkdir()
    (place / "root-s" / "file").write_text("root's")
    write_files(plan(LEARNERS), place / "class")
    hand_over(place / "class")
    yield place
    shutil.rmtree(place)


def hand_over(out: Path) -> None:
    for path in (out / "ada", out / "bob", *(out / "ada").iterdir(), *(out / "bob").iterdir()):
        os.chown(path, LEARNER, LEARNER, follow_symlinks=False)


def plant(link: Path, target: Path) -> None:
    """Put a link into a learner's folder, as the learner does."""
    link.symlink_to(target)
    os.chown(link, LEARNER, LEARNER, follow_symlinks=False)


def of_root(place: Path) -> list[tuple[str, int, str]]:
    """What there is of root's: names, owners, contents."""
    there = [place / "root-s", *(place / "root-s").rglob("*")]
    return [(one.name, one.lstat().st_uid, one.read_text() if one.is_file() else "") for one in there]


def prepare(place: Path) -> dict[str, object]:
    row = members(place / "class.csv", place / "class", steps=["group"])[0]
    return tasks.prepare(row.values, place)


def clean_up(place: Path) -> dict[str, object]:
    row = members(place / "class.csv", place / "class")[0]
    return tasks.clean_up(row.values, place)


def write_plan(place: Path) -> None:
    write_files(plan(LEARNERS, hours=9), place / "class")


def pairs(place: Path) -> None:
    (place / "class" / "ada" / "acrlab.toml").unlink()
    (place / "class" / "bob" / "acrlab.toml").unlink()
    open_pairs(paired(read_roster(place / "class.csv")), place / "world.db", place / "class", prefix="acrlab")


def test_what_is_done_for_learners_is_theirs(place):
    assert prepare(place) == {"steps": 2}
    write_plan(place)
    assert clean_up(place)["deleted"] == 0

    ada = place / "class" / "ada"
    assert (ada / ".acrlab" / "world.db").is_file()
    assert {path.lstat().st_uid for path in (ada, *ada.rglob("*"))} == {LEARNER}
    assert os.geteuid() == 0


def test_pairs_get_files_of_their_own(place):
    pairs(place)

    files = [place / "class" / who / name for who in ("ada", "bob") for name in ("acrlab.toml", "sign-in.json")]
    assert {path.lstat().st_uid for path in files} == {LEARNER}


@pytest.mark.parametrize("way", [prepare, clean_up, write_plan, pairs], ids=lambda way: way.__name__)
@pytest.mark.parametrize("link", [".acrlab", "acrlab.toml.new", "acrlab.toml", "sign-in.json"])
def test_a_link_that_a_learner_has_planted_leads_nowhere(place, way, link):
    planted = place / "class" / "ada" / link
    if link == "acrlab.toml" and way is not pairs:
        planted.unlink()
    if link != "acrlab.toml" or way is not pairs:
        plant(planted, place / "root-s" if link == ".acrlab" else place / "root-s" / "file")
    before = of_root(place)

    with suppress(AcrLabError, OSError):
        way(place)

    assert of_root(place) == before
    assert os.geteuid() == 0


@pytest.mark.parametrize("way", [prepare, clean_up])
def test_the_world_s_file_may_be_a_link_too(place, way):
    home = place / "class" / "ada" / ".acrlab"
    home.mkdir()
    os.chown(home, LEARNER, LEARNER)
    for name in ("world.db", "world.lock", "memory.lock", "world.db-journal", "world.blobs"):
        plant(home / name, place / "root-s" / "made")
    before = of_root(place)

    with pytest.raises((AcrLabError, OSError)):
        way(place)

    assert of_root(place) == before


def test_a_learner_s_folder_that_is_a_link_is_refused(place):
    ada = place / "class" / "ada"
    shutil.rmtree(ada)
    plant(ada, place / "root-s")
    before = of_root(place)

    for way in (prepare, write_plan):
        with pytest.raises(ConfigurationError, match=r"--out: .*ada is a link. Move it away"):
            way(place)

    assert of_root(place) == before


def test_root_is_root_again_whatever_happened(place):
    with pytest.raises(ZeroDivisionError), as_owner(place / "class" / "ada"):
        assert (os.geteuid(), os.getegid()) == (LEARNER, LEARNER)
        assert os.getgroups() == []
        _ = 1 / 0

    assert (os.geteuid(), os.getegid()) == (0, 0)


@pytest.mark.long
def test_nothing_is_imported_while_root_is_someone_else(place):
    """A Python in root's home could not be read then."""
    for way in ("plan", "prepare", "solve", "plant", "clean_up"):
        words = [sys.executable, "-c", COMMAND, way]
        done = subprocess.run(words, cwd=place, capture_output=True, text=True)
        assert (way, done.returncode, done.stdout) == (way, 0, "[]\n"), done.stderr

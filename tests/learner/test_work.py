"""Work in one file: the emulated Azure with its images, and changed notebooks; a learner's own stay as they are."""

import json
import zipfile
from contextlib import closing

import pytest

import acrlab
from acrlab.errors import ConfigurationError
from acrlab.learner.course_copy import copy_chapters
from acrlab.learner.work import MANIFEST, Kept, keep_work, take_up


@pytest.fixture
def here(tmp_path):
    """A computer with a course, one notebook of it changed, and an Azure with an image in it."""
    world = tmp_path / "here" / "world.db"
    with closing(acrlab.connect(world=str(world), registry_name="contoso42")) as lab:
        acrlab.bring_to(lab, "sample-image")
    copy_chapters(tmp_path / "here")
    changed = tmp_path / "here" / "01-registry.ipynb"
    changed.write_text(changed.read_text("utf-8").replace("## ", "## My own: ", 1), "utf-8")
    return tmp_path / "here"


@pytest.fixture
def file(here, tmp_path):
    assert keep_work(tmp_path / "work.zip", world=here / "world.db", folder=here) == Kept(2, ("01-registry.ipynb",))
    return tmp_path / "work.zip"


def test_work_goes_on_on_another_computer_with_its_images(file, tmp_path):
    there = tmp_path / "there"

    taken = take_up(file, world=there / "world.db", folder=there)

    assert (taken.resources, taken.notebooks, taken.aside) == (2, ("01-registry.ipynb",), ())
    assert "My own" in (there / "01-registry.ipynb").read_text("utf-8")
    with closing(acrlab.connect(world=str(there / "world.db"), registry_name="contoso42")) as lab:
        assert acrlab.pull_from_here(lab).layers == 1


def test_a_notebook_of_the_learner_s_stays_and_the_file_s_lies_beside_it(file, tmp_path):
    there = tmp_path / "there"
    copy_chapters(there)
    own = there / "01-registry.ipynb"
    own.write_text("{}")

    first, second = (take_up(file, world=there / "world.db", folder=there) for _ in range(2))

    assert own.read_text() == "{}"
    assert first.aside == second.aside == ("01-registry (taken up).ipynb",)
    (there / first.aside[0]).write_text("changed, too")
    assert take_up(file, world=there / "world.db", folder=there).aside == ("01-registry (taken up, 2).ipynb",)


def test_an_unchanged_chapter_is_replaced(file, tmp_path):
    copy_chapters(tmp_path / "there")
    assert take_up(file, world=tmp_path / "there" / "world.db", folder=tmp_path / "there").aside == ()
    assert "My own" in (tmp_path / "there" / "01-registry.ipynb").read_text("utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"hello"), "is not work"),
        (lambda path: path.write_bytes(path.read_bytes()[:-400]), "is not work"),
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: rewrite(path, MANIFEST, b'{"format": 99, "acrlab": "9.9"}'), "made by acrlab 9.9 in a form"),
        (lambda path: rewrite(path, MANIFEST, b"[]"), "made by acrlab another program"),
        (lambda path: rewrite(path, "world.db", b"no world" * 999), "database"),
        (lambda path: rewrite(path, "world.db", newer), "newer acrlab"),
    ],
    ids=["no zip", "cut off", "not there", "newer form", "no manifest", "no world", "newer world"],
)
def test_a_file_that_is_not_work_is_refused_and_changes_nothing(file, here, spoil, said):
    spoil(file)
    with pytest.raises(ConfigurationError, match=said):
        take_up(file, world=here / "world.db", folder=here)
    assert "My own" in (here / "01-registry.ipynb").read_text("utf-8")
    with closing(acrlab.connect(world=str(here / "world.db"), registry_name="contoso42")) as lab:
        assert acrlab.tags(lab)


def newer(world):
    return world[:60] + (99).to_bytes(4, "big") + world[64:]


def rewrite(path, name, new):
    with zipfile.ZipFile(path) as old:
        content = {member: old.read(member) for member in old.namelist()}
    content[name] = new(content[name]) if callable(new) else new
    with zipfile.ZipFile(path, "w") as made:
        for member, text in content.items():
            made.writestr(member, text)


def test_names_in_a_file_lead_nowhere_else(file, tmp_path):
    for name in ("../out.ipynb", "/out.ipynb", "notebooks/../../out.ipynb", "notebooks/a/b.ipynb", "world.db.sh"):
        rewrite(file, name, b"{}")
    take_up(file, world=tmp_path / "there" / "world.db", folder=tmp_path / "there" / "course")
    assert [one.name for one in (tmp_path / "there" / "course").iterdir()] == ["01-registry.ipynb"]
    assert not list(tmp_path.rglob("out.ipynb")) + list(tmp_path.rglob("*.sh"))


def test_a_folder_that_cannot_hold_the_notebooks_is_named(file, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigurationError, match=r"cannot hold the notebooks: .*\. The emulated Azure was taken up\."):
        take_up(file, world=tmp_path / "there" / "world.db", folder=tmp_path / "taken")


def test_saving_replaces_work_and_nothing_else(here, tmp_path, file):
    keep_work(file, world=here / "world.db", folder=tmp_path / "no folder")
    with zipfile.ZipFile(file) as packed:
        assert json.loads(packed.read(MANIFEST))["format"] == 1
        assert not [name for name in packed.namelist() if name.endswith(".ipynb")]
    (tmp_path / "thesis.zip").write_text("mine")
    with pytest.raises(ConfigurationError, match="is not work"):
        keep_work(tmp_path / "thesis.zip", world=here / "world.db", folder=here)
    assert (tmp_path / "thesis.zip").read_text() == "mine"

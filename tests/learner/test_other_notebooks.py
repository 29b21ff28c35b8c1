"""Two notebooks at once on one lab, and a notebook in a folder that is not the last one's: each is told."""

from pathlib import Path

import pytest

import acrlab
from acrlab.learner.other_notebooks import Watch


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A user's home, in which two copies of the course lie."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "home" / "share"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.delenv("ACRLAB_WORLD", raising=False)
    (tmp_path / "home" / "course").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def open_notebook(home, monkeypatch):
    """Open a lab in a folder, as a notebook there does, and watch over it."""
    opened = []

    def open_one(name, folder="course"):
        monkeypatch.setenv("ACRLAB_HOME", str(home / folder / ".acrlab"))
        opened.append(acrlab.connect(registry_name="contoso42"))
        return Watch(opened[-1], name)

    yield open_one
    for lab in opened:
        lab.close()


def run(watch, work=None):
    """Run a cell. Returns: what is said above it."""
    said = watch.cell_begins()
    if work:
        work(watch.lab)
    assert watch.cell_ended(failed=False) == ""
    return said


def test_two_notebooks_on_one_lab_are_told_of_each_other_once_for_each_time(open_notebook):
    first, second = open_notebook("03-private-link"), open_notebook("06-deny-public-access")
    assert run(first, acrlab.ensure_group) == ""
    assert run(second, acrlab.ensure_registry) == ""
    told = run(first)
    assert told.startswith("06-deny-public-access has worked on this lab since this notebook last did.")
    assert run(first, acrlab.import_sample_image) == ""
    assert run(second).startswith("03-private-link has worked on this lab")
    assert run(second) == run(first) == ""


def test_a_notebook_is_told_nothing_of_those_that_were_finished_before_it(open_notebook):
    before = open_notebook("01-registry")
    run(before, acrlab.ensure_group)
    after = open_notebook("02-docker-vm")
    assert after.opened() == ""
    assert run(after, acrlab.ensure_registry) == ""
    assert run(after, acrlab.import_sample_image) == ""


def test_a_cell_that_fails_beside_another_notebook_says_so_at_once(open_notebook):
    first, second = open_notebook("03-private-link"), open_notebook("06-deny-public-access")
    run(first, acrlab.ensure_group)
    first.cell_begins()
    run(second, acrlab.ensure_registry)
    assert "finish one of the two" in first.cell_ended(failed=True)


def test_a_notebook_in_another_folder_is_told_where_the_last_lab_lies(open_notebook, home):
    run(open_notebook("01-registry"), acrlab.ensure_group)
    elsewhere = open_notebook("02-docker-vm", "downloads")
    assert elsewhere.opened() == (
        "This lab is a new one: it lies in ~/downloads/.acrlab. The one that you worked on last lies in "
        "~/course/.acrlab. To go on with that, open the notebook there."
    )
    run(elsewhere, acrlab.ensure_group)
    assert open_notebook("03-private-link", "downloads").opened() == ""
    assert open_notebook("03-private-link").opened() == ""  # it has work in it


def test_a_lab_that_only_was_opened_is_not_where_one_worked_last(open_notebook):
    run(open_notebook("01-registry"))
    assert open_notebook("02-docker-vm", "downloads").opened() == ""


def test_a_world_that_was_deleted_under_a_notebook_is_left_to_its_cells(open_notebook):
    watch = open_notebook("03-private-link")
    run(watch, acrlab.ensure_group)
    for file in watch.lab.backend.path.parent.glob("world.db*"):
        file.unlink()
    assert run(watch) == ""


def test_a_lab_that_a_cell_has_closed_is_watched_no_longer(open_notebook):
    watch = open_notebook("01-registry")
    run(watch, acrlab.ensure_group)
    watch.cell_begins()
    watch.lab.close()
    assert watch.cell_ended(failed=False) == watch.cell_begins() == ""


def test_a_home_that_cannot_be_written_keeps_nothing_from_working(open_notebook, home):
    (home / "share").write_text("not a folder")
    watch = open_notebook("01-registry")
    assert run(watch, acrlab.ensure_group) == ""
    assert open_notebook("02-docker-vm", "downloads").opened() == ""

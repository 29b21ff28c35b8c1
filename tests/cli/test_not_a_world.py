"""What is not a world is told apart in one line and left as it is; looking at a world makes nothing."""

import os
import sqlite3
from contextlib import closing, contextmanager

import pytest

from acrlab import bring_to, connect

LOOKING = ("status", "doctor", "emulator info")


@pytest.fixture(scope="module")
def world_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "w.db"
    lab = connect(registry_name="contoso42", world=str(path))
    bring_to(lab, "group")
    lab.close()
    return path.read_bytes()


def foreign_database(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (a)")
        other.execute("PRAGMA user_version = 2")
        other.commit()


KINDS = {
    "one byte": lambda path, whole: path.write_bytes(b"\n"),
    "fifteen bytes": lambda path, whole: path.write_bytes(whole[:15]),
    "the beginning of one": lambda path, whole: path.write_bytes(whole[:100]),
    "the first half of one": lambda path, whole: path.write_bytes(whole[: len(whole) // 2]),
    "one with a hole": lambda path, whole: path.write_bytes(whole[:4000] + bytes(9000) + whole[13000:]),
    "a letter": lambda path, whole: path.write_text("Dear all, this is the only copy of my thesis. " * 40),
    "noise": lambda path, whole: path.write_bytes(bytes(range(256)) * 64),
    "another program's database": lambda path, whole: foreign_database(path),
    "a folder": lambda path, whole: path.mkdir(),
    "a pipe": lambda path, whole: os.mkfifo(path),
}


def everything(folder):
    """Each file below a folder with its bytes; locks are of no account."""
    found = sorted(one for one in folder.rglob("*") if one.suffix != ".lock")
    return {str(one): one.read_bytes() if one.is_file() else one.is_dir() for one in found}


@contextmanager
def unchanged(folder):
    before = everything(folder)
    yield
    assert everything(folder) == before


@pytest.fixture
def type_in(typed):
    """Type a command line. Gives: exit code, stdout, stderr."""
    return lambda line: typed(*line.split())


@pytest.mark.table
@pytest.mark.parametrize("command", [*LOOKING, "reset --yes"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_not_a_world_is_named_in_one_line_and_kept(type_in, tmp_path, world_bytes, kind, command):
    KINDS[kind](tmp_path / "thing.db", world_bytes)

    with unchanged(tmp_path):
        code, _, err = type_in(f"{command} --world thing.db")

    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("acrlab: world: thing.db is not a readable world: ")


@pytest.mark.parametrize("command", LOOKING)
def test_looking_at_a_world_that_is_not_there_makes_nothing(type_in, tmp_path, command):
    with unchanged(tmp_path):
        type_in(command)
        code, _, err = type_in(f"{command} --world nowhere.db")

    assert (code, err) == (2, "acrlab: world: there is no nowhere.db. Name a file that exists, or leave --world out.\n")


def test_looking_at_an_empty_file_leaves_it_empty(type_in, tmp_path):
    (tmp_path / "new.db").touch()

    with unchanged(tmp_path):
        answer = type_in("status --world new.db")

    assert answer == (0, "empty\n", "")


def test_saving_does_not_replace_what_is_not_a_world(type_in, tmp_path):
    lab = connect(registry_name="contoso42", world="w.db")
    bring_to(lab, "group")
    lab.close()
    (tmp_path / "thesis.txt").write_text("the only copy")

    refused = type_in("emulator save thesis.txt --world w.db")
    done = type_in("emulator save kept.db --world w.db")
    again = type_in("emulator save kept.db --world w.db")

    assert (refused[0], done[0], again[0]) == (2, 0, 0)
    assert "thesis.txt is not a readable world" in refused[2]
    assert (tmp_path / "thesis.txt").read_text() == "the only copy"

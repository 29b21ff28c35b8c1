"""What the lab remembers: in the emulated world, in files elsewhere, in the process in a replay; whole and private."""

import multiprocessing
import stat
from pathlib import Path

import pytest

import acrlab
from acrlab.backends.file_memory import FileMemory
from acrlab.backends.passing_memory import PassingMemory
from acrlab.lab.memory import keep, kept
from acrlab.serving.world_file import put_back, save


@pytest.fixture(params=["world", "files", "replay"])
def memory(request, lab, tmp_path):
    memories = {"files": lambda: FileMemory(tmp_path / "home"), "replay": PassingMemory}
    return lab.backend.memory if request.param == "world" else memories[request.param]()


def test_a_text_is_read_as_it_was_written_replaced_and_deleted(memory):
    assert memory.read("a.json") is None
    memory.write("a.json", "first\n")
    memory.write("a.json", "second ü\n")

    assert memory.read("a.json") == "second ü\n"
    memory.delete("a.json")
    memory.delete("a.json")
    assert memory.read("a.json") is None


def test_writing_goes_on_while_it_is_held_alone(memory):
    with memory.alone():
        memory.write("a", "1")
        assert memory.read("a") == "1"


def test_files_are_for_nobody_else_and_a_killed_writer_leaves_nothing_in_the_way(tmp_path):
    memory = FileMemory(tmp_path / "home")
    (tmp_path / "home" / "ssh").mkdir(parents=True)
    (tmp_path / "home" / "ssh" / "key.new").write_text("half")

    memory.write("ssh/key", "secret")

    assert stat.S_IMODE((tmp_path / "home" / "ssh" / "key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "home" / "ssh").iterdir()] == ["key"]


def _count(folder: Path) -> None:
    memory = FileMemory(folder)
    for _ in range(50):
        with memory.alone():
            memory.write("count", str(int(memory.read("count") or 0) + 1))


def test_two_processes_do_not_overwrite_what_the_other_wrote(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_count, [tmp_path, tmp_path])

    assert FileMemory(tmp_path).read("count") == "100"


def test_what_was_there_first_is_kept(lab):
    keep(lab, "thing", "before")
    keep(lab, "thing", "after")

    assert kept(lab, "thing") == "before"


def test_on_the_emulated_azure_everything_is_in_the_world_and_nothing_beside_it(lab, tmp_path):
    acrlab.bring_to(lab, "vm", "public-access-denied")
    acrlab.confirm(lab, 1)

    assert {p.name for p in tmp_path.glob("*")} - {"world.db-shm", "world.db-wal"} == {"world.blobs", "world.db"}
    assert "OPENSSH" in lab.backend.memory.read("ssh/id_ed25519")


def test_notes_are_saved_put_back_and_reset_with_the_world(lab, world, tmp_path):
    keep(lab, "thing", "before")
    save(tmp_path / "world.db", tmp_path / "saved.db")
    world.reset()
    assert kept(lab, "thing") is None

    put_back(tmp_path / "world.db", tmp_path / "saved.db")
    assert kept(lab, "thing") == "before"
    keep(lab, "later", 1)
    world.restore(tmp_path / "saved.db")
    assert kept(lab, "later") is None
